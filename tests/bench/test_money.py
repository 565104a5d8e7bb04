import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.clock import FixedClock
from core.ledger import ItemKind, ItemState
from store.codes import StoreInvariantError
from store.opening import Store, open_store
from store.rows import insert_rows
from store.tables import GrantRow, ItemRow, ObligationRow, table_of
from tests.bench.one_ledger import NOW, POLICY, build
from tests.bench.one_money import PURSES, measured
from tests.store.postgresql import running

DUES, ITEMS = 40, 130
ROOT = Path(__file__).parents[2]
ITEM = table_of(ItemRow)
_TOLD = {
    "sqlite": "select name, coalesce(sql, '') from sqlite_schema",
    "postgresql": """
        select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
        union select tablename, indexname, indexdef from pg_indexes where schemaname = 'public'""",
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the URL of a database without rows."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('bench')}/mianshen.db"
        return
    with running() as newest:
        yield newest


@pytest.fixture(scope="module")
def built(url: str) -> Iterator[tuple[Store, set[tuple[str, ...]]]]:
    """Give a store that has been filled, and what bound its tables before."""
    with open_store(url, clock=FixedClock(NOW)) as store:
        before = _bound(store)
    build(url, dues=DUES, items=ITEMS)
    with open_store(url, clock=FixedClock(NOW)) as store:
        yield store, before


def _bound(store: Store) -> set[tuple[str, ...]]:
    """Return every constraint and index as the database itself tells them."""
    with store.reading() as rx:
        return {tuple(row) for row in rx.connection.execute(sa.text(_TOLD[store.engine.dialect.name]))}


def test_a_filled_table_is_bound_as_before(built: tuple[Store, set[tuple[str, ...]]]) -> None:
    """Keys and indexes were away while rows came; a bench of a ledger without them would measure nothing."""
    store, before = built

    assert _bound(store) == before


def test_a_filled_table_refuses_what_does_not_fit(built: tuple[Store, set[tuple[str, ...]]]) -> None:
    """Its keys know the rows that came past them: one that is there is refused, and one that belongs to nothing."""
    store, _ = built
    with store.reading() as rx:
        row = dict(rx.connection.execute(sa.select(ITEM).limit(1)).mappings().one())

    for change in ({}, {"item_id": "i_other"}, {"item_id": "i_other", "obligation_id": "o_none"}):
        with pytest.raises(StoreInvariantError), store.writing() as tx:
            insert_rows(tx, ItemRow, [row | change])


def test_a_filled_file_is_whole(built: tuple[Store, set[tuple[str, ...]]]) -> None:
    """Tables and indexes that have changed places in a file agree, and no page is lost."""
    store, _ = built
    if store.is_postgresql:
        return
    connection = sqlite3.connect(str(store.engine.url.database))

    assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
    assert connection.execute("pragma foreign_key_check").fetchall() == []
    connection.close()


def test_a_ledger_has_the_items_asked_for(built: tuple[Store, set[tuple[str, ...]]]) -> None:
    """The policy's dues are paid once each; the other policy paid the rest, the last month to some."""
    store, _ = built

    with store.reading() as rx:
        counts = {
            model: rx.connection.scalar(sa.select(sa.func.count()).select_from(table_of(model)))
            for model in (GrantRow, ObligationRow, ItemRow)
        }

    assert counts == {GrantRow: 2 * DUES, ObligationRow: ITEMS, ItemRow: ITEMS}


def test_a_night_tops_every_due_up(url: str, built: tuple[Store, set[tuple[str, ...]]]) -> None:
    """What is measured is what it says: an item of 30 yuan for each due, in a batch whose money is reserved."""
    store, _ = built

    steps = measured(store)

    with store.reading() as rx:
        made = rx.connection.execute(
            sa.select(ITEM.c.kind, ITEM.c.amount_fen, ITEM.c.state, sa.func.count())
            .where(ITEM.c.run_id == "r_bench")
            .group_by(ITEM.c.kind, ITEM.c.amount_fen, ITEM.c.state)
        ).all()
        reserved = rx.connection.execute(
            sa.text("select purse, reserved_fen from pot where policy = :policy order by purse"), {"policy": POLICY}
        ).all()
    assert made == [(ItemKind.TOP_UP, 3_000, ItemState.IN_BATCH, DUES)]
    whole = DUES * 3_000 // 5
    assert {tuple(row) for row in reserved} == {(each.name, each.weight * whole) for each in PURSES.purses}
    assert len(steps) == 5


def test_a_kept_ledger_is_copied(tmp_path: Path) -> None:
    """A night changes its database; the ledger that is kept stays as it was, and the next run takes it again."""
    command = [sys.executable, "-m", "tests.bench.money", "--dues", "20", "--ledger", "60", "--keep", str(tmp_path)]

    def run() -> tuple[str, bytes]:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        return done.stderr, (tmp_path / "ledger_20_60.db").read_bytes()

    said, ledger = run()
    said_again, ledger_again = run()

    assert "building" in said
    assert "building" not in said_again
    assert ledger == ledger_again
    assert [each.name for each in tmp_path.iterdir()] == ["ledger_20_60.db"]
