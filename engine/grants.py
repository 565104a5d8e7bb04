"""Who newly has a grant, since when that could be known, and from which period on it pays.

Arrears bound a first grant: so many months back from the day on which the facts that first made it met
were known, never from the night that happened to look. That day is kept with the grant; because every
night looks at every day of learning since the night before, it does not depend on which nights ran.
"""

import datetime as dt
from dataclasses import dataclass

import polars as pl

from core.days import PeriodKind
from core.timetables import Timetable
from engine.periods import period_number

GRANTS = pl.Schema({"subject_id": pl.String(), "grant_id": pl.String(), "discovered_on": pl.Date()})
"""Grants of one policy as dues need them: one row per subject, merged subjects under their present id."""


@dataclass(frozen=True, slots=True)
class FirstPeriod:
    """How far back a first grant reaches: `months` None means without limit."""

    kind: PeriodKind
    months: int | None
    declared: Timetable | None = None

    def number(self, discovered_on: pl.Expr) -> pl.Expr:
        """Return the number of the first payable period for a day of discovery."""
        if self.months is None or self.kind in {PeriodKind.ONCE, PeriodKind.EVENT}:
            return pl.lit(0, dtype=pl.Int32)
        return period_number(discovered_on.dt.offset_by(f"-{self.months}mo"), self.declared or Timetable(self.kind))


def newly_met(
    periods: pl.DataFrame, known: pl.DataFrame, *, learned_on: dt.date, through: dt.date, first: FirstPeriod
) -> pl.DataFrame:
    """Return who is met in a payable period and has no grant yet.

    Shape:   periods of `engine.periods.outcomes_by_period` in, `known` with the columns that name a grant; these and
             `discovered_on` out, sorted.
    Expects: `learned_on` is the day the facts became known; `through` the last day that may open a grant.
    Nulls:   unknown periods open nothing.
    """
    keys = known.columns
    met = periods.filter(pl.col("is_met") & (pl.col("first_met_on") <= through)).join(known, on=keys, how="anti")
    discovered = pl.max_horizontal("first_met_on", pl.lit(learned_on))
    return (
        met.select(*keys, "period_no", discovered.alias("discovered_on"))
        .filter(pl.col("period_no") >= first.number(pl.col("discovered_on")))
        .group_by(keys)
        .agg(pl.col("discovered_on").min())
        .sort(keys)
    )
