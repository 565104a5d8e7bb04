"""Opens our database and hands out transactions; what they do stands in the modules beside this one.

Every write transaction takes the write lock when it begins (SQLite: BEGIN IMMEDIATE), so that it never
fails half way for having read first; every reading transaction sees one moment and cannot write.
"""

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from core.clock import Clock
from core.errors import RefusedError, RunError
from core.findings import Finding, Place, nearest_help
from core.ledger import LedgerMark
from store.audit_chain import Digest, Said, refusals
from store.audit_sealing import seal
from store.codes import StoreCode
from store.faults import place_of, translated
from store.moved import Moved
from store.posting import post
from store.row_security import Whose, narrow
from store.schema import is_at_newest_schema

PATIENCE = dt.timedelta(seconds=30)  # longer than any write transaction of a person, shorter than a person's patience
CONNECT_SECONDS = 10  # a server that has not answered by then is not there
IDLE_MINUTES = 30  # a transaction that computes for longer has lost its process

CACHE_KIB = (
    393_216  # what a district's first night writes fits; SQLite's own 2 MiB would read each page again and again
)

_BEGIN = "mianshen_begin"  # the execution option that says how SQLite begins
_QUERY_ONLY = "mianshen_query_only"  # what a connection was last told, kept for as long as it is open
_BACKENDS = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Reading:
    """A transaction that sees one moment; `now` is the instant at which it began, by the store's clock."""

    connection: sa.Connection
    now: dt.datetime
    mark: LedgerMark | None = None  # the ledger is read as it was then; None: as it is


