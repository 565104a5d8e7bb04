import datetime as dt

import pytest

from core.edges import DayFunction
from rules.counts import count


@pytest.mark.parametrize(
    ("function", "since", "day", "whole"),
    [
        pytest.param("full_years", "1960-08-10", "2025-08-09", 64, id="the-day-before-the-birthday"),
        pytest.param("full_years", "1960-08-10", "2025-08-10", 65, id="on-the-birthday"),
        pytest.param("full_years", "1960-02-29", "2025-02-28", 64, id="no-29-February-yet"),
        pytest.param("full_years", "1960-02-29", "2025-03-01", 65, id="the-day-after-the-missing-day"),
        pytest.param("full_years", "1960-02-29", "2024-02-29", 64, id="29-February-itself"),
        pytest.param("full_years", "2025-08-10", "2025-08-09", -1, id="before-birth"),
        pytest.param("full_years_by_month", "1961-11-30", "2026-10-31", 64, id="C04-the-month-before"),
        pytest.param("full_years_by_month", "1961-11-30", "2026-11-01", 65, id="C04-first-of-the-birthday-month"),
        pytest.param("full_months", "2025-01-31", "2025-02-28", 0, id="a-month-without-a-31st"),
        pytest.param("full_months", "2025-01-31", "2025-03-01", 1, id="the-day-after-it"),
        pytest.param("full_months", "2023-05-15", "2026-05-14", 35, id="a-day-short-of-three-years"),
        pytest.param("full_months", "2023-05-15", "2023-05-14", -1, id="a-day-before"),
    ],
)
def test_counts(function: DayFunction, since: str, day: str, whole: int) -> None:
    """Completed years and months, by the day that follows a missing one."""
    assert count(function, dt.date.fromisoformat(since), dt.date.fromisoformat(day)) == whole


def test_day_is_no_count() -> None:
    """`day` is a function of the day alone."""
    with pytest.raises(AssertionError):
        count("day", dt.date(2025, 1, 1), dt.date(2025, 1, 1))
