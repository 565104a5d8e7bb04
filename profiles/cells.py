"""Cells of text as typed values, whole columns at a time; exact, without binary fractions.

Each reader takes a column of trimmed text and gives the values, null where a text cannot be read. The quick way is
tried on all cells, the forgiving one only on what it leaves over.
"""

from collections.abc import Callable
from functools import partial

import polars as pl

from core.values import FactType, ValueType

BLANKS = " \t\r\n\u00a0\u3000\u200b\ufeff"  # with the ideographic space and the invisible ones
NOTHING = ("", "NULL", "null", "\\N")  # how database exports write an empty cell
OPEN_END = ("长期", "永久", "长期有效", "永久有效", "无固定期限", "9999-12-31", "99991231", "9999/12/31")

_YES = ("是", "有", "真", "true", "yes", "y", "t", "1", "√", "✓")
_NO = ("否", "无", "假", "false", "no", "n", "f", "0", "×", "✗")
_TRUTHS = {**dict.fromkeys(_YES, True), **dict.fromkeys(_NO, False)}
_THOUSANDS = r"^([+-]?[0-9]{1,3}(?:,[0-9]{3})+)(\.[0-9]+)?$"
_NUMBER = r"^[+-]?([0-9]{1,18}(\.[0-9]*)?|\.[0-9]+)$"
_DAY = (
    r"^([0-9]{4}) *[-/.年] *([0-9]{1,2}) *[-/.月] *([0-9]{1,2}) *日?"
    r"([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?)?$"
)
_REGION = r"^[0-9]{6}([0-9]{3}){0,2}$"
_INDUSTRY = r"^([A-T]|[A-T]?[0-9]{2,4})$"


def trim(cells: pl.Series) -> pl.Series:
    """Return cells without blanks around them; null where nothing stands."""
    trimmed = cells.str.strip_chars(BLANKS)
    return trimmed.set(trimmed.is_in(NOTHING), None)


def read_cells(texts: pl.Series, type_: FactType) -> pl.Series:
    """Return trimmed texts as values of a type.

    Units: money in yuan in, fen out; decimals as whole numbers at the type's scale.
    Nulls: null for null, and for what cannot be read; never rounded to fit.
    """
    match type_.type:
        case ValueType.BOOL:
            return texts.str.to_lowercase().replace_strict(_TRUTHS, default=None, return_dtype=pl.Boolean)
        case ValueType.INTEGER:
            return _leftover(texts.cast(pl.Int64, strict=False), texts, lambda rest: _scaled(_plain(rest), 0))
        case ValueType.DECIMAL:
            return _leftover(_scaled(texts, type_.scale), texts, lambda rest: _scaled(_plain(rest), type_.scale))
        case ValueType.MONEY:
            return _leftover(_scaled(texts, 2), texts, lambda rest: _scaled(_plain_yuan(rest), 2))
        case ValueType.DATE:
            return _days(texts)
        case ValueType.TEXT:
            return texts
        case ValueType.REGION:
            return _leftover(_matching(texts, _REGION), texts, lambda rest: _matching(_half_width(rest), _REGION))
        case ValueType.INDUSTRY:
            return _matching(_half_width(texts).str.to_uppercase(), _INDUSTRY)


def _leftover(values: pl.Series, texts: pl.Series, read: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Read again, more patiently, what has no value yet."""
    rest = (values.is_null() & texts.is_not_null()).arg_true()
    return values.scatter(rest, read(texts.gather(rest))) if len(rest) else values


def _plain(texts: pl.Series) -> pl.Series:
    """Write numbers plainly: half-width, and without separators where these stand at the thousands."""
    half = _half_width(texts).str.replace_all(" ", "", literal=True)
    return half.str.replace_all(",", "", literal=True).zip_with(half.str.contains(_THOUSANDS), half)


def _plain_yuan(texts: pl.Series) -> pl.Series:
    return _plain(texts.str.strip_chars("¥￥元 "))


def _half_width(texts: pl.Series) -> pl.Series:
    return texts.str.normalize("NFKC")


def _days(texts: pl.Series) -> pl.Series:
    """Return days; the usual ways of writing them first, because the pattern for all of them is slow."""
    days = texts.str.to_date("%Y-%m-%d", strict=False)
    for pattern, form in (
        (r"^[0-9]{8}$", "%Y%m%d"),
        (r"^[0-9]{4}/", "%Y/%m/%d"),
        (r"^[0-9-]{10} 00:00:00$", "%Y-%m-%d %H:%M:%S"),
    ):
        days = _leftover(days, texts, partial(_days_like, pattern=pattern, form=form))
    return _leftover(
        days, texts, lambda rest: _half_width(rest).str.replace(_DAY, "$1-$2-$3").str.to_date("%Y-%m-%d", strict=False)
    )


def _days_like(texts: pl.Series, pattern: str, form: str) -> pl.Series:
    return _matching(texts, pattern).str.to_date(form, strict=False)


def _scaled(texts: pl.Series, scale: int) -> pl.Series:
    """Return decimal numbers times 10 ** scale; null where one has more decimals than that.

    Computed in 128 bits; what leaves 64 is null too.
    """
    good = _matching(texts, _NUMBER)
    is_long = good.str.contains(rf"\.[0-9]{{{scale + 1},}}$")
    if is_long.any():
        good = good.str.strip_chars_end("0").zip_with(is_long, good)
    decimals = (good.str.len_bytes().cast(pl.Int64) - good.str.find(".", literal=True).cast(pl.Int64) - 1).fill_null(0)
    digits = good.str.replace(".", "", literal=True).cast(pl.Int128, strict=False)
    missing = (scale - decimals).set(decimals > scale, None)
    factor = pl.Series([10**power for power in range(scale + 1)], dtype=pl.Int128).gather(missing)
    return (digits * factor).cast(pl.Int64, strict=False)


def _matching(texts: pl.Series, pattern: str) -> pl.Series:
    return texts.set(~texts.str.contains(pattern), None)
