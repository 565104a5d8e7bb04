import polars as pl
import pytest

from core.values import FactType, ValueType


@pytest.mark.parametrize(
    ("type_", "dtype", "denominator", "is_numeric"),
    [
        (FactType(ValueType.BOOL), pl.Boolean(), 1, False),
        (FactType(ValueType.INTEGER), pl.Int64(), 1, True),
        (FactType(ValueType.DECIMAL, scale=3), pl.Int64(), 1000, True),
        (FactType(ValueType.DECIMAL), pl.Int64(), 1, True),
        (FactType(ValueType.MONEY), pl.Int64(), 100, True),
        (FactType(ValueType.DATE), pl.Date(), 1, False),
        (FactType(ValueType.TEXT), pl.String(), 1, False),
        (FactType(ValueType.REGION), pl.String(), 1, False),
        (FactType(ValueType.INDUSTRY), pl.String(), 1, False),
    ],
)
def test_fact_type(type_: FactType, dtype: pl.DataType, denominator: int, *, is_numeric: bool) -> None:
    """How frames hold each type; none is a binary fraction."""
    assert (type_.dtype, type_.denominator, type_.is_numeric) == (dtype, denominator, is_numeric)


def test_every_type_is_held_somehow() -> None:
    """A new type cannot be forgotten."""
    assert all(isinstance(FactType(type_).dtype, pl.DataType) for type_ in ValueType)
