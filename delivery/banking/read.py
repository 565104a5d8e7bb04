"""A file's bytes as the table that they say, by its layout: every line a row, with why one cannot be read.

What is wrong with single lines, with totals or with the end of a file is a finding; a file that is not of its form is
refused.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import polars as pl

from core.findings import Finding
from core.money import FEN_PER_YUAN
from delivery.banking.layouts import Field, Layout, Row
from delivery.banking.refusals import Reading
from delivery.banking.sheet_lines import sheet_rows
from delivery.banking.text_lines import text_rows
from delivery.banking.words import DTYPES, Kind, Vocabulary
from delivery.codes import DeliveryCode
from profiles.raw_table import DIGITS_LOST

Value = str | int | date | None

ENCODING = "encoding"
COLUMNS = "columns"
CONSTANT = "constant"
DIGITS = "digits"
DIRECTION = "direction"
"""Why a line cannot be read; else the word of the cell that cannot."""

_WHOLE = r"^[0-9]{1,15}$"
_YUAN = r"^([0-9]{1,13}|[0-9]{1,3}(,[0-9]{3}){1,4})(\.[0-9]{1,2})?$"


@dataclass(frozen=True, slots=True, eq=False)
class ReadTable:
    """What a file says.

    `lines` has `line`, `fault` (null where all of it can be read) and a column for each word; `head` and `trailer` have
    a value for each word, None where it cannot be read.
    """

    head: Mapping[str, Value]
    trailer: Mapping[str, Value]
    lines: pl.DataFrame = field(repr=False)
    findings: tuple[Finding, ...]

    @property
    def frame(self) -> Mapping[str, Value]:
        """Return what head and trailer say together; the trailer was written last."""
        return {**self.head, **{word: value for word, value in self.trailer.items() if value is not None}}


def read_table(data: bytes, layout: Layout, words: Vocabulary, place: str) -> ReadTable:
    """Return what a file says.

    Fails: `DeliveryError` where it is not of its layout at all, or too large.
    """
    reading = Reading(place)
    reading.refuse_bytes(len(data))
    rows = (text_rows if layout.is_text else sheet_rows)(data, layout, reading)
    if rows.is_empty():
        raise reading.refused("the file is empty")
    body = _below_head(rows, layout, reading)
    findings: list[Finding] = []
    closing = len(layout.closing)
    head = _rows(layout.head, rows.head(len(layout.head)), layout, words)
    trailer = _rows(layout.closing, body.tail(closing), layout, words)
    if closing and (body.height < closing or None in trailer):
        findings.append(_cut_short(reading, body))
        trailer = []
    elif closing:
        body = body.head(-closing)
    lines = _typed(body, layout, words)
    findings += line_findings(lines, reading)
    if layout.is_text and not layout.trailer and not data.endswith(b"\n"):
        findings.append(_cut_short(reading, body))
    is_foreign = lines["fault"].is_in([ENCODING, COLUMNS, CONSTANT]).fill_null(value=False)
    if is_foreign.all() and not lines.is_empty():
        raise reading.refused("no line has the cells that the profile says", int(lines["line"][0]))
    return ReadTable(_together(head), _together(trailer), lines, tuple(findings))


def _below_head(rows: pl.DataFrame, layout: Layout, reading: Reading) -> pl.DataFrame:
    """Return the rows below head and headings, which must be those of the layout."""
    expected: list[Row] = [*layout.head]
    if layout.headings:
        expected.append(tuple(Field(text=column.heading) for column in layout.columns))
    found = rows.head(len(expected)).to_dicts()
    for index, fields in enumerate(expected):
        if index >= len(found) or not _fits(fields, found[index]["cells"], layout):
            line = found[index]["line"] if index < len(found) else None
            raise reading.refused("the head is not the one that the profile says", line)
    return rows.tail(-len(expected)) if expected else rows


def _fits(fields: Sequence[Field], cells: Sequence[str] | None, layout: Layout) -> bool:
    """Say whether a row has the cells of its layout, with the texts that always stand there."""
    if cells is None or len(_trimmed(cells, len(fields), layout)) != len(fields):
        return False
    padded = [*cells, *[""] * len(fields)]
    return all(field.text is None or padded[index].strip() == field.text.strip() for index, field in enumerate(fields))


def _trimmed(cells: Sequence[str], count: int, layout: Layout) -> Sequence[str]:
    """Return as many cells as a row should have; a workbook's row is as long as the longest."""
    if layout.is_text or any(cells[count:]):
        return cells
    return [*cells, *[""] * count][:count]


def _rows(
    parts: Sequence[Row], rows: pl.DataFrame, layout: Layout, words: Vocabulary
) -> list[Mapping[str, Value] | None]:
    return [_row(*each, layout, words) for each in zip(parts, rows["cells"].to_list(), strict=False)]


def _row(
    fields: Sequence[Field], cells: Sequence[str] | None, layout: Layout, words: Vocabulary
) -> Mapping[str, Value] | None:
    """Return the values of a row of head or trailer, or None where it is not one."""
    if cells is None or not _fits(fields, cells, layout):
        return None
    trimmed = _trimmed(cells, len(fields), layout)
    return {
        each.of: _value(cell.strip(), words.kind(each.of), layout)
        for each, cell in zip(fields, trimmed, strict=True)
        if each.of is not None
    }


