"""One sorted whole number for a subject and a day, so that time runs along one column.

`key` = subject number x 2**22 + day number; days are counted from `core.days.FIRST_DAY`. The day after
is `key + 1`, and the keys of one subject lie apart from those of every other: a span ends before the
next one begins exactly if its last key is smaller than the next first key, whoever they belong to.
"""

import datetime as dt

import polars as pl

from core.days import FIRST_DAY

DAYS_MAX = 1 << 22  # 11,000 years: LAST_DAY has a number below it, with room for the day after
_EPOCH_NO = (dt.date(1970, 1, 1) - FIRST_DAY).days  # Polars counts days from 1970


def day_no(day: dt.date) -> int:
    """Return the number of a day."""
    return (day - FIRST_DAY).days


def day_numbers(days: pl.Expr) -> pl.Expr:
    """Return the numbers of days, Int32; negative before `FIRST_DAY`."""
    return days.to_physical() + _EPOCH_NO


def days_of(numbers: pl.Expr) -> pl.Expr:
    """Return the days that numbers stand for."""
    return (numbers - _EPOCH_NO).cast(pl.Int32).cast(pl.Date)


def key_of(subject_numbers: pl.Expr, numbers: pl.Expr) -> pl.Expr:
    """Return the keys of subjects and days, Int64."""
    return subject_numbers.cast(pl.Int64) * DAYS_MAX + numbers


def subject_numbers_of(keys: pl.Expr) -> pl.Expr:
    """Return the subject numbers within keys, UInt32."""
    return (keys // DAYS_MAX).cast(pl.UInt32)


def day_numbers_of(keys: pl.Expr) -> pl.Expr:
    """Return the day numbers within keys, Int32."""
    return (keys % DAYS_MAX).cast(pl.Int32)
