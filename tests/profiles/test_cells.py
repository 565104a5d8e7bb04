import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.values import FactType, ValueType
from profiles.cells import read_cells, trim
from tests.profiles.deliveries import full_width


def read(text: str | None, type_: str, *, scale: int = 0) -> object:
    """Return the value of one cell, between two strangers."""
    cells = pl.Series(["1", text, "2025-01-01"], dtype=pl.String)
    return read_cells(trim(cells), FactType(ValueType(type_), scale=scale)).to_list()[1]


@pytest.mark.parametrize("text", ["是", "有", "true", "TRUE", "Y", "yes", "1", " 是 ", "√"])
def test_bool_yes(text: str) -> None:
    """Departments say yes in many ways."""
    assert read(text, "bool") is True


@pytest.mark.parametrize("text", ["否", "无", "false", "N", "0", "×"])
def test_bool_no(text: str) -> None:
    """And no."""
    assert read(text, "bool") is False


@pytest.mark.parametrize("text", ["不详", "2", "是否", "unknown"])
def test_bool_neither(text: str) -> None:
    """What is neither is not read as one of them."""
    assert read(text, "bool") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-5", -5),
        ("+7", 7),
        ("007", 7),
        ("1,234", 1234),
        ("1，234，567", 1234567),
        (full_width("12"), 12),
        ("3.0", 3),
        ("3.5", None),
        ("12,34", None),
        ("1e5", None),
        ("0x10", None),
        ("NaN", None),
        ("9999999999999999999", None),
    ],
)
def test_integer(text: str, value: int | None) -> None:
    """A whole number, or nothing; commas only where thousands are."""
    assert read(text, "integer") == value


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("0", 0),
        ("0.01", 1),
        (".5", 50),
        ("5.", 500),
        ("1234.5", 123450),
        ("1,234.50", 123450),
        ("12.3000", 1230),
        ("-0.05", -5),
        ("¥12.30", 1230),
        ("12.30元", 1230),
        ("0.001", None),
        ("1.005", None),
        ("12万", None),
        ("inf", None),
        ("NaN", None),
        ("-", None),
        (".", None),
    ],
)
def test_money(text: str, fen: int | None) -> None:
    """Yuan become fen exactly; a third decimal is not rounded away but refused."""
    assert read(text, "money") == fen


@given(st.integers(min_value=-(10**14), max_value=10**14))
def test_money_is_exact(fen: int) -> None:
    """Every amount comes back as it was written; no binary fraction lies between."""
    sign, whole = ("-" if fen < 0 else ""), abs(fen)

    assert read(f"{sign}{whole // 100}.{whole % 100:02d}", "money") == fen


@pytest.mark.parametrize(
    ("text", "scale", "value"),
    [
        ("0.055", 3, 55),
        ("0.0550", 3, 55),
        ("0.0551", 3, None),
        ("1", 3, 1000),
        ("-1.25", 3, -1250),
        ("1.5", 0, None),
        ("9223372036854775.807", 3, 2**63 - 1),
        ("9223372036854775.808", 3, None),
    ],
)
def test_decimal(text: str, scale: int, value: int | None) -> None:
    """A decimal is a whole number at its scale, up to the last bit that a frame can hold."""
    assert read(text, "decimal", scale=scale) == value


@pytest.mark.parametrize(
    "text",
    [
        "2025-07-01",
        "2025-7-1",
        "2025/7/1",
        "2025/07/01",
        "2025.07.01",
        "20250701",
        "2025年7月1日",
        "2025年07月01日",
        "2025-07-01 00:00:00",
        "2025-07-01T13:45:00.5",
        "2025/7/1 8:05",
        full_width("2025年7月1日"),
        " 2025-07-01 ",
    ],
)
def test_day(text: str) -> None:
    """One day, as departments, databases and Excel write it."""
    assert read(text, "date") == dt.date(2025, 7, 1)


@pytest.mark.parametrize("text", ["2025-02-29", "2025-13-01", "2025-00-10", "202507", "2025-07", "45658", "长期", "1"])
def test_no_day(text: str) -> None:
    """A day that is not in the calendar, or a month, or an Excel serial number, is no day."""
    assert read(text, "date") is None


def test_leap_day() -> None:
    """The twenty-ninth of February is read where it is."""
    assert read("2024-02-29", "date") == dt.date(2024, 2, 29)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("310118", "310118"),
        ("310118001", "310118001"),
        ("310118001002", "310118001002"),
        (full_width("310118"), "310118"),
        ("31", None),
        ("3101180", None),
        ("青浦", None),
    ],
)
def test_region(text: str, region: str | None) -> None:
    """GB/T 2260 has six digits, with the street nine, with the village twelve."""
    assert read(text, "region") == region


@pytest.mark.parametrize(
    ("text", "industry"), [("C13", "C13"), ("c13", "C13"), ("7010", "7010"), ("C", "C"), ("1", None), ("Z10", None)]
)
def test_industry(text: str, industry: str | None) -> None:
    """GB/T 4754: a letter from A to T, two to four digits, or both."""
    assert read(text, "industry") == industry


def test_text_keeps_what_it_says() -> None:
    """Only the blanks around a text go; rules compare the rest sign by sign."""
    assert read("\u3000有限责任公司（自然人独资）\ufeff", "text") == "有限责任公司（自然人独资）"


@pytest.mark.parametrize("text", [None, "", "  ", "\u3000", "NULL", "null", "\\N"])
def test_nothing(text: str | None) -> None:
    """An empty cell, also as a database export writes it."""
    assert read(text, "text") is None
