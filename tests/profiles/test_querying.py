import datetime as dt
import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from core.errors import ProfileError
from profiles.querying import Query, _text
from tests.profiles.deliveries import CITIZENS, LIST, Desk, resource

ANN, BOB, _ = CITIZENS
TO = resource(LIST, "{name: 姓名, type: text, role: name}", "{name: 级, type: integer, optional: true}")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a desk beside a department's database."""
    with sqlite3.connect(tmp_path / "their.db") as connection:
        connection.execute("create table t (id text, name text, level int, amount real)")
        connection.executemany("insert into t values (?, ?, ?, ?)", [(ANN, "王", 1, 0.1), (BOB, "李", None, 1e17)])
    connection.close()
    return Desk(tmp_path)


def query(desk: Desk, select: str = "select id as 号码, name as 姓名, level as 级 from t") -> Query:
    """Return a query on the department's database."""
    return Query("their-list", f"sqlite:///{desk.root / 'their.db'}", select)


def test_a_query_is_loaded_like_a_file(desk: Desk) -> None:
    """Rows come through the same contract; nothing is left of the spool."""
    report = desk.load(query(desk), TO)

    assert report.load.file_name == "their-list"
    assert report.load.row_count == 2
    assert sorted(desk.vault.kept.values()) == ["李", "王"]
    assert [path.name for path in (desk.root / "snapshots").iterdir()] == ["list"]


def test_the_order_of_rows_does_not_matter(desk: Desk) -> None:
    """Databases promise none; the same rows are the same content."""
    desk.load(query(desk), TO)
    again = desk.load(query(desk, "select id as 号码, name as 姓名, level as 级 from t order by id desc;"), TO)

    assert not again.is_new


def test_other_rows_are_other_content(desk: Desk) -> None:
    """One value changed."""
    desk.load(query(desk), TO)
    changed = desk.load(query(desk, "select id as 号码, name as 姓名, 2 as 级 from t"), TO)

    assert changed.is_new


@pytest.mark.parametrize(
    "select",
    [
        "delete from t",
        "select 1; delete from t",
        "update t set level = 0",
        "with x as (select 1) delete from t",
        "select missing from t",
        "pragma query_only = off",
    ],
)
def test_only_reading(desk: Desk, select: str) -> None:
    """Another department's database is never written, however it is asked."""
    with pytest.raises(ProfileError, match="P211"):
        desk.load(query(desk, select), TO)

    with sqlite3.connect(desk.root / "their.db") as connection:
        assert connection.execute("select count(*), sum(level) from t").fetchall() == [(2, 1)]
    connection.close()


def test_values_as_text() -> None:
    """Whatever type a database has, the contract sees the text that a CSV file would hold."""
    values = [
        None,
        True,
        Decimal("1234.50"),
        5.0,
        0.1,
        dt.datetime(2025, 7, 1, 8, tzinfo=dt.UTC),
        dt.date(2025, 7, 1),
        7,
    ]

    assert [_text(value) for value in values] == [
        None,
        "true",
        "1234.50",
        "5",
        "0.1",
        "2025-07-01 08:00:00",
        "2025-07-01",
        "7",
    ]


def test_nobody_s_spool_is_left(desk: Desk) -> None:
    """What a killed process spooled holds names; the next query removes it."""
    (desk.root / "snapshots" / ".spool-1.999999999").mkdir(parents=True)

    desk.load(query(desk), TO)

    assert [path.name for path in (desk.root / "snapshots").iterdir()] == ["list"]


def test_a_number_kept_as_a_fraction(desk: Desk) -> None:
    """A database can lose digits as a spreadsheet does."""
    report = desk.load(query(desk, "select id as 号码, amount as 姓名, 1 as 级 from t"), TO)

    assert desk.faults(report) == [(2, "姓名", "P210")]


@pytest.mark.parametrize("url", ["nonsense", "nosuch://host/db", "sqlite:////nowhere/their.db"])
def test_no_database(desk: Desk, url: str) -> None:
    """The URL, which may hold a password, is in no message; no file is made where none was."""
    with pytest.raises(ProfileError, match="their-list: error\\[P211\\]") as error:
        desk.load(Query("their-list", url, "select 1"), TO)

    assert url not in str(error.value)
    assert url not in repr(Query("their-list", url, "select 1"))
