"""Periods, days and amounts in the words of a Chinese letter."""

import datetime as dt
import re
from collections.abc import Sequence
from functools import lru_cache

from core.money import yuan_text

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(\d{4})Q([1-4])")
_BETWEEN = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")
_YEAR = re.compile(r"\d{4}")

PERIODS_SHOWN_MAX = 3  # a text message has a few dozen characters for them

NOT_FIXED = "以主管部门核定为准"  # an amount that is not known yet
LEFT_TO_THE_POLICY = "按政策规定执行"  # what is given is no sum of money


@lru_cache(maxsize=1_000)  # a batch has many lines and few periods
def period_words(period: str) -> str:
    """Return a period as people say it: 2025年7月, 2025年第3季度, 2025年度; a single payment is 一次性.

    A period of a declared calendar is its days: 2025年9月1日至2026年1月31日.
    Expects: the name of a `core.days.Period`.
    """
    if month := _MONTH.fullmatch(period):
        return f"{month[1]}年{int(month[2])}月"
    if quarter := _QUARTER.fullmatch(period):
        return f"{quarter[1]}年第{quarter[2]}季度"
    if between := _BETWEEN.fullmatch(period):
        first, last = map(dt.date.fromisoformat, between.groups())
        return f"{day_words(first)}至{day_words(last)}"
    return f"{period}年度" if _YEAR.fullmatch(period) else "一次性"


def periods_words(periods: Sequence[str]) -> str:
    """Return periods in order: 2025年7月、2025年8月; of many the first and their number, 2025年1月等12期."""
    if len(periods) > PERIODS_SHOWN_MAX:
        return f"{period_words(periods[0])}等{len(periods)}期"
    return "、".join(dict.fromkeys(map(period_words, periods)))


def since_words(period: str, *, otherwise: str) -> str:
    """Return since when, as a letter says it: 自2025年7月起, 自2025年9月1日起; `otherwise` where there are no periods."""
    if between := _BETWEEN.fullmatch(period):
        return f"自{day_words(dt.date.fromisoformat(between[1]))}起"
    has_periods = _MONTH.fullmatch(period) or _QUARTER.fullmatch(period) or _YEAR.fullmatch(period)
    return f"自{period_words(period)}起" if has_periods else otherwise


def standard_words(amount_fen: int | None, period: str) -> str:
    """Return what is due for each period such as this: 每月350.00元.

    Nulls: an amount not known yet is 以主管部门核定为准.
    """
    if amount_fen is None:
        return NOT_FIXED
    return f"{_each(period)}{yuan_text(amount_fen)}元"


def day_words(day: dt.date) -> str:
    """Return a day: 2025年7月1日."""
    return f"{day.year}年{day.month}月{day.day}日"


def event_words(label: str, day: dt.date | None) -> str:
    """Return an event by what it is and its day: 2025年7月1日的贷款.

    Nulls: without a day only what it is.
    """
    return label if day is None else f"{day_words(day)}的{label}"


def _each(period: str) -> str:
    if _MONTH.fullmatch(period):
        return "每月"
    if _QUARTER.fullmatch(period):
        return "每季度"
    if _BETWEEN.fullmatch(period):
        return "每期"
    return "每年" if _YEAR.fullmatch(period) else "一次性"
