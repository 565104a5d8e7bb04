"""Values as the texts of a file's cells, under the rules of its layout; and which of them it cannot carry.

A text is never changed so that it fits, unless its layout says so: a bank compares names sign by sign.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from string import ascii_letters, digits, punctuation

import polars as pl

from core.findings import Code, Finding, Place
from core.money import FEN_PER_YUAN
from delivery.banking.layouts import Field, Layout
from delivery.banking.words import Kind, Vocabulary
from delivery.codes import DeliveryCode

_HALF = [*ascii_letters, *digits, *punctuation, " "]
_WIDE_FROM_ASCII = 0xFEE0  # full-width forms stand so far behind ASCII
_FULL = [chr(ord(each) + _WIDE_FROM_ASCII) if each != " " else "\u3000" for each in _HALF]
_FORMULA = r"^[=+\-@＝＋－\x{ff20}]"  # spreadsheets open text files too, and know the signs in full width
_CONTROL = r"[\x00-\x1f\x7f\x{2028}\x{2029}]"
_NAMED_MAX = 5  # references that one message names


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells as texts, one String column per field, in their order; `findings` say what cannot be carried."""

    texts: pl.DataFrame
    findings: tuple[Finding, ...]


def cells_of(values: pl.DataFrame, fields: Sequence[Field], layout: Layout, words: Vocabulary, place: Place) -> Cells:
    """Return rows as texts.

    Shape: `values` has a column for each word, and `reference` to name a row by; the same rows out.
    Nulls: what is not known is an empty cell.
    """
    texts = values.select(
        _text(field, layout, words).alias(str(index)) for index, field in enumerate(fields)
    ).fill_null("")
    texts = texts.with_columns(
        pl.lit(None).alias("reference") if "reference" not in values.columns else values["reference"]
    )
    findings: list[Finding] = []
    for index, field in enumerate(fields):
        if field.of is None:
            continue
        if words.kind(field.of) != "text":
            findings += _too_long(texts, index, field, layout, place)
            continue
        if field.width is not None and field.too_long == "cut":
            texts = texts.with_columns(_cut(texts[str(index)], field.width, layout))
        findings += _uncarried(texts, index, field, layout, place)
    return Cells(texts.drop("reference"), tuple(findings))


def as_written(lines: pl.DataFrame, layout: Layout, words: Vocabulary) -> pl.DataFrame:
    """Return lines with their letters in the width in which a layout writes them."""
    changed = [field for field in layout.columns if field.of in lines.columns and field.letters != "keep"]
    return lines.with_columns(_text(field, layout, words).alias(field.of or "") for field in changed)


def _text(field: Field, layout: Layout, words: Vocabulary) -> pl.Expr:
    if field.of is None:
        return pl.lit(field.constant)
    value = pl.col(field.of)
    kind: Kind = words.kind(field.of)
    if kind == "amount" and layout.amounts == "yuan":
        yuan, rest = value // FEN_PER_YUAN, value % FEN_PER_YUAN  # what is paid is never below zero
        return yuan.cast(pl.String) + "." + rest.cast(pl.String).str.zfill(2)
    if kind == "day":
        return value.dt.to_string(layout.day_format)
    text = value.cast(pl.String)
    if kind == "text" and field.letters != "keep":
        pair = (_FULL, _HALF) if field.letters == "half" else (_HALF, _FULL)
        return text.str.replace_many(*pair)
    return text


def _uncarried(texts: pl.DataFrame, index: int, field: Field, layout: Layout, place: Place) -> Iterator[Finding]:
    words = texts[str(index)]
    is_forbidden = words.str.contains(_forbidden(field, layout)) | ~_is_encoded(words, layout)
    if is_forbidden.any():
        remedy = "have the department correct it, or take the item out of the batch"
        what = f"`{field.of}` holds what the file cannot carry"
        yield _fault(DeliveryCode.NOT_CARRIED, place, what, remedy, texts.filter(is_forbidden))
    yield from _too_long(texts, index, field, layout, place)


def _too_long(texts: pl.DataFrame, index: int, field: Field, layout: Layout, place: Place) -> Iterator[Finding]:
    words = texts[str(index)]
    if field.width is not None:
        is_long = _sizes(words, layout) > field.width
        if is_long.any():
            what = f"`{field.of}` is longer than {field.width} {'bytes' if layout.is_text else 'signs'}"
            remedy = "have the department shorten it, or use a profile whose file carries it"
            yield _fault(DeliveryCode.TOO_LONG, place, what, remedy, texts.filter(is_long))


def _forbidden(field: Field, layout: Layout) -> str:
    """Return a pattern of what may not stand in a cell."""
    signs = field.not_allowed
    patterns = [_CONTROL]
    if layout.is_text:
        patterns.append(_FORMULA)
        signs += "" if layout.quoted or layout.is_fixed else f'{layout.separator}"'
    return "|".join([*patterns, *(re.escape(sign) for sign in sorted(set(signs)))])


def _is_encoded(words: pl.Series, layout: Layout) -> pl.Series:
    """Say which texts the encoding has; only GBK lacks any that a text can hold."""
    if layout.is_text and layout.encoding == "gbk":
        return _by_text(words, lambda text: text.encode("gbk", "ignore").decode("gbk") == text, pl.Boolean())
    return pl.repeat(True, words.len(), dtype=pl.Boolean(), eager=True)


def _sizes(words: pl.Series, layout: Layout) -> pl.Series:
    """Return how long texts are: bytes of a text file, signs of a workbook."""
    signs = words.str.len_chars()
    if not layout.is_text or (words.str.len_bytes() == signs).all():
        return signs
    return _by_text(words, lambda text: len(text.encode(layout.codec, "replace")), pl.UInt32())


def _cut(words: pl.Series, width: int, layout: Layout) -> pl.Series:
    """Return texts cut to a width, never inside a sign."""
    if not (_sizes(words, layout) > width).any():
        return words
    if not layout.is_text:
        return words.str.slice(0, width)
    codec = layout.codec
    return _by_text(words, lambda text: text.encode(codec, "replace")[:width].decode(codec, "ignore"), pl.String())


def _by_text(words: pl.Series, asked: Callable[[str], object], dtype: pl.DataType) -> pl.Series:
    """Return what a function says of each text, asked once for equal ones."""
    distinct = words.unique()
    said = pl.Series([asked(text) for text in distinct], dtype=dtype)
    return words.replace_strict(distinct, said, return_dtype=dtype)


def _fault(code: Code, place: Place, what: str, remedy: str, rows: pl.DataFrame) -> Finding:
    """Name references, never what stands in the cell; the head has none."""
    references = rows["reference"].head(_NAMED_MAX).to_list()
    if references == [None]:
        return Finding(code, place, f"{what} in the head", "use a profile whose file carries it")
    named = ", ".join(f"`{reference}`" for reference in references)
    rest = rows.height - len(references)
    more = f" and {rest} more" if rest else ""
    return Finding(code, place, f"{what}: {named}{more}", remedy, count=rows.height)
