import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.days import DayRange, Period, PeriodKind, add_days
from core.timetables import Timetable
from engine.periods import period_number

FISCAL = Timetable(PeriodKind.DECLARED, starts=dt.date(2020, 4, 1), months=12)
HALVES = Timetable(PeriodKind.DECLARED, starts=dt.date(2020, 3, 15), months=6)
TERMS = Timetable(
    PeriodKind.DECLARED,
    declared=(
        Period.between(DayRange(dt.date(2025, 2, 10), dt.date(2025, 6, 30)), dt.date(2025, 3, 31)),
        Period.between(DayRange(dt.date(2025, 9, 1), dt.date(2026, 1, 20)), dt.date(2025, 10, 15)),
    ),
)
TABLES = [FISCAL, HALVES, *(Timetable(kind) for kind in (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR))]
DAYS = st.dates(dt.date(2019, 1, 1), dt.date(2027, 12, 31))


@pytest.mark.parametrize(
    ("table", "day", "name"),
    [
        pytest.param(FISCAL, "2025-03-31", "2024-04-01..2025-03-31", id="the-last-day-of-a-fiscal-year"),
        pytest.param(FISCAL, "2025-04-01", "2025-04-01..2026-03-31", id="the-first-day-of-the-next"),
        pytest.param(FISCAL, "2018-12-31", "2018-04-01..2019-03-31", id="before-it-was-declared"),
        pytest.param(HALVES, "2025-03-14", "2024-09-15..2025-03-14", id="the-day-before-the-fifteenth"),
        pytest.param(TERMS, "2025-10-15", "2025-09-01..2026-01-20", id="in-term"),
        pytest.param(TERMS, "2025-07-15", "2025-02-10..2025-06-30", id="in-the-holidays-after-a-term"),
        pytest.param(TERMS, "2025-01-01", "2025-02-10..2025-06-30", id="before-the-first-term"),
    ],
)
def test_the_period_of_a_day(table: Timetable, day: str, name: str) -> None:
    """Named by its days, and its name is enough to know them."""
    period = table.of(dt.date.fromisoformat(day))

    assert period.name == name
    assert Period.named(name).days == period.days


@given(st.sampled_from(TABLES), DAYS, st.integers(0, 900))
def test_periods_tile_the_days(table: Timetable, first: dt.date, count: int) -> None:
    """One after the other, without gap or overlap, numbered one by one on frames."""
    days = DayRange(first, add_days(first, count))

    periods = table.covering(days)

    assert periods[0].days.first <= days.first
    assert periods[-1].days.last >= days.last
    assert [add_days(each.days.last, 1) for each in periods[:-1]] == [each.days.first for each in periods[1:]]
    numbers = pl.DataFrame({"day": [each.days.first for each in periods] + [each.days.last for each in periods]})
    found = numbers.select(period_number(pl.col("day"), table)).to_series().to_list()
    assert found[: len(periods)] == found[len(periods) :] == list(range(found[0], found[0] + len(periods)))


def test_listed_terms_are_numbered_in_order() -> None:
    """Every day of a term has its number."""
    days = pl.DataFrame(
        {"day": [dt.date(2025, 2, 10), dt.date(2025, 6, 30), dt.date(2025, 9, 1), dt.date(2026, 1, 20)]}
    )

    assert days.select(period_number(pl.col("day"), TERMS)).to_series().to_list() == [0, 0, 1, 1]
    assert TERMS.covering(DayRange(dt.date(2025, 7, 1), dt.date(2025, 8, 31))) == []
