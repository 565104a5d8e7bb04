"""The only place that asks the machine what time it is."""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

CIVIL_ZONE = ZoneInfo("Asia/Shanghai")  # every day in the product is a day in China


class Clock(Protocol):
    """Something that knows the present instant."""

    def now(self) -> dt.datetime:
        """Return the present instant, aware, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> dt.datetime:
        """Return the present instant, aware, in UTC."""
        return dt.datetime.now(dt.UTC)  # noqa: TID251  # this is the one place that may


@dataclass(slots=True)
class FixedClock:
    """A clock that shows what it is set to; for tests, demos and replays."""

    instant: dt.datetime

    def now(self) -> dt.datetime:
        """Return the instant that was set."""
        return self.instant


def civil_day(instant: dt.datetime) -> dt.date:
    """Return the day in China on which an instant falls."""
    return instant.astimezone(CIVIL_ZONE).date()


def civil_instant(day: dt.date, hour: int = 0, minute: int = 0) -> dt.datetime:
    """Return the instant, in UTC, of a wall-clock time in China."""
    return dt.datetime.combine(day, dt.time(hour, minute), CIVIL_ZONE).astimezone(dt.UTC)
