import re
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.engine.interfaces import ReflectedIndex

from core.errors import RunError
from core.findings import Place
from store.codes import StoreCode
from store.migrating import bring_up_to_date, configuration
from store.opening import Reading, Store, open_store
from store.tables import METADATA
from store.tables.base import as_indexed
from store.tables.cases import IS_LIVE
from store.tables.money import WAITING_ITEMS
from store.tables.paying import ENDED, LIVE
from store.tables.sending import WAITING
from tests.store.draft_revision import draft
from tests.store.worlds import CLOCK_START, ROOT, clock_at

FOLDER = ROOT / "store" / "migrations"


def _engine(url: str) -> sa.Engine:
    return sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))


def test_a_database_goes_up_down_and_up_again(empty_url: str) -> None:
    """The revisions come to what the tables say, and the way back leads to nothing."""
    engine = _engine(empty_url)

    for _ in range(2):
        with engine.begin() as connection:
            command.upgrade(configuration(connection, FOLDER), "head")
            command.check(configuration(connection, FOLDER))
        with engine.begin() as connection:
            assert set(sa.inspect(connection).get_table_names()) == {*METADATA.tables, "alembic_version"}
            command.downgrade(configuration(connection, FOLDER), "base")
        with engine.begin() as connection:
            assert sa.inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_constraints_of_the_revisions_are_those_of_the_tables(empty_url: str) -> None:
    """Alembic compares no checks; so the names and texts of all constraints are compared here."""
    engine = _engine(empty_url)
    with engine.begin() as connection:
        command.upgrade(configuration(connection, FOLDER), "head")
        by_revisions = _constraints(connection)
    with engine.begin() as connection:
        command.downgrade(configuration(connection, FOLDER), "base")
        METADATA.create_all(connection)
        by_tables = _constraints(connection)
    engine.dispose()

    assert by_revisions == by_tables


def _constraints(connection: sa.Connection) -> dict[str, list[str]]:
    inspector = sa.inspect(connection)
    return {
        table: sorted(
            [f"check {each['name']} {each['sqltext']}" for each in inspector.get_check_constraints(table)]
            + [f"unique {each['name']} {each['column_names']}" for each in inspector.get_unique_constraints(table)]
            + [f"key {each['name']} {each['constrained_columns']}" for each in inspector.get_foreign_keys(table)]
            + [f"index {each['name']} {each['column_names']} {_where(each)}" for each in inspector.get_indexes(table)]
            + [f"column {each['name']} {each['type']!r} {each['nullable']}" for each in inspector.get_columns(table)]
        )
        for table in METADATA.tables
    }


def _where(index: ReflectedIndex) -> list[str]:
    return [str(each) for name, each in index["dialect_options"].items() if name.endswith("_where")]


def test_a_draft_has_plain_types_and_nothing_to_change(tmp_path: Path) -> None:
    """The next revision is drafted from the tables; as long as they agree, there is nothing in it."""
    versions = tmp_path / "versions"
    shutil.copytree(FOLDER / "versions", versions)

    newest = max(path.name[:4] for path in versions.glob("[0-9]*.py"))

    drafted = draft("What is true after it", versions)

    assert drafted.name == f"{int(newest) + 1:04d}_what_is_true_after_it.py"
    assert f"down_revision = '{newest}'" in drafted.read_text("utf-8")
    assert drafted.read_text("utf-8").count("    pass\n") == 2


def test_revisions_do_not_depend_on_sqlmodel(tmp_path: Path) -> None:
    """Drafted from scratch, every type is SQLAlchemy's own: a revision has to run for years."""
    drafted = draft("All", tmp_path).read_text("utf-8")

    assert "sqlmodel" not in drafted
    assert "sa.DateTime(timezone=True)" in drafted
    assert "sa.String(40)" in drafted


def test_opening_an_empty_database_makes_the_tables_once(empty_url: str) -> None:
    """The second opening finds nothing to do."""
    open_store(empty_url, clock=clock_at(CLOCK_START)).close()

    with open_store(empty_url, clock=clock_at(CLOCK_START)) as store, store.reading() as rx:
        assert bring_up_to_date(rx.connection, Place("database"), may_write=False)


def test_a_newer_database_is_refused(empty_url: str) -> None:
    """A database that a newer version wrote is left alone."""
    open_store(empty_url, clock=clock_at(CLOCK_START)).close()
    engine = _engine(empty_url)
    with engine.begin() as connection:
        connection.execute(sa.text("update alembic_version set version_num = '9999'"))
    engine.dispose()

    with pytest.raises(RunError) as caught:
        open_store(empty_url, clock=clock_at(CLOCK_START))

    assert caught.value.findings[0].code is StoreCode.SCHEMA_NEWER


def test_somebody_elses_database_is_refused(empty_url: str) -> None:
    """Tables that are not ours are never mixed with ours."""
    engine = _engine(empty_url)
    with engine.begin() as connection:
        connection.execute(sa.text("create table theirs (n integer)"))
    engine.dispose()

    with pytest.raises(RunError) as caught:
        open_store(empty_url, clock=clock_at(CLOCK_START))

    assert caught.value.findings[0].code is StoreCode.FOREIGN


