"""The parameters and the tariff of a version as a workbook, and back: to be edited where officers work on tables.

One table to a sheet, its header in the first row. What a spreadsheet spoils without a word is refused with sheet and
cell: formulas, merged cells, columns of somebody's own, codes that became numbers.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import xlsxwriter  # type: ignore[import-untyped]  # it ships no types
from openpyxl.cell.cell import Cell  # type: ignore[import-untyped]  # it ships no types
from openpyxl.worksheet.worksheet import Worksheet  # type: ignore[import-untyped]  # it ships no types

from core.errors import RuleError
from core.findings import Finding, Place
from delivery.sheet_rows import UNDATED
from engine.workbooks import UnreadableWorkbookError, open_edited
from rules.authoring_codes import AuthoringCode
from rules.bound import RuleVersion
from rules.table_cells import DAY, GENERAL, TEXT, CellError, entered, shown
from rules.tables import MAIN, Tables, TariffRow, tables_of
from rules.version import Number

ABOUT, PARAMETERS, TARIFF = "说明", "参数", "标准"
HEADERS = {ABOUT: ("项目", "内容"), PARAMETERS: ("名称", "数值"), TARIFF: ("项目", "适用条件", "金额", "期次", "条款")}
ROWS_MAX = 5_000
COLUMNS_MAX = 50

_POLICY, _VERSION, _FINGERPRINT = "事项", "版本", "指纹"
_HINTS = (
    ("名称", "{title}"),
    ("怎么改", "只改“参数”和“标准”两张表；可以增删行，不要增删列，不要合并单元格，不要写公式。"),
    ("标准", "自上而下，同一项目适用第一条符合的；适用条件留空为其余情形。金额可以写数字、5%、25万、参数名或算式。"),
    ("代码", '以0开头的代码写成文本并加引号，例如 "0118"。'),
    ("导回", "mianshen rules import 本文件"),
)  # fmt: skip
_WIDTHS = {ABOUT: (14, 90), PARAMETERS: (36, 24), TARIFF: (16, 70, 24, 8, 18)}


@dataclass(frozen=True, slots=True)
class Origin:
    """Which version a workbook was made from."""

    policy: str
    version: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class TableBook:
    """A workbook that came back: its tables, and in which cell each value stands, by its place in the rule file."""

    tables: Tables
    cells: dict[tuple[str | int, ...], str]


def render_tables(version: RuleVersion) -> bytes:
    """Return the workbook of a version, byte for byte the same on every machine."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": version.written.title, "created": UNDATED.replace(tzinfo=None)})
    styles = _Styles(book)
    tables = tables_of(version.written)
    about = [
        (_POLICY, version.policy), (_VERSION, str(version.version)), (_FINGERPRINT, version.fingerprint),
        *((name, text.format(title=version.written.title)) for name, text in _HINTS),
    ]  # fmt: skip
    _write(book, styles, ABOUT, about)
    _write(book, styles, PARAMETERS, list(tables.parameters.items()))
    rows = [
        (
            "" if row.component == MAIN else row.component,
            row.when or "",
            row.amount,
            row.instalment or "",
            row.article or "",
        )
        for row in tables.tariff
    ]
    _write(book, styles, TARIFF, rows)
    book.worksheets_objs[1].activate()
    book.close()
    return written.getvalue()


