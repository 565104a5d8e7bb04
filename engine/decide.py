"""One policy's night: profiles → outcomes on the business date, new grants, and what is due to every grant."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from core import ids
from core.days import DayRange
from core.edges import DayEdge
from core.ledger import ActKind
from engine.acts import waived_frame
from engine.backdate import backdated_stretches, with_backdated
from engine.dues import DUES, Reach, dues_of
from engine.durations import limited, limits_of
from engine.grants import FirstPeriod, newly_met
from engine.match import decide, stretches_of
from engine.named_days import NAMED, named_day_stretches, named_days, on_day, outcomes_on_named_days
from engine.night import Night, NightPolicy
from engine.outcomes import PolicyOutcomes
from engine.people import Present
from engine.periods import Asking, outcomes_by_period
from engine.units import Unit, only_with_owner, with_owner_known
from profiles.assemble import assemble
from rules.bound import MEASURE_MARK
from rules.standing import continued
from rules.version import Lane

FOUND = pl.Schema({"subject_id": pl.String(), "event": pl.String(), "discovered_on": pl.Date()})
"""Subjects and events newly met under one policy, and since when that could be known."""

STANDING = ("subject_id", "event", "grant_id", "discovered_on")
"""The columns of a policy's grants."""

OUTCOMES = pl.Schema(
    {
        "subject_id": pl.String(),
        "day": pl.Date(),
        "outcome": pl.Enum(["met", "not_met", "unknown"]),
        "failing": pl.List(pl.String()),
        "missing": pl.List(pl.String()),
        "amount_fen": pl.Int64(),
        "near_miss": pl.Boolean(),
    }
)
"""Outcomes on the business date; see `engine.match.decide`."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What one policy comes to in one night.

    `outcomes`: every unit's on the business date; empty where no version stands on it.
    `new_grants` and `standing`, all grants: `subject_id`, `event`, `grant_id`, `discovered_on`. `dues`: of all grants
    that may make items. `measures`: what netting asks of the same periods; rows like dues, and never paid.
    `accounted`: what a benefit that pays nothing is worth, rows like dues.
    `named_days`: the day of each unit where the rule goes by it, else of none.
    """

    policy: NightPolicy
    outcomes: pl.DataFrame
    new_grants: pl.DataFrame
    standing: pl.DataFrame
    dues: pl.DataFrame
    accounted: pl.DataFrame
    measures: pl.DataFrame
    named_days: pl.DataFrame


def profiles_by_kind(night: Night, *, known_at: dt.datetime, through: dt.date | None = None) -> dict[str, pl.DataFrame]:
    """Return the profiles of every kind of subject that a policy is for, as known at an instant.

    Shape: profiles frames; days as `Night.days_asked`, cut after `through`; days after the business date answer
           with its facts.
    """
    return {
        kind: _assembled(night, [policy for policy in night.policies if policy.kind == kind], known_at, through)
        for kind in sorted({policy.kind for policy in night.policies})
    }


def _assembled(
    night: Night, policies: list[NightPolicy], known_at: dt.datetime, through: dt.date | None
) -> pl.DataFrame:
    ranges = [night.days_asked(policy) for policy in policies]
    first, last = min(each.first for each in ranges), max(each.last for each in ranges)
    last = last if through is None else min(last, through)
    edges: dict[DayEdge, None] = {}
    for policy in policies:
        for version in policy.versions.values():
            edges |= dict.fromkeys(version.edges)
    return assemble(
        night.catalogue,
        night.loads,
        kind=policies[0].kind,
        attributes=sorted(frozenset[str]().union(*(policy.attributes for policy in policies))),
        days=DayRange(min(first, last), last),
        known_at=known_at,
        edges=tuple(edges),
        frozen_after=night.business_date,
        owned_over=Unit.of(night.catalogue, policies[0].kind).owned_over,
        outcomes=PolicyOutcomes(night, known_at),
    ).collect()


