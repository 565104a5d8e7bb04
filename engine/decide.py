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
from engine.grants import FirstPeriod, newly_met
from engine.match import decide, stretches_of
from engine.night import Night, NightPolicy
from engine.people import Present
from engine.periods import Asking, outcomes_by_period
from profiles.assemble import assemble
from rules.version import Lane

FOUND = pl.Schema({"subject_id": pl.String(), "discovered_on": pl.Date()})
"""Subjects newly met under one policy, and since when that could be known."""

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

    `outcomes`: everyone's on the business date; empty where no version stands on it.
    `new_grants`: `subject_id`, `grant_id`, `discovered_on`. `dues`: of all grants that may make items.
    """

    policy: NightPolicy
    outcomes: pl.DataFrame
    new_grants: pl.DataFrame
    standing: pl.DataFrame
    dues: pl.DataFrame


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
    ).collect()


def decide_policy(present: Present, policy: NightPolicy, profiles: pl.DataFrame, earlier: pl.DataFrame) -> Decision:
    """Decide one policy for everyone.

    Expects: profiles of the policy's kind of subject, as known at the night's instant; `earlier` is who was met on an
             earlier day of learning: `FOUND`.
    """
    night = present.night
    held = present.grants_of(policy.policy)
    known = pl.concat([held["subject_id"], earlier["subject_id"]])
    periods = period_outcomes(night, policy, profiles, known, known_at=night.known_at)
    found = newly_met(
        periods,
        known,
        learned_on=night.steps_of_learning[-1][0],
        through=night.business_date,
        first=first_period(policy),
    )
    new = with_ids(pl.concat([earlier, found]).sort("subject_id"), policy.policy)
    standing = pl.concat([held.select("subject_id", "grant_id", "discovered_on"), new])
    paying = standing.filter(pl.col("grant_id").is_in(_paying(night, policy, standing).implode()))
    reach = Reach(asking_of(night, policy), first_period(policy), policy.terms.grace.periods)
    waived = waived_frame(present.acts_of(paying["grant_id"]))
    return Decision(
        policy=policy,
        outcomes=outcomes_on_date(night, policy, profiles),
        new_grants=new,
        standing=standing,
        dues=dues_of(periods, paying, waived, reach) if policy.current.written.benefit == "cash" else DUES.to_frame(),
    )


def with_ids(found: pl.DataFrame, policy: str) -> pl.DataFrame:
    """Return newly met subjects as grants: `subject_id`, `grant_id`, `discovered_on`."""
    made = [ids.grant_id(policy, subject_id, "") for subject_id in found["subject_id"]]
    return found.select("subject_id", pl.Series("grant_id", made, dtype=pl.String), "discovered_on")


def asking_of(night: Night, policy: NightPolicy) -> Asking:
    """Return which days of which periods a policy asks."""
    return Asking(policy.terms.period, policy.terms.counts, night.days_asked(policy))


def first_period(policy: NightPolicy) -> FirstPeriod:
    """Return how far back a first grant of a policy reaches."""
    return FirstPeriod(policy.terms.period, policy.terms.arrears.months if policy.terms.arrears else None)


def outcomes_on_date(night: Night, policy: NightPolicy, profiles: pl.DataFrame) -> pl.DataFrame:
    """Return everyone's outcome on the business date: `OUTCOMES`."""
    if policy.version_on_date is None:
        return OUTCOMES.to_frame()
    date = pl.lit(night.business_date)
    on_date = profiles.lazy().filter((pl.col("day") <= date) & (date <= pl.col("through"))).with_columns(day=date)
    return decide(on_date, policy.compiled[policy.version_on_date]).collect()


def period_outcomes(
    night: Night, policy: NightPolicy, profiles: pl.DataFrame, known: pl.Series, *, known_at: dt.datetime
) -> pl.DataFrame:
    """Return the outcome of every period for all who were ever met and for those known already.

    Shape: as `engine.periods.outcomes_by_period`.
    """
    asking = asking_of(night, policy)
    stands = policy.stands(asking.days, known_at)
    stretches = stretches_of(profiles.lazy(), stands, policy.compiled).collect()
    concerned = pl.concat([stretches.filter("met")["subject_id"], known]).unique()
    stretches = stretches.filter(pl.col("subject_id").is_in(concerned.implode()))
    regular = outcomes_by_period(stretches.lazy(), asking)
    term = policy.current.backdate
    if term is None:
        return regular.collect()
    own = profiles.lazy().filter(pl.col("subject_id").is_in(concerned.implode()))
    earlier = backdated_stretches(own, stretches.lazy().filter("met"), term, stands=stands, waived=policy.waived)
    return with_backdated(regular, outcomes_by_period(earlier, asking)).collect()


def _paying(night: Night, policy: NightPolicy, standing: pl.DataFrame) -> pl.Series:
    """Return the grants that may make items: of lane automatic, and those confirmed by an act."""
    if policy.current.written.lane is Lane.AUTOMATIC:
        return standing["grant_id"]
    confirmed = sorted({act.grant_id for act in night.acts if act.kind is ActKind.CONFIRM})
    return pl.Series(confirmed, dtype=pl.String)


def labels_of(policy: NightPolicy) -> Mapping[str, str]:
    """Return the words for each criterion of the governing version."""
    return {criterion.id: criterion.label for criterion in policy.current.criteria}
