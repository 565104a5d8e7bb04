"""Who is newly met by what was learned on one day, and, where the rule tells causes apart, what made the past payable.

The cause is the answer to two questions about the oldest period: what would it have come to by the rules that were known
before that day, and by everything that was known before it? So it does not depend on which nights ran.
"""

import datetime as dt
from dataclasses import dataclass

import polars as pl

from core.clock import civil_instant
from core.ledger import Cause
from engine.answers import assembled, first_period, period_outcomes
from engine.grants import first_met, newly_met
from engine.night import Night, NightPolicy
from engine.units import Unit
from profiles.population import everyone

FOUND = pl.Schema({"subject_id": pl.String(), "event": pl.String(), "discovered_on": pl.Date(), "cause": pl.String()})
"""Subjects and events newly met under one policy, since when that could be known, and why (`core.ledger.Cause`)."""


@dataclass(frozen=True, slots=True)
class Learned:
    """One day of learning: what was known by its end, and the last day before more was learned."""

    learned_on: dt.date
    known_at: dt.datetime
    through: dt.date


def newcomers(
    night: Night,
    policy: NightPolicy,
    learned: Learned,
    *,
    profiles: pl.DataFrame,
    periods: pl.DataFrame,
    known: pl.DataFrame,
) -> pl.DataFrame:
    """Return who is met in a payable period and has no grant yet.

    Shape:   profiles and periods as known on the day of learning; `known` with the columns that name a grant, of those who
             have one; these, `discovered_on` and `cause` out, sorted.
    """
    reach = first_period(policy)
    met = first_met(periods, known, learned_on=learned.learned_on, through=learned.through, reach=reach)
    if met.is_empty() or not reach.by_cause:
        untold = pl.DataFrame(schema=dict.fromkeys((*known.columns, "cause"), pl.String))
        return newly_met(met, untold, reach)
    oldest = met.group_by(known.columns).agg(pl.col("period_no").min())
    return newly_met(met, _causes(night, policy, learned, profiles=profiles, oldest=oldest), reach)


def _causes(
    night: Night, policy: NightPolicy, learned: Learned, *, profiles: pl.DataFrame, oldest: pl.DataFrame
) -> pl.DataFrame:
    """Return why the oldest period of each newcomer became payable.

    Shape: the columns that name a grant and `period_no` in; the same without it and `cause` out.
    Nulls: it was met by what was known before: only time has passed.
    Source: of whom nobody had delivered a row before, nothing was held; somebody was delivered late.
    """
    before = civil_instant(learned.learned_on) - dt.timedelta(microseconds=1)
    units = oldest["subject_id"].unique().sort()
    had_a_row = everyone(night.catalogue, night.loads.known_at(before), policy.kind).unique()
    facts_then = assembled(night, [policy], before, learned.through, subjects=units)
    facts_now = profiles.filter(pl.col("subject_id").is_in(units.implode()))
    by_rules = _answers(night, policy, facts_now, units, before).rename({"is_met": "by_rules_then"})
    by_all = _answers(night, policy, facts_then, units, before).rename({"is_met": "by_all_then"})
    on = ["subject_id", "period_no"]
    cause = (
        pl.when(pl.col("by_rules_then").fill_null(value=False).not_())
        .then(pl.lit(Cause.RULE.value))
        .when(pl.col("by_all_then").is_null() | pl.col("subject_id").is_in(had_a_row.implode()).not_())
        .then(pl.lit(Cause.DELIVERY.value))
        .when(pl.col("by_all_then").not_())
        .then(pl.lit(Cause.HOLD.value))
    )
    asked = oldest.join(by_rules, on=on, how="left", validate="m:1").join(by_all, on=on, how="left", validate="m:1")
    return asked.with_columns(cause=cause).drop("period_no", "by_rules_then", "by_all_then")


def _answers(
    night: Night, policy: NightPolicy, profiles: pl.DataFrame, units: pl.Series, rules_known_at: dt.datetime
) -> pl.DataFrame:
    """Return the periods that are met (true) or unknown (false): `subject_id`, `period_no`, `is_met`."""
    periods = period_outcomes(night, policy, profiles, units, known_at=rules_known_at)
    return periods.group_by("subject_id", "period_no").agg(pl.col("is_met").any())


def found_on_ledger(found: pl.DataFrame, unit: Unit) -> pl.DataFrame:
    """Return newcomers as the ledger names them: `FOUND`."""
    return unit.on_ledger(found, FOUND.names())