class _Styles:
    """The formats of one workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[str, Any] = {}
        self.head = book.add_format({"bold": True, "bg_color": "#E7EEF5", "border": 1, "border_color": "#C9D2DB"})

    def of(self, number_format: str) -> Any:  # noqa: ANN401  # it ships no types
        """Return the cell format with a number format; text is folded."""
        if number_format not in self._made:
            looks = {"valign": "top", "border": 1, "border_color": "#C9D2DB", "text_wrap": number_format == TEXT}
            kind = {} if number_format == GENERAL else {"num_format": number_format}
            self._made[number_format] = self._book.add_format(looks | kind)
        return self._made[number_format]


def _write(book: xlsxwriter.Workbook, styles: _Styles, name: str, rows: Sequence[Sequence[Number]]) -> None:
    sheet = book.add_worksheet(name)
    values = {PARAMETERS: {1}, TARIFF: {2}}.get(name, set())
    for column, (heading, width) in enumerate(zip(HEADERS[name], _WIDTHS[name], strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, styles.head)
    for place, row in enumerate(rows, start=1):
        for column, written in enumerate(row):
            cell = shown(written) if column in values else None
            match cell:
                case None:
                    sheet.write_string(place, column, str(written), styles.of(TEXT))
                case (str() as text, _):
                    sheet.write_string(place, column, text, styles.of(TEXT))
                case (value, number_format) if number_format == DAY:
                    sheet.write_datetime(place, column, value, styles.of(DAY))
                case (value, number_format):
                    sheet.write_number(place, column, value, styles.of(number_format))
    sheet.freeze_panes(1, 0)
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def origin_of(path: Path) -> Origin:
    """Return which version a workbook was made from.

    Fails: RuleError where it is no workbook of ours.
    """
    return _Reading(path, Tables({}, ())).origin()


def read_tables(path: Path, before: Tables) -> TableBook:
    """Return what a workbook says; `before` are the tables that it was made from, so that codes stay codes.

    Fails: RuleError with every finding, each with sheet and cell.
    """
    return _Reading(path, before).book()


class _Reading:
    """The reading of one workbook."""

    def __init__(self, path: Path, before: Tables) -> None:
        self._path = path
        self._before = before
        self._findings: list[Finding] = []
        self._cells: dict[tuple[str | int, ...], str] = {}

    def origin(self) -> Origin:
        """Read the sheet that says where it comes from."""
        sheet = self._sheets()[ABOUT]
        about = {str(row[0].value): str(row[1].value or "") for row in sheet.iter_rows(max_row=10, max_col=2)}
        missing = [name for name in (_POLICY, _VERSION, _FINGERPRINT) if not about.get(name)]
        if missing or not about[_VERSION].isdecimal():
            message = f"it does not say its {'、'.join(missing or [_VERSION])}"
            raise RuleError.one(AuthoringCode.NOT_OURS, f"{self._path.name} {ABOUT}", message, _AGAIN)
        return Origin(about[_POLICY], int(about[_VERSION]), about[_FINGERPRINT])

    def book(self) -> TableBook:
        """Read both tables, or raise with every finding."""
        sheets = self._sheets()
        tables = Tables(self._parameters(sheets[PARAMETERS]), tuple(self._tariff(sheets[TARIFF])))
        if self._findings:
            raise RuleError(self._findings)
        return TableBook(tables, self._cells)

    def _sheets(self) -> dict[str, Worksheet]:
        opened = _opened(self._path)
        missing = [name for name in HEADERS if name not in opened.sheetnames]
        if missing:
            raise RuleError.one(
                AuthoringCode.NOT_OURS, self._path.name, f"the workbook has no sheet `{missing[0]}`", _AGAIN
            )
        for name in opened.sheetnames:
            if name not in HEADERS:
                remedy = "take the sheet out; nobody would read it"
                self._add(AuthoringCode.TABLE_SHAPE, name, f"the sheet `{name}` is none of ours", remedy)
        return {name: opened[name] for name in HEADERS}

    def _rows(self, sheet: Worksheet) -> Iterator[tuple[Cell, ...]]:
        """Give the rows below the header that hold anything, as wide as the header."""
        names = HEADERS[sheet.title]
        for merged in sheet.merged_cells.ranges:
            remedy = "split the cells; each row stands for itself"
            self._add(AuthoringCode.TABLE_SHAPE, _at(sheet, merged.coord), "cells are merged", remedy)
        if sheet.max_row > ROWS_MAX or sheet.max_column > COLUMNS_MAX:
            message = f"the sheet reaches beyond {ROWS_MAX:,} rows or {COLUMNS_MAX} columns"
            remedy = "take out the rows and columns that hold nothing"
            self._add(AuthoringCode.TABLE_SHAPE, sheet.title, message, remedy)
            return
        for place, row in enumerate(sheet.iter_rows(), start=1):
            own, beyond = row[: len(names)], row[len(names) :]
            for cell in beyond:
                if cell.value is not None:
                    self._add(AuthoringCode.TABLE_SHAPE, _at(sheet, cell.coordinate), "it stands in a column of its own",
                              f"the columns are {'、'.join(names)}; take it out")  # fmt: skip
            if place == 1:
                self._check_header(sheet, own)
            elif any(cell.value is not None and str(cell.value).strip() for cell in own) and not self._spoilt(
                sheet, own
            ):
                yield own

    def _check_header(self, sheet: Worksheet, row: Sequence[Cell]) -> None:
        names = HEADERS[sheet.title]
        found = tuple(str(cell.value or "").strip() for cell in row)
        for cell, name, said in zip(row, names, found, strict=False):
            if said != name:
                message = f"expected the column `{name}`, found `{said}`"
                self._add(AuthoringCode.TABLE_SHAPE, _at(sheet, cell.coordinate), message, _AGAIN)
        if len(found) < len(names):
            self._add(AuthoringCode.TABLE_SHAPE, sheet.title, f"the column `{names[len(found)]}` is missing", _AGAIN)

    def _spoilt(self, sheet: Worksheet, row: Sequence[Cell]) -> bool:
        """Record cells that hold a formula or an error, and say whether there is one."""
        bad = [cell for cell in row if cell.data_type in {"f", "e"}]
        for cell in bad:
            what = "a formula" if cell.data_type == "f" else f"the error `{cell.value}`"
            remedy = "write the value itself; what is to be computed is computed in the rule"
            self._add(AuthoringCode.TABLE_CELL, _at(sheet, cell.coordinate), f"the cell holds {what}", remedy)
        return bool(bad) or len(row) < len(HEADERS[sheet.title])

    def _parameters(self, sheet: Worksheet) -> dict[str, Number]:
        found: dict[str, Number] = {}
        for name_cell, value_cell in self._rows(sheet):
            name = self._text(sheet, name_cell)
            if not name:
                self._add(AuthoringCode.TABLE_CELL, _at(sheet, name_cell.coordinate), "the name is empty", "name it")
            elif name in found:
                message = f"`{name}` stands twice"
                self._add(AuthoringCode.TABLE_CELL, _at(sheet, name_cell.coordinate), message, "keep one of them")
            elif (value := self._value(sheet, value_cell, self._before.parameters.get(name))) is not None:
                found[name] = value
                self._cells["parameters", name] = _at(sheet, value_cell.coordinate)
        return found

    def _tariff(self, sheet: Worksheet) -> Iterator[TariffRow]:
        old = {(row.component, row.when, row.instalment): row.amount for row in self._before.tariff}
        place = 0
        for component_cell, when_cell, amount_cell, instalment_cell, article_cell in self._rows(sheet):
            component = self._text(sheet, component_cell) or MAIN
            when, instalment = self._text(sheet, when_cell) or None, self._whole(sheet, instalment_cell)
            amount = self._value(sheet, amount_cell, old.get((component, when, instalment)))
            if amount is None:
                continue
            yield TariffRow(component, when, amount, instalment, self._text(sheet, article_cell) or None)
            self._cells["tariff", place, "when"] = _at(sheet, when_cell.coordinate)
            self._cells["tariff", place, "amount"] = _at(sheet, amount_cell.coordinate)
            place += 1

    def _text(self, sheet: Worksheet, cell: Cell) -> str:
        """Return a cell's words on one line; numbers are none."""
        if cell.value is None or isinstance(cell.value, str):
            return " ".join((cell.value or "").split())
        message = f"expected words, found `{cell.value}`"
        self._add(AuthoringCode.TABLE_CELL, _at(sheet, cell.coordinate), message, "format the cell as text")
        return ""

    def _whole(self, sheet: Worksheet, cell: Cell) -> int | None:
        """Return a cell's whole number from 1, typed as a number or as text; None where it is empty."""
        said = str(cell.value if cell.value is not None else "").strip()
        if not said:
            return None
        if said.isascii() and said.isdecimal() and int(said) > 0:
            return int(said)
        message = f"expected a whole number from 1, found `{said}`"
        self._add(AuthoringCode.TABLE_CELL, _at(sheet, cell.coordinate), message, "leave it empty, or write 1, 2, 3")
        return None

    def _value(self, sheet: Worksheet, cell: Cell, before: Number | None) -> Number | None:
        try:
            return entered(cell.value, cell.number_format, before)
        except CellError as fault:
            self._add(AuthoringCode.TABLE_CELL, _at(sheet, cell.coordinate), fault.message, fault.remedy)
            return None

    def _add(self, code: AuthoringCode, where: str, message: str, remedy: str) -> None:
        self._findings.append(Finding(code, Place(f"{self._path.name} {where}"), message, remedy))


_AGAIN = "export it again with `mianshen rules export` and carry the changes over"


def _at(sheet: Worksheet, cell: str) -> str:
    return f"{sheet.title}!{cell}"


def _opened(path: Path) -> openpyxl.Workbook:
    """Return a workbook.

    Fails: RuleError where it is none, or too large when unpacked.
    """
    try:
        return open_edited(path)
    except UnreadableWorkbookError as fault:
        raise RuleError.one(AuthoringCode.NOT_OURS, path.name, str(fault), _AGAIN) from fault
