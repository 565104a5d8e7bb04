"""A payout table as a workbook, for the paymaster: to read, to print and to sign.

Accounts and all words are text cells, amounts are numbers, nothing is a formula. A sheet holds a million lines;
what is beyond stands on further ones, the totals at the end of the last. The file is byte for byte the same on
every machine.
"""

import io
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from decimal import Decimal

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import polars as pl
import xlsxwriter  # type: ignore[import-untyped]  # it ships no types
from xlsxwriter.format import Format  # type: ignore[import-untyped]  # it ships no types
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]  # it ships no types

from core.money import FEN_PER_YUAN
from delivery.capital_amounts import yuan_capital
from delivery.payout_rows import AMOUNT_AT, COUNT_AT, HEADINGS, TOTAL, control_pairs, line_cells, table_of, unreadable
from delivery.payout_table import PayoutTable
from delivery.sheet_rows import UNDATED, Rows, filled

LINES_ON_A_SHEET = 1_000_000  # a sheet has 1,048,576 rows and no more (ECMA-376); head and foot take some

_SHEET = "发放清单"
_MEASURED_MAX = 500  # lines that decide how wide columns are; later ones look alike
_WIDTH_MIN, _WIDTH_MAX = 15, 42  # the labels of the head need the one, a printed page the other
_AMOUNT = HEADINGS[AMOUNT_AT]
_CENTRED = frozenset({0, HEADINGS.index("所属期")})
_UNPACKED_MAX = 200_000_000  # bytes; what has more is read where it was not made much smaller than that
_PACKING_MAX = 50  # times; spreadsheets pack ours to a tenth, an archive bomb is packed to a thousandth


def render_xlsx(table: PayoutTable, *, lines_on_a_sheet: int = LINES_ON_A_SHEET) -> bytes:
    """Return the workbook's bytes, the same on every machine.

    Expects: at least one line.
    """
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": f"{table.control.title}{_SHEET}", "created": UNDATED.replace(tzinfo=None)})
    style = _Styles(book)
    rows: dict[int, Rows] = {}
    cells = line_cells(table.lines)
    starts = range(0, cells.height, lines_on_a_sheet)
    for number, start in enumerate(starts, start=1):
        lines = cells.slice(start, lines_on_a_sheet)
        sheet = book.add_worksheet(_SHEET if number == 1 else f"{_SHEET}{number}")
        top = _write_head(sheet, style, table) if number == 1 else 0
        _write_model(sheet, style, lines.row(0), top)
        rows[number] = Rows(top + 2, lines, {_AMOUNT})  # XlsxWriter counts rows from 0, sheets from 1
        below = top + 1 + lines.height
        if number == len(starts):
            _write_foot(sheet, style, table, below)
        _lay_out(sheet, lines, top, below)
    book.close()
    return filled(written.getvalue(), rows)


def read_xlsx(data: bytes, place: str) -> PayoutTable:
    """Return what a workbook says.

    Fails: `DeliveryError` where it is not one of ours, or was cut or changed.
    """
    try:
        rows = _read(data)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as fault:
        raise unreadable(place, "no workbook with our sheet") from fault
    return table_of(rows, place)


