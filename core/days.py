"""Days, ranges of days, and the periods that benefits are counted in.

Ranges are inclusive at both ends, here and in every file and table.
"""

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

FIRST_DAY = dt.date(1900, 1, 1)  # before any benefit; open beginnings are written so
LAST_DAY = dt.date(9999, 12, 31)  # open ends are written so inside frames; files write null

MONTHS_PER_YEAR = 12
BETWEEN = ".."  # stands in the name of a declared period
MONTHS_PER_QUARTER = 3


def add_days(day: dt.date, days: int) -> dt.date:
    """Return the day so many days later; stops at the first and the last day."""
    if days > (LAST_DAY - day).days:
        return LAST_DAY
    if days < (FIRST_DAY - day).days:
        return FIRST_DAY
    return day + dt.timedelta(days=days)


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day of another month, or that month's last day where it has no such day."""
    year, month_index = divmod(day.year * MONTHS_PER_YEAR + day.month - 1 + months, MONTHS_PER_YEAR)
    last = calendar.monthrange(year, month_index + 1)[1]
    return dt.date(year, month_index + 1, min(day.day, last))


@dataclass(frozen=True, slots=True, order=True)
class DayRange:
    """Days from `first` through `last`, both inclusive; never empty."""

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        """Refuse a range that ends before it begins."""
        assert self.first <= self.last, f"{self.first} is after {self.last}"

    def __contains__(self, day: dt.date) -> bool:
        """Say whether the day lies in the range."""
        return self.first <= day <= self.last

    def __iter__(self) -> Iterator[dt.date]:
        """Give each day in order."""
        for offset in range((self.last - self.first).days + 1):
            yield self.first + dt.timedelta(days=offset)

    def overlap(self, other: Self) -> "DayRange | None":
        """Return the days in both ranges, or None."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return DayRange(first, last) if first <= last else None


class PeriodKind(StrEnum):
    """How long one due lasts."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ONCE = "once"
    EVENT = "event"
    DECLARED = "calendar"  # periods of a calendar that the catalogue declares


MONTHS_OF = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: MONTHS_PER_QUARTER, PeriodKind.YEAR: MONTHS_PER_YEAR}
"""How many months the periods have that are counted in months."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One span that a due is for, named as people write it: `2025-07`, `2025Q3`, `2025`, `once`.

    A period of a declared calendar is named by its days, `2025-09-01..2026-01-31`, and may have a day on which it is
    counted; it is made by a `core.timetables.Timetable`. A benefit of kind `once` or `event` has the single period
    `once`; the event itself is part of the grant, not of the period.
    """

    days: DayRange
    name: str
    kind: PeriodKind
    census: dt.date | None = None

    @classmethod
    def of(cls, day: dt.date, kind: PeriodKind) -> Self:
        """Return the period that holds a day."""
        match kind:
            case PeriodKind.MONTH:
                return cls(_months(day.year, day.month, 1), f"{day:%Y-%m}", kind)
            case PeriodKind.QUARTER:
                quarter = (day.month - 1) // MONTHS_PER_QUARTER
                days = _months(day.year, quarter * MONTHS_PER_QUARTER + 1, MONTHS_PER_QUARTER)
                return cls(days, f"{day:%Y}Q{quarter + 1}", kind)
            case PeriodKind.YEAR:
                return cls(_months(day.year, 1, MONTHS_PER_YEAR), f"{day:%Y}", kind)
            case PeriodKind.ONCE | PeriodKind.EVENT:
                return cls(DayRange(FIRST_DAY, LAST_DAY), "once", kind)
            case PeriodKind.DECLARED:
                raise ValueError("a declared calendar cuts its own periods")

    @classmethod
    def named(cls, name: str) -> Self:
        """Return the period with a name; `once` stands for events too.

        Fails: ValueError where it is no name of a period.
        """
        if name == "once":
            return cls.of(FIRST_DAY, PeriodKind.ONCE)
        if BETWEEN in name:
            first, last = map(dt.date.fromisoformat, name.split(BETWEEN))
            return cls.between(DayRange(first, last))
        year, rest = int(name[:4]), name[4:]
        if not rest:
            return cls.of(dt.date(year, 1, 1), PeriodKind.YEAR)
        if rest[0] == "Q":
            return cls.of(dt.date(year, int(rest[1:]) * MONTHS_PER_QUARTER, 1), PeriodKind.QUARTER)
        return cls.of(dt.date(year, int(rest[1:]), 1), PeriodKind.MONTH)

    @classmethod
    def between(cls, days: DayRange, census: dt.date | None = None) -> Self:
        """Return the period of a declared calendar that has these days."""
        return cls(days, f"{days.first}{BETWEEN}{days.last}", PeriodKind.DECLARED, census)

    @classmethod
    def covering(cls, days: DayRange, kind: PeriodKind) -> list[Self]:
        """Return every period that shares a day with the range, in order."""
        periods = [cls.of(days.first, kind)]
        while periods[-1].days.last < days.last:
            periods.append(cls.of(add_days(periods[-1].days.last, 1), kind))
        return periods


def _months(year: int, month: int, count: int) -> DayRange:
    first = dt.date(year, month, 1)
    return DayRange(first, add_months(first, count) - dt.timedelta(days=1))
