from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import fen_of_yuan, fen_written, round_half_up, yuan_plain, yuan_text


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        (Fraction(1, 2), 1),
        (Fraction(3, 2), 2),
        (Fraction(5, 2), 3),
        (Fraction(-1, 2), -1),
        (Fraction(-5, 2), -3),
        (Fraction(4999, 10000), 0),
        (Fraction(-4999, 10000), 0),
        (Fraction(5001, 10000), 1),
        (Fraction(7), 7),
        (Fraction(0), 0),
        (Fraction(1, 3), 0),
        (Fraction(2, 3), 1),
    ],
)
def test_round_half_up(exact: Fraction, rounded: int) -> None:
    """A half goes away from zero, where Python's own `round` goes to even."""
    assert round_half_up(exact) == rounded


@given(st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, allow_infinity=False, places=4))
def test_round_half_up_agrees_with_decimal(value: Decimal) -> None:
    """Two ways of computing, one result."""
    assert round_half_up(Fraction(value)) == int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("yuan", "fen"),
    [(350, 35000), (Decimal("0.005"), 1), (Decimal("0.0049"), 0), (Fraction(1, 3), 33), (Decimal("-1.23"), -123)],
)
def test_fen_of_yuan(yuan: Fraction | Decimal | int, fen: int) -> None:
    """Literals in rule files are yuan."""
    assert fen_of_yuan(yuan) == fen


@pytest.mark.parametrize(
    ("fen", "text"), [(0, "0.00"), (5, "0.05"), (123450, "1,234.50"), (-5, "-0.05"), (10**12, "10,000,000,000.00")]
)
def test_yuan_text(fen: int, text: str) -> None:
    """People see separators, machines do not."""
    assert yuan_text(fen) == text
    assert yuan_plain(fen) == text.replace(",", "")


@given(st.integers())
def test_yuan_text_loses_nothing(fen: int) -> None:
    """Every amount can be read back."""
    assert fen_of_yuan(Decimal(yuan_plain(fen))) == fen


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("12000000", 1_200_000_000),
        ("1,200.50", 120_050),
        ("1200万", 1_200_000_000),
        (" 1.2 亿元 ", 12_000_000_000),
        ("0", 0),
        ("0.01元", 1),
        ("1.00000001亿", 10_000_000_100),
        ("0.001", None),
        ("-5", None),
        ("1,20", None),
        ("一千", None),
        ("", None),
        ("1e7", None),
        ("9" * 16, None),
    ],
)
def test_sums_as_people_write_them(text: str, fen: int | None) -> None:
    """Digits, groups of three, 万 and 亿; what is finer than a fen, or no sum, is none."""
    assert fen_written(text) == fen