def test_a_failing_upgrade_leaves_the_database_empty(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The revisions run in one transaction with the look at the version."""

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    upgrade = command.upgrade

    def upgrade_then_fail(*arguments: object) -> None:
        upgrade(*arguments)  # type: ignore[arg-type]  # passed through
        fail()

    monkeypatch.setattr(command, "upgrade", upgrade_then_fail)
    with pytest.raises(KeyboardInterrupt):
        open_store(empty_url, clock=clock_at(CLOCK_START))

    engine = _engine(empty_url)
    with engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == []
    engine.dispose()


def test_steps_of_activations_outlive_a_changed_table(empty_url: str) -> None:
    """SQLite copies the table to change it: what was there is there after the way up, and after the way back."""
    engine = _engine(empty_url)
    with engine.begin() as connection:
        command.upgrade(configuration(connection, FOLDER), "0007")
        for statement in _A_NIGHT_TOOK_A_STEP:
            connection.execute(sa.text(statement))
        before = connection.execute(sa.text("select * from activation_step")).all()
        command.upgrade(configuration(connection, FOLDER), "head")
        after = connection.execute(sa.text("select * from activation_step")).all()
        command.downgrade(configuration(connection, FOLDER), "0007")
        back = connection.execute(sa.text("select * from activation_step")).all()
    engine.dispose()

    assert (len(before), [(*row, None) for row in before]) == (1, [tuple(row) for row in after])
    assert back == before


def test_messages_outlive_a_changed_table(empty_url: str) -> None:
    """What waited goes by mail, for mail was sent before; every attempt is there, and the way back loses nothing."""
    engine = _engine(empty_url)
    with engine.begin() as connection:
        command.upgrade(configuration(connection, FOLDER), "0008")
        for statement in _A_NIGHT_TOLD:
            connection.execute(sa.text(statement))
        notices, attempts = (connection.execute(sa.text(each)).all() for each in _ALL_TOLD)
        command.upgrade(configuration(connection, FOLDER), "head")
        routes = connection.execute(sa.text("select channel, event from notice order by notice_id")).all()
        carried = connection.execute(sa.text("select reference, message_reference from notice_attempt")).all()
        command.downgrade(configuration(connection, FOLDER), "0008")
        back = [connection.execute(sa.text(each)).all() for each in _ALL_TOLD]
    engine.dispose()

    assert [tuple(row) for row in routes] == [("email", "night 2025-08-01")] * 2
    assert [tuple(row) for row in carried] == [("m_1", "m_1")]
    assert back == [notices, attempts]


_ALL_TOLD = ("select * from notice order by notice_id", "select * from notice_attempt")
_A_NIGHT_TOLD = (
    "insert into subject values ('s_1', 'person', '', '2025-08-01')",
    (
        "insert into notice values ('n_1', 's_1', 'p', 'started', '2025-08-01', '[]', 'r_1', 'accepted', '2025-08-01', '2025-08-01', '2025-08-01',"
        " 1, null, null, '250')"
    ),
    (
        "insert into notice values ('n_2', 's_1', 'p', 'started', '2025-08-01', '[]', 'r_1', 'queued', '2025-08-01', '2025-08-01', '2025-08-01',"
        " 0, null, null, null)"
    ),
    (
        "insert into notice_attempt values ('n_1', 1, 'm_1', 'email', 'host:1', '2025-08-01', '2025-08-01', 'accepted', '250', 'started@2',"
        " 'digest')"
    ),
)

_A_NIGHT_TOOK_A_STEP = (
    "insert into rule_text values ('p', 1, 'text', 'f', '2025-01-01', null, '2025-01-01', 'x')",
    "insert into activation values ('a_1', 'p', 1, '2025-01-01', null, '2025-01-01', false, 'x')",
    "insert into activation_step values ('a_1', 1, 'scheduled', 'in_force', '2025-01-02', 'night', null, 'r_1')",
)


def test_grants_outlive_the_states_before_money(empty_url: str) -> None:
    """What was there is there after the way up, with its rows in other tables; an ended offer had never been active."""
    engine = _engine(empty_url)
    (own,) = FOLDER.glob("versions/*_grants_go_by_steps.py")
    before = f"{int(own.name[:4]) - 1:04d}"
    read = sa.text("select grant_id, state from grant_ order by grant_id")
    with engine.begin() as connection:
        command.upgrade(configuration(connection, FOLDER), before)
        for statement in _THREE_GRANTS:
            connection.execute(sa.text(statement))
        command.upgrade(configuration(connection, FOLDER), "head")
        after = connection.execute(read).all()
        acts = connection.execute(sa.text("select grant_id, kind, is_assisted from act")).all()
        command.downgrade(configuration(connection, FOLDER), before)
        back = connection.execute(read).all()
    engine.dispose()

    assert [tuple(row) for row in after] == [("g_1", "active"), ("g_2", "ended"), ("g_3", "withdrawn")]
    assert [tuple(row) for row in acts] == [("g_1", "confirm", False)]
    assert [tuple(row) for row in back] == [("g_1", "active"), ("g_2", "ended"), ("g_3", "ended")]


def test_the_past_of_a_grant_has_its_day(empty_url: str) -> None:
    """No day was changed before: what is kept of a grant says the day and the cause that the grant says."""
    engine = _engine(empty_url)
    (own,) = FOLDER.glob("versions/*_a_grant_may_be_found_earlier.py")
    read = sa.text("select grant_id, discovered_on, cause from grant_past order by grant_id")
    with engine.begin() as connection:
        command.upgrade(configuration(connection, FOLDER), f"{int(own.name[:4]) - 1:04d}")
        for statement in _TWO_GRANTS_WITH_A_PAST:
            connection.execute(sa.text(statement))
        command.upgrade(configuration(connection, FOLDER), "head")
        after = connection.execute(read).all()
    engine.dispose()

    assert [tuple(map(str, row)) for row in after] == [("g_1", "2025-01-01", "None"), ("g_2", "2025-02-01", "hold")]


_PAST_GRANT = (
    "insert into grant_past (number, until, grant_id, state, changed_at) values ({0}, 2, '{1}', 'active', '2025-03-01')"
)
_TWO_GRANTS_WITH_A_PAST = (
    "insert into subject values ('s', 'person', '', '2025-01-01')",
    (
        "insert into grant_ (grant_id, policy, subject_id, event, state, discovered_on, opened_at, changed_at, revision, cause) values"
        " ('g_1', 'p', 's', '', 'ended', '2025-01-01', '2025-01-01', '2025-01-01', 1, null),"
        " ('g_2', 'q', 's', '', 'ended', '2025-02-01', '2025-02-01', '2025-02-01', 1, 'hold')"
    ),
    *(_PAST_GRANT.format(number, key) for number, key in enumerate(("g_1", "g_2"), start=1)),
)


_GRANT = (
    "insert into grant_ values ('{0}', '{0}', 's', '', '{1}', '2025-01-01', '2025-01-01', '2025-01-01', null, 1, null)"
)
_THREE_GRANTS = (
    "insert into subject values ('s', 'person', '', '2025-01-01')",
    *(_GRANT.format(key, state) for key, state in (("g_1", "active"), ("g_2", "ended"), ("g_3", "ended"))),
    "insert into act values ('g_1', 1, 'confirm', '2025-01-01', '2025-01-01', 'x', 1)",
    "insert into obligation values ('o', 'g_2', '2025-01', 'main', 0, 0, false, 0, 0, 0, 0, 1, 1)",
)


def test_words_that_are_compared_come_back_to_the_letter(tmp_path: Path) -> None:
    """Older revisions look for their own words; and no list is left once they are compared."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    said = sa.text("select name, sql from sqlite_master where sql is not null order by name")
    lists = re.compile(r"(?<!not) in \('[^']*', '[^']*', ", re.IGNORECASE)
    with engine.begin() as connection:
        command.upgrade(configuration(connection, FOLDER), "0022")
        before = connection.execute(said).all()
        command.upgrade(configuration(connection, FOLDER), "0023")
        compared = connection.execute(said).all()
        command.downgrade(configuration(connection, FOLDER), "0022")
        back = connection.execute(said).all()
    engine.dispose()

    assert any(lists.search(each.sql) for each in before)
    assert [each.name for each in compared if lists.search(each.sql)] == []
    assert back == before


def test_an_index_on_some_rows_is_used_by_the_words_of_a_statement(empty_url: str) -> None:
    """Whatever the database makes of a list: what waits is found without reading all that ever was."""
    with open_store(empty_url, clock=clock_at(CLOCK_START)) as store, store.reading() as rx:
        if store.is_postgresql:
            rx.connection.execute(sa.text("set local enable_seqscan = off"))  # an empty table is read whole otherwise
        plans = {name: _plan(store, rx, *asked) for name, asked in _BY_INDEX.items()}

    assert [name for name, plan in plans.items() if name not in plan] == []


_BY_INDEX = {
    "ix_notice_waiting": ("notice", "channel = 'email' and not_before < '2026-01-01'", WAITING),
    "ix_item_waiting": ("item", "item.state is not null", WAITING_ITEMS),
    "uq_batch_item_live": ("batch_item", "item_id = 'i_1'", LIVE),
    "ix_batch_item_ended": ("batch_item", "item_id = 'i_1'", ENDED),
    "uq_overpayment_case_open": ("overpayment_case", "obligation_id = 'o_1'", IS_LIVE),
}


def _plan(store: Store, rx: Reading, table: str, where: str, condition: str) -> str:
    asked = sa.select(sa.text("*")).select_from(sa.text(table)).where(sa.text(where), as_indexed(condition, of=table))
    words = str(asked.compile(rx.connection))
    return str(rx.connection.execute(sa.text(f"explain {'' if store.is_postgresql else 'query plan'} {words}")).all())
