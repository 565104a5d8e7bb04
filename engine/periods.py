"""Stretches with an outcome → one outcome per period: what asking every day of the period would give.

A stretch is a run of days on which a subject's facts, and every function of the day that the rules use,
do not change; so it is enough to look at stretches to have asked every day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from core.days import MONTHS_OF, MONTHS_PER_QUARTER, MONTHS_PER_YEAR, DayRange, PeriodKind
from core.timetables import Timetable
from engine.match import STARTS
from rules.bound import MEASURE_MARK

Counts = Literal["first_day", "last_day", "any_day", "census_day", "each_day"]


@dataclass(frozen=True, slots=True)
class Asking:
    """Which days of which periods are asked: `days` holds every day that may be asked at all.

    Amounts are for a year that has `parts` periods, or each for its own period.
    """

    kind: PeriodKind
    counts: Counts
    days: DayRange
    declared: Timetable | None = None
    parts: int = 1

    @property
    def table(self) -> Timetable:
        """Return how days are cut."""
        return self.declared or Timetable(self.kind)

    def part_of(self, amount: pl.Expr, number: pl.Expr) -> pl.Expr:
        """Return a period's part of an amount for the year.

        Source: equal parts in whole fen; what is left over goes to the first periods of the calendar year, a fen each. So any
                year's parts come to the amount, and a part does not depend on who has the others.
        """
        return amount if self.parts == 1 else (amount + self.parts - 1 - number % self.parts) // self.parts


def period_number(day: pl.Expr, table: Timetable) -> pl.Expr:
    """Return the ordinal of the period that holds a day; consecutive periods differ by one.

    Shape:   as `calendar_number`: a subject's own period has the number of the calendar's period in which it begins.
    Expects: `STARTS` in the frame where periods are each subject's own; null: as the calendar has them.
    """
    return own_number(day, table.kind) if table.is_own else calendar_number(day, table)


def _month(day: pl.Expr) -> pl.Expr:
    return day.dt.year().cast(pl.Int32) * MONTHS_PER_YEAR + day.dt.month().cast(pl.Int32) - 1


def _day_in(first_of_month: pl.Expr) -> pl.Expr:
    """Return on which day of a month own periods begin: the same as the first, or the month's last."""
    return pl.min_horizontal(pl.col(STARTS).dt.day(), first_of_month.dt.month_end().dt.day())