def decide_policy(present: Present, policy: NightPolicy, profiles: pl.DataFrame, earlier: pl.DataFrame) -> Decision:
    """Decide one policy for everyone.

    Expects: profiles of the policy's kind of subject, as known at the night's instant; `earlier` is who was met on an
             earlier day of learning: `FOUND`.
    """
    night, unit = present.night, Unit.of(present.night.catalogue, policy.kind)
    held = present.grants_of(policy.policy).select(STANDING)
    known = unit.from_ledger(pl.concat([held.select(FOUND.names()), earlier]))
    periods = period_outcomes(night, policy, profiles, known["subject_id"], known_at=night.known_at)
    found = newly_met(
        periods,
        known.select(unit.keys),
        learned_on=night.steps_of_learning[-1][0],
        through=night.business_date,
        first=first_period(policy),
    )
    found = unit.on_ledger(found, FOUND.names())
    new = with_ids(pl.concat([earlier, found]).sort("subject_id", "event"), policy.policy)
    standing = pl.concat([held, new])
    paying = standing.filter(pl.col("grant_id").is_in(_paying(night, policy, standing).implode()))
    reach = Reach(asking_of(night, policy), first_period(policy), policy.terms.grace.periods)
    waived = waived_frame(present.acts_of(paying["grant_id"]))
    is_counted = policy.pays or any(version.tariff for version in policy.versions.values())
    dues = dues_of(periods, unit.from_ledger(paying), waived, reach, unit) if is_counted else DUES.to_frame()
    is_measure = pl.col("component").str.starts_with(MEASURE_MARK)
    dues, measures = dues.filter(is_measure.not_()), dues.filter(is_measure)
    counted = limited(dues, measures, limits_of(policy.current.written))
    return Decision(
        policy=policy,
        outcomes=outcomes_on_date(night, policy, profiles),
        new_grants=new,
        standing=standing,
        dues=counted if policy.pays else DUES.to_frame(),
        accounted=DUES.to_frame() if policy.pays else counted,
        measures=measures,
        named_days=_named_days(night, policy, profiles),
    )


def _named_days(night: Night, policy: NightPolicy, profiles: pl.DataFrame) -> pl.DataFrame:
    anchor = policy.current.version_by
    if anchor is None:
        return pl.DataFrame(schema={"subject_id": pl.String, NAMED: pl.Date})
    return named_days(profiles.lazy(), anchor, night.business_date).collect()


def with_ids(found: pl.DataFrame, policy: str) -> pl.DataFrame:
    """Return newly met subjects and events as grants: `STANDING`."""
    made = [ids.grant_id(policy, *named) for named in found.select("subject_id", "event").iter_rows()]
    return found.with_columns(pl.Series("grant_id", made, dtype=pl.String)).select(STANDING)


def asking_of(night: Night, policy: NightPolicy) -> Asking:
    """Return which days of which periods a policy asks."""
    return Asking(policy.terms.period, policy.terms.counts, night.days_asked(policy), policy.timetable)


def first_period(policy: NightPolicy) -> FirstPeriod:
    """Return how far back a first grant of a policy reaches."""
    return FirstPeriod(
        policy.terms.period, policy.terms.arrears.months if policy.terms.arrears else None, policy.timetable
    )


def outcomes_on_date(night: Night, policy: NightPolicy, profiles: pl.DataFrame) -> pl.DataFrame:
    """Return everyone's outcome on the business date: `OUTCOMES`."""
    date, anchor, lazy = night.business_date, policy.current.version_by, profiles.lazy()
    on_date = on_day(lazy, date)
    if anchor is not None:
        days = night.days_asked(policy)
        stands = policy.stands(days, night.known_at)
        named = named_days(lazy, anchor, date)
        decided = outcomes_on_named_days(
            lazy, named, date, anchor=anchor, facts=policy.terms.facts, stands=stands, versions=policy.compiled
        )
    elif policy.version_on_date is None:
        return OUTCOMES.to_frame()
    else:
        decided = decide(on_date, policy.compiled[policy.version_on_date])
    unit = Unit.of(night.catalogue, policy.kind)
    return (decided if unit.owned_over is None else with_owner_known(decided, on_date, unit.owned_over)).collect()


