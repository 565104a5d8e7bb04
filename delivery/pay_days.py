"""On which days a policy's open items are collected, and how far ahead it pays.

Entitlement knows nothing of this: nights open items, pay days collect them. A pay day on which banks do
not work moves to the next day on which they do; how far ahead is paid goes by the day as written.
"""

import datetime as dt
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from core.days import FIRST_DAY, MONTHS_PER_QUARTER, MONTHS_PER_YEAR, Period, PeriodKind, add_days, add_months
from delivery.working_days import WorkingDays
from rules.version import Pay

_MONTHS_APART = {"monthly": 1, "quarterly": MONTHS_PER_QUARTER, "yearly": MONTHS_PER_YEAR}


@dataclass(frozen=True, slots=True)
class DuePayDays:
    """The newest pay day that has come since the last published run; None where none has.

    `first` is the one for first payments alone, where the rule gives these their own.
    """

    regular: dt.date | None
    first: dt.date | None

    def of(self, *, is_first: bool) -> dt.date | None:
        """Return the pay day on which an item is to be collected now, or None: it waits."""
        ready = [day for day in (self.regular, self.first if is_first else None) if day is not None]
        return max(ready, default=None)


def due_pay_days(pay: Pay, calendar: WorkingDays, *, after: dt.date | None, through: dt.date) -> DuePayDays:
    """Return what is to be collected in the run for `through`, the last published one being for `after`."""
    regular = pay_days_between(pay, calendar, after=after, through=through)
    first = pay_days_between(_first(pay), calendar, after=after, through=through)
    return DuePayDays(max(regular, default=None), max(first, default=None))


def pay_days_between(pay: Pay, calendar: WorkingDays, *, after: dt.date | None, through: dt.date) -> list[dt.date]:
    """Return the pay days after the last published run and not after this one, in order.

    A day that a month lacks is that month's last. Before any run was published (`after` is None), the
    newest pay day alone is due: it collects all there is.

    Example: down 14…17, pay day 15, next run 18: the pay day is due on 18.
    """
    moved = (calendar.on_or_after(written) for written in _pay_days_back(pay, through))
    come = (day for day in moved if day <= through)
    if after is None:
        return [next(come)]
    return sorted(set(takewhile(lambda day: day > after, come)))


def next_pay_day(pay: Pay, after: dt.date) -> dt.date:
    """Return the first pay day later than a day."""
    if pay.calendar == "daily":
        return add_days(after, 1)
    month = after.replace(day=1)
    while not _is_pay_month(pay, month) or _in_month(pay, month) <= after:
        month = add_months(month, 1)
    return _in_month(pay, month)


def pay_horizon(pay: Pay, business_date: dt.date) -> dt.date:
    """Return the last day for which periods are answered in the run for a business date.

    In advance: all months before the one of the next pay day, which pays the rest.

    Example: quarterly in advance on 01-15 and every day to 04-14: March 31.
    """
    if not pay.advance:
        return business_date
    upcoming = next_pay_day(pay, business_date)
    return max(business_date, add_days(upcoming.replace(day=1), -1))


def collected_from(pay: Pay, period: Period) -> dt.date:
    """Return the first day on which what is due for a period may be collected; in the next year, where it queues for that."""
    if pay.after is None:
        return FIRST_DAY
    kind = PeriodKind.QUARTER if pay.after == "quarter" else PeriodKind.YEAR
    return add_days(Period.of(period.days.last, kind).days.last, 1)


def _first(pay: Pay) -> Pay:
    return pay if pay.first == "next" else pay.model_copy(update={"calendar": pay.first})


def _pay_days_back(pay: Pay, through: dt.date) -> Iterator[dt.date]:
    """Give the pay days not after a day, newest first, without end."""
    if pay.calendar == "daily":
        while True:
            yield through
            through = add_days(through, -1)
    month = through.replace(day=1)
    while True:
        if _is_pay_month(pay, month) and _in_month(pay, month) <= through:
            yield _in_month(pay, month)
        month = add_months(month, -1)


def _is_pay_month(pay: Pay, month: dt.date) -> bool:
    apart = _MONTHS_APART[pay.calendar]
    return month.month % apart == pay.month % apart


def _in_month(pay: Pay, month: dt.date) -> dt.date:
    return month.replace(day=min(pay.day, monthrange(month.year, month.month)[1]))
