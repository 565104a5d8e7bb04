"""On which days functions of the day change: birthdays, months since, days compared with `day()`.

The formulas are those of rules: `full_years` counts birthdays reached (one of 29 February on 1 March in a
common year), `full_years_by_month` counts them from the first of their month, `full_months` counts like years.
"""

import polars as pl

from core.days import DayRange
from core.edges import DayEdge
from profiles.day_keys import DAYS_MAX, day_no, day_numbers, days_of
from profiles.drawing import day_months_later
from profiles.timeline import distinct

_MONTHS = {"full_years": 12, "full_years_by_month": 12, "full_months": 1}


def edge_keys(edge: DayEdge, days: DayRange, subject_count: int, stretches: pl.DataFrame | None) -> pl.Series:
    """Return the keys on which an edge lies for each subject, within days.

    Expects: `key`, `end_key`, `value` of the edge's attribute over all subjects and days; None if it has none.
    """
    if stretches is None:
        return _on_fixed_days(edge, days, subject_count)
    held = stretches.filter(pl.col("value").is_not_null())
    if edge.function == "day":
        shifts = {shift + more for shift in edge.thresholds or (0,) for more in (0, 1)}
        found = [held.select("key", "end_key", number=day_numbers(pl.col("value")) + s) for s in sorted(shifts)]
    elif edge.thresholds is None:
        found = [_every_change(edge, held)]
    else:
        found = [
            _reached(edge, _which_may_reach(edge, held, days, count), pl.lit(count))
            for count in sorted(set(edge.thresholds))
        ]
    return distinct([_within(reached) for reached in found])


def _on_fixed_days(edge: DayEdge, days: DayRange, subject_count: int) -> pl.Series:
    chosen = days if edge.days is None else {day for day in edge.days if day in days}
    subjects = pl.int_range(subject_count, dtype=pl.Int64, eager=True) * DAYS_MAX
    return distinct([pl.Series("key", dtype=pl.Int64), *(subjects + day_no(day) for day in sorted(chosen))])


def _which_may_reach(edge: DayEdge, held: pl.DataFrame, days: DayRange, count: int) -> pl.DataFrame:
    """Leave out values of which so many years or months are full in no month near the days: nearly all of them."""
    month = pl.col("value").dt.year().cast(pl.Int64) * 12 + pl.col("value").dt.month() + count * _MONTHS[edge.function]
    first, last = (day.year * 12 + day.month for day in (days.first, days.last))
    return held.filter(month.is_between(first - 1, last + 1))


def _reached(edge: DayEdge, held: pl.DataFrame, count: pl.Expr) -> pl.DataFrame:
    """Return the day number on which the count from each value is reached."""
    since = pl.col("value")
    if edge.function == "full_years_by_month":
        since = since.dt.truncate("1mo")
    later = day_months_later(since, count * _MONTHS[edge.function])
    return held.select("key", "end_key", number=day_numbers(later))


def _every_change(edge: DayEdge, held: pl.DataFrame) -> pl.DataFrame:
    """Return all day numbers on which a count changes while its value holds."""
    first, last = (_count_on(edge, days_of(pl.col(key) % DAYS_MAX)) for key in ("key", "end_key"))
    counts = held.with_columns(count=pl.int_ranges(first + 1, last + 1, dtype=pl.Int64))
    return _reached(edge, counts.explode("count", empty_as_null=False), pl.col("count"))


def _count_on(edge: DayEdge, day: pl.Expr) -> pl.Expr:
    """Return full years or months from a value to a day; negative before it."""
    since = pl.col("value")
    months = (day.dt.year().cast(pl.Int64) - since.dt.year()) * 12 + day.dt.month() - since.dt.month()
    if edge.function != "full_years_by_month":
        months -= (day.dt.day() < since.dt.day()).cast(pl.Int64)
    return months.floordiv(_MONTHS[edge.function])


def _within(reached: pl.DataFrame) -> pl.Series:
    """Return keys of the days that fall in the stretch whose value they come from, after its first day."""
    key = pl.col("key") // DAYS_MAX * DAYS_MAX + pl.col("number")
    return reached.select(key=key, after=pl.col("key"), through=pl.col("end_key")).filter(
        pl.col("key").is_between("after", "through", closed="right")
    )["key"]