def period_outcomes(  # all by name; a question has this many parts
    night: Night,
    policy: NightPolicy,
    profiles: pl.DataFrame,
    known: pl.Series,
    *,
    known_at: dt.datetime,
    asking: Asking | None = None,
) -> pl.DataFrame:
    """Return the outcome of every period for all who were ever met and for those known already.

    Shape: as `engine.periods.outcomes_by_period`; of the days that a night asks, or of others.
    """
    asking, carried = asking or asking_of(night, policy), Unit.of(night.catalogue, policy.kind).carried
    stretches = stretches_on(night, policy, profiles, asking.days, known_at=known_at, had=known)
    stands = policy.stands(asking.days, known_at)
    concerned = pl.concat([stretches.filter("met")["subject_id"], known]).unique()
    stretches = stretches.filter(pl.col("subject_id").is_in(concerned.implode()))
    regular = outcomes_by_period(stretches.lazy(), asking, carried)
    term = policy.current.backdate
    if term is None:
        return regular.collect()
    own = profiles.lazy().filter(pl.col("subject_id").is_in(concerned.implode()))
    earlier = backdated_stretches(
        own, stretches.lazy().filter("met"), term, stands=stands, waived=policy.waived, carried=carried
    )
    return with_backdated(regular, outcomes_by_period(earlier, asking, carried), carried).collect()


def _of_those_who_had_it(stretches: pl.DataFrame, had: pl.Series, since: dt.date) -> pl.DataFrame:
    """Leave out what lies after the end of a benefit, but of those who were met before."""
    had = pl.concat([stretches.filter(pl.col("met") & (pl.col("day") < since))["subject_id"], had]).unique()
    return stretches.filter((pl.col("day") < since) | pl.col("subject_id").is_in(had.implode()))


def stretches_on(  # all by name; a question has this many parts
    night: Night,
    policy: NightPolicy,
    profiles: pl.DataFrame,
    days: DayRange,
    *,
    known_at: dt.datetime,
    had: pl.Series | None = None,
) -> pl.DataFrame:
    """Decide a policy on every stretch of some days, or, where the rule says so, on the day that each unit names.

    Shape: as `engine.match.stretches_of`, with the owner of each unit that has one; where a benefit goes on after its end,
           it does for those who were met before in these days, and for `had`.
    """
    carried, stands = Unit.of(night.catalogue, policy.kind).carried, policy.stands(days, known_at)
    stands, goes_on_since = continued(stands) if policy.terms.continues else (stands, None)
    anchor, frame = policy.current.version_by, profiles.lazy()
    if anchor is None:
        stretches = stretches_of(frame, stands, policy.compiled, carried)
    else:
        date = night.business_date
        named = named_days(frame, anchor, date)
        stretches = named_day_stretches(
            frame, named, date, facts=policy.terms.facts, stands=stands, versions=policy.compiled, carried=carried
        )
    decided = (stretches.with_columns(met=only_with_owner(pl.col("met"))) if carried else stretches).collect()
    nobody = pl.Series([], dtype=pl.String)
    return (
        decided
        if goes_on_since is None
        else _of_those_who_had_it(decided, nobody if had is None else had, goes_on_since)
    )


def _paying(night: Night, policy: NightPolicy, standing: pl.DataFrame) -> pl.Series:
    """Return the grants that may make items: of lane automatic, and those confirmed by an act."""
    if policy.current.written.lane is Lane.AUTOMATIC:
        return standing["grant_id"]
    confirmed = sorted({act.grant_id for act in night.acts if act.kind is ActKind.CONFIRM})
    return pl.Series(confirmed, dtype=pl.String)


def labels_of(policy: NightPolicy) -> Mapping[str, str]:
    """Return the words for each criterion of the governing version."""
    return {criterion.id: criterion.label for criterion in policy.current.criteria}
