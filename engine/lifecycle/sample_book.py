"""A sample as a workbook: every cell text, no formula ever, a list to choose each verdict from; and what came back of it.

Only the columns that a person fills in can be changed; what a spreadsheet did all the same is refused with its row.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import xlsxwriter  # type: ignore[import-untyped]  # it ships no types
from openpyxl.cell.cell import Cell  # type: ignore[import-untyped]  # it ships no types
from openpyxl.worksheet.worksheet import Worksheet  # type: ignore[import-untyped]  # it ships no types

from delivery.sheet_rows import UNDATED
from engine.workbooks import UnreadableWorkbookError, open_edited

SHEET, ABOUT = "核对", "说明"
ROWS_MAX = 2_000  # a sample has a thousand cases at most
COLUMNS_MAX = 500
TEXT_MAX = 32_767  # signs that a cell can hold

_HINTS: Final = (
    ("怎么核对", "逐行对照本部门掌握的材料。结论和金额都对的，在“是否正确”一列选“对”；有一样不对就选“错”，并写明哪里不对。"),
    ("分次核对", "没有核对的留空；可以先交回一部分，以后再交其余的。已经交回的结论不能再改。"),
    ("不要改动", "其余各列已锁定。不要合并单元格，不要写公式，不要增删列，不要只对个别列排序。"),
    ("交回", "mianshen rules verdict 本文件 --by 核对人（须与拟定人不同）"),
)  # fmt: skip
_WIDTH = {"样本": 20, "序号": 6, "对象": 20, "结论": 8, "金额（元）": 12, "说明": 30}
_WIDTH_ELSE = 34


@dataclass(frozen=True, slots=True)
class Entries:
    """The columns at the end that a person fills in: how many, and what may be chosen in the first of them."""

    count: int
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table that came back, by its number in the file."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spoilt:
    """What somebody, or a spreadsheet, did to a row that no judgement can come of; `line` 0: to the whole sheet."""

    line: int
    message: str
    remedy: str


def render_book(rows: Sequence[Sequence[str]], entries: Entries) -> bytes:
    """Return a table, its header first, as a workbook; byte for byte the same on every machine."""
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(written, options)
    book.set_properties({"title": "抽样核对", "created": UNDATED.replace(tzinfo=None)})
    looks = {"num_format": "@", "text_wrap": True, "valign": "top", "border": 1, "border_color": "#C9D2DB"}
    head = book.add_format(
        {"bold": True, "text_wrap": True, "bg_color": "#E7EEF5", "border": 1, "border_color": "#C9D2DB"}
    )
    told, asked = book.add_format(looks), book.add_format(looks | {"locked": False, "bg_color": "#FFF8E1"})
    sheet, first = book.add_worksheet(SHEET), len(rows[0]) - entries.count
    for column, name in enumerate(rows[0]):
        sheet.set_column(column, column, _WIDTH.get(name, _WIDTH_ELSE))
        sheet.write_string(0, column, name, head)
    for place, row in enumerate(rows[1:], start=1):
        for column, text in enumerate(row[:first]):
            sheet.write_string(place, column, _fitting(text), told)
        for column in range(first, len(row)):
            sheet.write_blank(place, column, None, asked)
    sheet.data_validation(1, first, len(rows) - 1, first, _chosen_from(entries.choices))
    sheet.protect("", {"format_columns": True, "format_rows": True})
    sheet.freeze_panes(1, 3)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    about = book.add_worksheet(ABOUT)
    about.set_column(0, 0, 12)
    about.set_column(1, 1, 90)
    for place, (name, text) in enumerate(_HINTS):
        about.write_string(place, 0, name, head)
        about.write_string(place, 1, text, told)
    book.close()
    return written.getvalue()


def _fitting(text: str) -> str:
    """Return a text as far as a cell can hold it; one that is cut says so."""
    return text if len(text) <= TEXT_MAX else f"{text[: TEXT_MAX - 1]}…"


def _chosen_from(choices: tuple[str, ...]) -> dict[str, object]:
    words = "或".join(f"“{each}”" for each in choices)
    return {
        "validate": "list",
        "source": list(choices),
        "error_title": "请从列表中选",
        "error_message": f"只能填{words}；没有核对的留空。",
    }


def rows_of_book(path: Path, entry_count: int) -> tuple[list[Line], list[Spoilt]]:
    """Return the rows of a workbook that hold anything, header first, and what was done to them.

    Fails: UnreadableWorkbookError where it is none of ours.
    """
    book = open_edited(path)
    if SHEET not in book.sheetnames:
        message = f"the workbook has no sheet `{SHEET}`"
        raise UnreadableWorkbookError(message)
    sheet = book[SHEET]
    if sheet.max_row > ROWS_MAX or sheet.max_column > COLUMNS_MAX:
        message = f"the sheet reaches beyond {ROWS_MAX:,} rows or {COLUMNS_MAX} columns"
        raise UnreadableWorkbookError(message)
    spoilt = [
        Spoilt(0, f"the sheet `{name}` is none of ours", "take the sheet out; nobody would read it")
        for name in book.sheetnames
        if name not in {SHEET, ABOUT}
    ]
    spoilt += [
        Spoilt(merged.min_row, f"the cells {merged.coord} are merged", "split them; each row stands for itself")
        for merged in sheet.merged_cells.ranges
    ]
    lines = list[Line]()
    width = max((cell.column for cell in sheet[1] if cell.value is not None), default=0)
    for cells in _filled(sheet):
        spoilt += _faults(cells, width, entry_count)
        lines.append(
            Line(cells[0].row, tuple(str(cell.value if cell.value is not None else "") for cell in cells[:width]))
        )
    return lines, spoilt


def _filled(sheet: Worksheet) -> Iterator[tuple[Cell, ...]]:
    for row in sheet.iter_rows():
        if any(cell.value not in {None, ""} for cell in row):
            yield row


def _faults(cells: Sequence[Cell], width: int, entry_count: int) -> Iterator[Spoilt]:
    """Give what is wrong with the cells of a row: formulas, codes that became numbers, columns of somebody's own."""
    for place, cell in enumerate(cells):
        where = cell.coordinate
        if cell.value is None:
            continue
        if cell.data_type == "f":
            yield Spoilt(cell.row, f"a formula stands in {where}", "write the word itself")
        elif place >= width:
            yield Spoilt(cell.row, f"{where} stands in a column of somebody's own", "take the column out")
        elif place < width - entry_count and not isinstance(cell.value, str):
            message = f"{where} was a text and is something else by now"
            yield Spoilt(cell.row, message, "draw the sample again; fill in only the last columns")
