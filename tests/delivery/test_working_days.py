import datetime as dt
from pathlib import Path

import pytest

from core.errors import DeliveryError
from delivery.working_days import WorkingDays, read_working_days


@pytest.mark.parametrize(
    ("day", "is_working"),
    [
        pytest.param(dt.date(2025, 10, 1), False, id="national-day"),
        pytest.param(dt.date(2025, 9, 28), True, id="sunday-worked-in-exchange"),
        pytest.param(dt.date(2025, 9, 27), False, id="ordinary-saturday"),
        pytest.param(dt.date(2025, 9, 26), True, id="ordinary-friday"),
        pytest.param(dt.date(2035, 10, 1), True, id="monday-of-an-unknown-year"),
        pytest.param(dt.date(2035, 10, 6), False, id="saturday-of-an-unknown-year"),
    ],
)
def test_days_the_calendar_knows(day: dt.date, *, is_working: bool) -> None:
    """国办发明电〔2024〕12号: off from 10-01 to 10-08 of 2025, worked on 09-28; later years have weekends only."""
    assert WorkingDays().is_working(day) is is_working


def test_the_first_working_day_of_a_month_after_the_national_holidays() -> None:
    assert WorkingDays().on_or_after(dt.date(2025, 10, 1)) == dt.date(2025, 10, 9)


def test_a_working_day_stays_where_it_is() -> None:
    assert WorkingDays().on_or_after(dt.date(2025, 10, 9)) == dt.date(2025, 10, 9)


def test_the_nth_working_day_passes_over_weekends() -> None:
    """2025-08-01 is a Friday: the fifth working day is the Thursday after."""
    assert [WorkingDays().nth(dt.date(2025, 8, 1), count) for count in (1, 2, 5)] == [
        dt.date(2025, 8, 1),
        dt.date(2025, 8, 4),
        dt.date(2025, 8, 7),
    ]


def test_a_table_of_ones_own_stands_above_the_package(tmp_path: Path) -> None:
    """A city adds next year's list as soon as the State Council has published it."""
    table = tmp_path / "holidays.yaml"
    table.write_text("holidays: [2035-10-01]\nworking_days: [2035-09-29, 2025-10-01]\n", "utf-8")

    days = read_working_days(table)

    assert not days.is_working(dt.date(2035, 10, 1))
    assert days.is_working(dt.date(2035, 9, 29))
    assert days.is_working(dt.date(2025, 10, 1))


def test_an_unknown_year_is_said_once(tmp_path: Path) -> None:
    """Days of a year that neither the package nor the table knows: one warning, not an error."""
    asked = [dt.date(2025, 1, 1), dt.date(2035, 1, 1), dt.date(2035, 2, 1)]

    findings = WorkingDays().findings(asked)
    own = WorkingDays(holidays=frozenset({dt.date(2035, 10, 1)})).findings(asked)

    assert [(each.code.value, each.is_error) for each in findings] == [("D121", False)]
    assert own == []


def test_a_day_both_off_and_worked_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "holidays.yaml"
    table.write_text("holidays: [2035-10-01]\nworking_days: [2035-10-01]\n", "utf-8")

    with pytest.raises(DeliveryError) as caught:
        read_working_days(table, name="holidays.yaml")

    assert [each.code.value for each in caught.value.findings] == ["D122"]
