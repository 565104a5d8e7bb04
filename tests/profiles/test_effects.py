"""From when on a change counts: at once, the next day, or from the first of the next month or year."""

import datetime as dt
from pathlib import Path

import pytest

from core.days import DayRange
from profiles.catalogue import Effect, Source
from tests.profiles.small_world import SmallWorld, attribute, resource

YEARS = DayRange(dt.date(2024, 12, 1), dt.date(2027, 3, 31))
MAY, AUGUST = dt.date(2025, 5, 20), dt.date(2025, 8, 31)


def world_of(folder: Path, kind: str, effect: Effect) -> SmallWorld:
    """Return a world with one fact: a level since May 20, another since September 1 without a gap."""
    drawn = attribute("level", sources=(Source(resource="r", column="级", effect=effect),), when_absent=0)
    made = SmallWorld(folder, [resource("r", kind)], [drawn])
    first, second = {"subject_id": "s", "级": 1}, {"subject_id": "s", "级": 2}
    rows = (
        [first | {"day": MAY}, second | {"day": dt.date(2025, 9, 1)}]
        if kind == "event"
        else [
            first | {"valid_from": MAY, "valid_through": AUGUST},
            second | {"valid_from": dt.date(2025, 9, 1), "valid_through": dt.date(2026, 6, 30)},
        ]
    )
    made.load("r", dt.date(2027, 1, 1), rows)
    return made


@pytest.mark.parametrize("kind", ["spell", "event"])
@pytest.mark.parametrize(
    ("effect", "first", "second"),
    [
        pytest.param("same_day", dt.date(2025, 5, 20), dt.date(2025, 9, 1), id="at-once"),
        pytest.param("next_day", dt.date(2025, 5, 21), dt.date(2025, 9, 2), id="next-day"),
        pytest.param("next_month", dt.date(2025, 6, 1), dt.date(2025, 10, 1), id="next-month"),
        pytest.param("next_year", None, dt.date(2026, 1, 1), id="next-year"),
    ],
)
def test_a_change_counts_from_its_day(
    tmp_path: Path, kind: str, effect: Effect, first: dt.date | None, second: dt.date
) -> None:
    """The row before goes on until the one that follows on it counts; of two within a year only the later is seen."""
    made = world_of(tmp_path, kind, effect)

    said = made.values("level", "s", YEARS)

    changes = [(day, value) for day, value in said.items() if day > YEARS.first]
    expected = [(second, 2)] if first is None else [(first, 1), (second, 2)]
    if kind == "spell":
        expected.append((dt.date(2026, 7, 1), 0))
    assert changes == expected


@pytest.mark.parametrize("kind", ["spell", "event"])
@pytest.mark.parametrize("effect", ["same_day", "next_day", "next_month", "next_year"])
def test_stretches_are_what_asking_each_day_says(tmp_path: Path, kind: str, effect: Effect) -> None:
    """Around every border, by the plain reference."""
    made = world_of(tmp_path, kind, effect)
    frame = made.profiles(YEARS, "level")

    for row in frame.iter_rows(named=True):
        for day in (row["day"], row["through"]):
            assert made.fact("level", "s", day).value == row["level"], day