@dataclass(frozen=True, slots=True)
class Writing(Reading):
    """A transaction that holds the write lock; all of it is kept, or nothing.

    `said` is what it does in the words of the audit chain (`store.audit.record`), sealed as the last thing before the
    commit. `moved` is the money that it moves between accounts, posted right before that (`store.posting`).
    """

    said: list[Said] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Store:
    """An open database of ours, at the newest schema."""

    engine: sa.Engine
    clock: Clock
    place: Place
    digest: Digest = Digest.SHA256  # by which the audit chain goes on
    gate: Callable[[Writing], None] | None = None  # looks at what a transaction is about to keep, and may refuse it
    whose: Whose | None = None  # on PostgreSQL, whose rows its transactions see; None: everybody's

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Begin a write transaction; commit at the end, roll back on any error.

        What it said is kept with it in the audit chain. Where it is refused, that it was wanted and refused is kept
        instead, in a transaction of its own.
        Fails: RunError where the database fails, StoreInvariantError where it refuses a row.
        """
        said: list[Said] = []
        try:
            with self._begun() as connection:
                tx = Writing(connection, self.clock.now(), said=said)
                yield tx
                if self.gate is not None:
                    self.gate(tx)
                post(connection, tx.moved, at=tx.now)
                seal(connection, said, at=tx.now, digest=self.digest)
        except RefusedError as refusal:
            if said:
                with self._begun() as connection:
                    seal(connection, refusals(said, refusal), at=self.clock.now(), digest=self.digest)
            raise

    @contextmanager
    def _begun(self) -> Iterator[sa.Connection]:
        with self._translated(), self.engine.connect() as connection:
            connection.execution_options(**{_BEGIN: "immediate"})
            with connection.begin():
                self._narrow(connection)
                yield connection

    def _narrow(self, connection: sa.Connection) -> None:
        if self.whose is not None and self.is_postgresql:
            narrow(connection, self.whose)

    @contextmanager
    def reading(self, *, mark: LedgerMark | None = None) -> Iterator[Reading]:
        """Begin a transaction that sees one moment and cannot write; with a mark, the ledger as it was then.

        Fails: RunError where the database fails.
        """
        with self._translated(), self.engine.connect() as connection:
            if self.is_postgresql:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                self._narrow(connection)
                yield Reading(connection, self.clock.now(), mark)

    @property
    def is_postgresql(self) -> bool:
        """Say which of the two databases it is."""
        return self.engine.dialect.name == "postgresql"

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        driver = self.engine.dialect.loaded_dbapi
        with translated(self.place, driver.Error):
            yield


def open_store(url: str, *, clock: Clock, patience: dt.timedelta = PATIENCE, digest: Digest = Digest.SHA256) -> Store:
    """Open a database by URL (`sqlite:///path`, `postgresql://host/name`); make or upgrade its tables.

    Fails: RunError where it cannot be reached, is not ours, or was written by a newer version.
    """
    read = _read_url(url)
    place = place_of(read)
    store = Store(_engine(read, place, patience), clock, place, digest)
    try:
        _migrate(store)
    except BaseException:
        store.close()
        raise
    return store


def _migrate(store: Store) -> None:
    """Look first without the write lock; most openings find nothing to do, and load nothing for it."""
    with store.reading() as rx:
        if is_at_newest_schema(rx.connection):
            return
    from store.migrating import bring_up_to_date

    with store.reading() as rx:
        is_done = bring_up_to_date(rx.connection, store.place, may_write=False)
    if not is_done:
        with store.writing() as tx:
            bring_up_to_date(tx.connection, store.place, may_write=True)


def _read_url(url: str) -> sa.URL:
    try:
        read = sa.make_url(url)
        backend = read.get_backend_name()
    except (sa.exc.ArgumentError, ValueError):
        raise _bad_url(
            "the database URL cannot be read", "write `sqlite:///mianshen.db` or `postgresql://host/name`"
        ) from None
    if backend not in _BACKENDS:
        raise _bad_url(f"unknown kind of database `{backend}`", nearest_help(backend, _BACKENDS, "kind"))
    if backend == "sqlite":
        if read.database in {None, "", ":memory:"}:
            raise _bad_url(
                "the database URL names no file", "write `sqlite:///mianshen.db`; a night must outlive its process"
            )
        return read.set(drivername="sqlite+pysqlite")
    return read.set(drivername="postgresql+psycopg")


def _bad_url(message: str, remedy: str | None) -> RunError:
    return RunError([Finding(StoreCode.BAD_URL, Place("database"), message, remedy)])


def _engine(url: sa.URL, place: Place, patience: dt.timedelta) -> sa.Engine:
    if url.get_backend_name() == "sqlite":
        _keep_private(Path(url.database or ""))
        engine = _create(url, {"timeout": patience.total_seconds()})
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    limits = (
        f"-c lock_timeout={int(patience.total_seconds() * 1000)}ms",
        f"-c idle_in_transaction_session_timeout={IDLE_MINUTES}min",
    )
    try:
        engine = _create(url, {"connect_timeout": CONNECT_SECONDS, "options": " ".join(limits)})
    except ImportError:
        message, remedy = "the driver for PostgreSQL is missing", 'install it with `pip install "mianshen[postgres]"`'
        raise RunError([Finding(StoreCode.BAD_URL, place, message, remedy)]) from None
    sa.event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _keep_private(path: Path) -> None:
    """Make a database that is not there readable by its owner alone; SQLite gives its side files the same rights."""
    with suppress(OSError):  # it is there; or SQLite will meet the same obstacle, and is heard there
        path.touch(mode=0o600, exist_ok=False)


def _create(url: sa.URL, arguments: dict[str, Any]) -> sa.Engine:
    # hide_parameters: SQLAlchemy would print bound values, a whole batch of them, into its errors.
    return sa.create_engine(url, hide_parameters=True, connect_args=arguments)


def _prepare_postgresql(connection: Any, _: ConnectionPoolEntry) -> None:  # noqa: ANN401  # psycopg may not be installed
    connection.execute("set time zone 'UTC'")  # PGTZ of the environment would win over the options of the URL
    connection.commit()


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
    connection.execute("pragma journal_mode = wal")  # readers go on while a night writes
    connection.execute("pragma synchronous = full")  # a committed payment survives a power cut
    connection.execute("pragma foreign_keys = on")
    connection.execute(f"pragma cache_size = -{CACHE_KIB}")
    connection.execute("pragma temp_store = memory")  # ids that one statement finds for another, not rows


def _begin_sqlite(connection: sa.Connection) -> None:
    how = connection.get_execution_options().get(_BEGIN)
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    if connection.info.get(_QUERY_ONLY) is not (may_only_ask := how is None):
        driver.execute(f"pragma query_only = {'on' if may_only_ask else 'off'}")
        connection.info[_QUERY_ONLY] = may_only_ask
    driver.execute(f"begin {how or 'deferred'}")
