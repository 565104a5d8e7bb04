"""Values of parameters and tariffs as spreadsheet cells, and back: numbers, percentages, 万, days, codes, expressions.

A number is a number cell whose format says how it was written; what is no number stands as text, as in the file. Nothing
goes by way of a binary fraction: a spreadsheet keeps fifteen digits, and what has more stands as text.
"""

import datetime as dt
import re
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from rules.version import Number

EXACT_DIGITS = 15  # what a spreadsheet's numbers keep
GENERAL, TEXT, DAY = "General", "@", "yyyy-mm-dd"
FIRST_DAY = dt.date(1900, 3, 1)  # before it, spreadsheets count a day that never was

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?")
_SCALED = re.compile(r"(?P<number>[+-]?\d+(?:\.\d+)?)\s*(?P<unit>[%％]|万)")
_DATE = re.compile(r'd"(\d{4}-\d{2}-\d{2})"')
_CODE = re.compile(r'"[^"\\]*"')
_PER_UNIT = {"%": Fraction(1, 100), "％": Fraction(1, 100), "万": Fraction(10_000)}


class Shown(NamedTuple):
    """What a cell shows: its value, and the number format that says how it was written."""

    value: Decimal | dt.date | str
    format: str


class CellError(ValueError):
    """A cell that cannot be taken over; the message and the remedy go into the officer's finding."""

    def __init__(self, message: str, remedy: str) -> None:
        """Keep what is wrong and what to do."""
        super().__init__(message)
        self.message, self.remedy = message, remedy


def shown(written: Number) -> Shown:
    """Return how a written value stands in a cell; `entered` gives one of the same meaning back."""
    if isinstance(written, int | Decimal):
        return _number(Decimal(written), "")
    if scaled := _SCALED.fullmatch(written):
        unit, number = scaled["unit"].replace("％", "%"), Decimal(scaled["number"])
        cell = _number(number / 100 if unit == "%" else number, '"万"' if unit == "万" else "%", _places(number))
        return cell if cell.format != TEXT else Shown(written, TEXT)
    if (found := _DATE.fullmatch(written)) and (day := _day(found[1])) is not None and day >= FIRST_DAY:
        return Shown(day, DAY)
    return Shown(written, TEXT)


def entered(value: object, number_format: str, before: Number | None = None) -> Number:
    """Return what a cell says, as an author would write it; `before` is what stood there, if anything did.

    Fails: CellError for what is no value, or one that the spreadsheet has spoilt.
    """
    match value:
        case bool():
            raise CellError("a truth value is no amount", "write a number or an expression")
        case int() | float():
            return _entered_number(value, number_format, before)
        case dt.datetime() if value.time() == dt.time():
            return f'd"{value.date()}"'
        case dt.date() if not isinstance(value, dt.datetime):
            return f'd"{value}"'
        case str() if value.strip():
            return _entered_text(value.strip(), before)
        case None | str():
            raise CellError("the cell is empty", "write the value, or take the whole row out")
        case _:
            raise CellError(f"`{value}` is a time of day", "write a number, a day or an expression")


def means_the_same(one: Number, other: Number) -> bool:
    """Say whether two written values are one: 5% and 0.05, 25万 and 250000."""
    return _meaning(one) == _meaning(other)


def _number(number: Decimal, suffix: str, places: int | None = None) -> Shown:
    exact = _places(number) if places is None else places
    if len(number.normalize().as_tuple().digits) > EXACT_DIGITS or abs(number) >= Decimal(10) ** EXACT_DIGITS:
        return Shown(f"{number:f}", TEXT)
    digits = f"0.{'0' * exact}" if exact else "0"
    return Shown(number, f"{digits}{suffix}" if exact or suffix else GENERAL)


def _places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def _entered_number(value: float, number_format: str, before: Number | None) -> Number:
    if isinstance(before, str) and _CODE.fullmatch(before):
        message = f"a code stood here as text, and now a number: `{value}`; zeros that begin a code would be lost"
        raise CellError(message, "format the cell as text and type the code again")
    exact = Decimal(repr(value)) if isinstance(value, int) else Decimal(f"{value:.{EXACT_DIGITS}g}")
    if not exact.is_finite() or abs(exact) >= Decimal(10) ** EXACT_DIGITS:
        message = f"a number cell keeps {EXACT_DIGITS} digits, and this one has more: the last are lost"
        raise CellError(message, "format the cell as text and type the number again")
    if "%" in number_format:
        return f"{_plain(exact * 100)}%"
    if "万" in number_format:
        return f"{_plain(exact)}万"
    return int(exact) if exact == exact.to_integral_value() else Decimal(_plain(exact))


def _entered_text(text: str, before: Number | None) -> Number:
    was_code = isinstance(before, str) and bool(_CODE.fullmatch(before))
    bare = text.replace("％", "%").removesuffix("元").strip()
    if was_code:
        return text if _CODE.fullmatch(text) else f'"{text}"'
    if _GROUPED.fullmatch(bare):
        bare = bare.replace(",", "").replace("，", "")
    if _NUMBER.fullmatch(bare):
        if (
            bare.lstrip("+-").startswith("0")
            and not bare.lstrip("+-").startswith(("0.",))
            and len(bare.lstrip("+-")) > 1
        ):
            raise CellError(f"`{text}` begins with 0: a code or an amount", f'write the code as "{text}", in quotes')
        return Decimal(bare) if "." in bare else int(bare)
    return re.sub(r"\s+(?=[%万]$)", "", bare) if _SCALED.fullmatch(bare) else text


def _meaning(written: Number) -> Fraction | str:
    if isinstance(written, int | Decimal):
        return Fraction(written)
    if scaled := _SCALED.fullmatch(written.strip()):
        return Fraction(scaled["number"]) * _PER_UNIT[scaled["unit"]]
    return Fraction(written.strip()) if _NUMBER.fullmatch(written.strip()) else " ".join(written.split())


def _plain(number: Decimal) -> str:
    """Return a decimal without an exponent and without zeros that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
