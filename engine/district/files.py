"""Rows into files, each in the form in which its department happens to deliver; the same bytes for the same rows."""

import datetime as dt
import sqlite3
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

import polars as pl
import xlsxwriter  # type: ignore[import-untyped]  # it ships no types

_WRITTEN_AT = dt.datetime(2025, 7, 1)  # noqa: DTZ001  # a workbook's own stamp has no zone, and must not be the clock's
_DATABASE_BATCH_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Form:
    """How a department delivers a resource."""

    department: str
    label: str
    format: Literal["csv", "xlsx", "parquet", "sqlite"]
    encoding: Literal["utf-8", "utf-8-sig", "gb18030"] | None = None
    day_format: str = "%Y-%m-%d"  # of days in text

    @property
    def is_text(self) -> bool:
        """Say whether cells are delivered as text, whatever they mean."""
        return self.format in {"csv", "sqlite"}

    def file_name(self, data_date: dt.date) -> str:
        """Return the name of a delivered file."""
        if self.format == "sqlite":
            return f"{self.department}_业务库.db"
        return f"{self.department}_{self.label}_{data_date:%Y%m%d}.{self.format}"

    def query(self) -> str | None:
        """Return what to read from a database, or None for a file."""
        return f'SELECT * FROM "{self.label}"' if self.format == "sqlite" else None  # noqa: S608  # our own labels


def write_table(table: pl.DataFrame, form: Form, path: Path) -> None:
    """Write rows in a form; a database keeps the tables that it already has."""
    match form.format:
        case "csv":
            path.write_bytes(table.write_csv(line_terminator="\r\n").encode(form.encoding or "utf-8"))
        case "parquet":
            table.write_parquet(path)
        case "xlsx":
            path.write_bytes(_workbook(table, form.label))
        case "sqlite":
            _write_database(table, form.label, path)


def _workbook(table: pl.DataFrame, sheet: str) -> bytes:
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        workbook.set_properties({"created": _WRITTEN_AT})
        table.write_excel(workbook, worksheet=sheet, autofit=False)
    return buffer.getvalue()


def _write_database(table: pl.DataFrame, name: str, path: Path) -> None:
    columns = ", ".join(f'"{column}" TEXT' for column in table.columns)
    marks = ", ".join("?" for _ in table.columns)
    connection = sqlite3.connect(path)
    try:
        with connection:
            connection.execute(f'CREATE TABLE "{name}" ({columns})')
            for rows in table.iter_slices(_DATABASE_BATCH_ROWS):
                connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows.rows())  # noqa: S608  # our own labels
    finally:
        connection.close()
