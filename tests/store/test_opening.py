import datetime as dt
import os
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.errors import RunError
from store.codes import StoreCode, StoreInvariantError
from store.opening import Store, open_store
from store.tables import Batch, Subject, table_of
from tests.store.worlds import CLOCK_START, clock_at

SUBJECT = table_of(Subject)
ROW = {"subject_id": "s_1", "kind": "person", "first_index": b"1", "first_seen_at": CLOCK_START}


def _count(store: Store) -> int:
    with store.reading() as rx:
        return int(rx.connection.scalar(sa.select(sa.func.count()).select_from(SUBJECT)) or 0)


def test_a_transaction_is_kept_whole_or_not_at_all(store: Store) -> None:
    """An error inside rolls back, the end of the block commits."""

    def write_and_fail() -> None:
        with store.writing() as tx:
            tx.connection.execute(sa.insert(SUBJECT), ROW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()

    assert _count(store) == 0

    with store.writing() as tx:
        tx.connection.execute(sa.insert(SUBJECT), ROW)

    assert _count(store) == 1


def test_the_transaction_knows_its_instant(store: Store) -> None:
    """The store's clock, not the machine's, says when a transaction began; instants come back in UTC."""
    with store.writing() as tx:
        tx.connection.execute(
            sa.insert(SUBJECT), ROW | {"first_seen_at": CLOCK_START.astimezone(dt.timezone(dt.timedelta(hours=8)))}
        )

    with store.reading() as rx:
        assert rx.now == CLOCK_START
        kept = rx.connection.scalar(sa.select(SUBJECT.c.first_seen_at))

    assert kept == CLOCK_START
    assert kept.tzinfo is dt.UTC


def test_reading_cannot_write(store: Store) -> None:
    """A reading transaction refuses writes; writing on the same connection works afterwards."""
    with pytest.raises(RunError) as caught, store.reading() as rx:
        rx.connection.execute(sa.insert(SUBJECT), ROW)

    assert caught.value.findings[0].code is StoreCode.NO_PERMISSION
    with store.writing() as tx:
        tx.connection.execute(sa.insert(SUBJECT), ROW)
    assert _count(store) == 1


def test_reading_sees_one_moment(store: Store) -> None:
    """What others commit while we read is not seen half way."""
    with store.reading() as rx:
        before = rx.connection.scalar(sa.select(sa.func.count()).select_from(SUBJECT))
        other = threading.Thread(target=_insert, args=(store,))
        other.start()
        other.join()
        after = rx.connection.scalar(sa.select(sa.func.count()).select_from(SUBJECT))

    assert (before, after) == (0, 0)
    assert _count(store) == 1


def _insert(store: Store) -> None:
    with store.writing() as tx:
        tx.connection.execute(sa.insert(SUBJECT), ROW)


def test_a_refused_row_names_its_constraint_and_no_value(store: Store) -> None:
    """PostgreSQL quotes the whole row, SQLAlchemy all parameters; neither reaches a message."""
    row = {
        "batch_id": "MARKER-1",
        "policy": "MARKER-2",
        "title": "",
        "payer": "",
        "pay_day": CLOCK_START.date(),
        "state": "frozen",
        "revision": 1,
        "item_count": 1,
        "total_fen": -1,
        "content_hash": "",
        "created_at": CLOCK_START,
        "changed_at": CLOCK_START,
    }
    with pytest.raises(StoreInvariantError) as caught, store.writing() as tx:
        tx.connection.execute(sa.insert(table_of(Batch)), row)

    assert str(caught.value) == "the database refused a row: `ck_batch_total_fen_not_negative`"
    assert caught.value.__suppress_context__


def test_a_statement_that_makes_no_sense_is_our_mistake(store: Store) -> None:
    """Only what an operator can mend becomes a finding."""
    with pytest.raises(StoreInvariantError), store.writing() as tx:
        tx.connection.execute(sa.text("select nonsense"))


def test_a_second_writer_waits_and_then_gives_up(url: str) -> None:
    """A lock held for longer than our patience is a finding, not a hang."""
    patience = dt.timedelta(milliseconds=50)
    with (
        open_store(url, clock=clock_at(CLOCK_START), patience=patience) as one,
        open_store(url, clock=clock_at(CLOCK_START), patience=patience) as other,
        one.writing() as tx,
    ):
        tx.connection.execute(sa.insert(SUBJECT), ROW)

        with pytest.raises(RunError) as caught, other.writing() as late:
            late.connection.execute(sa.insert(SUBJECT), ROW)

    assert caught.value.findings[0].code is StoreCode.LOCKED


def test_sqlite_is_opened_for_money(tmp_path: Path) -> None:
    """WAL, synchronous FULL and foreign keys hold on every connection."""
    with open_store(f"sqlite:///{tmp_path}/m.db", clock=clock_at(CLOCK_START)) as store, store.reading() as rx:
        settings = {
            name: rx.connection.exec_driver_sql(f"pragma {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }

    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_new_sqlite_file_is_its_owners_alone(tmp_path: Path) -> None:
    """With what SQLite puts beside it; the rights of one that is there already are left as its owner set them."""
    file = tmp_path / "m.db"
    with (
        open_store(f"sqlite:///{file}", clock=clock_at(CLOCK_START)),
        open_store(f"sqlite:///{file}", clock=clock_at(CLOCK_START)),
    ):
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    file.chmod(0o640)
    open_store(f"sqlite:///{file}", clock=clock_at(CLOCK_START)).close()

    assert modes == {"m.db": 0o600, "m.db-shm": 0o600, "m.db-wal": 0o600}
    assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("url", "code"),
    [
        pytest.param("mianshen.db", StoreCode.BAD_URL, id="not-a-url"),
        pytest.param("sqlite://", StoreCode.BAD_URL, id="in-memory"),
        pytest.param("mysql://host/name", StoreCode.BAD_URL, id="another-database"),
        pytest.param("sqlite:////no/such/folder/m.db", StoreCode.UNREACHABLE, id="no-folder"),
        pytest.param("postgresql:///m?host=/no/such/folder", StoreCode.UNREACHABLE, id="no-server"),
    ],
)
def test_a_database_that_cannot_be_opened(url: str, code: StoreCode) -> None:
    """The operator is told what to mend."""
    with pytest.raises(RunError) as caught:
        open_store(url, clock=clock_at(CLOCK_START))

    assert [finding.code for finding in caught.value.findings] == [code]


def test_a_driver_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite needs none; who wants PostgreSQL is told what to install."""
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(RunError) as caught:
        open_store("postgresql:///m", clock=clock_at(CLOCK_START))

    assert caught.value.findings[0].help == 'install it with `pip install "mianshen[postgres]"`'


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """A file with other content is left as it is."""
    file = tmp_path / "m.db"
    file.write_bytes(b"something else entirely" * 100)

    with pytest.raises(RunError) as caught:
        open_store(f"sqlite:///{file}", clock=clock_at(CLOCK_START))

    assert caught.value.findings[0].code is StoreCode.DAMAGED
    assert file.read_bytes().startswith(b"something else")


def test_the_password_is_never_shown(postgresql: str) -> None:
    """A message names the database, not who opens it."""
    host = postgresql.partition("host=")[2]

    with pytest.raises(RunError) as caught:
        open_store(f"postgresql://somebody:SECRET@/nothing?host={host}", clock=clock_at(CLOCK_START))

    assert "SECRET" not in str(caught.value)
    assert "somebody" not in str(caught.value)
    assert caught.value.findings[0].place.path == "postgresql:nothing"


def test_the_environment_has_no_say(postgresql: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's time zone does not reach what PostgreSQL gives."""
    monkeypatch.setitem(os.environ, "PGTZ", "America/New_York")

    with open_store(postgresql, clock=clock_at(CLOCK_START)) as store, store.reading() as rx:
        assert rx.connection.exec_driver_sql("show timezone").scalar() == "UTC"
