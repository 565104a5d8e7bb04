"""SQLite with a disk that fails at a statement or a commit of our choice, as its driver says it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest


class Moment(Enum):
    """When the disk fails: before it has done what was asked, or after it; then only the answer is lost."""

    BEFORE = "before"
    AFTER = "after"


@dataclass
class Disk:
    """What was asked of it, and which of that it fails; `fails_at` None: nothing."""

    fails_at: int | None = None
    moment: Moment = Moment.BEFORE
    is_watched: bool = False
    asked: int = 0
    commits: int = 0

    @contextmanager
    def meet(self, *, is_commit: bool = False) -> Iterator[None]:
        """Count what is asked, and fail it when its turn has come; an answer is only lost for a commit."""
        self.asked += self.is_watched
        self.commits += self.is_watched and is_commit
        number = self.commits if self.moment is Moment.AFTER else self.asked
        is_turn = self.is_watched and number == self.fails_at and (is_commit or self.moment is Moment.BEFORE)
        if is_turn and self.moment is Moment.BEFORE:
            raise _fault()
        yield
        if is_turn:
            raise _fault()

    @contextmanager
    def watched(self, fails_at: int | None = None, moment: Moment = Moment.BEFORE) -> Iterator[None]:
        """Fail one of the things that are asked in the block, by its number from 1."""
        self.fails_at, self.moment, self.is_watched, self.asked, self.commits = fails_at, moment, True, 0, 0
        try:
            yield
        finally:
            self.is_watched = False


def _fault() -> sqlite3.OperationalError:
    fault = sqlite3.OperationalError("disk I/O error")
    fault.sqlite_errorname = "SQLITE_IOERR_WRITE"
    return fault


def failing_disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """Return the disk of every SQLite database that is opened from now on."""
    disk = Disk()

    class Cursor(sqlite3.Cursor):
        def execute(self, *given: Any) -> "Cursor":  # noqa: ANN401  # as the driver's
            with disk.meet():
                super().execute(*given)
            return self

        def executemany(self, *given: Any) -> "Cursor":  # noqa: ANN401  # as above
            with disk.meet():
                super().executemany(*given)
            return self

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:  # noqa: ANN401  # as above
            return super().cursor(factory)

        def commit(self) -> None:
            with disk.meet(is_commit=True):
                super().commit()

    connect = sqlite3.dbapi2.connect
    monkeypatch.setattr(
        sqlite3.dbapi2, "connect", lambda *given, **named: connect(*given, **{**named, "factory": Connection})
    )
    return disk
