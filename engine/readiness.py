"""免申就绪度: how ready every policy is to be paid without an application, and which resource would free most people.

The facts of the population are assembled for one day and every policy is decided on them, by the very functions of a
night; nothing is written. Counts only: no subject appears. Without any load everything has never arrived.
"""

import dataclasses
import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from core.days import DayRange, add_days
from core.errors import RunError
from core.findings import Finding, Place, nearest_help
from core.ledger import LedgerMark
from core.loads import Loads
from core.remits import WHOLE, Remit
from engine.codes import RunCode
from engine.deployment import Deployment
from engine.lifecycle.publishing import chosen_versions
from engine.match import decide
from engine.named_days import named_days, on_day, outcomes_on_named_days
from engine.night import Night, NightPolicy
from engine.outcomes import PolicyOutcomes
from engine.units import Unit, with_owner_known
from profiles.assemble import OWNER, assemble
from profiles.catalogue import Catalogue
from profiles.state import ResourceState, load_state
from rules.bound import RuleVersion
from rules.compiled import CompiledVersion
from rules.operands import constant_number
from rules.readiness import Counted, Obstacle, Readiness, blamed, readiness_of
from rules.standing import Activation
from store.grants import GRANTS
from store.loads import read_loads

FORMAT_VERSION = 1  # of the JSON form; readers may rely on its keys
NAMED_DAYS_BACK = 366  # where a rule goes by the day of its event, events of a year say how its facts stand

OPEN = pl.Schema(
    {
        "policy": pl.String(),
        "subject_id": pl.String(),
        "missing": pl.List(pl.String()),
        "most_fen": pl.Int64(),  # null: no limit is known
    }
)
"""Outcomes that are unknown: whose, for want of which facts, and what it would be at most, if it is met."""


