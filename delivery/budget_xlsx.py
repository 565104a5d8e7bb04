"""Budgets as a workbook, for the finance department: one sheet of pots, one of entries; amounts are numbers."""

import io
from collections.abc import Sequence
from decimal import Decimal

import xlsxwriter  # type: ignore[import-untyped]  # it ships no types
from xlsxwriter.format import Format  # type: ignore[import-untyped]  # it ships no types
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]  # it ships no types

from core.money import FEN_PER_YUAN
from delivery.sheet_rows import UNDATED, filled

Cell = str | int | None
"""Text, or fen."""


def render_budget(sheets: Sequence[tuple[str, Sequence[str], Sequence[Sequence[Cell]]]]) -> bytes:
    """Return a workbook of named sheets, each with its headings and rows; the same bytes on every machine.

    Units: whole numbers are fen, and stand as yuan with two decimals; numbers that are none are given as text.
    """
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": "资金账", "created": UNDATED.replace(tzinfo=None)})
    border = {"border": 1, "border_color": "#C9D2DB"}
    head = book.add_format(border | {"bold": True, "bg_color": "#E7EEF5", "text_wrap": True})
    words, money = book.add_format(border | {"num_format": "@"}), book.add_format(border | {"num_format": "#,##0.00"})
    for name, headings, rows in sheets:
        sheet = book.add_worksheet(name)
        for column, heading in enumerate(headings):
            sheet.set_column(column, column, 16)
            sheet.write_string(0, column, heading, head)
        for place, row in enumerate(rows, start=1):
            _write(sheet, place, row, (words, money))
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
    book.close()
    return filled(written.getvalue(), {})


def _write(sheet: Worksheet, place: int, row: Sequence[Cell], styles: tuple[Format, Format]) -> None:
    words, money = styles
    for column, cell in enumerate(row):
        if isinstance(cell, int):
            sheet.write_number(place, column, Decimal(cell) / FEN_PER_YUAN, money)
        else:
            sheet.write_string(place, column, cell or "", words)
