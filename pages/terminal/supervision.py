"""Lists of the supervision in a terminal: the same cells as in the workbook."""

import datetime as dt

from rich.table import Table
from rich.text import Text

from core.money import yuan_text
from engine.supervising.books import Cell, Fen, Sheet
from engine.supervising.limits import Standing
from engine.supervising.sheets import STANDINGS
from pages.terminal.printing import plain_table

_STYLES = {STANDINGS[Standing.OVERDUE]: "red", STANDINGS[Standing.NEAR]: "yellow"}


def sheet_table(sheet: Sheet, on: dt.date) -> Table:
    """Return one list as a table; numbers stand to the right."""
    numbers = [any(isinstance(row[place], int | Fen) for row in sheet.rows) for place in range(len(sheet.columns))]
    columns = " ".join(
        f"{name}{'>' if is_number else ''}" for name, is_number in zip(sheet.columns, numbers, strict=True)
    )
    table = plain_table(f"{sheet.title}（{on}）", columns)
    for row in sheet.rows:
        table.add_row(*map(_cell, row))
    return table


def _cell(cell: Cell) -> Text:
    match cell:
        case Fen(fen=fen):
            return Text(yuan_text(fen) if fen else "·")
        case int():
            return Text(f"{cell:,}" if cell else "·")
        case None:
            return Text("—")
        case _:
            return Text(str(cell), style=_STYLES.get(str(cell), ""))
