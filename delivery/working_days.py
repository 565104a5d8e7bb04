"""Which days banks and offices work: weekends, public holidays, and the weekends worked in exchange (调休).

The calendar package knows past years and the present one; a city's own table adds the next year as
soon as the State Council has published it, or corrects a day.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import chinese_calendar

from core.days import add_days
from core.errors import DeliveryError
from core.findings import Finding, Place, Severity
from core.strict_yaml import Written, read_yaml
from delivery.codes import DeliveryCode

SATURDAY = 5


class HolidayTable(Written):
    """A city's own table: weekdays off, and weekends worked in exchange."""

    holidays: tuple[dt.date, ...] = ()
    working_days: tuple[dt.date, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The calendar of working days; the own table stands above the package's.

    A year that neither knows falls back to weekends alone, and `findings` says so.
    """

    holidays: frozenset[dt.date] = frozenset()
    working_days: frozenset[dt.date] = frozenset()

    def is_working(self, day: dt.date) -> bool:
        """Say whether banks work on a day."""
        if day in self.holidays or day in self.working_days:
            return day in self.working_days
        if _is_published(day.year):
            return bool(chinese_calendar.is_workday(day))
        return day.weekday() < SATURDAY

    def on_or_after(self, day: dt.date) -> dt.date:
        """Return the day itself where banks work on it, or else the next day on which they do."""
        while not self.is_working(day):
            day = add_days(day, 1)
        return day

    def nth(self, first: dt.date, count: int) -> dt.date:
        """Return the nth working day, the first being on or after `first`."""
        assert count >= 1
        day = self.on_or_after(first)
        for _ in range(count - 1):
            day = self.on_or_after(add_days(day, 1))
        return day

    def findings(self, days: Iterable[dt.date]) -> list[Finding]:
        """Return one warning for each year among the days whose holidays are not known."""
        own = {day.year for day in self.holidays}
        years = sorted({day.year for day in days} - own)
        return [_year_unknown(year) for year in years if not _is_published(year)]


def read_working_days(path: Path, *, name: str | None = None) -> WorkingDays:
    """Return the calendar with a city's own table.

    Fails: `DeliveryError` where the file is not as declared, or a day is both off and worked.
    """
    table = read_yaml(path, HolidayTable, error=DeliveryError, name=name)
    both = sorted(set(table.holidays) & set(table.working_days))
    place = Place(name or str(path), table.line)
    if both:
        raise DeliveryError(_holiday_conflict(place, day) for day in both)
    return WorkingDays(frozenset(table.holidays), frozenset(table.working_days))


def _is_published(year: int) -> bool:
    try:
        chinese_calendar.is_workday(dt.date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def _year_unknown(year: int) -> Finding:
    return Finding(
        DeliveryCode.YEAR_UNKNOWN,
        Place("calendar"),
        f"the public holidays of {year} are not known; only weekends count as days off",
        f"add the State Council's list for {year} to the workspace's table of holidays",
        Severity.WARNING,
    )


def _holiday_conflict(place: Place, day: dt.date) -> Finding:
    return Finding(
        DeliveryCode.HOLIDAY_CONFLICT,
        place,
        f"`{day}` is listed both as a holiday and as a working day",
        "keep it in one of the two lists",
    )
