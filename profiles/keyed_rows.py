"""A copy of a load that finds the rows of one subject at once, where the load itself would be read from end to end.

It stands beside the load, is made of it, and says nothing of its own: where there is none, as in what was loaded long ago or
restored from a backup that left the copies out, the load is read, and gives the same rows.
"""

import datetime as dt
import os
import sqlite3
import weakref
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Final

import polars as pl

Row = dict[str, Any]  # a row of a load frame: as many types as columns

KEYS: Final = ("subject_id", "other_id", "row_key")
"""The columns by which rows are found, as far as a load has them."""

_SUFFIX: Final = ".keyed"
_FILES_OPEN: Final = 256
_EPOCH: Final = dt.date(1970, 1, 1).toordinal()
_TABLE: Final = "load_row"
_STORED: Final[Mapping[type[pl.DataType], str]] = {pl.String: "TEXT", pl.Date: "DATE", pl.Boolean: "BOOLEAN"}
_READ: Final[Mapping[str, Callable[[Any], object]]] = {
    "DATE": lambda number: dt.date.fromordinal(_EPOCH + number),
    "BOOLEAN": bool,
}


def keyed_path(path: Path) -> Path:
    """Return where the copy of a load stands."""
    return path.with_suffix(_SUFFIX)


def write_keyed(frame: pl.DataFrame, path: Path) -> None:
    """Write a copy of the rows of a load; nothing else may be at the path.

    Fails: OSError, sqlite3.Error where the disk refuses it.
    """
    declared = ", ".join(
        f"{_quoted(name)} {_STORED.get(type(dtype), 'INTEGER')}" for name, dtype in frame.schema.items()
    )
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        # Nobody reads it before it has its name, and a copy that was broken off is thrown away.
        for words in ("journal_mode = off", "synchronous = off"):
            connection.execute(f"pragma {words}")
        connection.execute("begin")
        connection.execute(f"create table {_TABLE} ({declared})")
        places = ", ".join("?" * frame.width)
        rows = frame.with_columns(pl.col(pl.Date).cast(pl.Int32)).iter_rows()
        connection.executemany(f"insert into {_TABLE} values ({places})", rows)  # noqa: S608  # only question marks
        for key in KEYS:
            if key in frame.columns:
                connection.execute(f"create index by_{key} on {_TABLE} ({key})")
        connection.execute("commit")
    finally:
        connection.close()


def keyed_rows(path: Path | str, key: str, values: Collection[str]) -> list[Row] | None:
    """Return the rows of a load that have one of some values in a key column, in the order of the load.

    Nulls: None where there is no copy.
    """
    copy = _opened(os.path.splitext(path)[0] + _SUFFIX)  # noqa: PTH122  # a path is asked for thirty times a page
    return None if copy is None else copy.rows(key, sorted(values))


class _Copy:
    """An open copy; it never changes, so that it may stay open for as long as anybody asks."""

    def __init__(self, path: str) -> None:
        self._lock = Lock()
        uri = f"{Path(path).absolute().as_uri()}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        weakref.finalize(self, self._connection.close)
        found = self._connection.execute(f"pragma table_info({_TABLE})").fetchall()
        self._columns = [(name, _READ.get(stored)) for _, name, stored, *_ in found]

    def rows(self, key: str, values: list[str]) -> list[Row]:
        if all(name != key for name, _ in self._columns):
            return []
        places = ", ".join("?" * len(values))
        asked = f"select * from {_TABLE} where {key} in ({places}) order by rowid"  # noqa: S608  # one of `KEYS`
        with self._lock:
            found = self._connection.execute(asked, values).fetchall()
        return [
            {
                name: cell if read is None or cell is None else read(cell)
                for (name, read), cell in zip(self._columns, row, strict=True)
            }
            for row in found
        ]


def _opened(path: str) -> _Copy | None:
    return _kept_open(path) if os.path.exists(path) else None  # noqa: PTH110  # as above


@lru_cache(maxsize=_FILES_OPEN)
def _kept_open(path: str) -> _Copy:
    return _Copy(path)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
