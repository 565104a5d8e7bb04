"""Who newly has a grant, since when that could be known, and from which period on it pays.

Arrears bound a first grant: so many months back from the day on which the facts that first made it met
were known, never from the night that happened to look. That day is kept with the grant; because every
night looks at every day of learning since the night before, it does not depend on which nights ran.
A rule may have the bound go by why the past became payable (`engine.newcomers`); then the cause is kept too.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from core.days import PeriodKind
from core.ledger import Cause
from core.timetables import Timetable
from engine.match import STARTS
from engine.periods import period_number
from rules.version import Arrears, MonthsBack

GRANTS = pl.Schema(
    {"subject_id": pl.String(), "grant_id": pl.String(), "discovered_on": pl.Date(), "cause": pl.String()}
)
"""Grants of one policy as dues need them: one row per subject, merged subjects under their present id."""

_BEFORE_ALL = -(2**31)  # before the number of any period


@dataclass(frozen=True, slots=True)
class FirstPeriod:
    """How far back a first grant reaches: `months` None means without limit; some causes have a limit of their own."""

    kind: PeriodKind
    months: int | None
    declared: Timetable | None = None
    by_cause: Mapping[Cause, int | None] = field(default_factory=dict)

    @classmethod
    def of(cls, arrears: Arrears | None, timetable: Timetable) -> "FirstPeriod":
        """Return how far back a rule's arrears reach."""
        if arrears is None:
            return cls(timetable.kind, None, timetable)
        causes = arrears.causes
        said = {} if causes is None else {cause: getattr(causes, cause.value) for cause in Cause}
        by_cause = {cause: _limit(months) for cause, months in said.items() if months is not None}
        return cls(timetable.kind, _limit(arrears.months), timetable, by_cause)

    @property
    def widest(self) -> "FirstPeriod":
        """Return how far back it reaches at most, whatever the cause."""
        limits = [self.months, *self.by_cause.values()]
        known = [months for months in limits if months is not None]
        return replace(self, months=max(known) if len(known) == len(limits) else None, by_cause={})

    @property
    def narrowest(self) -> Cause:
        """Return the cause that reaches back least far; expects that some are named."""
        return min(
            self.by_cause, key=lambda cause: (self.by_cause[cause] is None, self.by_cause[cause] or 0, cause.value)
        )

    def number(self, discovered_on: pl.Expr, cause: pl.Expr) -> pl.Expr:
        """Return the number of the first payable period for a day of discovery and its cause (null: none is told)."""
        found = self._number(discovered_on, self.months)
        for each, months in self.by_cause.items():
            found = pl.when(cause == each.value).then(self._number(discovered_on, months)).otherwise(found)
        return found

    def _number(self, discovered_on: pl.Expr, months: int | None) -> pl.Expr:
        if months is None or self.kind in {PeriodKind.ONCE, PeriodKind.EVENT}:
            return pl.lit(_BEFORE_ALL, dtype=pl.Int32)
        return period_number(discovered_on.dt.offset_by(f"-{months}mo"), self.declared or Timetable(self.kind))


def _limit(months: MonthsBack) -> int | None:
    return None if months == "unlimited" else months


def first_met(
    periods: pl.DataFrame, known: pl.DataFrame, *, learned_on: dt.date, through: dt.date, reach: FirstPeriod
) -> pl.DataFrame:
    """Return the periods in which somebody is met who has no grant yet, as far back as may be payable at most.

    Shape:   periods of `engine.periods.outcomes_by_period` in, `known` with the columns that name a grant; these,
             `period_no` and `discovered_on` out.
    Expects: `learned_on` is the day the facts became known; `through` the last day that may open a grant.
    Nulls:   unknown periods open nothing.
    """
    keys = known.columns
    met = periods.filter(pl.col("is_met") & (pl.col("first_met_on") <= through)).join(known, on=keys, how="anti")
    discovered = pl.max_horizontal("first_met_on", pl.lit(learned_on))
    starts = [STARTS] if STARTS in met.columns else []
    return met.select(*keys, *starts, "period_no", discovered.alias("discovered_on")).filter(
        pl.col("period_no") >= reach.widest.number(pl.col("discovered_on"), pl.lit(None, dtype=pl.String))
    )


def newly_met(met: pl.DataFrame, causes: pl.DataFrame, reach: FirstPeriod) -> pl.DataFrame:
    """Return who has a grant by now, since when that could be known, and why.

    Shape: periods of `first_met` in; `causes` with the columns that name a grant and `cause`, where any is told; these and
           `discovered_on` out, sorted.
    """
    keys = [name for name in causes.columns if name != "cause"]
    return (
        met.join(causes, on=keys, how="left", validate="m:1")
        .filter(pl.col("period_no") >= reach.number(pl.col("discovered_on"), pl.col("cause")))
        .group_by(*keys, "cause")
        .agg(pl.col("discovered_on").min())
        .select(*keys, "discovered_on", "cause")
        .sort(keys)
    )
