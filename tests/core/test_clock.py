import datetime as dt

import pytest

from core.clock import FixedClock, SystemClock, civil_day, civil_instant

NOON = dt.datetime(2025, 7, 1, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (dt.datetime(2025, 6, 30, 15, 59, 59, tzinfo=dt.UTC), dt.date(2025, 6, 30)),
        (dt.datetime(2025, 6, 30, 16, 0, tzinfo=dt.UTC), dt.date(2025, 7, 1)),
        (NOON, dt.date(2025, 7, 1)),
    ],
)
def test_civil_day(instant: dt.datetime, day: dt.date) -> None:
    """A day begins at midnight in China, which is four in the afternoon of the day before in UTC."""
    assert civil_day(instant) == day


def test_civil_instant() -> None:
    """And back."""
    assert civil_instant(dt.date(2025, 7, 1), 2, 30) == dt.datetime(2025, 6, 30, 18, 30, tzinfo=dt.UTC)
    assert civil_day(civil_instant(dt.date(2025, 7, 1))) == dt.date(2025, 7, 1)


def test_clocks() -> None:
    """The machine's goes, the fixed one stands until it is set; both are in UTC."""
    clock = FixedClock(NOON)
    assert clock.now() == NOON
    clock.instant = NOON + dt.timedelta(days=1)
    assert clock.now() == NOON + dt.timedelta(days=1)
    assert SystemClock().now().tzinfo is dt.UTC
    assert SystemClock().now() <= SystemClock().now()