def own_number(day: pl.Expr, kind: PeriodKind) -> pl.Expr:
    """Return the number of each subject's own period that holds a day: `STARTS` and so many months from it."""
    months, start = MONTHS_OF[kind], _month(pl.col(STARTS))
    begun = _month(day) - (day.dt.day() < _day_in(day.dt.month_start())).cast(pl.Int32)
    own = start + (begun - start) // months * months
    return (pl.when(pl.col(STARTS).is_null()).then(_month(day)).otherwise(own) // months).cast(pl.Int32)


def with_own_borders(numbered: pl.LazyFrame, asking: Asking) -> pl.LazyFrame:
    """Put the first and the last day of each subject's own periods in the place of the calendar's."""
    if not asking.table.is_own:
        return numbered
    months = MONTHS_OF[asking.kind]

    def first(periods_on: int) -> pl.Expr:
        month = (pl.col("period_no") + periods_on) * months + _month(pl.col(STARTS)) % months
        begun = pl.date(month // MONTHS_PER_YEAR, month % MONTHS_PER_YEAR + 1, 1)
        return pl.date(begun.dt.year(), begun.dt.month(), _day_in(begun))

    return numbered.with_columns(
        period_first=first(0).fill_null(pl.col("period_first")),
        period_last=first(1).dt.offset_by("-1d").fill_null(pl.col("period_last")),
    )


def calendar_number(day: pl.Expr, table: Timetable) -> pl.Expr:
    """Return the ordinal of the calendar's period that holds a day.

    Shape: Int32. Source: months since year 0; quarters and years likewise; 0 for `once` and `event`. Of a declared list
           the place in it, a day in a gap having that of the period before; else steps of so many months.
    """
    month = _month(day)
    match table.kind:
        case PeriodKind.MONTH:
            return month
        case PeriodKind.QUARTER:
            return month // MONTHS_PER_QUARTER
        case PeriodKind.YEAR:
            return day.dt.year().cast(pl.Int32)
        case PeriodKind.ONCE | PeriodKind.EVENT:
            return pl.lit(0, dtype=pl.Int32)
        case PeriodKind.DECLARED if table.starts is not None:
            begun = (day.dt.day() < table.starts.day).cast(pl.Int32)
            since = month - begun - (table.starts.year * MONTHS_PER_YEAR + table.starts.month - 1)
            return (since // table.months).cast(pl.Int32)
        case PeriodKind.DECLARED:
            firsts = [(day >= period.days.first).cast(pl.Int32) for period in table.declared]
            return pl.sum_horizontal(firsts).cast(pl.Int32) - 1


def calendar_of(asking: Asking) -> pl.DataFrame:
    """Return the periods that are asked, one row each.

    Shape: `period_no` Int32, `period` String (`2025-07`), `period_first`, `period_last` Date, `census` Date or null.
    """
    periods = asking.table.covering(asking.days)
    calendar = pl.DataFrame(
        {
            "period": [period.name for period in periods],
            "period_first": [period.days.first for period in periods],
            "period_last": [period.days.last for period in periods],
            "census": [period.census for period in periods],
        },
        schema={"period": pl.String, "period_first": pl.Date, "period_last": pl.Date, "census": pl.Date},
    )
    return calendar.select(calendar_number(pl.col("period_first"), asking.table).alias("period_no"), pl.all())


def outcomes_by_period(stretches: pl.LazyFrame, asking: Asking, carried: Sequence[str] = ()) -> pl.LazyFrame:
    """Return the outcome of each period in which any asked day was met or unknown.

    Shape:   in: `subject_id`, `day`, `through`, `met` (null: unknown), `component`, `at_least_fen`,
             `at_most_fen` (null: no limit), `version`; stretches that are not met may be left out.
             Out: one row per subject, period_no and component, sorted by these; periods not met are left out.
    Adds:    `is_met` (False: unknown), `at_least_fen`, `at_most_fen`, `version`, `first_met_on` (null where unknown).
             Columns `carried` are as on the last met day, null where the period is unknown; but `STARTS` is that of the
             period: of two own periods that begin in one of the calendar's, the later counts.
    Nulls:   `at_most_fen` null: no limit.
    Source:  met if met on any asked day, else unknown if unknown on any. Version and amount are those of the
             last met day; of the first for `once` and `event`. Days beyond it that are unknown and could change
             the amount widen it. Counted by `each_day`: each day that is met has its part of the amount, once the
             period is over.
    """
    days = pl.col("day")
    asked = _asked_days(stretches, asking)
    if asking.counts == "each_day":
        return _by_days(asked, carried)
    takes_first = asking.kind in {PeriodKind.ONCE, PeriodKind.EVENT}
    decisive = days.filter(pl.col("met")).min() if takes_first else days.filter(pl.col("met")).max()
    keys = ("subject_id", "period_no", "component")
    grouped = asked.with_columns(
        decisive.over(*keys).alias("decided_on"), days.filter(pl.col("met")).min().over(*keys).alias("first_met_on")
    )
    beyond = pl.col("met").is_null() & ((days < pl.col("decided_on")) if takes_first else (days > pl.col("decided_on")))
    counts = pl.col("decided_on").is_null() | (pl.col("met") & (days == pl.col("decided_on"))) | beyond
    no_limit = pl.col("at_most_fen").is_null().any()
    return (
        grouped.filter(counts)
        .sort(*keys, "day")
        .group_by(*keys, maintain_order=True)
        .agg(
            pl.col("decided_on").first().is_not_null().alias("is_met"),
            pl.col("at_least_fen").min(),
            pl.when(no_limit).then(None).otherwise(pl.col("at_most_fen").max()).alias("at_most_fen"),
            pl.col("version").filter(pl.col("met").fill_null(pl.col("decided_on").is_null())).last(),
            pl.col("first_met_on").first(),
            *(_carried(name, pl.col("met")) for name in carried),
        )
    )


def _carried(name: str, met: pl.Expr) -> pl.Expr:
    return pl.col(name).max() if name == STARTS else pl.col(name).filter(met).last()


def _asked_days(stretches: pl.LazyFrame, asking: Asking) -> pl.LazyFrame:
    """Cut stretches at the borders of periods and keep the parts that hold an asked day.

    Adds: `period_no`; `day` becomes the first asked day of the part.
    """
    within = stretches.filter(
        pl.col("met").fill_null(value=True)
        & (pl.col("day") <= asking.days.last)
        & (pl.col("through") >= asking.days.first)
    ).with_columns(
        pl.max_horizontal("day", pl.lit(asking.days.first)).alias("day"),
        pl.min_horizontal("through", pl.lit(asking.days.last)).alias("through"),
    )
    parts = within.with_columns(
        pl.int_ranges(
            period_number(pl.col("day"), asking.table),
            period_number(pl.col("through"), asking.table) + 1,
            dtype=pl.Int32,
        ).alias("period_no")
    ).explode("period_no")
    calendar = calendar_of(asking).lazy().drop("period")
    dated = with_own_borders(_latest_own(parts, asking).join(calendar, on="period_no", validate="m:1"), asking)
    share = [_shared(name, asking) for name in ("at_least_fen", "at_most_fen")] if asking.parts > 1 else []
    cut = dated.with_columns(
        pl.max_horizontal("day", "period_first").alias("day"),
        pl.min_horizontal("through", "period_last").alias("through"),
        *share,
    )
    held = cut.filter(pl.col("day") <= pl.col("through"))  # a day in a gap between declared periods is in none
    if asking.counts == "each_day":
        over = held.filter(pl.col("period_last") <= asking.days.last)
        length = (pl.col("period_last") - pl.col("period_first")).dt.total_days() + 1
        count = (pl.col("through") - pl.col("day")).dt.total_days() + 1
        return over.with_columns(day_count=count, day_count_max=length).drop(*_BORDERS)
    return _counted(held, asking.counts).drop(*_BORDERS)


def _latest_own(parts: pl.LazyFrame, asking: Asking) -> pl.LazyFrame:
    if not asking.table.is_own:
        return parts
    latest = pl.col(STARTS).max().over("subject_id", "period_no")
    return parts.filter(pl.col(STARTS).is_null() | (pl.col(STARTS) == latest))


def _shared(name: str, asking: Asking) -> pl.Expr:
    is_measure = pl.col("component").str.starts_with(MEASURE_MARK)
    part = asking.part_of(pl.col(name), pl.col("period_no"))
    return pl.when(is_measure).then(name).otherwise(part).alias(name)


_BORDERS = ("period_first", "period_last", "census", "through")


def _by_days(asked: pl.LazyFrame, carried: Sequence[str]) -> pl.LazyFrame:
    """Return each period's part of its amount: the days that are met, or may be, of all its days, rounded once, half up."""
    keys = ("subject_id", "period_no", "component")
    is_met = pl.col("met").fill_null(value=False)
    length = pl.col("day_count_max").first()

    def part(amount: pl.Expr) -> pl.Expr:
        return (2 * (amount * pl.col("day_count")).sum() + length) // (2 * length)

    least = part(pl.when(is_met).then("at_least_fen").otherwise(0))
    return (
        asked.sort(*keys, "day")
        .group_by(*keys, maintain_order=True)
        .agg(
            is_met.any().alias("is_met"),
            least.alias("at_least_fen"),
            pl.when(pl.col("at_most_fen").is_null().any().not_())
            .then(part(pl.col("at_most_fen")))
            .alias("at_most_fen"),
            pl.col("version").filter(is_met | is_met.any().not_()).last(),
            pl.col("day").filter(is_met).min().alias("first_met_on"),
            *(_carried(name, is_met) for name in carried),
        )
    )


def _counted(parts: pl.LazyFrame, counts: Counts) -> pl.LazyFrame:
    match counts:
        case "any_day":
            return parts
        case "first_day":
            return parts.filter(pl.col("day") == pl.col("period_first"))
        case "last_day":
            return parts.filter(pl.col("through") == pl.col("period_last")).with_columns(day="through")
        case "census_day":
            within = (pl.col("day") <= pl.col("census")) & (pl.col("census") <= pl.col("through"))
            return parts.filter(within).with_columns(day="census")
        case "each_day":
            return parts