@dataclass(frozen=True, slots=True)
class Freed:
    """What one policy would gain if a resource were in order."""

    policy: str
    title: str
    outcome_count: int
    is_lifted: bool  # its verdict would be better


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One resource that keeps outcomes open: what hinges on it alone, and where it is one of several.

    Units: fen for one period; an outcome may turn out not met, so the range begins at nothing. `unlimited_count` of the
           outcomes have no known limit and are not in `most_fen`.
    """

    resource: str
    label: str
    owner: str
    obstacle: Obstacle | None  # None: it came whole and in time, and leaves values out
    subject_count: int
    outcome_count: int
    shared_count: int
    most_fen: int
    unlimited_count: int
    freed: tuple[Freed, ...]

    @property
    def lifted_count(self) -> int:
        """Return how many policies would have a better verdict."""
        return sum(each.is_lifted for each in self.freed)


@dataclass(frozen=True, slots=True)
class ReadinessReport:
    """Every policy that was asked about, and the work list of the data steward, the most rewarding first."""

    on: dt.date
    known_at: dt.datetime
    policies: tuple[Readiness, ...]
    work: tuple[WorkItem, ...]

    def as_json(self) -> str:
        """Return the report for programs: stable keys, days and instants in ISO form."""
        tree = {
            "format_version": FORMAT_VERSION,
            **dataclasses.asdict(self),
            "policies": [
                {
                    **dataclasses.asdict(each),
                    "verdict": each.verdict,
                    "data_verdict": each.data_verdict,
                    "is_ready": each.is_ready,
                }
                for each in self.policies
            ],
        }
        return json.dumps(tree, ensure_ascii=False, indent=2, default=_plain, sort_keys=True)


def assess_readiness(
    deployment: Deployment, policies: Collection[str], on: dt.date, *, remit: Remit = WHOLE
) -> ReadinessReport:
    """Assess the newest version of some policies of a remit in the workspace, or of all, by all that is known now.

    Fails: RunError where a policy is unknown; RuleError where a rule file cannot be read.
    """
    known_at = deployment.clock.now()
    with deployment.store.reading() as rx:
        loads = read_loads(rx, deployment.workspace.root).known_at(known_at)
    chosen = [each for each in chosen_versions(deployment, None, None) if remit.covers(each.policy)]
    newest = _newest(chosen, policies)
    return report_on(deployment.catalogue, loads, newest, on=on, known_at=known_at)


def _newest(versions: Iterable[RuleVersion], policies: Collection[str]) -> list[RuleVersion]:
    """Return the newest version of each policy, or of those named.

    Fails: RunError.
    """
    found: dict[str, RuleVersion] = {}
    for version in versions:
        if version.policy not in found or found[version.policy].version < version.version:
            found[version.policy] = version
    unknown = [each for each in policies if each not in found]
    if unknown:
        raise RunError(
            Finding(
                RunCode.UNKNOWN_POLICY,
                Place("policies"),
                f"no policy of the workspace is called `{each}`",
                nearest_help(each, found, "policy") or "see `mianshen rules list`",
            )
            for each in unknown
        )
    return [version for policy, version in sorted(found.items()) if not policies or policy in policies]


def report_on(
    catalogue: Catalogue, loads: Loads, versions: Sequence[RuleVersion], *, on: dt.date, known_at: dt.datetime
) -> ReadinessReport:
    """Return the readiness of some versions, and what keeps their outcomes open.

    Expects: one version per policy, and loads as known at the instant.
    """
    night = _night_of(catalogue, loads, versions, on, known_at)
    states = {state.resource.resource: state for state in load_state(catalogue, loads, on)}
    asked = _ask(versions, night) if loads.infos else []
    policies = _judged(versions, night, states, asked)
    in_force = [each for each in policies if each.is_in_force]
    standing = {each.policy for each in in_force}
    opened = pl.concat([OPEN.to_frame(), *(each.opened for each in asked if each.version.policy in standing)])
    return ReadinessReport(on, known_at, policies, _work(catalogue, states, in_force, opened))


def readiness_on(
    night: Night, versions: Sequence[RuleVersion], profiles: Mapping[str, pl.DataFrame]
) -> tuple[Readiness, ...]:
    """Return the readiness of some versions on a night's date, by profiles of their kinds that are at hand.

    Expects: one version per policy; profiles as known at the night's instant, with every attribute and edge of theirs.
    """
    states = {state.resource.resource: state for state in load_state(night.catalogue, night.loads, night.business_date)}
    asked = [_decided(each, night, profiles[each.written.subject].lazy(), _days_of(each, night)) for each in versions]
    return _judged(versions, night, states, asked if night.loads.infos else [])


def _judged(
    versions: Sequence[RuleVersion], night: Night, states: Mapping[str, ResourceState], asked: "Sequence[_Asked]"
) -> tuple[Readiness, ...]:
    counted = {each.version.policy: each.counted(night.catalogue) for each in asked}
    return tuple(
        readiness_of(version, night.catalogue, states, night.business_date, counted.get(version.policy))
        for version in versions
    )


def _night_of(
    catalogue: Catalogue, loads: Loads, versions: Iterable[RuleVersion], on: dt.date, known_at: dt.datetime
) -> Night:
    """Return a night of these versions alone, as if nothing had ever been written."""
    return Night(
        business_date=on,
        known_at=known_at,
        catalogue=catalogue,
        loads=loads,
        policies=tuple(_as_if_standing(each, add_days(on, -NAMED_DAYS_BACK), known_at) for each in versions),
        grants=GRANTS.to_frame(),
        acts=(),
        written=pl.DataFrame(schema=dict.fromkeys(("policy", "period"), pl.String)),
        after=None,
        known_before=None,
        mark=LedgerMark(0),
    )


def _days_of(version: RuleVersion, night: Night) -> DayRange:
    on = night.business_date
    return DayRange(add_days(on, -NAMED_DAYS_BACK) if version.version_by is not None else on, on)


def _ask(versions: Sequence[RuleVersion], night: Night) -> "list[_Asked]":
    """Decide versions on everyone; the facts of those for one kind of subject are assembled once."""
    by_view: dict[tuple[str, bool], list[RuleVersion]] = {}
    for version in versions:
        by_view.setdefault((version.written.subject, version.version_by is not None), []).append(version)
    asked = []
    for (kind, is_by_event), own in sorted(by_view.items()):
        days = _days_of(own[0], night)
        profiles = assemble(
            night.catalogue,
            night.loads,
            kind=kind,
            attributes=sorted(frozenset[str]().union(*(version.attributes for version in own))),
            days=days,
            known_at=night.known_at,
            edges=tuple(dict.fromkeys(edge for version in own for edge in version.edges)) if is_by_event else (),
            owned_over=Unit.of(night.catalogue, kind).owned_over,
            outcomes=PolicyOutcomes(night, night.known_at),
        ).collect()
        asked += [_decided(version, night, profiles.lazy(), days) for version in own]
    return asked


def _decided(version: RuleVersion, night: Night, profiles: pl.LazyFrame, days: DayRange) -> "_Asked":
    """Decide a version, as if it alone stood, whether it was published or not."""
    number, anchor, on_date = version.version, version.version_by, on_day(profiles, days.last)
    policy = _as_if_standing(version, days.first, night.known_at)
    if anchor is None:
        # Most are ruled out: what they lack besides, nobody asks.
        decided = decide(on_date.filter(policy.compiled[number].outcome.fill_null(value=True)), policy.compiled[number])
    else:
        stands, named = policy.stands(days, night.known_at), named_days(profiles, anchor, days.last)
        decided = outcomes_on_named_days(
            profiles,
            named,
            days.last,
            anchor=anchor,
            facts=policy.terms.facts,
            stands=stands,
            versions=policy.compiled,
        )
    unit = Unit.of(night.catalogue, policy.kind)
    if unit.owned_over is not None:
        decided = with_owner_known(decided, on_date, unit.owned_over)
    outcomes, frame = decided.collect(), on_date.collect()
    return _Asked(version, frame, outcomes, _opened(version, outcomes, frame, policy.compiled[number]))


def _as_if_standing(version: RuleVersion, since: dt.date, known_at: dt.datetime) -> NightPolicy:
    """Return the policy of which this version alone stands."""
    activation = Activation(version.policy, version.version, since, None, known_at)
    return NightPolicy(version.policy, {version.version: version}, (activation,), version, version.version)


@dataclass(frozen=True)
class _Asked:
    """One version decided on everyone: their profiles on the day, and the outcomes of those whom it may not rule out."""

    version: RuleVersion
    profiles: pl.DataFrame
    outcomes: pl.DataFrame
    opened: pl.DataFrame

    def counted(self, catalogue: Catalogue) -> Mapping[str, Counted]:
        """Return, for each fact and relation, how many know it and how many wait for it."""
        candidates = self.outcomes.filter(pl.col("outcome") != "not_met").height
        waiting = self.opened.select(pl.col("missing").list.unique().explode()).drop_nulls()
        open_counts: dict[str, int] = dict(waiting.group_by("missing").len().iter_rows())
        owner = Unit.of(catalogue, self.version.written.subject).owned_over
        columns = {code: code for code in sorted(self.version.attributes)} | ({owner: OWNER} if owner else {})
        return {
            code: Counted(
                subject_count=self.profiles.height,
                known_count=self.profiles[column].count(),
                candidate_count=candidates,
                open_count=open_counts.get(code, 0),
            )
            for code, column in columns.items()
        }


def _opened(
    version: RuleVersion, outcomes: pl.DataFrame, profiles: pl.DataFrame, compiled: CompiledVersion
) -> pl.DataFrame:
    """Return the outcomes of one policy that are unknown: `OPEN`."""
    limits = {name: pl.lit(limit, dtype=pl.Int64) for name, limit in _limits(version).items()}
    most = [pl.coalesce(each.at_most, limits[name]) for name, each in compiled.amounts.items()]
    nothing = pl.lit(0, dtype=pl.Int64)
    are_known = pl.all_horizontal([each.is_not_null() for each in most]) if most else pl.lit(value=True)
    whole = pl.when(are_known).then(pl.sum_horizontal(most) if most else nothing)
    unknown = outcomes.filter(pl.col("outcome") == "unknown").select(
        pl.lit(version.policy).alias("policy"), "subject_id", "missing"
    )  # fmt: skip
    own = profiles.filter(pl.col("subject_id").is_in(unknown["subject_id"].implode()))
    amounts = own.select("subject_id", whole.cast(pl.Int64).alias("most_fen"))
    return unknown.join(amounts, on="subject_id", how="left", validate="m:1").select(OPEN.names()).cast(OPEN)


def _limits(version: RuleVersion) -> Mapping[str, int | None]:
    """Return the largest amount of each component, in fen, where all of its lines are numbers.

    Where it is open which line applies, none may, and then nobody knows the amount; but it is not more than this.
    """
    found: dict[str, int | None] = {}
    for component, lines in version.tariff.items():
        numbers = [constant_number(line.amount) for line in lines]
        known = [number for number in numbers if number is not None]
        found[component] = version.rounding.fen(max(known)) if len(known) == len(numbers) else None
    return found


def _work(
    catalogue: Catalogue,
    states: Mapping[str, ResourceState],
    policies: Sequence[Readiness],
    opened: pl.DataFrame,
) -> tuple[WorkItem, ...]:
    """Return the resources that keep outcomes open or verdicts down, most people freed first, then most policies."""
    hinges = _hinges(catalogue, states, opened)
    held = {each.resource for policy in policies for each in policy.hindrances if each.resource is not None}
    items = [
        _item(states[resource], policies, hinges.filter(pl.col("resource") == resource))
        for resource in sorted(held | set(hinges["resource"]))
    ]
    return tuple(sorted(items, key=lambda each: (-each.subject_count, -each.lifted_count, -each.shared_count)))


def _hinges(catalogue: Catalogue, states: Mapping[str, ResourceState], opened: pl.DataFrame) -> pl.DataFrame:
    """Return every open outcome once for each resource that has to be mended for it.

    Adds: `resource`; `is_alone`: nothing else is missing.
    """
    codes = sorted(set(opened["missing"].explode().drop_nulls()))
    mended = pl.DataFrame(
        [(code, resource) for code in codes for resource in blamed(catalogue, code, states)],
        schema={"missing": pl.String, "resource": pl.String},
        orient="row",
    )
    return (
        opened.explode("missing")
        .join(mended, on="missing", how="inner")
        .drop("missing")
        .unique(["policy", "subject_id", "resource"])
        .with_columns(is_alone=pl.len().over("policy", "subject_id") == 1)
    )


def _item(state: ResourceState, policies: Sequence[Readiness], hinges: pl.DataFrame) -> WorkItem:
    alone = hinges.filter("is_alone")
    counts: dict[str, int] = dict(alone.group_by("policy").len().iter_rows())
    name = state.resource.resource
    freed = [
        Freed(each.policy, each.title, counts.get(each.policy, 0), each.without(name).rank < each.data_verdict.rank)
        for each in policies
    ]
    obstacles = [
        each.obstacle for policy in policies for each in policy.hindrances if each.resource == name
    ]  # fmt: skip
    whole = [each for each in obstacles if each not in {Obstacle.OFTEN_OPEN, Obstacle.SOMETIMES_OPEN}]
    return WorkItem(
        resource=name,
        label=state.resource.label,
        owner=state.resource.owner,
        obstacle=next(iter(whole), None),
        subject_count=alone["subject_id"].n_unique(),
        outcome_count=alone.height,
        shared_count=hinges.height - alone.height,
        most_fen=int(alone["most_fen"].sum()),
        unlimited_count=alone["most_fen"].null_count(),
        freed=tuple(each for each in freed if each.outcome_count or each.is_lifted),
    )


def _plain(value: object) -> Any:  # noqa: ANN401  # what JSON knows
    assert isinstance(value, dt.date)
    return value.isoformat()
