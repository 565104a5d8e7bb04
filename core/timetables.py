"""How days are cut into periods: by month, quarter and year, by a declared list, or by so many months from a day."""

import datetime as dt
from dataclasses import dataclass, replace

from core.days import MONTHS_OF, MONTHS_PER_YEAR, DayRange, Period, PeriodKind, add_days, add_months


@dataclass(frozen=True, slots=True)
class Timetable:
    """The periods of one benefit.

    Of kind `DECLARED`: either `declared`, in order and apart from each other, or periods of `months` months, one of which
    begins on `starts`, a day that every month has. Where they are each subject's own, they begin on a day of the subject, and
    one has the name of the calendar's period in which it begins; the methods speak of the calendar's.
    """

    kind: PeriodKind
    declared: tuple[Period, ...] = ()
    starts: dt.date | None = None
    months: int = 0
    is_own: bool = False

    def of(self, day: dt.date) -> Period:
        """Return the period that holds a day; of a list, before its first the first, in a gap the last begun."""
        if self.kind is not PeriodKind.DECLARED:
            return Period.of(day, self.kind)
        if self.starts is not None:
            return self._stepped(day, self.starts)
        begun = [period for period in self.declared if period.days.first <= day]
        return begun[-1] if begun else self.declared[0]

    def of_own(self, day: dt.date, starts: dt.date) -> Period:
        """Return the period of a subject's own that holds a day: so many months from the day on which its own begin."""
        months = MONTHS_OF[self.kind]
        passed = (day.year - starts.year) * MONTHS_PER_YEAR + day.month - starts.month
        step = passed // months * months
        if add_months(starts, step) > day:
            step -= months
        days = DayRange(add_months(starts, step), add_days(add_months(starts, step + months), -1))
        return replace(Period.of(days.first, self.kind), days=days)

    def covering(self, days: DayRange) -> list[Period]:
        """Return every period that shares a day with the range, in order."""
        if self.kind is not PeriodKind.DECLARED:
            return Period.covering(days, self.kind)
        if self.starts is None:
            return [period for period in self.declared if period.days.overlap(days)]
        periods = [self.of(days.first)]
        while periods[-1].days.last < days.last:
            periods.append(self.of(add_days(periods[-1].days.last, 1)))
        return periods

    def _stepped(self, day: dt.date, starts: dt.date) -> Period:
        passed = (day.year - starts.year) * MONTHS_PER_YEAR + day.month - starts.month - (day.day < starts.day)
        first = add_months(starts, passed // self.months * self.months)
        return Period.between(DayRange(first, add_days(add_months(first, self.months), -1)))
