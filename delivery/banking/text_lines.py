"""Text files of banks: rows of cells as lines of bytes, and back."""

import codecs
import csv
from collections.abc import Iterable, Sequence

import polars as pl

from delivery.banking.fixed_lines import fixed_cells, fixed_file
from delivery.banking.layouts import Layout
from delivery.banking.refusals import Reading

UTF8_SIGNS = 24  # so many signs of several bytes that are UTF-8 are no accident
LINE_SIGNS_MAX = 10_000  # no payment is longer
LINES_MAX = 3_000_000  # a city's month is a third of it

_QUOTE = '"'


def text_file(
    layout: Layout, head: Sequence[Sequence[str]], lines: pl.DataFrame, trailer: Sequence[Sequence[str]]
) -> bytes:
    """Return rows as a text file; the last line ends like all others, so that a file cut short shows."""
    if layout.is_fixed:
        return fixed_file(layout, head, lines, trailer)
    parts = [_line(layout, row) for row in head]
    if layout.headings:
        parts.append(_line(layout, [field.heading for field in layout.columns]))
    parts += lines.select(_joined(layout, lines)).to_series().to_list()
    parts += [_line(layout, row) for row in trailer]
    data = layout.end_of_line.join([*parts, ""]).encode(layout.codec)
    return codecs.BOM_UTF8 + data if layout.encoding == "utf-8-sig" else data


def _line(layout: Layout, cells: Iterable[str]) -> str:
    if not layout.quoted:
        return layout.separator.join(cells)
    return layout.separator.join(f'"{cell.replace(_QUOTE, _QUOTE * 2)}"' for cell in cells)


def _joined(layout: Layout, lines: pl.DataFrame) -> pl.Expr:
    if not layout.quoted:
        return pl.concat_str(pl.all(), separator=layout.separator)
    cells = [
        pl.lit(_QUOTE) + pl.col(name).str.replace_all(_QUOTE, _QUOTE * 2, literal=True) + pl.lit(_QUOTE)
        for name in lines.columns
    ]
    return pl.concat_str(cells, separator=layout.separator)


def text_rows(data: bytes, layout: Layout, reading: Reading) -> pl.DataFrame:
    """Return the lines of a text file that have anything on them.

    Shape: `line`, from 1 as an editor counts; `cells`, null where the line is not of the encoding or can be no row.
    Fails: `DeliveryError` where the file is of another encoding, or too large.
    """
    lines = _decoded(data, layout, reading)
    reading.refuse_lines(len(lines), LINES_MAX)
    texts = pl.DataFrame({"text": pl.Series(lines, dtype=pl.String)}).with_row_index("line", offset=1)
    texts = texts.with_columns(pl.col("line").cast(pl.Int64), pl.col("text").str.strip_chars_end("\r"))
    texts = texts.filter(pl.col("text").is_null() | (pl.col("text").str.strip_chars() != ""))
    is_row = pl.col("text").str.len_chars() <= LINE_SIGNS_MAX
    texts = texts.with_columns(pl.when(is_row).then(pl.col("text")))
    cells = fixed_cells(texts["text"], layout) if layout.is_fixed else _cells(texts["text"], layout)
    return texts.select("line", cells=cells)


def _cells(texts: pl.Series, layout: Layout) -> pl.Series:
    if not layout.quoted:
        return texts.str.split(layout.separator)
    between = f'"{layout.separator}"'
    marks, gaps = texts.str.count_matches(_QUOTE), texts.str.count_matches(between, literal=True)
    is_plain = (marks == 2 * (gaps + 1)) & texts.str.contains('^".*"$')
    plain = texts.str.slice(1).str.head(-1).str.split(between)
    if is_plain.all():
        return plain
    told = {text: _unquoted(text, layout.separator) for text in texts.filter(is_plain.not_()).unique()}
    spelt = pl.Series([told.get(text) for text in texts], dtype=pl.List(pl.String))
    return pl.select(pl.when(is_plain).then(plain).otherwise(spelt)).to_series()


def _unquoted(text: str, separator: str) -> list[str] | None:
    """Return the cells of one line as CSV has them, or None where it cannot."""
    try:
        (row,) = csv.reader([text], delimiter=separator, strict=True)
    except (csv.Error, ValueError):
        return None
    return row


def _decoded(data: bytes, layout: Layout, reading: Reading) -> list[str | None]:
    """Return lines as texts; null where one is not of the encoding."""
    body = data.removeprefix(codecs.BOM_UTF8)
    if layout.codec != "utf-8" and (body is not data or _is_utf8(body)):
        raise reading.refused(f"the file is UTF-8, and the profile says {layout.encoding.upper()}")
    try:
        return list(body.decode(layout.codec).split("\n"))
    except UnicodeDecodeError:
        lines = [_decoded_line(line, layout.codec) for line in body.split(b"\n")]
    if sum(line is None for line in lines) * 2 > len(lines):
        raise reading.refused(f"the file is not {layout.encoding.upper()}")
    return lines


def _decoded_line(line: bytes, codec: str) -> str | None:
    try:
        return line.decode(codec)
    except UnicodeDecodeError:
        return None


def _is_utf8(data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return len(data) - len(text) >= UTF8_SIGNS
