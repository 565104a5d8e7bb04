"""Workbooks for banks and treasuries: sheets of head, headings, lines and trailer.

Words are text cells, amounts are numbers, nothing is a formula; byte for byte the same on every machine.
"""

import io
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from unicodedata import east_asian_width

import polars as pl
import xlsxwriter  # type: ignore[import-untyped]  # it ships no types
from xlsxwriter.format import Format  # type: ignore[import-untyped]  # it ships no types
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]  # it ships no types

from delivery.sheet_rows import UNDATED, Rows, filled

SheetRow = Sequence[tuple[str, bool, bool]]
"""Cells: the text, whether it is an amount, whether it is a label."""

_MEASURED_MAX = 500  # lines that decide how wide columns are; later ones look alike
_WIDTH_MIN, _WIDTH_MAX = 8, 42
_A4 = 9


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One sheet; `lines` are texts, those of the columns in `numbers` digit by digit."""

    name: str
    head: Sequence[SheetRow]
    headings: Sequence[str] | None
    lines: pl.DataFrame = field(repr=False)
    numbers: Collection[str]
    trailer: Sequence[SheetRow] = ()
    has_fractions: bool = True


def workbook(sheets: Sequence[Sheet], title: str = "") -> bytes:
    """Return a workbook's bytes, the same on every machine."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": title, "created": UNDATED.replace(tzinfo=None)})
    rows: dict[int, Rows] = {}
    for number, sheet in enumerate(sheets, start=1):
        top = _write(book, sheet)
        if not sheet.lines.is_empty():
            rows[number] = Rows(top + 1, sheet.lines, sheet.numbers)  # XlsxWriter counts rows from 0
    book.close()
    return filled(written.getvalue(), rows)


class _Styles:
    """The formats of a sheet."""

    def __init__(self, book: xlsxwriter.Workbook, *, has_fractions: bool) -> None:
        base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
        grid = {**base, "border": 1}
        text = {**grid, "num_format": "@"}  # text stays text also when somebody edits the cell
        amount = {"num_format": "#,##0.00" if has_fractions else "0"}
        shade = {"bold": True, "bg_color": "#EDEDED"}
        self.label: Format = book.add_format({**base, "bold": True})
        self.value: Format = book.add_format({**base, "num_format": "@"})
        self.sum: Format = book.add_format({**base, **amount, "align": "left"})
        self.heading: Format = book.add_format({**grid, **shade, "align": "center", "text_wrap": True})
        self.text: Format = book.add_format(text)
        self.amount: Format = book.add_format({**grid, **amount})


def _write(book: xlsxwriter.Workbook, sheet: Sheet) -> int:
    """Write a sheet with one line as the model of all; return its row, counted from 0."""
    page, style = book.add_worksheet(sheet.name), _Styles(book, has_fractions=sheet.has_fractions)
    _write_rows(page, style, sheet.head, 0)
    top = len(sheet.head)
    if sheet.headings is not None:
        for column, heading in enumerate(sheet.headings):
            page.write_string(top, column, heading, style.heading)
        page.freeze_panes(top + 1, 0)
        page.repeat_rows(top)
        top += 1
    for column, cell in enumerate(sheet.lines.row(0) if not sheet.lines.is_empty() else ()):
        if str(column) in sheet.numbers:
            page.write_number(top, column, Decimal(cell), style.amount)
        else:
            page.write_string(top, column, cell, style.text)
    below = top + sheet.lines.height
    _write_rows(page, style, sheet.trailer, below)
    _lay_out(page, sheet, below)
    return top


def _write_rows(page: Worksheet, style: _Styles, rows: Iterable[SheetRow], start: int) -> None:
    for row, cells in enumerate(rows, start):
        for column, (text, is_amount, is_label) in enumerate(cells):
            if is_amount:
                page.write_number(row, column, Decimal(text), style.sum)
            elif text:
                page.write_string(row, column, text, style.label if is_label else style.value)


def _lay_out(page: Worksheet, sheet: Sheet, below: int) -> None:
    """Set widths, and how it prints: A4 across."""
    titled = [cells for cells in sheet.head if len(cells) > 1]  # a title stands alone and may run over
    rows = chain(
        [sheet.headings or ()],
        ([text for text, *_ in cells] for cells in [*titled, *sheet.trailer]),
        sheet.lines.head(_MEASURED_MAX).iter_rows(),
    )
    widths: dict[int, int] = {}
    for cells in rows:
        for column, cell in enumerate(cells):
            widths[column] = max(widths.get(column, _WIDTH_MIN), _width(cell) + 2)
    for column, width in widths.items():
        page.set_column(column, column, min(width, _WIDTH_MAX))
    page.ignore_errors({"number_stored_as_text": f"A1:{chr(ord('A') + max(widths))}{below + 1}"})
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.set_footer("&L&A&R第 &P 页，共 &N 页")


def _width(text: str) -> int:
    """Return how wide a text stands: Chinese characters take two places."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)
