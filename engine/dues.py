"""Period outcomes of grants → what is due for each grant, period and component, by today's knowledge."""

from dataclasses import dataclass

import polars as pl

from engine.acts import with_acts
from engine.grace import STANDING, Standing, carry_grace
from engine.grants import FirstPeriod
from engine.periods import Asking, calendar_of, with_own_borders
from engine.units import SUBJECT, Unit
from profiles.assemble import OWNER

DUES = pl.Schema(
    {
        "subject_id": pl.String(),
        "event": pl.String(),
        "grant_id": pl.String(),
        "period_no": pl.Int32(),
        "period": pl.String(),
        "period_first": pl.Date(),
        "period_last": pl.Date(),
        "component": pl.String(),
        "is_met": pl.Boolean(),
        "standing": STANDING,
        "at_least_fen": pl.Int64(),
        "at_most_fen": pl.Int64(),
        "is_open": pl.Boolean(),
        "version": pl.Int32(),
    }
)
"""One row per grant, period and component that is met or unknown; what has no row is known: nothing is due."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which periods of a grant pay: from the first payable one on, with grace while the answer is unknown."""

    asking: Asking
    first: FirstPeriod
    grace_periods: int


def dues_of(
    periods: pl.DataFrame, grants: pl.DataFrame, waived: pl.DataFrame, reach: Reach, unit: Unit = SUBJECT
) -> pl.DataFrame:
    """Return what is due to every grant of one policy.

    Shape:   periods of `engine.periods.outcomes_by_period`, `engine.grants.GRANTS` and `engine.acts.WAIVED` in;
             `DUES` out, sorted by subject, event, component and period. Subjects without a grant have none.
    Nulls:   `at_most_fen` null: no limit. An amount that is not known of a period that is met `is_open`.
    Source:  semantics §4 and §6: grace first, then the first payable period, then dated acts.
    """
    spread = pl.col("at_most_fen").is_null() | (pl.col("at_least_fen") != pl.col("at_most_fen"))
    answered = _answers(periods, grants, unit).with_columns(
        is_known=pl.col("is_met"), is_open=pl.col("is_met") & spread
    )
    payable = carry_grace(answered, (*unit.keys, "component"), reach.grace_periods).filter(
        pl.col("period_no") >= reach.first.number(pl.col("discovered_on"), pl.col("cause"))
    )
    of_calendar = payable.join(calendar_of(reach.asking).lazy(), on="period_no", how="inner", validate="m:1")
    dated = with_own_borders(of_calendar, reach.asking)
    settled = pl.when("is_waived").then(pl.lit(str(Standing.KNOWN), dtype=STANDING)).otherwise("standing")
    waited = with_acts(dated, waived).with_columns(standing=settled)
    order = ("subject_id", *(["event"] if unit.carried else []), "component", "period_no")
    return unit.on_ledger(waited.collect(), DUES.names()).sort(order)


def _answers(periods: pl.DataFrame, grants: pl.DataFrame, unit: Unit) -> pl.LazyFrame:
    """Lay the answers of periods beside the grants they are for; an unknown one may be for any owner of its unit."""
    if not unit.carried:
        return periods.lazy().join(grants.lazy(), on="subject_id", how="inner", validate="m:1")
    answers = periods.lazy().rename({OWNER: "answered_owner"}).join(grants.lazy(), on="subject_id", how="inner")
    its = pl.col("answered_owner").is_null() | (pl.col("answered_owner") == pl.col(OWNER))
    return answers.filter(its).drop("answered_owner")
