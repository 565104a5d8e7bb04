"""rule-engine's own evaluator on our text: the second opinion that tests compare the readers with.

It knows no unknown, so every fact has to be known; it counts in decimals, so a quotient without an end has no
answer here. Nothing but tests uses it.
"""

import datetime as dt
import decimal
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rule_engine import Context, errors

from rules.areas import industry_table, region_table
from rules.parsing import expression_parser, plain_text
from rules.sizes import UNSIZED, size_table

Known = bool | int | Decimal | dt.date | str

_EXACT = decimal.Context(prec=400, traps=[decimal.Inexact, decimal.DivisionByZero, decimal.InvalidOperation])
_ROUNDING = {"down": decimal.ROUND_DOWN, "up": decimal.ROUND_UP, "half_up": decimal.ROUND_HALF_UP}


class NoAnswerError(Exception):
    """The evaluator cannot say: a divisor of zero, a quotient without an end."""


def reference(text: str, values: Mapping[str, Known], day: dt.date) -> bool | Fraction:
    """Return what rule-engine makes of an expression.

    Units:  values by the names in the text; money in yuan, decimals as they are read.
    Fails:  `NoAnswerError` where it has no answer.
    """
    named: dict[str, Any] = {**values, **_functions(day)}
    context = Context(resolver=lambda _, name: named[name], default_timezone="utc", decimal_context=_EXACT)
    with decimal.localcontext(_EXACT):
        try:
            result = expression_parser().parse(plain_text(text), context).evaluate(None)
        except (errors.EngineError, decimal.DecimalException) as fault:
            raise NoAnswerError(str(fault)) from fault
    return Fraction(result) if isinstance(result, Decimal) else bool(result)


def _functions(day: dt.date) -> dict[str, Callable[..., Any]]:
    return {
        "day": lambda: day,
        "min": min,
        "max": max,
        "within": _within,
        "industry_in": _industry_in,
        "size_class": _size_class,
        "full_years": lambda since: Decimal(_months(since, day, day_in_month=True) // 12),
        "full_years_by_month": lambda since: Decimal(_months(since, day, day_in_month=False) // 12),
        "full_months": lambda since: Decimal(_months(since, day, day_in_month=True)),
        **{f"round_{mode}": _rounding(rounding) for mode, rounding in _ROUNDING.items()},
    }


def _rounding(rounding: str) -> Callable[[Decimal, Decimal], Decimal]:
    def rounded(value: Decimal, unit: Decimal) -> Decimal:
        return (value / unit).to_integral_value(rounding) * unit

    return rounded


def _months(since: dt.datetime, day: dt.date, *, day_in_month: bool) -> int:
    months = (day.year - since.year) * 12 + day.month - since.month
    return months - (day_in_month and day.day < since.day)


def _within(region: str, *areas: str) -> bool:
    for retired in region_table().retired:
        if region.startswith(retired.code):
            region = retired.successor + region[len(retired.code) :]
    return region.startswith(areas)


def _industry_in(industry: str, *classes: str) -> bool:
    digits = industry.lstrip("ABCDEFGHIJKLMNOPQRST")
    sections = industry_table().sections
    found = False
    for written in classes:
        first, _, last = written.partition("-")
        if last:
            found |= (
                int(first.lstrip("ABCDEFGHIJKLMNOPQRST")) <= int(digits[:2]) <= int(last.lstrip("ABCDEFGHIJKLMNOPQRST"))
            )
        elif written in sections:
            found |= sections[written].first <= int(digits[:2]) <= sections[written].last
        else:
            found |= digits.startswith(written.lstrip("ABCDEFGHIJKLMNOPQRST"))
    return found


def _size_class(industry: str, staff: Decimal, revenue: Decimal, assets: Decimal) -> str:
    row = next((row for row in size_table().rows if _industry_in(industry, *row.industries)), None)
    if row is None:
        return UNSIZED
    given = ((staff, row.staff), (revenue / 10_000, row.revenue), (assets / 10_000, row.assets))
    for position, size in enumerate(("大型", "中型", "小型")):
        if all(value >= bounds[position] for value, bounds in given if bounds is not None):
            return size
    return "微型"
