"""Certificates on which somebody's benefit rests and that end within six months: announced once, while there is time.

What a certificate is, the catalogue says: a row of a resource of spells, with its last day. Whether its end matters is
asked of the rule itself, as `mianshen outlook` asks it: somebody who is met through that day and is not met on the next one,
by a criterion that reads such a row and names a remedy. So a prison term that ends is none, nor is a card that is renewed.

Nights look at what has come into the six months since the last one, at what departments delivered since, and at grants that
are new. Subjects that belong to others (a loan) are left to their own rules' days.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from core.days import LAST_DAY, DayRange, add_days, add_months
from core.edges import DayEdge
from core.ledger import GrantState
from delivery.expiries import EXPIRIES
from engine.decide import Decision
from engine.lasting import never_stale
from engine.night import Night, NightPolicy
from engine.outcomes import PolicyOutcomes
from engine.planning.turns import Turn, turns_of
from engine.units import NO_EVENT, Unit
from profiles.answering import Knowledge, standing_of
from profiles.assemble import assemble
from profiles.catalogue import Catalogue, Resource, ResourceKind, Role
from profiles.merging import present_ids
from profiles.row_reading import Wanted, read_rows
from profiles.universe import Universe
from rules.bound import BoundCriterion, RuleVersion
from rules.tree import facts_of

MONTHS_AHEAD = 6

_HAS_IT = (GrantState.ACTIVE.value, GrantState.OFFERED.value, GrantState.ASKED.value)
_ENDS = pl.Schema({"subject_id": pl.String(), "resource": pl.String(), "ends_on": pl.Date()})


def expiring(night: Night, decisions: Sequence[Decision], states: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the certificates that end soon for those who have a benefit that rests on them: `EXPIRIES`."""
    parts = [
        _of_policy(night, decision.policy, states[decision.policy.policy])
        for decision in decisions
        if not decision.policy.is_suspended and _is_asked_by_day(night, decision.policy)
    ]
    return pl.concat([EXPIRIES.to_frame(), *parts]).sort(EXPIRIES.names())


def _is_asked_by_day(night: Night, policy: NightPolicy) -> bool:
    has_own_day = policy.current.version_by is not None
    return not has_own_day and Unit.of(night.catalogue, policy.kind).owned_over is None


def _of_policy(night: Night, policy: NightPolicy, states: pl.DataFrame) -> pl.DataFrame:
    """Return what ends under one policy."""
    remedies = _remedies(night.catalogue, policy)
    if policy.version_on_date is None or not remedies:
        return EXPIRIES.to_frame()
    having = states.filter(pl.col("state").is_in(_HAS_IT) & (pl.col("event") == NO_EVENT))
    new = having.filter(pl.col("before").is_null())["subject_id"]
    ends = pl.concat(
        [
            _ENDS.to_frame(),
            *(_ends(night, night.catalogue.resources[code], having["subject_id"], new) for code in remedies),
        ]
    )
    if ends.is_empty():
        return EXPIRIES.to_frame()
    return _that_matter(night, policy, ends, remedies)


def _remedies(catalogue: Catalogue, policy: NightPolicy) -> dict[str, dict[str, str]]:
    """Return what one can do when a certificate ends, by its resource and the criterion that will fail."""
    found: dict[str, dict[str, str]] = {}
    if policy.version_on_date is None:
        return found
    version = policy.versions[policy.version_on_date]
    for criterion in version.criteria:
        if criterion.remedy and criterion.actionable:
            for resource in _spells_read(catalogue, criterion):
                found.setdefault(resource, {})[criterion.id] = criterion.remedy
    return {resource: found[resource] for resource in sorted(found)}


def _spells_read(catalogue: Catalogue, criterion: BoundCriterion) -> set[str]:
    """Return the resources of spells with a last day that a criterion reads."""
    sources = (
        source.resource
        for code in facts_of(criterion.node)
        if code in catalogue.attributes
        for source in catalogue.attributes[code].sources
    )
    return {each for each in sources if _has_last_day(catalogue.resources[each])}


def _has_last_day(resource: Resource) -> bool:
    return resource.kind is ResourceKind.SPELL and resource.column_of(Role.VALID_THROUGH) is not None


