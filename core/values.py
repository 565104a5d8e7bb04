"""The types a fact can have, and how frames hold them.

Exact by construction: nothing here is a binary float. `decimal` facts are whole numbers at a
declared scale, `money` facts whole fen; both read as exact fractions in rules (money in yuan).
"""

from dataclasses import dataclass
from enum import StrEnum

import polars as pl


class ValueType(StrEnum):
    """What kind of value an attribute or a column holds."""

    BOOL = "bool"
    INTEGER = "integer"
    DECIMAL = "decimal"  # Int64 at 10 ** -scale
    MONEY = "money"  # Int64, fen
    DATE = "date"
    TEXT = "text"  # names, codes, states; `values` may list the allowed ones
    REGION = "region"  # GB/T 2260, 6 to 12 digits
    INDUSTRY = "industry"  # GB/T 4754, with or without its letter


@dataclass(frozen=True, slots=True)
class FactType:
    """A value type with what belongs to it: scale of a decimal, allowed values of a text."""

    type: ValueType
    scale: int = 0
    values: tuple[str, ...] = ()

    @property
    def dtype(self) -> pl.DataType:
        """Return the Polars type that frames hold it in."""
        match self.type:
            case ValueType.BOOL:
                return pl.Boolean()
            case ValueType.INTEGER | ValueType.DECIMAL | ValueType.MONEY:
                return pl.Int64()
            case ValueType.DATE:
                return pl.Date()
            case ValueType.TEXT | ValueType.REGION | ValueType.INDUSTRY:
                return pl.String()

    @property
    def denominator(self) -> int:
        """Return what the stored whole number is divided by to give its value in a rule."""
        match self.type:
            case ValueType.MONEY:
                return 100
            case ValueType.DECIMAL:
                return int(10**self.scale)
            case _:
                return 1

    @property
    def magnitude_max(self) -> int:
        """Return the largest absolute stored value; it keeps exact products within 128 bits.

        Units: fen for money: ten trillion yuan, more than any enterprise turns over.
        """
        return 10**15 if self.type is ValueType.MONEY else 10**12

    @property
    def is_numeric(self) -> bool:
        """Say whether arithmetic is allowed."""
        return self.type in {ValueType.INTEGER, ValueType.DECIMAL, ValueType.MONEY}
