"""A delivered table, whatever its form, as text under the names that its resource declares.

The form is told by the first bytes, not by the file's name. Every cell is read as text; `profiles.contract` gives
it a type.
"""

import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from core.errors import ProfileError
from core.findings import Finding, Place, Severity, nearest_help
from profiles.catalogue import Resource
from profiles.codes import ProfileCode
from profiles.columnar import open_parquet
from profiles.delimited import open_delimited
from profiles.load_files import staging
from profiles.querying import Query, open_query
from profiles.raw_table import RawTable, squeeze
from profiles.workbook import open_workbook

_FORMS_REFUSED = {
    b"\xd0\xcf\x11\xe0": "an old or protected Excel workbook",
    b"%PDF": "a PDF",
    b"Rar!": "an archive",
    b"7z\xbc\xaf": "an archive",
    b"\x1f\x8b": "an archive",
    b"<htm": "a web page",
    b"<!DO": "a web page",
    b"<tab": "a web page",
}


@dataclass(frozen=True, slots=True)
class Delivered:
    """A delivered table that fits its resource; `findings` are warnings about its header."""

    name: str
    digest: str
    findings: tuple[Finding, ...]
    _table: RawTable
    _positions: dict[str, int]

    def batches(self) -> Iterator[pl.DataFrame]:
        """Give the rows in order.

        Shape: `row_number` UInt32, `is_whole` Boolean, and each declared column as String; empty rows left out.
        Nulls: an empty cell.
        """
        named = [pl.col(str(index)).alias(name) for name, index in self._positions.items()]
        for batch in self._table.batches():
            yield batch.select("row_number", "is_whole", *named)


@contextmanager
def open_delivered(
    source: Path | Query, resource: Resource, *, spool: Path, sheet: str | None = None
) -> Iterator[Delivered]:
    """Give a delivered table; what is spooled stands in a private folder under `spool` and is removed at the end.

    Fails: ProfileError where it cannot be read as a table, or lacks a declared column.
    """
    names = tuple(column.name for column in resource.columns if column.same_as is None)
    if isinstance(source, Query):
        with staging(spool, f"spool-{secrets.token_hex(4)}") as folder:
            yield _delivered(open_query(source, folder), resource)
        return
    try:
        table = _open_file(source, names, sheet)
    except OSError as fault:
        message = f"the file cannot be read: {fault.strerror or 'unknown reason'}"
        raise ProfileError.one(ProfileCode.NO_FILE, source.name, message) from fault
    yield _delivered(table, resource)


def _open_file(path: Path, names: tuple[str, ...], sheet: str | None) -> RawTable:
    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        raise ProfileError.one(ProfileCode.EMPTY_FILE, path.name, "the file is empty", "deliver it again")
    if head == b"PAR1":
        return open_parquet(path)
    if head == b"PK\x03\x04":
        return open_workbook(path, names, sheet)
    form = next((form for mark, form in _FORMS_REFUSED.items() if head.lower().startswith(mark.lower())), None)
    if form is not None:
        message = f"expected CSV, XLSX or Parquet, found {form}"
        raise ProfileError.one(ProfileCode.NOT_A_TABLE, path.name, message, "save it as `.xlsx` or CSV")
    return open_delimited(path, names)


def _delivered(table: RawTable, resource: Resource) -> Delivered:
    positions, findings = match_header(table.header, resource, table.name)
    faults = [finding for finding in findings if finding.is_error]
    if faults:
        raise ProfileError(faults)
    return Delivered(table.name, table.digest, tuple(findings), table, positions)


def match_header(header: tuple[str, ...], resource: Resource, name: str) -> tuple[dict[str, int], list[Finding]]:
    """Return the position of each declared column, and what is wrong with the header.

    A header that shares no word with the declaration is not quoted: it may be a row about somebody.
    """
    place = Place(name)
    delivered = [squeeze(cell) for cell in header]
    declared = {squeeze(column.name): column.name for column in resource.columns if column.same_as is None}
    if not declared.keys() & set(delivered):
        message = f"none of the {len(declared)} declared columns of `{resource.resource}` is in the header"
        help_line = "check that the file belongs to this resource and has a header row"
        return {}, [Finding(ProfileCode.COLUMN_MISSING, place, message, help_line)]
    findings = []
    extra = [cell for cell in delivered if cell and cell not in declared]
    for word, column in declared.items():
        if word not in delivered:
            message = f"the column `{column}` is missing"
            findings.append(Finding(ProfileCode.COLUMN_MISSING, place, message, nearest_help(column, extra, "column")))
    for word, count in Counter(delivered).items():
        if count > 1 and word in declared:
            message = f"the column `{declared[word]}` stands {count} times in the header"
            findings.append(Finding(ProfileCode.COLUMN_TWICE, place, message, "leave one"))
    if extra:
        message = "columns that nobody declared: " + ", ".join(f"`{cell}`" for cell in extra)
        help_line = "they were not read; declare them, or ask for a file without them"
        warning = Finding(ProfileCode.COLUMN_EXTRA, place, message, help_line, Severity.WARNING, len(extra))
        findings.append(warning)
    positions = {column: delivered.index(word) for word, column in declared.items() if word in delivered}
    return positions, findings
