"""A query on another department's database, read through SQLAlchemy; never on our own, and never writing.

The rows are spooled to a private folder first, because a load has to know its digest before it begins.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import polars as pl
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from core.errors import MianshenError, ProfileError
from core.findings import Place
from profiles.codes import ProfileCode
from profiles.columnar import EXACT_FLOAT
from profiles.delimited import frame_of_rows
from profiles.load_files import write_part
from profiles.raw_table import BATCH_ROWS, DIGITS_LOST, without_empty_rows

_READING = re.compile(r"\s*(select|with)\b[^;]*;?\s*", re.IGNORECASE)
_READ_ONLY = {
    "sqlite": "PRAGMA query_only = ON",
    "postgresql": "SET TRANSACTION READ ONLY",
    "mysql": "SET TRANSACTION READ ONLY",
    "mariadb": "SET TRANSACTION READ ONLY",
}


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT on a database; `name` stands in messages instead of the URL, which may hold a password."""

    name: str
    url: str = field(repr=False)
    select: str


@dataclass(frozen=True, slots=True)
class QueryTable:
    """The rows of a query, spooled."""

    name: str
    digest: str
    header: tuple[str, ...]
    _parts: tuple[Path, ...]

    def batches(self) -> Iterator[pl.DataFrame]:
        """Give the rows as raw batches."""
        for part in self._parts:
            yield without_empty_rows(pl.read_parquet(part))


def open_query(query: Query, spool: Path) -> QueryTable:
    """Run a query and return its rows as a raw table, kept in the folder `spool` until that is removed.

    The digest does not depend on the order of the rows, which databases do not promise.
    Fails: ProfileError where the text is not one SELECT, where the database refuses it, or the disk is full.
    """
    if not _READING.fullmatch(query.select):
        message, help_line = "expected a single SELECT", "leave out everything else"
        raise ProfileError.one(ProfileCode.QUERY, query.name, message, help_line)
    try:
        engine = sa.create_engine(query.url, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError, ImportError):
        message, help_line = "this is not the URL of a database", "write it as `postgresql+psycopg://user@host/name`"
        raise ProfileError.one(ProfileCode.QUERY, query.name, message, help_line) from None
    if engine.dialect.name == "sqlite" and not _exists(engine.url.database):
        raise ProfileError.one(ProfileCode.QUERY, query.name, "the database file is not there")
    try:
        with engine.connect() as connection:
            return _spool(query, connection, spool)
    except SQLAlchemyError:  # its text may quote values
        raise _refused(query) from None
    finally:
        engine.dispose()


def _spool(query: Query, connection: sa.Connection, spool: Path) -> QueryTable:
    guard = _READ_ONLY.get(connection.dialect.name)
    if guard is not None:
        connection.execute(sa.text(guard))
    streamed = connection.execution_options(stream_results=True, yield_per=BATCH_ROWS)
    result = streamed.execute(sa.text(query.select.rstrip().rstrip(";")))
    header = tuple(result.keys())
    parts: list[Path] = []
    total, first_row = 0, 1
    for rows in result.partitions(BATCH_ROWS):
        texts = [[_text(cell) for cell in row] for row in rows]
        total = (total + sum(_row_digest(row) for row in texts)) % (1 << 256)
        part = spool / f"{len(parts):06d}.parquet"
        write_part(frame_of_rows(texts, len(header), first_row), part)
        parts.append(part)
        first_row += len(texts)
    digest = hashlib.sha256(f"{header}\n{first_row}\n{total}".encode()).hexdigest()
    return QueryTable(query.name, digest, header, tuple(parts))


def _row_digest(cells: Sequence[str | None]) -> int:
    line = "\x1f".join("\0" if cell is None else cell for cell in cells)
    return int.from_bytes(hashlib.sha256(line.encode()).digest())


def _text(cell: object) -> str | None:
    """Return a value as the text that a CSV file would hold."""
    match cell:
        case None:
            return None
        case bool():
            return str(cell).lower()
        case Decimal():
            return format(cell, "f")
        case float():
            return DIGITS_LOST if abs(cell) >= EXACT_FLOAT else str(int(cell)) if cell.is_integer() else repr(cell)
        case dt.datetime():
            return cell.strftime("%Y-%m-%d %H:%M:%S")
        case _:
            return str(cell)


def _exists(database: str | None) -> bool:
    return bool(database) and Path(database or "").exists()


def _refused(query: Query) -> MianshenError:
    message = "the database cannot be reached, or refuses the query"
    return ProfileError.one(ProfileCode.QUERY, Place(query.name), message, "try it in a client of that database")