def _value(cell: str, kind: Kind, layout: Layout) -> Value:
    row = pl.DataFrame({"cell": [cell]}, schema={"cell": pl.String})
    value: Value = row.select(_parsed("cell", kind, layout)).item()
    return value.date() if isinstance(value, datetime) else value


def _together(rows: Iterable[Mapping[str, Value] | None]) -> Mapping[str, Value]:
    return {word: value for row in rows if row is not None for word, value in row.items()}


def _typed(rows: pl.DataFrame, layout: Layout, words: Vocabulary) -> pl.DataFrame:
    """Return lines with a typed column for each word, and the first fault of each."""
    wanted = len(layout.columns)
    count = pl.col("cells").list.len()
    has_columns = count == wanted
    if not layout.is_text:
        has_columns = (count <= wanted) | (pl.col("cells").list.slice(wanted).list.join("") == "")
    fault = pl.when(pl.col("cells").is_null()).then(pl.lit(ENCODING)).when(has_columns.not_()).then(pl.lit(COLUMNS))
    rows = rows.with_columns(fault=fault)
    readable = pl.when(pl.col("fault").is_null()).then(pl.col("cells"))
    cells = rows.with_columns(
        readable.list.get(index, null_on_oob=True).str.strip_chars().alias(f"cell {index}") for index in range(wanted)
    )
    if not layout.is_text:
        cells = cells.with_columns(
            pl.when(pl.col("fault").is_null()).then(pl.col(f"cell {index}").fill_null("")).alias(f"cell {index}")
            for index in range(wanted)
        )
    return cells.select(
        "line",
        _fault(layout, words).alias("fault"),
        *(
            _parsed(f"cell {index}", words.kind(each.of), layout).alias(each.of)
            for index, each in enumerate(layout.columns)
            if each.of is not None
        ),
    )


def _fault(layout: Layout, words: Vocabulary) -> pl.Expr:
    """Return the first thing that is wrong with a line: the word of the cell, or what the whole line lacks."""
    faults = [pl.col("fault")]
    for index, each in enumerate(layout.columns):
        cell = pl.col(f"cell {index}")
        if each.text is not None:
            faults.append(pl.when(cell != each.text).then(pl.lit(CONSTANT)))
        elif each.of is not None:
            faults.append(pl.when(cell.str.contains(DIGITS_LOST, literal=True)).then(pl.lit(DIGITS)))
            kind = words.kind(each.of)
            unread = _parsed(f"cell {index}", kind, layout).is_null() & (cell != "")
            lacking = cell == "" if each.of in words.needed else pl.lit(False)
            faults.append(pl.when(unread | lacking).then(pl.lit(each.of)))
    return pl.coalesce(faults)


def _parsed(name: str, kind: Kind, layout: Layout) -> pl.Expr:
    """Return a cell's value, null where it has none of its kind."""
    cell = pl.col(name)
    if kind == "text":
        return cell
    if kind == "day":
        return cell.str.to_date(layout.day_format, strict=False)
    if kind == "count" or layout.amounts == "fen":
        return pl.when(cell.str.contains(_WHOLE)).then(cell).cast(DTYPES[kind], strict=False)
    parts = pl.when(cell.str.contains(_YUAN)).then(cell.str.replace_all(",", "", literal=True)).str.split(".")
    cents = parts.list.get(1, null_on_oob=True).fill_null("0").str.pad_end(2, "0")
    return parts.list.get(0).cast(pl.Int64) * FEN_PER_YUAN + cents.cast(pl.Int64)


def line_findings(lines: pl.DataFrame, reading: Reading) -> Iterator[Finding]:
    """Give one finding per kind of fault, at the first line that has it."""
    faulty = lines.filter(pl.col("fault").is_not_null())
    for fault, first, count in (
        faulty.group_by("fault", maintain_order=True).agg(pl.col("line").first(), pl.len().alias("count")).iter_rows()
    ):
        words = _WHY.get(fault, f"`{fault}` cannot be read")
        message = f"{'1 line' if count == 1 else f'{count} lines'}: {words}"
        remedy = "ask the bank what became of these payments; what was read of the others stands"
        yield reading.finding(DeliveryCode.LINES_UNREADABLE, message, remedy, line=first, count=count)


_WHY = {
    ENCODING: "the text is not of the encoding, or has no end",
    COLUMNS: "other cells than the profile says",
    CONSTANT: "a mark that always stands there is missing",
    DIGITS: "a spreadsheet has taken the last digits of a number",
    DIRECTION: "money came in that is no return of a payment",
}


def _cut_short(reading: Reading, body: pl.DataFrame) -> Finding:
    last = int(body["line"][-1]) if body.height else None
    message, remedy = "the end of the file is missing", "have the bank send all of it again"
    return reading.finding(DeliveryCode.STATEMENT_CUT, message, remedy, line=last)
