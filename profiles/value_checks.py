"""Whether a value written in the catalogue can be a value of a column or of an attribute."""

import datetime as dt
from decimal import Decimal

from core.values import ValueType

MONEY_PLACES = 2  # yuan are written with at most two decimals
SCALE_MAX = 9  # beyond this, products of two decimals leave 128 bits

Scalar = str | int | bool | Decimal | dt.date | None

_EXPECTED = {
    ValueType.BOOL: "true or false",
    ValueType.INTEGER: "a whole number",
    ValueType.DECIMAL: "a number",
    ValueType.MONEY: "yuan with at most two decimals",
    ValueType.DATE: "a day such as 2025-07-01",
    ValueType.TEXT: "a text",
    ValueType.REGION: "a region code in quotes",
    ValueType.INDUSTRY: "an industry code in quotes",
}


def misfit(value: Scalar, type_: ValueType, *, scale: int = 0, values: tuple[str, ...] = ()) -> str | None:
    """Return what is wrong with a value of a type, or None."""
    if not _fits(value, type_, scale):
        expected = f"a number with at most {scale} decimals" if type_ is ValueType.DECIMAL else _EXPECTED[type_]
        return f"expected {expected}, found `{as_written(value)}`"
    if values and value not in values:
        return f"`{as_written(value)}` is not among its `values`"
    return None


def as_written(value: Scalar) -> str:
    """Return a value as it stands in a YAML file."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fits(value: Scalar, type_: ValueType, scale: int) -> bool:
    match type_:
        case ValueType.BOOL:
            return isinstance(value, bool)
        case ValueType.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool)
        case ValueType.DECIMAL:
            return _has_places(value, scale)
        case ValueType.MONEY:
            return _has_places(value, MONEY_PLACES)
        case ValueType.DATE:
            return isinstance(value, dt.date)
        case ValueType.TEXT | ValueType.REGION | ValueType.INDUSTRY:
            return isinstance(value, str)


def _has_places(value: Scalar, places: int) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    return Decimal(value).is_finite() and Decimal(value) * 10**places % 1 == 0
