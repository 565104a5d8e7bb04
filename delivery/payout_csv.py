"""A payout table as CSV, for the bank's machine: every cell quoted, accounts digit by digit.

It is not made for a spreadsheet, which turns long accounts into rounded numbers; the XLSX is.
"""

import csv
import io
import re
from enum import StrEnum

import polars as pl

from delivery.payout_rows import HEADINGS, control_pairs, line_cells, table_of, total_cells, unreadable
from delivery.payout_table import PayoutTable

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "\uff20", "'")  # spreadsheets know the signs in full width too
_GUARD = "'"
_BEGINS_LIKE_FORMULA = f"^[{''.join(map(re.escape, _FORMULA))}]"
_LINE_END = "\r\n"


class Encoding(StrEnum):
    """What the agent bank reads."""

    UTF_8 = "utf-8-sig"  # with a mark at the beginning, by which Windows programs know it
    GB18030 = "gb18030"


def render_csv(table: PayoutTable, *, encoding: Encoding) -> bytes:
    """Return the file's bytes, the same on every machine."""
    head = _row(*(cell for pair in control_pairs(table.control) for cell in pair)) + _row(*HEADINGS)
    guarded = pl.when(pl.all().str.contains(_BEGINS_LIKE_FORMULA)).then(pl.lit(_GUARD) + pl.all()).otherwise(pl.all())
    cells = line_cells(table.lines).select(guarded.name.keep())
    lines = cells.write_csv(include_header=False, quote_style="always", line_terminator=_LINE_END)
    text = head + lines + _row(*total_cells(table.control))
    return text.encode(encoding.value)


def _row(*cells: str) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator=_LINE_END).writerow([_guarded(cell) for cell in cells])
    return text.getvalue()


def read_csv(data: bytes, place: str, *, encoding: Encoding) -> PayoutTable:
    """Return what a file says.

    Fails: `DeliveryError` where it is not one of ours, or was cut or changed.
    """
    text = data.decode(encoding.value, errors="replace")
    try:
        rows = [[_unguarded(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
    except csv.Error as fault:
        raise unreadable(place, "not a table of comma-separated cells") from fault
    return table_of(rows, place)


def _guarded(cell: str) -> str:
    """Keep a spreadsheet from running a cell; ASVS 5.0, 1.2.10."""
    return _GUARD + cell if cell.startswith(_FORMULA) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith(_GUARD) and cell[1:].startswith(_FORMULA) else cell
