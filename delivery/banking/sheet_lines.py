"""Workbooks of banks: the rows of one sheet as cells of text.

An archive that would unpack without end is refused before a spreadsheet reader sees it, also where it lies about
its size.
"""

import io
import zipfile
import zlib

import fastexcel
import polars as pl

from delivery.banking.layouts import Layout
from delivery.banking.refusals import Reading
from profiles.workbook import texts_of_sheet

ENTRIES_MAX = 1_000
UNPACKED_BYTES_MAX = 1_500_000_000  # a full sheet of a million rows and twelve columns stays below
_ALWAYS_READ = 50_000_000  # bytes; harmless however well they are packed
_RATIO_MAX = 400  # sheets of repeated text reach about 100; bombs begin at 1000
_BLOCK = 1 << 20


def sheet_rows(data: bytes, layout: Layout, reading: Reading) -> pl.DataFrame:
    """Return the rows of a workbook's sheet that have anything in them: that of the layout, or the only one.

    Shape: `line`, from 1 as a spreadsheet counts; `cells`, empty ones as empty texts.
    Fails: `DeliveryError` where it is no workbook, has no such sheet, or would unpack to too much.
    """
    _refuse_bomb(data, reading)
    try:
        book = fastexcel.read_excel(data)
        names = book.sheet_names
        name = layout.sheet if layout.sheet in names or len(names) != 1 else names[0]
        if name not in names:
            raise reading.refused(f"the workbook has no sheet `{layout.sheet}`")
        cells = texts_of_sheet(book, name, skip_rows=0)
    except fastexcel.FastExcelError:
        raise reading.refused("the workbook is damaged or incomplete") from None
    if cells.is_empty():
        raise reading.refused("the sheet is empty")
    cells = cells.with_columns(pl.all().fill_null("").str.strip_suffix(" 00:00:00"))  # as days are given
    rows = cells.select(cells=pl.concat_list(pl.all())).with_row_index("line", offset=1)
    return rows.with_columns(pl.col("line").cast(pl.Int64)).filter(
        pl.col("cells").list.join("").str.strip_chars() != ""
    )


def _refuse_bomb(data: bytes, reading: Reading) -> None:
    """Look at the table of contents, then unpack everything once to nowhere: a part larger than it says is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            most = min(UNPACKED_BYTES_MAX, max(_ALWAYS_READ, len(data) * _RATIO_MAX))
            if len(entries) > ENTRIES_MAX or unpacked > most:
                raise reading.oversized(f"the workbook would unpack to {unpacked // 1_000_000:,} million bytes")
            for entry in entries:
                _unpack(archive, entry)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        raise reading.refused("the workbook is damaged or incomplete") from None


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Read a part to its end, which zipfile takes no further than the table of contents says.

    Fails: BadZipFile, where its checksum differs.
    """
    with archive.open(entry) as part:
        while part.read(_BLOCK):
            pass
