"""Numbers of subjects: one way of writing each, what one must look like, and its check digit.

A wrong check digit is a warning only: lawful exceptions exist, and they pay taxes.
Source: GB 11643-1999 (citizens), GB 32100-2015 (enterprises), GB 11714-1997 (organisation codes).
"""

from functools import cache

import polars as pl

from profiles.catalogue import NumberType

CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CITIZEN_CHECKS = "10X98765432"  # by the weighted sum modulo 11
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V and Z
DIGITS = "0123456789"
BASE = 36  # ten digits and twenty-six letters
PIECE = 3  # signs looked up at once: 36 ** 3 entries

_BLANKS = r"[\s'`\x{200b}\x{feff}]"
_CHECKED = {"citizen_id": r"^[0-9]{17}[0-9X]$", "uscc": rf"^[{USCC_SIGNS}]{{18}}$"}
_WELL_FORMED: dict[NumberType, str] = {
    # Eighteen signs; residence permits for Hong Kong, Macao and Taiwan begin with 81, 82, 83, the foreigner's card
    # of 2023 with 9. The older foreigner's card has three letters and twelve digits.
    "citizen_id": r"^([0-9]{17}[0-9X]|[A-Z]{3}[0-9]{12})$",
    "uscc": rf"^[{USCC_SIGNS}]{{18}}$",
    "household_no": r"^\S{1,40}$",
    "record_key": r"^\S{1,80}$",
}
_FORMER_USCC = rf"^([{USCC_SIGNS}]{{18}}|[0-9]{{13,15}}|[0-9A-Z]{{8}}[0-9X])$"
"""What an enterprise may have been known by: a credit code, a registration number, an organisation code."""


def normalise(numbers: pl.Series, type_: NumberType) -> pl.Series:
    """Return numbers as they are written everywhere: half-width, upper case, no blanks; citizens with 18 signs.

    A record key keeps its case: two keys of a register may differ in nothing else.
    Nulls: null and empty stay null.
    """
    if type_ == "record_key":
        numbers = numbers.str.normalize("NFKC").str.replace_all(_BLANKS, "")
        return numbers.set(numbers == "", None)
    if not numbers.str.contains("^[0-9A-Z]+$").all():
        numbers = numbers.str.normalize("NFKC").str.replace_all(_BLANKS, "").str.to_uppercase()
        numbers = numbers.str.replace_all("-", "", literal=True) if type_ == "uscc" else numbers
        numbers = numbers.set(numbers == "", None)
    if type_ == "citizen_id":
        numbers = _with_eighteen_signs(numbers)
    return numbers


def is_well_formed(numbers: pl.Series, type_: NumberType, *, is_former: bool = False) -> pl.Series:
    """Say which normalised numbers can be one of their type.

    Nulls: null for null.
    """
    return numbers.str.contains(_FORMER_USCC if is_former and type_ == "uscc" else _WELL_FORMED[type_])


def check_digit_ok(numbers: pl.Series, type_: NumberType) -> pl.Series:
    """Say which normalised, well-formed numbers agree with their own check sign, and name a birthday if they must.

    Nulls: null for null; true for numbers that have no check sign.
    """
    if type_ not in _CHECKED:
        return numbers.str.contains("")
    has_check = numbers.str.contains(_CHECKED[type_])
    if type_ == "uscc":
        total = _weighted_sum(numbers, USCC_WEIGHTS, USCC_SIGNS) + _weighted_sum(
            numbers.str.slice(17), (1,), USCC_SIGNS
        )
        return ~has_check | (total % len(USCC_SIGNS) == 0)
    is_right = numbers.str.tail(1) == _citizen_check(numbers)
    has_birthday = numbers.str.slice(6, 8).str.to_date("%Y%m%d", strict=False).is_not_null()
    return ~has_check | (is_right & has_birthday)


def _with_eighteen_signs(numbers: pl.Series) -> pl.Series:
    """Write citizens' numbers of before 1999 as those of today: the century, and a check sign."""
    is_short = numbers.str.contains("^[0-9]{15}$").fill_null(value=False)
    if not is_short.any():
        return numbers
    short = numbers.filter(is_short)
    body = short.str.head(6) + "19" + short.str.tail(9)
    return numbers.clone().scatter(is_short.arg_true(), body + _citizen_check(body))


def _citizen_check(numbers: pl.Series) -> pl.Series:
    """Return the check sign for the first seventeen digits; null where they are not digits."""
    total = _weighted_sum(numbers, CITIZEN_WEIGHTS, DIGITS)
    return pl.Series(list(CITIZEN_CHECKS)).gather(total % len(CITIZEN_CHECKS))


def _weighted_sum(numbers: pl.Series, weights: tuple[int, ...], signs: str) -> pl.Series:
    """Return the sum of the values of the first signs, each by its weight; null where one is no sign."""
    total = pl.Series([0], dtype=pl.Int64).new_from_index(0, len(numbers))
    for start in range(0, len(weights), PIECE):
        part = weights[start : start + PIECE]
        piece = numbers.str.slice(start, len(part)).str.to_integer(base=BASE, strict=False)
        total += _sums(part, signs).gather(piece)
    return total


@cache
def _sums(weights: tuple[int, ...], signs: str) -> pl.Series:
    """Return the weighted sum of every few signs, read as a number to base 36."""
    values = [signs.find(sign) for sign in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    sums: list[int | None] = [0]
    for weight in weights:
        sums = [None if before is None or value < 0 else before + value * weight for before in sums for value in values]
    return pl.Series(sums, dtype=pl.Int64)
