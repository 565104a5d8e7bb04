"""Lists of the supervision as a workbook: texts stay texts, amounts are yuan, the same lists give the same bytes."""

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter  # type: ignore[import-untyped]  # it ships no types

from core.errors import RunError
from core.money import FEN_PER_YUAN
from core.settings import SettingsCode
from delivery.sheet_rows import UNDATED

_WIDTH = 18


@dataclass(frozen=True, slots=True)
class Fen:
    """An amount in a cell."""

    fen: int


Cell = str | int | Fen | dt.date | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One list: its title, the names of its columns, its rows."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def render_sheets(sheets: Sequence[Sheet]) -> bytes:
    """Return a workbook with one sheet for each list."""
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(written, options)
    book.set_properties({"title": sheets[0].title, "created": UNDATED.replace(tzinfo=None)})
    head = book.add_format({"bold": True, "bg_color": "#E7EEF5", "text_wrap": True})
    looks = {
        Fen: book.add_format({"num_format": "#,##0.00"}),
        str: book.add_format({"num_format": "@", "text_wrap": True}),
    }
    for each in sheets:
        sheet = book.add_worksheet(each.title)
        sheet.set_column(0, len(each.columns) - 1, _WIDTH)
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(each.columns):
            sheet.write_string(0, column, name, head)
        for place, row in enumerate(each.rows, start=1):
            for column, cell in enumerate(row):
                match cell:
                    case Fen(fen=fen):
                        sheet.write_number(place, column, fen / FEN_PER_YUAN, looks[Fen])
                    case int():
                        sheet.write_number(place, column, cell)
                    case str() | dt.date():
                        sheet.write_string(place, column, str(cell), looks[str])
                    case None:
                        sheet.write_blank(place, column, None)
    book.close()
    return written.getvalue()


def write_sheets(sheets: Sequence[Sheet], path: Path) -> None:
    """Write a workbook, whole or not at all.

    Fails: RunError where the folder may not be written.
    """
    beside = path.with_name(f".{path.name}.writing")
    try:
        beside.write_bytes(render_sheets(sheets))
        beside.replace(path)
    except OSError as fault:
        beside.unlink(missing_ok=True)
        message = f"the workbook cannot be written: {(fault.strerror or 'unknown reason').lower()}"
        raise RunError.one(SettingsCode.NO_ACCESS, path.name, message, "name a folder that may be written") from fault
