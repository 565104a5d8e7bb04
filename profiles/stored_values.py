"""From what an author wrote in the catalogue to what frames hold: yuan to fen, decimals to scaled whole numbers."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

from core.values import FactType, ValueType
from profiles.catalogue import Attribute, Column

Literal = str | int | bool | Decimal | dt.date
Stored = str | int | bool | dt.date

UNKNOWN_WORD = "unknown"  # what `when_absent` says where absence tells nothing
_TRUE_WORDS = frozenset({"true", "yes", "1"})


def column_type(column: Column) -> FactType:
    """Return the type in which frames hold a column; numbers that name somebody are opaque texts."""
    known = column.type in set(ValueType)
    return FactType(ValueType(column.type) if known else ValueType.TEXT, scale=column.scale, values=column.values)


def stored_value(literal: Literal, fact_type: FactType) -> Stored:
    """Return a literal of the catalogue as frames of a type hold it.

    Units:   money in yuan in, in fen out; a decimal comes out at the type's scale.
    Expects: that the literal fits the type; `profiles.catalogue_reading` has made sure of it.
    """
    match fact_type.type:
        case ValueType.BOOL:
            return literal if isinstance(literal, bool) else str(literal).lower() in _TRUE_WORDS
        case ValueType.DATE:
            return literal if isinstance(literal, dt.date) else dt.date.fromisoformat(str(literal))
        case ValueType.INTEGER | ValueType.DECIMAL | ValueType.MONEY:
            exact = Fraction(str(literal)) * fact_type.denominator
            assert exact.denominator == 1, "the catalogue's reader refuses literals finer than the scale"
            return exact.numerator
        case ValueType.TEXT | ValueType.REGION | ValueType.INDUSTRY:
            return str(literal)


def value_when_absent(attribute: Attribute) -> Stored | None:
    """Return what absence means, as frames hold it; None: nothing."""
    declared = attribute.when_absent
    return None if declared is None or declared == UNKNOWN_WORD else stored_value(declared, attribute.fact_type)
