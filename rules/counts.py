"""Whole years and months from one day to another, on plain days.

A year or month is complete on the day of the same number, or on the day after a missing one: someone born on
29 February completes a year on 1 March where the year has no such day, as the law counts completed age from
the day that follows the last day of the term. Before the first day the count is negative.
"""

import datetime as dt

from core.days import MONTHS_PER_YEAR
from core.edges import DayFunction


def count(function: DayFunction, since: dt.date, day: dt.date) -> int:
    """Return how many whole years or months lie between a fact's day and the day asked about."""
    years = day.year - since.year
    match function:
        case "full_years":
            return years - ((day.month, day.day) < (since.month, since.day))
        case "full_years_by_month":
            return years - (day.month < since.month)
        case "full_months":
            return years * MONTHS_PER_YEAR + day.month - since.month - (day.day < since.day)
        case "day":
            raise AssertionError(function)
