import sqlite3

import psycopg
import pytest
import sqlalchemy as sa

from core.errors import RunError
from core.findings import Place
from store.codes import StoreCode, StoreInvariantError
from store.faults import code_of, place_of, translated


@pytest.mark.parametrize(
    ("state", "code"),
    [
        pytest.param("08006", StoreCode.UNREACHABLE, id="connection-lost"),
        pytest.param("57P01", StoreCode.UNREACHABLE, id="server-stops"),
        pytest.param("53300", StoreCode.UNREACHABLE, id="too-many-connections"),
        pytest.param("28P01", StoreCode.NO_PERMISSION, id="wrong-password"),
        pytest.param("42501", StoreCode.NO_PERMISSION, id="missing-right"),
        pytest.param("55P03", StoreCode.LOCKED, id="lock-timeout"),
        pytest.param("40P01", StoreCode.LOCKED, id="deadlock"),
        pytest.param("53100", StoreCode.DISK_FULL, id="disk-full"),
        pytest.param("XX001", StoreCode.DAMAGED, id="data-corrupted"),
        pytest.param("23505", None, id="unique-violation"),
        pytest.param("22003", None, id="number-out-of-range"),
    ],
)
def test_what_postgresql_says(state: str, code: StoreCode | None) -> None:
    """Its states are sorted into what an operator can mend; the rest is our mistake."""
    fault = psycopg.errors.lookup(state)("MARKER")

    assert code_of(fault) is code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param("SQLITE_FULL", StoreCode.DISK_FULL, id="no-room"),
        pytest.param("SQLITE_IOERR_WRITE", StoreCode.DISK_FULL, id="a-limit-or-a-quota"),
        pytest.param("SQLITE_IOERR_SHMSIZE", StoreCode.DISK_FULL, id="no-room-beside-it"),
        pytest.param("SQLITE_IOERR_READ", StoreCode.DAMAGED, id="the-disk-fails"),
        pytest.param("SQLITE_CORRUPT_INDEX", StoreCode.DAMAGED, id="data-corrupted"),
        pytest.param("SQLITE_READONLY_DIRECTORY", StoreCode.NO_PERMISSION, id="missing-right"),
        pytest.param("SQLITE_BUSY_SNAPSHOT", StoreCode.LOCKED, id="locked"),
        pytest.param("SQLITE_CONSTRAINT_UNIQUE", None, id="unique-violation"),
    ],
)
def test_what_sqlite_says(name: str, code: StoreCode | None) -> None:
    """A disk that takes no more is no damage: nobody shall restore a backup for it."""
    fault = sqlite3.OperationalError("MARKER")
    fault.sqlite_errorname = name

    assert code_of(fault) is code


def test_a_connection_that_never_came_about() -> None:
    """Psycopg gives no state then."""
    assert code_of(psycopg.OperationalError("MARKER")) is StoreCode.UNREACHABLE
    assert code_of(psycopg.InterfaceError("MARKER")) is None


def test_no_text_of_a_driver_is_passed_on() -> None:
    """Whatever it says, our text has names alone."""
    for fault in (sqlite3.OperationalError("MARKER"), sqlite3.IntegrityError("MARKER"), psycopg.DataError("MARKER")):
        with pytest.raises(StoreInvariantError) as caught, translated(Place("db"), type(fault)):
            raise fault

        assert "MARKER" not in str(caught.value)


def test_what_an_operator_can_mend_is_a_finding() -> None:
    """Raised by the driver itself, as COPY does, or through SQLAlchemy."""
    below = psycopg.errors.DiskFull("MARKER")
    for fault in (below, sa.exc.OperationalError("insert MARKER", {"a": "MARKER"}, below)):
        with pytest.raises(RunError) as caught, translated(Place("db"), psycopg.Error):
            raise fault

        assert caught.value.findings[0].code is StoreCode.DISK_FULL
        assert "MARKER" not in str(caught.value)


def test_a_place_names_no_user_and_no_password() -> None:
    """Only the database is named."""
    assert place_of(sa.make_url("postgresql://me:secret@host/city")).path == "postgresql:city"
    assert place_of(sa.make_url("sqlite:////w/mianshen.db")).path == "/w/mianshen.db"
