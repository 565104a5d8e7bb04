"""Who is newly met by what was learned on one day, and, where the rule tells causes apart, what made the past payable.

What was met already by what was known before that day was found then, or lies further back than its cause reaches, and is
found no more: that time passes makes no past payable. Of the rest the cause is the answer to two questions about the
oldest period: what would it have come to by the rules that were known before that day, and by everything that was known
before it? So neither depends on which nights ran.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from core.clock import civil_instant
from core.ledger import Cause
from engine.answers import assembled, first_period, period_outcomes
from engine.grants import FirstPeriod, first_met, newly_met
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
    untold = pl.DataFrame(schema=dict.fromkeys((*known.columns, "cause"), pl.String))
    if met.is_empty() or not reach.by_cause:
        return newly_met(met, untold, reach)
    by_time = pl.col("discovered_on") > learned.learned_on
    fresh = _not_met_before(night, policy, learned, met.filter(by_time.not_()))
    causes = _causes(night, policy, learned, profiles=profiles, oldest=_oldest(fresh, known.columns))
    by_news = newly_met(fresh.select(met.columns), causes.select(*known.columns, "cause"), reach)
    on_their_day = newly_met(met.filter(by_time), untold, reach).join(by_news, on=known.columns, how="anti")
    return pl.concat([by_news, _bounded(on_their_day, periods, reach)]).sort(known.columns)


def _bounded(found: pl.DataFrame, periods: pl.DataFrame, reach: FirstPeriod) -> pl.DataFrame:
    """Keep whom time brings, in a month that pays, from the months before that its cause has kept from them.

    Which cause that was is long past; none reaches less far than the narrowest that the rule names.
    """
    keys = [name for name in found.columns if name not in {"discovered_on", "cause"}]
    met = periods.filter("is_met").select(*keys, "period_no", "first_met_on")
    kept_from = (pl.col("first_met_on") < pl.col("discovered_on")) & (
        pl.col("period_no") >= reach.number(pl.col("discovered_on"), pl.col("cause"))
    )
    bounded = found.join(met, on=keys).filter(kept_from).select(keys).unique()
    return pl.concat(
        [
            found.join(bounded, on=keys, how="anti"),
            found.join(bounded, on=keys, how="semi").with_columns(cause=pl.lit(reach.narrowest.value)),
        ]
    )


def _oldest(met: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Return the oldest period of each newcomer, with what it came to by what was known before."""
    return met.sort(*keys, "period_no").unique(keys, keep="first", maintain_order=True)


def _not_met_before(night: Night, policy: NightPolicy, learned: Learned, met: pl.DataFrame) -> pl.DataFrame:
    """Return the periods that nobody could find before a day, by what was known then.

    Adds: `is_met_then`: what they came to by that (false: unknown, null: nothing).
    """
    before, units = _eve(learned), met["subject_id"].unique().sort()
    facts = assembled(night, [policy], before, learned.through, subjects=units)
    then = _answers(night, policy, facts, units, before).rename({"is_met": "is_met_then"})
    found_then = (pl.col("met_on") < learned.learned_on).fill_null(value=False)
    joined = met.join(then, on=["subject_id", "period_no"], how="left", validate="m:1")
    return joined.filter(found_then.not_()).drop("met_on")


def _eve(learned: Learned) -> dt.datetime:
    return civil_instant(learned.learned_on) - dt.timedelta(microseconds=1)


def _causes(
    night: Night, policy: NightPolicy, learned: Learned, *, profiles: pl.DataFrame, oldest: pl.DataFrame
) -> pl.DataFrame:
    """Return why the oldest period of each newcomer became payable.

    Shape: periods of `_not_met_before` in; these and `cause` out.
    Nulls: it was met by what was known before: only time has passed.
    Source: of whom nobody had delivered a row before, nothing was held; somebody was delivered late.
    """
    before = _eve(learned)
    units = oldest["subject_id"].unique().sort()
    had_a_row = everyone(night.catalogue, night.loads.known_at(before), policy.kind).unique()
    facts_now = profiles.filter(pl.col("subject_id").is_in(units.implode()))
    by_rules = _answers(night, policy, facts_now, units, before).drop("met_on")
    cause = (
        pl.when(pl.col("is_met").fill_null(value=False).not_())
        .then(pl.lit(Cause.RULE.value))
        .when(pl.col("is_met_then").is_null() | pl.col("subject_id").is_in(had_a_row.implode()).not_())
        .then(pl.lit(Cause.DELIVERY.value))
        .when(pl.col("is_met_then").not_())
        .then(pl.lit(Cause.HOLD.value))
    )
    asked = oldest.join(by_rules, on=["subject_id", "period_no"], how="left", validate="m:1")
    return asked.with_columns(cause=cause)


def _answers(
    night: Night, policy: NightPolicy, profiles: pl.DataFrame, units: pl.Series, rules_known_at: dt.datetime
) -> pl.DataFrame:
    """Return the periods that are met (true) or unknown (false): `subject_id`, `period_no`, `is_met`, `met_on`."""
    periods = period_outcomes(night, policy, profiles, units, known_at=rules_known_at)
    return periods.group_by("subject_id", "period_no").agg(
        pl.col("is_met").any(), met_on=pl.col("first_met_on").filter("is_met").min()
    )


def found_on_ledger(found: pl.DataFrame, unit: Unit) -> pl.DataFrame:
    """Return newcomers as the ledger names them: `FOUND`."""
    return unit.on_ledger(found, FOUND.names())
