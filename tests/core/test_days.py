import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.days import FIRST_DAY, LAST_DAY, DayRange, Period, PeriodKind, add_days, add_months

DAY = dt.date
days = st.dates(min_value=DAY(1900, 1, 1), max_value=DAY(2200, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (DAY(2025, 1, 31), 1, DAY(2025, 2, 28)),
        (DAY(2024, 1, 31), 1, DAY(2024, 2, 29)),
        (DAY(2024, 2, 29), 12, DAY(2025, 2, 28)),
        (DAY(2025, 12, 31), 1, DAY(2026, 1, 31)),
        (DAY(2025, 1, 15), -1, DAY(2024, 12, 15)),
        (DAY(2025, 3, 31), -13, DAY(2024, 2, 29)),
        (DAY(2025, 7, 1), 0, DAY(2025, 7, 1)),
    ],
)
def test_add_months(day: dt.date, months: int, expected: dt.date) -> None:
    """The same day, or the last where the month has none."""
    assert add_months(day, months) == expected


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (DAY(2024, 2, 28), 1, DAY(2024, 2, 29)),
        (LAST_DAY, 1, LAST_DAY),
        (DAY(9999, 12, 30), 5, LAST_DAY),
        (FIRST_DAY, -1, FIRST_DAY),
        (DAY(1900, 1, 3), -2, FIRST_DAY),
    ],
)
def test_add_days(day: dt.date, count: int, expected: dt.date) -> None:
    """Open ends stay open: nothing leaves the calendar."""
    assert add_days(day, count) == expected


class TestDayRange:
    """Inclusive at both ends."""

    july = DayRange(DAY(2025, 7, 1), DAY(2025, 7, 31))

    @pytest.mark.parametrize(
        ("day", "is_in"),
        [(DAY(2025, 6, 30), False), (DAY(2025, 7, 1), True), (DAY(2025, 7, 31), True), (DAY(2025, 8, 1), False)],
    )
    def test_contains(self, day: dt.date, *, is_in: bool) -> None:
        """The first and the last day belong to it."""
        assert (day in self.july) is is_in

    def test_iterates_over_every_day(self) -> None:
        """Thirty-one in July; one where both ends are one."""
        assert len(list(self.july)) == 31
        assert list(DayRange(DAY(2024, 2, 29), DAY(2024, 2, 29))) == [DAY(2024, 2, 29)]

    def test_is_never_empty(self) -> None:
        """A range that ends before it begins is our own mistake."""
        with pytest.raises(AssertionError, match="2025-07-02 is after 2025-07-01"):
            DayRange(DAY(2025, 7, 2), DAY(2025, 7, 1))

    @given(days, days, days, days)
    def test_overlap_holds_the_common_days(self, a: dt.date, b: dt.date, c: dt.date, d: dt.date) -> None:
        """A day is in the overlap exactly if it is in both."""
        one, other = DayRange(min(a, b), max(a, b)), DayRange(min(c, d), max(c, d))
        overlap = one.overlap(other)

        for day in (a, b, c, d):
            assert (overlap is not None and day in overlap) == (day in one and day in other)
        assert overlap == other.overlap(one)


CUT_BY_DATE = [kind for kind in PeriodKind if kind is not PeriodKind.DECLARED]  # a calendar cuts its own periods


class TestPeriods:
    """What one due lasts."""

    @pytest.mark.parametrize(
        ("kind", "name", "first", "last"),
        [
            (PeriodKind.MONTH, "2024-02", DAY(2024, 2, 1), DAY(2024, 2, 29)),
            (PeriodKind.QUARTER, "2024Q1", DAY(2024, 1, 1), DAY(2024, 3, 31)),
            (PeriodKind.YEAR, "2024", DAY(2024, 1, 1), DAY(2024, 12, 31)),
            (PeriodKind.ONCE, "once", FIRST_DAY, LAST_DAY),
            (PeriodKind.EVENT, "once", FIRST_DAY, LAST_DAY),
        ],
    )
    def test_of(self, kind: PeriodKind, name: str, first: dt.date, last: dt.date) -> None:
        """The period that holds 29 February 2024."""
        assert Period.of(DAY(2024, 2, 29), kind) == Period(DayRange(first, last), name, kind)

    @given(days, st.sampled_from(CUT_BY_DATE))
    def test_of_holds_its_day(self, day: dt.date, kind: PeriodKind) -> None:
        """And is the period of each of its ends."""
        period = Period.of(day, kind)

        assert day in period.days
        if kind in {PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR}:
            assert Period.of(period.days.first, kind) == Period.of(period.days.last, kind) == period

    @given(days, st.sampled_from(CUT_BY_DATE))
    def test_named(self, day: dt.date, kind: PeriodKind) -> None:
        """The name says which period it is; an event's is `once` too."""
        period = Period.of(day, kind)

        assert Period.named(period.name).days == period.days

    @pytest.mark.parametrize("name", ["", "x", "2025-13", "2025Q5", "2025Q0", "2025-0", "twice"])
    def test_named_refuses(self, name: str) -> None:
        """What is no name of a period."""
        with pytest.raises(ValueError, match=r".*"):
            Period.named(name)

    @pytest.mark.parametrize(
        ("kind", "names"),
        [
            (PeriodKind.MONTH, ["2024-12", "2025-01", "2025-02"]),
            (PeriodKind.QUARTER, ["2024Q4", "2025Q1"]),
            (PeriodKind.YEAR, ["2024", "2025"]),
            (PeriodKind.ONCE, ["once"]),
        ],
    )
    def test_covering(self, kind: PeriodKind, names: list[str]) -> None:
        """Every period that shares a day with the range, across the year's end."""
        found = Period.covering(DayRange(DAY(2024, 12, 31), DAY(2025, 2, 1)), kind)

        assert [period.name for period in found] == names

    def test_covering_is_without_gaps(self) -> None:
        """Each begins on the day after the one before."""
        found = Period.covering(DayRange(DAY(2023, 1, 1), DAY(2026, 12, 31)), PeriodKind.MONTH)

        assert all(add_days(a.days.last, 1) == b.days.first for a, b in pairwise(found))