def _ends(night: Night, resource: Resource, having: pl.Series, new: pl.Series) -> pl.DataFrame:
    """Return whose last row of a resource ends in the time that this night looks at: `_ENDS`."""
    date, horizon = night.business_date, add_months(night.business_date, MONTHS_AHEAD)
    known = night.loads.known_at(night.known_at)
    standing = standing_of(known, resource)
    if standing is None or having.is_empty():
        return _ENDS.to_frame()
    is_news = night.known_before is None or any(info.loaded_at > night.known_before for info in standing.infos)
    seen_through = date if is_news or night.after is None else max(date, add_months(night.after, MONTHS_AHEAD))
    present = present_ids(known.merges)
    universe = Universe.of_ids(having, present)
    knowledge = Knowledge(night.catalogue, known, present, DayRange(date, horizon))
    last = pl.col("valid_through").fill_null(LAST_DAY)
    rows = read_rows(knowledge, resource, universe, Wanted(standing.infos, frozenset(), condition=last > date))
    ends = (
        rows.group_by("subject_no")
        .agg(ends_on=last.max())
        .filter(pl.col("ends_on") <= horizon)
        .join(universe.numbered, on="subject_no", how="inner", validate="1:1")
        .filter((pl.col("ends_on") > seen_through) | pl.col("subject_id").is_in(new.implode()))
    )
    return ends.select("subject_id", pl.lit(resource.resource).alias("resource"), "ends_on").cast(_ENDS)


def _that_matter(
    night: Night, policy: NightPolicy, ends: pl.DataFrame, remedies: Mapping[str, Mapping[str, str]]
) -> pl.DataFrame:
    """Return those of the ends by which somebody will be met no longer, with what can be done: `EXPIRIES`."""
    lasting = replace(night, catalogue=never_stale(night.catalogue))
    turns = _turns(lasting, policy, ends)
    known = pl.DataFrame(
        [(resource, criterion, remedy) for resource, own in remedies.items() for criterion, remedy in own.items()],
        schema={"resource": pl.String, "criterion": pl.String, "remedy": pl.String},
        orient="row",
    )
    about = pl.DataFrame(
        [(code, resource.label, resource.owner) for code, resource in sorted(night.catalogue.resources.items())],
        schema={"resource": pl.String, "label": pl.String, "office": pl.String},
        orient="row",
    )
    return (
        ends.with_columns(day=pl.col("ends_on").dt.offset_by("1d"))
        .join(turns, on=["subject_id", "day"], how="inner", validate="m:m")
        .join(known, on=["resource", "criterion"], how="inner", validate="m:1")
        .join(about, on="resource", how="inner", validate="m:1")
        .with_columns(subject_kind=pl.lit(policy.kind), title=pl.lit(policy.current.written.title))
        .select(EXPIRIES.names())
        .cast(EXPIRIES)
    )


def _turns(night: Night, policy: NightPolicy, ends: pl.DataFrame) -> pl.DataFrame:
    """Return from which day on some are met no longer, by which criteria: `subject_id`, `day`, `criterion`."""
    last = ends["ends_on"].max()
    assert isinstance(last, dt.date)
    days = DayRange(night.business_date, add_days(last, 1))
    profiles = _profiles(night, policy, ends["subject_id"], days)
    turned = turns_of(night, policy, profiles, days).filter(pl.col("turn") == Turn.EXPIRES.value)
    return turned.select("subject_id", "day", criterion="failing").explode("criterion")


def _profiles(night: Night, policy: NightPolicy, subjects: pl.Series, days: DayRange) -> pl.DataFrame:
    versions: list[RuleVersion] = list(policy.versions.values())
    edges: dict[DayEdge, None] = dict.fromkeys(edge for version in versions for edge in version.edges)
    return assemble(
        night.catalogue,
        night.loads,
        kind=policy.kind,
        attributes=sorted(policy.attributes),
        days=days,
        known_at=night.known_at,
        edges=tuple(edges),
        subjects=subjects,
        outcomes=PolicyOutcomes(night, night.known_at),
    ).collect()
