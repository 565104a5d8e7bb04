"""What one policy answers of every unit: profiles as known at an instant → the outcome of every period.

A night asks it of what is known now; discovery and the causes of arrears ask it of what was known before.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import polars as pl

from core.days import MONTHS_OF, MONTHS_PER_YEAR, DayRange
from core.edges import DayEdge
from engine.backdate import backdated_stretches, with_backdated
from engine.grants import FirstPeriod
from engine.match import STARTS
from engine.night import Night, NightPolicy
from engine.outcomes import PolicyOutcomes
from engine.periods import Asking, outcomes_by_period
from engine.policy_match import Matched, OutcomesAsked, PolicyMatch, StretchesAsked, with_starts
from engine.units import Unit
from profiles.assemble import assemble
from rules.standing import continued


def profiles_by_kind(night: Night, *, known_at: dt.datetime, through: dt.date | None = None) -> dict[str, pl.DataFrame]:
    """Return the profiles of every kind of subject that a policy is for, as known at an instant.

    Shape: profiles frames; days as `Night.days_asked`, cut after `through`; days after the business date answer
           with its facts.
    """
    return {
        kind: assembled(night, [policy for policy in night.policies if policy.kind == kind], known_at, through)
        for kind in sorted({policy.kind for policy in night.policies})
    }


def assembled(
    night: Night,
    policies: Sequence[NightPolicy],
    known_at: dt.datetime,
    through: dt.date | None,
    *,
    subjects: pl.Series | None = None,
) -> pl.DataFrame:
    """Return the profiles that some policies for one kind of subject ask for, of everyone or of some subjects."""
    asked = FactsAsked.of(night, policies)
    last = asked.days.last if through is None else min(asked.days.last, through)
    return assemble(
        night.catalogue,
        night.loads,
        kind=policies[0].kind,
        attributes=asked.attributes,
        days=DayRange(min(asked.days.first, last), last),
        known_at=known_at,
        edges=asked.edges,
        subjects=subjects,
        frozen_after=night.business_date,
        owned_over=Unit.of(night.catalogue, policies[0].kind).owned_over,
        outcomes=PolicyOutcomes(night, known_at),
    ).collect()


@dataclass(frozen=True, slots=True)
class FactsAsked:
    """Which facts some policies for one kind of subject ask for, on which days, broken where functions of the day change."""

    attributes: tuple[str, ...]
    days: DayRange
    edges: tuple[DayEdge, ...]

    @classmethod
    def of(cls, night: Night, policies: Sequence[NightPolicy]) -> Self:
        """Return what some policies ask for in a night."""
        ranges = [night.days_asked(policy) for policy in policies]
        edges = [edge for policy in policies for version in policy.versions.values() for edge in version.edges]
        return cls(
            tuple(sorted(frozenset[str]().union(*(policy.attributes for policy in policies)))),
            DayRange(min(each.first for each in ranges), max(each.last for each in ranges)),
            tuple(dict.fromkeys(edges)),
        )


def asking_of(night: Night, policy: NightPolicy, days: DayRange | None = None) -> Asking:
    """Return which days of which periods a policy asks, or of which it asks some days."""
    terms = policy.terms
    parts = 1 if terms.amount_for is None else MONTHS_PER_YEAR // MONTHS_OF[terms.period]
    return Asking(terms.period, terms.counts, days or night.days_asked(policy), policy.timetable, parts)


def first_period(policy: NightPolicy) -> FirstPeriod:
    """Return how far back a first grant of a policy reaches."""
    return FirstPeriod.of(policy.terms.arrears, policy.timetable)


def period_outcomes(  # all by name; a question has this many parts
    night: Night,
    policy: NightPolicy,
    profiles: pl.DataFrame,
    known: pl.Series,
    *,
    known_at: dt.datetime,
    asking: Asking | None = None,
    matched: Matched | None = None,
) -> pl.DataFrame:
    """Return the outcome of every period for all who were ever met and for those known already.

    Shape: as `engine.periods.outcomes_by_period`; of the days that a night asks, or of others.
    Expects: `matched` on just these days, by what was known just then.
    """
    asking, carried = asking or asking_of(night, policy), _carried(night, policy)
    stretches = stretches_on(night, policy, profiles, asking.days, known_at=known_at, had=known, matched=matched)
    stands = policy.stands(asking.days, known_at)
    concerned = pl.concat([stretches.filter("met")["subject_id"], known]).unique()
    stretches = stretches.filter(pl.col("subject_id").is_in(concerned.implode()))
    regular = outcomes_by_period(stretches.lazy(), asking, carried)
    term = policy.current.backdate
    if term is None:
        return regular.collect()
    own = with_starts(profiles.lazy(), policy.current.starts).filter(pl.col("subject_id").is_in(concerned.implode()))
    earlier = backdated_stretches(
        own, stretches.lazy().filter("met"), term, stands=stands, waived=policy.waived, carried=carried
    )
    return with_backdated(regular, outcomes_by_period(earlier, asking, carried), carried).collect()


def _carried(night: Night, policy: NightPolicy) -> tuple[str, ...]:
    """Return the columns that go with a unit through a decision; where one is not known, the unit is unknown."""
    own = Unit.of(night.catalogue, policy.kind).carried
    return own if policy.current.starts is None else (*own, STARTS)


def _of_those_who_had_it(stretches: pl.DataFrame, had: pl.Series, since: dt.date) -> pl.DataFrame:
    """Leave out what lies after the end of a benefit, but of those who were met before."""
    had = pl.concat([stretches.filter(pl.col("met") & (pl.col("day") < since))["subject_id"], had]).unique()
    return stretches.filter((pl.col("day") < since) | pl.col("subject_id").is_in(had.implode()))


def policy_match(night: Night, policy: NightPolicy) -> PolicyMatch:
    """Return what a policy asks of everybody in a night."""
    asked, _ = _stretches_asked(night, policy, night.days_asked(policy), night.known_at)
    return PolicyMatch(policy.kind, asked, outcomes_asked(night, policy))


def outcomes_asked(night: Night, policy: NightPolicy) -> OutcomesAsked | None:
    """Return how the outcomes of the business date are asked; None where no version stands on it."""
    anchor = policy.current.version_by
    if anchor is None and policy.version_on_date is None:
        return None
    stands = () if anchor is None else policy.stands_if_resumed(night.days_asked(policy), night.known_at)
    return OutcomesAsked(
        on=night.business_date,
        versions=policy.compiled,
        version=policy.version_on_date,
        anchor=anchor,
        facts=policy.terms.facts,
        stands=stands,
        owned_over=Unit.of(night.catalogue, policy.kind).owned_over,
        starts=policy.current.starts,
        asking=None if policy.terms.amount_for is None else asking_of(night, policy),
    )


def _stretches_asked(
    night: Night, policy: NightPolicy, days: DayRange, known_at: dt.datetime
) -> tuple[StretchesAsked, dt.date | None]:
    """Return how a policy is decided on some days, and from when on it goes on for those alone who had it."""
    stands = policy.stands(days, known_at)
    stands, goes_on_since = continued(stands) if policy.terms.continues else (stands, None)
    asked = StretchesAsked(
        on=night.business_date,
        stands=stands,
        versions=policy.compiled,
        carried=_carried(night, policy),
        starts=policy.current.starts,
        anchor=policy.current.version_by,
        facts=policy.terms.facts,
    )
    return asked, goes_on_since


def stretches_on(  # all by name; a question has this many parts
    night: Night,
    policy: NightPolicy,
    profiles: pl.DataFrame,
    days: DayRange,
    *,
    known_at: dt.datetime,
    had: pl.Series | None = None,
    matched: Matched | None = None,
) -> pl.DataFrame:
    """Decide a policy on every stretch of some days, or, where the rule says so, on the day that each unit names.

    Shape: as `engine.match.stretches_of`, with the owner of each unit that has one and the day from which its own periods are
           counted; where a benefit goes on after its end,
           it does for those who were met before in these days, and for `had`. What was `matched` is not decided again.
    """
    asked, goes_on_since = _stretches_asked(night, policy, days, known_at)
    decided = asked.of(profiles.lazy()).collect() if matched is None else matched.stretches()
    nobody = pl.Series([], dtype=pl.String)
    return (
        decided
        if goes_on_since is None
        else _of_those_who_had_it(decided, nobody if had is None else had, goes_on_since)
    )
