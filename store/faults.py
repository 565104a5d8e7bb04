"""Errors of the database in our own words: what the operator can mend becomes a finding, the rest is our mistake.

Texts of drivers are never passed on: PostgreSQL quotes the refused row, with everything personal in it.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa

from core.errors import MianshenError, RefusedError, RunError
from core.findings import Code, Finding, Place
from store.codes import StoreCode, StoreInvariantError

_SQLITE: Final[tuple[tuple[str, StoreCode], ...]] = (
    ("SQLITE_BUSY", StoreCode.LOCKED),
    ("SQLITE_LOCKED", StoreCode.LOCKED),
    ("SQLITE_FULL", StoreCode.DISK_FULL),
    ("SQLITE_READONLY", StoreCode.NO_PERMISSION),
    ("SQLITE_PERM", StoreCode.NO_PERMISSION),
    ("SQLITE_AUTH", StoreCode.NO_PERMISSION),
    ("SQLITE_CANTOPEN", StoreCode.UNREACHABLE),
    ("SQLITE_CORRUPT", StoreCode.DAMAGED),
    ("SQLITE_NOTADB", StoreCode.DAMAGED),
    ("SQLITE_IOERR_WRITE", StoreCode.DISK_FULL),
    ("SQLITE_IOERR_FSYNC", StoreCode.DISK_FULL),
    ("SQLITE_IOERR_DIR_FSYNC", StoreCode.DISK_FULL),
    ("SQLITE_IOERR_TRUNCATE", StoreCode.DISK_FULL),
    ("SQLITE_IOERR_SHM", StoreCode.DISK_FULL),
    ("SQLITE_IOERR", StoreCode.DAMAGED),
)
"""By the beginning of SQLite's own name for the fault, extended codes included; the first that fits counts.

A limit on the size of files and a quota are no `SQLITE_FULL` to it: they come as a write that failed.
"""

_POSTGRESQL: Final[tuple[tuple[str, StoreCode], ...]] = (
    ("08", StoreCode.UNREACHABLE),
    ("57P", StoreCode.UNREACHABLE),  # shut down, or still starting
    ("533", StoreCode.UNREACHABLE),  # too many connections
    ("3D000", StoreCode.UNREACHABLE),  # no such database
    ("28", StoreCode.NO_PERMISSION),
    ("42501", StoreCode.NO_PERMISSION),
    ("25006", StoreCode.NO_PERMISSION),  # a read-only server
    ("55P03", StoreCode.LOCKED),
    ("40", StoreCode.LOCKED),  # deadlock, serialisation
    ("57014", StoreCode.LOCKED),  # stopped by a time limit
    ("531", StoreCode.DISK_FULL),
    ("XX", StoreCode.DAMAGED),
    ("58", StoreCode.DAMAGED),
)
"""By the beginning of SQLSTATE."""

_SAID: Final[dict[StoreCode, tuple[str, str]]] = {
    StoreCode.UNREACHABLE: (
        "the database cannot be reached",
        "check that the server runs, or that the folder exists and may be written to",
    ),
    StoreCode.LOCKED: (
        "another process kept the database locked for too long",
        "wait until the other command has ended, then run this one again; nothing is half written",
    ),
    StoreCode.NO_PERMISSION: (
        "the database refuses to let us write",
        "check the user's rights, or the rights of the file and its folder",
    ),
    StoreCode.DISK_FULL: (
        "the disk of the database is full or refuses to be written to",
        "make room, then run the command again; nothing is half written",
    ),
    StoreCode.DAMAGED: (
        "the database file is damaged or is not a database",
        "restore it from a backup; nothing is half written",
    ),
}

_CONSTRAINT = re.compile(r"constraint failed: ([\w., ]+)")  # SQLite names columns or a constraint here, never a value


def place_of(url: sa.URL) -> Place:
    """Return the name of a database for messages: no user, no password."""
    if url.get_backend_name() == "sqlite":
        return Place(url.database or "sqlite")
    return Place(f"{url.get_backend_name()}:{url.database or ''}")


def store_error(code: StoreCode, place: Place) -> MianshenError:
    """Return the error for a fault that the database itself reported."""
    message, remedy = _SAID[code]
    return RunError([Finding(code, place, message, remedy)])


def refused(code: Code, name: str, message: str, remedy: str | None = None) -> RefusedError:
    """Return the error for something that may not be done."""
    return RefusedError([Finding(code, Place(name), message, remedy)])


def code_of(fault: BaseException) -> StoreCode | None:
    """Return which fault a driver reported, or None where only we can mend it."""
    if isinstance(fault, sqlite3.Error):
        name = getattr(fault, "sqlite_errorname", "") or ""
        return next((code for start, code in _SQLITE if name.startswith(start)), None)
    state = getattr(fault, "sqlstate", None)
    if state is None:  # psycopg gives none when the connection never came about or was lost
        return StoreCode.UNREACHABLE if type(fault).__name__ == "OperationalError" else None
    return next((code for start, code in _POSTGRESQL if state.startswith(start)), None)


def _invariant_text(fault: BaseException) -> str:
    """Say what was refused, by names alone."""
    named = getattr(getattr(fault, "diag", None), "constraint_name", None)
    if named is None and isinstance(fault, sqlite3.IntegrityError):
        found = _CONSTRAINT.search(str(fault))
        named = found[1] if found else None
    if named is not None:
        return f"the database refused a row: `{named}`"
    return f"the database refused a statement: {type(fault).__name__} {getattr(fault, 'sqlstate', None) or ''}".rstrip()


@contextmanager
def translated(place: Place, driver_error: type[BaseException]) -> Iterator[None]:
    """Turn errors of SQLAlchemy and of the driver below it into ours.

    Fails: RunError where the operator can mend it, StoreInvariantError where only we can.
    """
    try:
        yield
    except (sa.exc.DBAPIError, driver_error) as fault:
        below = fault.orig if isinstance(fault, sa.exc.DBAPIError) and fault.orig is not None else fault
        code = code_of(below)
        # `from None`: the driver's text may quote the row.
        if code is None:
            raise StoreInvariantError(_invariant_text(below)) from None
        raise store_error(code, place) from None
