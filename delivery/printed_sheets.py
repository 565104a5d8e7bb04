"""A table to print and to sign, as a workbook: every cell text, no formula ever, byte for byte the same everywhere."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import xlsxwriter  # type: ignore[import-untyped]  # it ships no types

from delivery.sheet_rows import UNDATED

_A4 = 9
_TEXT_MAX = 32_767  # signs that a cell can hold


@dataclass(frozen=True, slots=True)
class PrintedSheet:
    """What stands on it: title, lines above, headings with their widths, rows, and lines below."""

    title: str
    above: Sequence[str]
    headings: Sequence[tuple[str, int]]
    rows: Sequence[Sequence[str]]
    below: Sequence[str] = ()


def render_sheet(sheet: PrintedSheet) -> bytes:
    """Return the workbook of one sheet that prints on A4."""
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(written, options)
    book.set_properties({"title": sheet.title, "created": UNDATED.replace(tzinfo=None)})
    cell = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top", "border": 1})
    head = book.add_format({"bold": True, "text_wrap": True, "border": 1, "bg_color": "#E7EEF5"})
    title, plain = book.add_format({"bold": True, "font_size": 14}), book.add_format({"num_format": "@"})
    page = book.add_worksheet("登记" if not sheet.title else sheet.title[:31])
    page.write_string(0, 0, sheet.title, title)
    for line, text in enumerate(sheet.above, start=1):
        page.write_string(line, 0, text, plain)
    top = len(sheet.above) + 1
    for column, (name, width) in enumerate(sheet.headings):
        page.set_column(column, column, width)
        page.write_string(top, column, name, head)
    for line, row in enumerate(sheet.rows, start=top + 1):
        for column, text in enumerate(row):
            page.write_string(line, column, text[:_TEXT_MAX], cell)
    for line, text in enumerate(sheet.below, start=top + len(sheet.rows) + 1):
        page.write_string(line, 0, text, plain)
    page.freeze_panes(top + 1, 0)
    page.repeat_rows(top)
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    book.close()
    return written.getvalue()
