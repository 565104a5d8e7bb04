"""What one policy answers of every unit: profiles as known at an instant → the outcome of every period.

A night asks it of what is known now; discovery and the causes of arrears ask it of what was known before.
"""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from core.days import MONTHS_OF, MONTHS_PER_YEAR, DayRange
from core.edges import DayEdge
from engine.backdate import backdated_stretches, with_backdated
from engine.grants import FirstPeriod
from engine.match import STARTS, stretches_of
from engine.named_days import named_day_stretches, named_days
from engine.night import Night, NightPolicy
from engine.outcomes import PolicyOutcomes
from engine.periods import Asking, outcomes_by_period, period_number
from engine.units import Unit, only_where_known
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
        subjects=subjects,
        frozen_after=night.business_date,
        owned_over=Unit.of(night.catalogue, policies[0].kind).owned_over,
        outcomes=PolicyOutcomes(night, known_at),
    ).collect()


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
) -> pl.DataFrame:
    """Return the outcome of every period for all who were ever met and for those known already.

    Shape: as `engine.periods.outcomes_by_period`; of the days that a night asks, or of others.
    """
    asking, carried = asking or asking_of(night, policy), _carried(night, policy)
    stretches = stretches_on(night, policy, profiles, asking.days, known_at=known_at, had=known)
    stands = policy.stands(asking.days, known_at)
    concerned = pl.concat([stretches.filter("met")["subject_id"], known]).unique()
    stretches = stretches.filter(pl.col("subject_id").is_in(concerned.implode()))
    regular = outcomes_by_period(stretches.lazy(), asking, carried)
    term = policy.current.backdate
    if term is None:
        return regular.collect()
    own = _with_starts(profiles.lazy(), policy).filter(pl.col("subject_id").is_in(concerned.implode()))
    earlier = backdated_stretches(
        own, stretches.lazy().filter("met"), term, stands=stands, waived=policy.waived, carried=carried
    )
    return with_backdated(regular, outcomes_by_period(earlier, asking, carried), carried).collect()


def with_parts(night: Night, policy: NightPolicy, outcomes: pl.LazyFrame, on_date: pl.LazyFrame) -> pl.LazyFrame:
    """Return outcomes of one day with the part of a yearly amount that the period of that day has."""
    if policy.terms.amount_for is None:
        return outcomes
    asking, order = asking_of(night, policy), outcomes.collect_schema().names()
    if policy.current.starts is not None:
        starts = _with_starts(on_date, policy).select("subject_id", STARTS)
        outcomes = outcomes.join(starts, on="subject_id", how="left", validate="1:1", maintain_order="left")
    part = asking.part_of(pl.col("amount_fen"), period_number(pl.lit(night.business_date), asking.table))
    return outcomes.with_columns(amount_fen=part.cast(pl.Int64)).select(order)


def _carried(night: Night, policy: NightPolicy) -> tuple[str, ...]:
    """Return the columns that go with a unit through a decision; where one is not known, the unit is unknown."""
    own = Unit.of(night.catalogue, policy.kind).carried
    return own if policy.current.starts is None else (*own, STARTS)


def _with_starts(profiles: pl.LazyFrame, policy: NightPolicy) -> pl.LazyFrame:
    starts = policy.current.starts
    return profiles if starts is None else profiles.with_columns(pl.col(starts).alias(STARTS))


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

    Shape: as `engine.match.stretches_of`, with the owner of each unit that has one and the day from which its own periods are
           counted; where a benefit goes on after its end,
           it does for those who were met before in these days, and for `had`.
    """
    carried, stands = _carried(night, policy), policy.stands(days, known_at)
    stands, goes_on_since = continued(stands) if policy.terms.continues else (stands, None)
    anchor, frame = policy.current.version_by, _with_starts(profiles.lazy(), policy)
    if anchor is None:
        stretches = stretches_of(frame, stands, policy.compiled, carried)
    else:
        date = night.business_date
        named = named_days(frame, anchor, date)
        stretches = named_day_stretches(
            frame, named, date, facts=policy.terms.facts, stands=stands, versions=policy.compiled, carried=carried
        )
    for name in carried:
        stretches = stretches.with_columns(met=only_where_known(pl.col("met"), name))
    decided = stretches.collect()
    nobody = pl.Series([], dtype=pl.String)
    return (
        decided
        if goes_on_since is None
        else _of_those_who_had_it(decided, nobody if had is None else had, goes_on_since)
    )
