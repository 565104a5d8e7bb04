"""A list as a workbook, for a department to work through: text is text, amounts are numbers, nothing is a formula."""

import io
from collections.abc import Collection, Sequence
from decimal import Decimal

import xlsxwriter  # type: ignore[import-untyped]  # it ships no types

from core.money import FEN_PER_YUAN
from delivery.sheet_rows import UNDATED

_WIDTH_MIN, _WIDTH_MAX = 8, 46
_MEASURED_MAX = 500  # rows that decide how wide a column is; later ones look alike
_FIRST_WIDE = "\u2e80"  # Chinese signs begin here, and take the room of two
_TEXT_MAX = 32_767  # signs that a cell can hold

Cell = str | int
"""A text, or an amount in fen."""


def render_list(title: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """Return the workbook's bytes, the same on every machine.

    Units: whole numbers are fen, and stand in yuan.
    """
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(written, options)
    book.set_properties({"title": title, "created": UNDATED.replace(tzinfo=None)})
    head = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#E7EEF5", "border": 1})
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top", "border": 1})
    money = book.add_format({"num_format": "#,##0.00", "valign": "top", "border": 1})
    sheet = book.add_worksheet(title)
    for place, name in enumerate(columns):
        sheet.set_column(place, place, _width([name, *(str(row[place]) for row in rows[:_MEASURED_MAX])]))
        sheet.write_string(0, place, name, head)
    for number, row in enumerate(rows, start=1):
        for place, cell in enumerate(row):
            if isinstance(cell, int):
                sheet.write_number(number, place, Decimal(cell) / FEN_PER_YUAN, money)
            else:
                sheet.write_string(number, place, cell[:_TEXT_MAX], text)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(rows), len(columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    book.close()
    return written.getvalue()


def _width(words: Collection[str]) -> int:
    """Return how wide a column is."""
    longest = max(sum(1 if sign < _FIRST_WIDE else 2 for sign in word) for word in words)
    return min(max(_WIDTH_MIN, longest + 2), _WIDTH_MAX)
