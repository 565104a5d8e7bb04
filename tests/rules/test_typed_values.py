"""What somebody types into a form, as frames hold it; what is no such value is refused before it is worked with."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.values import FactType, ValueType
from rules.closures import Value
from rules.operands import MistakeError
from rules.written_facts import typed_value, written_value

MONEY, DECIMAL = FactType(ValueType.MONEY), FactType(ValueType.DECIMAL, scale=3)


@pytest.mark.parametrize(
    ("typed", "fact_type", "value"),
    [
        ("是", FactType(ValueType.BOOL), True),
        (" No ", FactType(ValueType.BOOL), False),
        ("1,200.50", MONEY, 120_050),
        ("-3", MONEY, -300),
        ("0.125", DECIMAL, 125),
        ("2024-02-29", FactType(ValueType.DATE), dt.date(2024, 2, 29)),
        ("合格", FactType(ValueType.TEXT, values=("合格", "不合格")), "合格"),
    ],
)
def test_what_people_type(typed: str, fact_type: FactType, value: Value) -> None:
    """Words, thousands separators and blanks around are read as people mean them."""
    assert typed_value("数", typed, fact_type) == value


@pytest.mark.parametrize(
    ("typed", "fact_type"),
    [
        ("也许", FactType(ValueType.BOOL)),
        ("0.001", MONEY),
        ("1e9999999", MONEY),
        ("Infinity", MONEY),
        ("NaN", FactType(ValueType.INTEGER)),
        ("9" * 20, MONEY),
        ("9" * 10_000, MONEY),
        ("2025-02-29", FactType(ValueType.DATE)),
        ("20250101", FactType(ValueType.DATE)),
        ("优", FactType(ValueType.TEXT, values=("合格", "不合格"))),
        ("", MONEY),
    ],
)
def test_what_is_no_such_value(typed: str, fact_type: FactType) -> None:
    """It is a mistake of whoever typed it, however large or strange, and never a fault of ours."""
    with pytest.raises(MistakeError):
        typed_value("数", typed, fact_type)


@given(st.integers(-(10**15), 10**15))
def test_money_comes_back_as_it_was_written(fen: int) -> None:
    """What is held, written out and typed in again is held to the fen."""
    assert typed_value("数", str(written_value(fen, MONEY)), MONEY) == fen


@given(st.text(max_size=30), st.sampled_from(list(ValueType)))
def test_any_text_is_a_value_or_a_mistake(typed: str, value_type: ValueType) -> None:
    """Nothing else comes out, whatever is typed."""
    try:
        typed_value("数", typed, FactType(value_type))
    except MistakeError:
        return
