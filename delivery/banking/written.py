"""A table as the bytes of a file, by its layout."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from core.errors import DeliveryError
from core.findings import Finding, Place
from delivery.banking.cells import cells_of
from delivery.banking.layouts import Layout, Row
from delivery.banking.sheets import Sheet, SheetRow, workbook
from delivery.banking.text_lines import text_file
from delivery.banking.words import Vocabulary


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """What one file says: a row of `frame` with the words of head and trailer, and a row of `lines` for each payment."""

    words: Vocabulary
    frame: pl.DataFrame
    lines: pl.DataFrame = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """A table as texts: rows of head and trailer, and lines with one String column per field."""

    layout: Layout
    head: Sequence[Sequence[str]]
    lines: pl.DataFrame
    trailer: Sequence[Sequence[str]]


def texts_of(table: Table, layout: Layout, place: Place) -> Texts:
    """Return a table as the texts of its cells.

    Fails: `DeliveryError`, where the file cannot carry them.
    """
    findings: list[Finding] = []

    def rows(parts: Sequence[Row]) -> list[Sequence[str]]:
        cells = [cells_of(table.frame, part, layout, table.words, place) for part in parts]
        findings.extend(finding for each in cells for finding in each.findings)
        return [each.texts.row(0) for each in cells]

    head, trailer = rows(layout.head), rows(layout.trailer)
    lines = cells_of(_with_frame(table, layout), layout.columns, layout, table.words, place)
    if findings := [*findings, *lines.findings]:
        raise DeliveryError(findings)
    return Texts(layout, head, lines.texts, trailer)


def write_table(table: Table, layout: Layout, place: Place) -> bytes:
    """Return a file's bytes, the same on every machine.

    Fails: as `texts_of`.
    """
    texts = texts_of(table, layout, place)
    return (
        text_file(layout, texts.head, texts.lines, texts.trailer)
        if layout.is_text
        else workbook([sheet_of(table, texts)])
    )


def sheet_of(table: Table, texts: Texts) -> Sheet:
    """Return a table as a sheet of a workbook, amounts as numbers."""
    layout = texts.layout

    def row(fields: Row, cells: Sequence[str]) -> SheetRow:
        return [
            (cell, _is_amount(table.words, field.of), field.of is None)
            for field, cell in zip(fields, cells, strict=True)
        ]

    return Sheet(
        name=layout.sheet,
        head=[row(*each) for each in zip(layout.head, texts.head, strict=True)],
        headings=[field.heading for field in layout.columns] if layout.headings else None,
        lines=texts.lines,
        numbers={str(index) for index, field in enumerate(layout.columns) if _is_amount(table.words, field.of)},
        trailer=[row(*each) for each in zip(layout.trailer, texts.trailer, strict=True)],
        has_fractions=layout.amounts == "yuan",
    )


def _with_frame(table: Table, layout: Layout) -> pl.DataFrame:
    """Return lines with the words of the head that a column repeats."""
    repeated = [word for word in sorted(layout.column_words()) if word not in table.lines.columns]
    return table.lines.with_columns(
        pl.lit(table.frame[word][0], dtype=table.frame.schema[word]).alias(word) for word in repeated
    )


def _is_amount(words: Vocabulary, word: str | None) -> bool:
    return word is not None and words.kind(word) == "amount"