def _read(data: bytes) -> list[list[str]]:
    """Return the cells of our sheets as texts; further sheets repeat the headings."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = sum(part.file_size for part in archive.infolist())
    if size > max(_UNPACKED_MAX, _PACKING_MAX * len(data)):
        raise zipfile.BadZipFile
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    first, *further = [name for name in book.sheetnames if name.startswith(_SHEET)] or [_SHEET]
    rows = list(_texts(book[first]))
    for name in further:
        rows += list(_texts(book[name]))[1:]
    return rows


def _texts(sheet: openpyxl.worksheet.worksheet.Worksheet) -> Iterator[list[str]]:
    for row in sheet.iter_rows(values_only=True):
        yield ["" if value is None else str(value) for value in row]


class _Styles:
    """The formats of a workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
        grid = {**base, "border": 1}
        text = {**grid, "num_format": "@"}  # text stays text also when somebody edits the cell
        amount = {**grid, "num_format": "#,##0.00"}
        shade = {"bold": True, "bg_color": "#EDEDED"}
        self.title: Format = book.add_format({**base, "bold": True, "font_size": 16, "align": "center"})
        self.label: Format = book.add_format({**base, "bold": True})
        self.value: Format = book.add_format({**base, "num_format": "@"})
        self.heading: Format = book.add_format({**grid, **shade, "align": "center", "text_wrap": True})
        self.text: Format = book.add_format({**text, "text_wrap": True})
        self.centred: Format = book.add_format({**text, "align": "center"})
        self.amount: Format = book.add_format(amount)
        self.total: Format = book.add_format({**amount, **shade})
        self.total_text: Format = book.add_format({**text, **shade, "align": "center"})


def _write_head(sheet: Worksheet, style: _Styles, table: PayoutTable) -> int:
    """Write the title and the control totals, two pairs to a row; return the row of the headings."""
    sheet.set_row(0, 30)
    sheet.merge_range(0, 0, 0, len(HEADINGS) - 1, f"{table.control.title}{_SHEET}", style.title)
    row = 1
    for index, (label, value) in enumerate(control_pairs(table.control)):
        row, side = 1 + index // 2, index % 2
        sheet.write_string(row, side * 4, label, style.label)
        sheet.write_string(row, side * 4 + 1, value, style.value)
    sheet.write_string(row + 1, 0, "金额大写", style.label)
    sheet.write_string(row + 1, 1, yuan_capital(table.control.total_fen), style.value)
    return row + 3


def _write_model(sheet: Worksheet, style: _Styles, cells: Sequence[str], top: int) -> None:
    """Write the headings, and below them one line in the formats of all."""
    for column, heading in enumerate(HEADINGS):
        sheet.write_string(top, column, heading, style.heading)
    for column, cell in enumerate(cells):
        if column == AMOUNT_AT:
            sheet.write_number(top + 1, column, Decimal(cell), style.amount)
        else:
            sheet.write_string(top + 1, column, cell, style.centred if column in _CENTRED else style.text)


def _write_foot(sheet: Worksheet, style: _Styles, table: PayoutTable, row: int) -> None:
    """Write the totals and the places for signatures."""
    for column in range(len(HEADINGS)):
        sheet.write_blank(row, column, None, style.total_text)
    sheet.write_string(row, 0, TOTAL, style.total_text)
    sheet.write_number(row, AMOUNT_AT, _yuan(table.control.total_fen), style.total)
    sheet.write_string(row, COUNT_AT, str(table.control.count), style.total_text)
    for column, word in ((1, "制表："), (3, "复核："), (5, "签发：")):
        sheet.write_string(row + 2, column, word, style.label)


def _lay_out(sheet: Worksheet, lines: pl.DataFrame, top: int, below: int) -> None:
    """Set widths, the frozen head and how it prints: A4 across, headings on every page."""
    columns = zip(*(HEADINGS, *lines.head(_MEASURED_MAX).iter_rows()), strict=True)
    for column, cells in enumerate(columns):
        wide = max(map(_width, cells)) + 2
        sheet.set_column(column, column, min(max(wide, _WIDTH_MIN), _WIDTH_MAX))
    sheet.freeze_panes(top + 1, 0)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{chr(ord('A') + len(HEADINGS) - 1)}{below + 1}"})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(top)
    sheet.set_footer("&L&A&R第 &P 页，共 &N 页")


def _yuan(fen: int) -> Decimal:
    """Return yuan as XlsxWriter writes them digit by digit, never through a binary fraction."""
    return Decimal(fen) / FEN_PER_YUAN


def _width(text: str) -> int:
    """Return how wide a text stands: Chinese characters take two places."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
