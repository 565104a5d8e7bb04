"""CSV and its kin: any of the usual encodings, separated by comma, tab, semicolon or bar.

Text without quotes, the common case, is read by Polars in chunks of whole lines. From the first quote on, Python's
own strict reader takes over: it alone says for certain where a quoted cell ends. Memory is bounded by the chunk.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import chain, islice
from pathlib import Path

import polars as pl

from core.errors import MianshenError, ProfileError
from core.findings import Place
from profiles.codes import ProfileCode
from profiles.encoding import Survey, survey
from profiles.raw_table import BATCH_ROWS, HEADER_ROWS, likely_header, squeeze, without_empty_rows

SEPARATORS = (",", "\t", ";", "|")
LINE = "line"
LINE_BYTES_MAX = 1 << 24  # 16 MiB; what is longer is no row, and would have to be held in memory at once
NO_SEPARATOR = "\x1f"  # a sign that no text holds: a line is read as one cell


@dataclass(frozen=True, slots=True)
class DelimitedTable:
    """A CSV file that has been read once."""

    name: str
    digest: str
    header: tuple[str, ...]
    _survey: Survey
    _separator: str
    _header_lines: int

    def batches(self) -> Iterator[pl.DataFrame]:
        """Give the rows as raw batches."""
        chunks = _without_lines(_whole_lines(self._survey), self._header_lines)
        first_row = 1
        for chunk in chunks:
            if b'"' in chunk:
                yield from self._quoted(chain([chunk], chunks), first_row)
                return
            batch = self._plain(chunk, first_row)
            first_row += batch.height
            yield without_empty_rows(batch)

    def _plain(self, chunk: bytes, first_row: int) -> pl.DataFrame:
        """Read whole lines that hold no quote."""
        width = len(self.header)
        cells = _read_lines(chunk, self._separator, [str(index) for index in range(width + 1)])
        count = _read_lines(chunk, NO_SEPARATOR, [LINE]).select(
            pl.col(LINE).fill_null("").str.count_matches(self._separator, literal=True)
        )[LINE]
        assert len(count) == cells.height  # the same lines, read twice
        is_whole = (count == width - 1) | ((count == width) & cells[str(width)].is_null())
        return cells.drop(str(width)).with_columns(
            is_whole=is_whole, row_number=pl.int_range(first_row, first_row + pl.len(), dtype=pl.UInt32)
        )

    def _quoted(self, chunks: Iterable[bytes], first_row: int) -> Iterator[pl.DataFrame]:
        """Read lines that may hold quotes, and so line ends inside cells."""
        records = csv.reader(_lines(chunks), delimiter=self._separator, strict=True)
        while rows := list(islice(records, BATCH_ROWS)):
            yield without_empty_rows(frame_of_rows(rows, len(self.header), first_row))
            first_row += len(rows)


def open_delimited(path: Path, names: Sequence[str]) -> DelimitedTable:
    """Return a CSV file as a raw table; its header is the row with most of the names.

    Fails: ProfileError where it is empty, no text, cut off, or where its quotes do not pair up.
    """
    found = survey(path)
    separator, header, header_lines = _find_header(found, names)
    _check_end(found, separator, header)
    return DelimitedTable(path.name, found.digest, header, found, separator, header_lines)


def frame_of_rows(rows: Sequence[Sequence[str | None]], width: int, first_row: int) -> pl.DataFrame:
    """Return rows of text as a raw batch."""
    whole = [len(row) == width or (len(row) == width + 1 and not row[width]) for row in rows]
    filling = [None] * width
    even = rows if {len(row) for row in rows} == {width} else [[*row[:width], *filling[len(row) :]] for row in rows]
    columns = [pl.Series(str(index), cells, dtype=pl.String) for index, cells in enumerate(zip(*even, strict=True))]
    numbers = pl.int_range(first_row, first_row + len(rows), dtype=pl.UInt32, eager=True)
    return pl.DataFrame([column.set(column == "", None) for column in columns]).with_columns(
        is_whole=pl.Series(whole, dtype=pl.Boolean), row_number=numbers
    )


def _find_header(found: Survey, names: Sequence[str]) -> tuple[str, tuple[str, ...], int]:
    """Return separator, header and the number of lines through the header.

    The separator is the one under which most declared names are found.
    """
    best: tuple[int, str, tuple[str, ...], int] | None = None
    wanted = {squeeze(name) for name in names}
    for separator in SEPARATORS:
        rows, ends = _first_rows(found, separator)
        if not any(cell for row in rows for cell in row):
            message = "the file is empty"
            raise ProfileError.one(ProfileCode.EMPTY_FILE, found.path.name, message, "deliver it again")
        index = likely_header(rows, names)
        header = tuple(rows[index])
        while header and not header[-1].strip():
            header = header[:-1]
        hits = len(wanted & {squeeze(cell) for cell in header})
        if best is None or hits > best[0]:
            best = (hits, separator, header, ends[index])
    assert best is not None  # there are separators
    return best[1:]


def _first_rows(found: Survey, separator: str) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader(_lines(_whole_lines(found)), delimiter=separator)
    rows, ends = [], []
    try:
        for row in islice(reader, HEADER_ROWS):
            rows.append(row)
            ends.append(reader.line_num)
    except csv.Error:  # a cell without end: `_check_end` says so with its line
        if not rows:
            raise _no_table(found, "its first line cannot be parted into cells") from None
    return rows or [[""]], ends or [1]


def _no_table(found: Survey, message: str) -> MianshenError:
    help_line = "check that it is CSV with a line for each row"
    return ProfileError.one(ProfileCode.NOT_A_TABLE, found.path.name, message, help_line)


def _check_end(found: Survey, separator: str, header: tuple[str, ...]) -> None:
    """Refuse a file that breaks off, or whose quotes hide rows, before anything of it is kept."""
    if not found.quote_count:
        if found.last_line and found.last_line.count(separator) < len(header) - 1:
            raise ProfileError.one(
                ProfileCode.TRUNCATED,
                found.path.name,
                "the file ends inside a row",
                "deliver it again; the transfer may have broken off",
            )
        return
    records = csv.reader(_lines(_whole_lines(found)), delimiter=separator, strict=True)
    try:
        for _ in records:
            pass
    except csv.Error as fault:
        place = Place(found.path.name, records.line_num)
        if "end of data" in str(fault):
            message, help_line = "the file ends inside a quoted cell", "deliver it again, or close the quote"
            raise ProfileError.one(ProfileCode.TRUNCATED, place, message, help_line) from None
        message, help_line = "a quoted cell does not end where it should", "double a quote that stands inside a cell"
        raise ProfileError.one(ProfileCode.NOT_A_TABLE, place, message, help_line) from None


def _read_lines(chunk: bytes, separator: str, names: Sequence[str]) -> pl.DataFrame:
    return pl.read_csv(
        chunk,
        has_header=False,
        quote_char=None,
        separator=separator,
        schema=dict.fromkeys(names, pl.String),
        missing_columns="insert",
        extra_columns="ignore",
        truncate_ragged_lines=True,
        raise_if_empty=False,
    )


def _whole_lines(found: Survey) -> Iterator[bytes]:
    """Give the file in blocks cut at line ends, so that no line is in two of them.

    Fails: ProfileError where a line has no end in sight.
    """
    rest = b""
    for block in found.blocks():
        end = block.rfind(b"\n") + 1
        if end:
            yield rest + block[:end]
            rest = block[end:]
        else:
            rest += block
            if len(rest) > LINE_BYTES_MAX:
                raise _no_table(found, f"a line is longer than {LINE_BYTES_MAX:,} bytes")
    if rest:
        yield rest


def _without_lines(chunks: Iterable[bytes], count: int) -> Iterator[bytes]:
    """Leave out the first lines."""
    for chunk in chunks:
        start = 0
        while count and start < len(chunk):
            start = chunk.find(b"\n", start) + 1 or len(chunk)
            count -= 1
        if start < len(chunk):
            yield chunk[start:]


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    for chunk in chunks:
        yield from StringIO(chunk.decode(), newline="\n")
