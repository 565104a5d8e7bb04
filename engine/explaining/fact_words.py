"""Values of facts as people read them: yuan, 是 or 否, days, names of regions and industries."""

import datetime as dt
from decimal import Decimal

from core.money import yuan_text
from core.values import FactType, ValueType
from delivery.period_words import day_words
from rules.areas import industry_table, region_name
from rules.closures import Value

UNKNOWN_WORDS = "未知"

_REGION_LENGTHS = (9, 6, 4, 2)  # from the street up: the nearest area whose name is known
_DIVISION = 2


def value_words(value: Value, fact_type: FactType) -> str:
    """Return a value, as a frame holds it, in words; without its unit.

    Nulls: an unknown value is 未知.
    """
    if value is None:
        return UNKNOWN_WORDS
    match fact_type.type:
        case ValueType.BOOL:
            return "是" if value else "否"
        case ValueType.MONEY:
            assert isinstance(value, int)
            return yuan_text(value)
        case ValueType.DECIMAL:
            assert isinstance(value, int)
            return f"{Decimal(value).scaleb(-fact_type.scale):f}"
        case ValueType.DATE:
            assert isinstance(value, dt.date)
            return day_words(value)
        case ValueType.REGION:
            return _with_code(_area_name(str(value)), str(value))
        case ValueType.INDUSTRY:
            return _with_code(_section_name(str(value)), str(value))
        case ValueType.INTEGER | ValueType.TEXT:
            return str(value)


def unit_of(fact_type: FactType, unit: str | None) -> str:
    """Return the unit that stands behind a value: the declared one, 元 for money, else nothing."""
    return unit or ("元" if fact_type.type is ValueType.MONEY else "")


def _with_code(name: str | None, code: str) -> str:
    return code if name is None else f"{name}（{code}）"


def _area_name(code: str) -> str | None:
    named = (region_name(code[:length]) for length in (len(code), *_REGION_LENGTHS) if length <= len(code))
    return next((name for name in named if name is not None), None)


def _section_name(code: str) -> str | None:
    sections = industry_table().sections
    digits = code.lstrip("ABCDEFGHIJKLMNOPQRST")
    if code[:1] in sections:
        return sections[code[0]].name
    if not digits[:_DIVISION].isdecimal():
        return None
    division = int(digits[:_DIVISION])
    return next((each.name for each in sections.values() if each.first <= division <= each.last), None)
