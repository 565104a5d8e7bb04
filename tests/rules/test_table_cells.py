"""Values as cells and back: what stays, what is accepted, and what a spreadsheet has spoilt."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.table_cells import CellError, Shown, entered, means_the_same, shown
from rules.version import Number

digits = st.decimals(min_value=-(10**9), max_value=10**9, places=4, allow_nan=False, allow_infinity=False)
written = st.one_of(
    st.integers(-(10**18), 10**18),
    digits,
    digits.map(lambda number: f"{number}%"),
    st.integers(0, 10**6).map(lambda number: f"{number}万"),
    st.dates(min_value=dt.date(1850, 1, 1)).map(lambda day: f'd"{day}"'),
    st.from_regex(r'"0[0-9]{3,17}"', fullmatch=True),
    st.sampled_from(["低保标准 * 1.3", "round_down(应缴费 * 60%, 0.01)", "level_1", "-5%", "25 万"]),
)


def as_a_spreadsheet_keeps_it(cell: Shown) -> object:
    """Return a cell's value after it was saved and read: numbers are binary fractions, days have a time."""
    match cell.value:
        case Decimal():
            number = float(cell.value)
            return int(number) if number.is_integer() else number
        case dt.date():
            return dt.datetime.combine(cell.value, dt.time())
        case text:
            return text


@given(value=written)
def test_a_value_goes_out_and_comes_back(value: Number) -> None:
    """Whatever it is, its meaning survives; what is no plain number survives to the letter."""
    cell = shown(value)

    back = entered(as_a_spreadsheet_keeps_it(cell), cell.format, value)

    assert means_the_same(back, value)
    assert shown(back).value == cell.value


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (350, Shown(Decimal(350), "General")),
        (Decimal("0.50"), Shown(Decimal("0.50"), "0.00")),
        ("5%", Shown(Decimal("0.05"), "0%")),
        ("5.5%", Shown(Decimal("0.055"), "0.0%")),
        ("25万", Shown(Decimal(25), '0"万"')),
        ('d"2025-07-01"', Shown(dt.date(2025, 7, 1), "yyyy-mm-dd")),
        ('"0118"', Shown('"0118"', "@")),
        (6217001180000000123, Shown("6217001180000000123", "@")),
        ("低保标准 * 1.3", Shown("低保标准 * 1.3", "@")),
    ],
)
def test_how_values_stand_in_cells(value: Number, cell: Shown) -> None:
    """A number looks as its author wrote it, and is one for whoever edits it."""
    assert shown(value) == cell


@pytest.mark.parametrize(
    ("value", "number_format", "before", "back"),
    [
        (380, "General", 350, 380),
        ("380", "@", 350, 380),
        ("1,380.50", "@", 350, Decimal("1380.50")),
        ("380元", "@", 350, 380),
        (0.065, "0.0%", "5%", "6.5%"),
        (0.07, "0%", "5%", "7%"),
        ("6.5 ％", "@", "5%", "6.5%"),
        (30, '0"万"', "25万", "30万"),
        ("30万", '0"万"', "25万", "30万"),
        (0.1 + 0.2, "General", 1, Decimal("0.3")),
        ("0119", "@", '"0118"', '"0119"'),
        ('"0119"', "@", None, '"0119"'),
        ("level_1 * 2", "@", 350, "level_1 * 2"),
    ],
)
def test_what_officers_enter(value: object, number_format: str, before: Number | None, back: Number) -> None:
    """Numbers as numbers or as text, percentages, 万, thousands in groups: one meaning."""
    assert entered(value, number_format, before) == back


@pytest.mark.parametrize(
    ("value", "before"),
    [
        (118, '"0118"'),
        ("0350", 350),
        (None, 350),
        ("  ", 350),
        (True, 350),
        (6.217001180000000e18, 350),
        (float("inf"), 350),
        (dt.time(8, 30), 350),
        (dt.datetime(2025, 7, 1, 8, 30), 350),  # noqa: DTZ001  # spreadsheets know no zones
    ],
)
def test_what_is_spoilt_is_refused(value: object, before: Number) -> None:
    """A code that lost its zeros, an account that lost its digits, a cell that says nothing."""
    with pytest.raises(CellError) as refused:
        entered(value, "General", before)

    assert refused.value.remedy
