"""Excel workbooks (`.xlsx`): one sheet, every cell as text.

A spreadsheet keeps numbers as binary fractions of about fifteen digits, so a longer code typed as a number has
already lost its last digits in the file. Such cells are found and marked, never passed on.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

import fastexcel
import polars as pl

from core.errors import MianshenError, ProfileError
from core.findings import Place, nearest_help
from core.ids import file_digest
from profiles.codes import ProfileCode
from profiles.raw_table import DIGITS_LOST, HEADER_ROWS, likely_header, without_empty_rows

UNPACKED_BYTES_MAX = 2_000_000_000  # a full sheet of a million rows and twenty columns stays below
RATIO_MAX = 400  # sheets of repeated text reach about 100; bombs begin at 1000
ENTRIES_MAX = 10_000
EXACT_DIGITS = 15  # whole numbers up to here survive a spreadsheet


@dataclass(frozen=True, slots=True)
class WorkbookTable:
    """One sheet of a workbook."""

    name: str
    digest: str
    header: tuple[str, ...]
    _rows: pl.DataFrame

    def batches(self) -> Iterator[pl.DataFrame]:
        """Give the rows as one raw batch; a sheet has at most a million."""
        batch = self._rows.with_columns(
            row_number=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32), is_whole=pl.lit(True)
        )
        yield without_empty_rows(batch)


def open_workbook(path: Path, names: tuple[str, ...], sheet: str | None = None) -> WorkbookTable:
    """Return a sheet of a workbook, by default the first, as a raw table.

    Fails: ProfileError where it is damaged, too large when unpacked, empty, or has no such sheet.
    """
    _refuse_bomb(path)
    try:
        reader = fastexcel.read_excel(path)
        chosen = _sheet(reader.sheet_names, sheet, path)
        rows = texts_of_sheet(reader, chosen)
    except fastexcel.FastExcelError:
        raise _damaged(path) from None
    if not rows.height:
        raise ProfileError.one(ProfileCode.EMPTY_FILE, path.name, "the sheet is empty", "deliver it again")
    first = [[cell or "" for cell in row] for row in rows.head(HEADER_ROWS).rows()]
    index = likely_header(first, names)
    header = first[index]
    while header and not header[-1].strip():
        header.pop()
    body = rows[index + 1 :, : len(header)]
    return WorkbookTable(path.name, file_digest(path), tuple(header), body)


def texts_of_sheet(reader: fastexcel.ExcelReader, sheet: str, *, skip_rows: int | None = None) -> pl.DataFrame:
    """Return every cell of a sheet as text, under its column's number; long numbers that lost digits are marked.

    Numbers have the fifteen digits that a spreadsheet shows of them.

    Without `skip_rows`, empty rows at the top are left out; with 0, rows count as a spreadsheet counts them.

    Fails: FastExcelError.
    """
    texts = _cells(reader, sheet, "string", skip_rows)
    return texts.with_columns(_marked(texts, _cells(reader, sheet, "boolean", skip_rows)))


def _cells(
    reader: fastexcel.ExcelReader, sheet: str, kind: Literal["string", "boolean"], skip_rows: int | None
) -> pl.DataFrame:
    """Return every cell under one reading; as `boolean`, a cell that holds text is null."""
    frame = reader.load_sheet(sheet, header_row=None, skip_rows=skip_rows, dtypes=kind).to_polars()
    return frame.rename({name: str(index) for index, name in enumerate(frame.columns)})


def _marked(texts: pl.DataFrame, truths: pl.DataFrame) -> list[pl.Series]:
    """Return the columns with a mark in place of each long number that was stored as a number, fractions as shown."""
    marked = []
    for name in texts.columns:
        is_long = texts[name].str.contains(rf"^-?[0-9]{{{EXACT_DIGITS + 1},}}$") | texts[name].str.contains(
            r"[0-9][eE]\+"
        )
        is_number = truths[name].is_not_null()
        shown = _shown(texts[name], is_number)
        marked.append(
            pl.select(pl.when(is_long & is_number).then(pl.lit(DIGITS_LOST)).otherwise(shown).alias(name)).to_series()
        )
    return marked


def _shown(texts: pl.Series, is_number: pl.Series) -> pl.Series:
    """Return fractions as a spreadsheet shows them: 9163948.61, where the binary fraction in the file is a little less."""
    is_fraction = texts.str.contains(r"^-?[0-9]+\.[0-9]{3,}$") & is_number
    if not is_fraction.any():
        return texts
    binary = texts.filter(is_fraction).unique()
    decimal = [format(Decimal(f"{float(each):.{EXACT_DIGITS}g}"), "f") for each in binary]
    spelt = texts.replace_strict(binary, decimal, default=texts, return_dtype=pl.String)
    return pl.select(pl.when(is_fraction).then(spelt).otherwise(texts)).to_series()


def _sheet(sheets: list[str], sheet: str | None, path: Path) -> str:
    if sheet is None or sheet in sheets:
        return sheet or sheets[0]
    help_line = nearest_help(sheet, sheets, "sheet")
    raise ProfileError.one(ProfileCode.NO_FILE, path.name, f"the workbook has no sheet `{sheet}`", help_line)


def _refuse_bomb(path: Path) -> None:
    """Look at the table of contents before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError):
        raise _damaged(path) from None
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    small = 50_000_000  # harmless however well it is packed
    if len(entries) > ENTRIES_MAX or unpacked > UNPACKED_BYTES_MAX or unpacked > max(small, packed * RATIO_MAX):
        message = f"the workbook would unpack to {unpacked // 1_000_000:,} million bytes"
        raise ProfileError.one(ProfileCode.OVERSIZED, Place(path.name), message, "deliver it as CSV or Parquet")


def _damaged(path: Path) -> MianshenError:
    message = "the workbook is damaged or incomplete"
    return ProfileError.one(ProfileCode.NOT_A_TABLE, path.name, message, "open and save it again, or deliver CSV")
