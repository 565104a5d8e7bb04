"""A table that a person fills in, as a workbook: every cell text, no formula ever, a list to choose from; and what came back.

Only the columns that a person fills in can be changed; what a spreadsheet did all the same is refused with its row.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter  # type: ignore[import-untyped]  # it ships no types
from openpyxl.cell.cell import Cell  # type: ignore[import-untyped]  # it ships no types
from openpyxl.worksheet.worksheet import Worksheet  # type: ignore[import-untyped]  # it ships no types

from delivery.sheet_rows import UNDATED
from engine.workbooks import UnreadableWorkbookError, open_edited

ABOUT = "说明"
COLUMNS_MAX = 500
TEXT_MAX = 32_767  # signs that a cell can hold
_WIDTH_ELSE = 34


@dataclass(frozen=True, slots=True)
class Entries:
    """The columns at the end that a person fills in: how many, and what may be chosen in the first of them."""

    count: int
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of table: its title and sheet, what is told beside it, and the columns at its end that a person fills in.

    `frozen` columns stay in sight; `remedy` is for whoever spoilt one: how to come by it again.
    """

    title: str
    sheet: str
    hints: tuple[tuple[str, str], ...]
    entries: Entries
    widths: Mapping[str, int]
    remedy: str
    frozen: int = 3
    rows_max: int = 2_000


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


def render_book(rows: Sequence[Sequence[str]], form: Form) -> bytes:
    """Return a table, its header first, as a workbook; byte for byte the same on every machine."""
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(written, options)
    book.set_properties({"title": form.title, "created": UNDATED.replace(tzinfo=None)})
    looks = {"num_format": "@", "text_wrap": True, "valign": "top", "border": 1, "border_color": "#C9D2DB"}
    head = book.add_format(
        {"bold": True, "text_wrap": True, "bg_color": "#E7EEF5", "border": 1, "border_color": "#C9D2DB"}
    )
    told, asked = book.add_format(looks), book.add_format(looks | {"locked": False, "bg_color": "#FFF8E1"})
    sheet, first = book.add_worksheet(form.sheet), len(rows[0]) - form.entries.count
    for column, name in enumerate(rows[0]):
        sheet.set_column(column, column, form.widths.get(name, _WIDTH_ELSE))
        sheet.write_string(0, column, name, head)
    for place, row in enumerate(rows[1:], start=1):
        for column, text in enumerate(row[:first]):
            sheet.write_string(place, column, _fitting(text), told)
        for column in range(first, len(row)):
            sheet.write_blank(place, column, None, asked)
    sheet.data_validation(1, first, len(rows) - 1, first, _chosen_from(form.entries.choices))
    sheet.protect("", {"format_columns": True, "format_rows": True})
    sheet.freeze_panes(1, form.frozen)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    about = book.add_worksheet(ABOUT)
    about.set_column(0, 0, 12)
    about.set_column(1, 1, 90)
    for place, (name, text) in enumerate(form.hints):
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


def rows_of_book(path: Path, form: Form) -> tuple[list[Line], list[Spoilt]]:
    """Return the rows of a workbook that hold anything, header first, and what was done to them.

    Fails: UnreadableWorkbookError where it is none of ours.
    """
    book = open_edited(path)
    if form.sheet not in book.sheetnames:
        message = f"the workbook has no sheet `{form.sheet}`"
        raise UnreadableWorkbookError(message)
    sheet = book[form.sheet]
    if sheet.max_row > form.rows_max or sheet.max_column > COLUMNS_MAX:
        message = f"the sheet reaches beyond {form.rows_max:,} rows or {COLUMNS_MAX} columns"
        raise UnreadableWorkbookError(message)
    spoilt = [
        Spoilt(0, f"the sheet `{name}` is none of ours", "take the sheet out; nobody would read it")
        for name in book.sheetnames
        if name not in {form.sheet, ABOUT}
    ]
    spoilt += [
        Spoilt(merged.min_row, f"the cells {merged.coord} are merged", "split them; each row stands for itself")
        for merged in sheet.merged_cells.ranges
    ]
    lines = list[Line]()
    width = max((cell.column for cell in sheet[1] if cell.value is not None), default=0)
    for cells in _filled(sheet):
        spoilt += _faults(cells, width, form)
        lines.append(
            Line(cells[0].row, tuple(str(cell.value if cell.value is not None else "") for cell in cells[:width]))
        )
    return lines, spoilt


def _filled(sheet: Worksheet) -> Iterator[tuple[Cell, ...]]:
    for row in sheet.iter_rows():
        if any(cell.value not in {None, ""} for cell in row):
            yield row


def _faults(cells: Sequence[Cell], width: int, form: Form) -> Iterator[Spoilt]:
    """Give what is wrong with the cells of a row: formulas, codes that became numbers, columns of somebody's own."""
    for place, cell in enumerate(cells):
        where = cell.coordinate
        if cell.value is None:
            continue
        if cell.data_type == "f":
            yield Spoilt(cell.row, f"a formula stands in {where}", "write the word itself")
        elif place >= width:
            yield Spoilt(cell.row, f"{where} stands in a column of somebody's own", "take the column out")
        elif place < width - form.entries.count and not isinstance(cell.value, str):
            message = f"{where} was a text and is something else by now"
            yield Spoilt(cell.row, message, f"{form.remedy}; fill in only the last columns")
