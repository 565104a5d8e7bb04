"""Text files whose cells have a fixed width: cells filled up to so many bytes as encoded, one behind the other, and back.

A sign may take one byte, two or four, so nothing here counts signs. What does not fit was refused before
(`delivery.banking.cells`); a line that is not exactly as long as its layout says is no line of it.
"""

import codecs
from collections.abc import Sequence

import polars as pl

from delivery.banking.layouts import Field, Layout, Row

_FILL = {"space": b" ", "zero": b"0"}


def fixed_file(
    layout: Layout, head: Sequence[Sequence[str]], lines: pl.DataFrame, trailer: Sequence[Sequence[str]]
) -> bytes:
    """Return rows as a file; the last line ends like all others, so that a file cut short shows.

    Expects: no cell is longer than its width.
    """
    end = layout.end_of_line.encode()
    parts = [_line(*each, layout) for each in zip(layout.head, head, strict=True)]
    parts += [_line(layout.columns, cells, layout) for cells in lines.iter_rows()]
    parts += [_line(*each, layout) for each in zip(layout.trailer, trailer, strict=True)]
    data = b"".join(part + end for part in parts)
    return codecs.BOM_UTF8 + data if layout.encoding == "utf-8-sig" else data


def _line(fields: Row, cells: Sequence[str], layout: Layout) -> bytes:
    return b"".join(_filled(field, cell.encode(layout.codec)) for field, cell in zip(fields, cells, strict=True))


def _filled(field: Field, cell: bytes) -> bytes:
    assert field.width is not None, "a profile was checked"
    assert len(cell) <= field.width, "what does not fit was refused"
    fill = _FILL[field.pad]
    return cell.rjust(field.width, fill) if field.align == "right" else cell.ljust(field.width, fill)


def fixed_cells(texts: pl.Series, layout: Layout) -> pl.Series:
    """Return the cells of each line: lists of texts, without what fills them; null stays null.

    A line belongs to head or trailer by its place. One that is of no row there, by its length or its texts, is a line of
    the columns; one that is none of those either comes as one cell, and is found to have others than its layout says.
    """
    last = len(texts) - len(layout.closing)
    cells = [
        None if text is None else _cells(text, _rows_at(place, last, layout), layout)
        for place, text in enumerate(texts)
    ]
    return pl.Series(cells, dtype=pl.List(pl.String))


def _rows_at(place: int, last: int, layout: Layout) -> tuple[Row, ...]:
    if place < len(layout.head):
        return (layout.head[place],)
    return (layout.closing[place - last], layout.columns) if place >= last else (layout.columns,)


def _cells(text: str, rows: Sequence[Row], layout: Layout) -> list[str]:
    line = text.encode(layout.codec)
    for row in rows:
        cells = _cut(line, row, layout)
        if cells is not None and all(
            field.text is None or cell == field.text.strip() for field, cell in zip(row, cells, strict=True)
        ):
            return cells
    cells = _cut(line, layout.columns, layout)
    return [text, *[""] * len(layout.columns)] if cells is None else cells


def _cut(line: bytes, fields: Row, layout: Layout) -> list[str] | None:
    """Return the cells of a line, or None where it is of another length or ends a cell within a sign."""
    if len(line) != sum(field.width or 0 for field in fields):
        return None
    cells, start = [], 0
    for field in fields:
        end = start + (field.width or 0)
        try:
            cells.append(_bare(field, line[start:end].decode(layout.codec)))
        except UnicodeDecodeError:
            return None
        start = end
    return cells


def _bare(field: Field, cell: str) -> str:
    bare = cell.strip(" ")
    if field.pad == "space" or not bare:
        return bare
    digits = bare.lstrip("0")
    return digits if digits[:1].isdigit() else f"0{digits}"
