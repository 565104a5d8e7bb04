"""The ledger as a mark saw it: every write moves on, and every mark reads what was there."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import polars as pl
import pytest
import sqlalchemy as sa

from core.ids import grant_id, item_id, obligation_id
from core.ledger import Act, ActKind, GrantState, ItemState, LedgerMark, Obligation
from store.batches import BatchHead
from store.freezing import add_batch
from store.grants import GRANT_DAYS, GRANT_MOVES, grants_changed_since, read_acts, read_grants, record_act
from store.ledger import DUES, LedgerChanges, write_ledger
from store.opening import Reading, Store, Writing
from store.past import keep_replaced, ledger_mark
from store.payouts import cancel_batch
from store.positions import positions_changed_since, read_obligations, read_positions
from store.states.funds import Account
from store.tables import GrantPast, ItemPast, LedgerRevision, ObligationPast, ObligationRow, table_of
from tests.store.paying import answer, send
from tests.store.worlds import DAY, POLICY, items, lines, moves, open_grant, owe, posting, postings, register, seen

OPEN, HOLD, CANCELLED = ItemState.OPEN, ItemState.ON_HOLD, ItemState.CANCELLED


@dataclass(frozen=True)
class Seen:
    """All that a night reads of the ledger."""

    positions: list[dict[str, object]]
    grants: list[dict[str, object]]
    acts: tuple[Act, ...]
    obligations: list[Obligation]

    @classmethod
    def by(cls, rx: Reading) -> Self:
        """Read it."""
        positions = read_positions(rx)
        keys = positions["obligation_id"].to_list()
        return cls(positions.to_dicts(), read_grants(rx).to_dicts(), read_acts(rx), read_obligations(rx, keys))


def _look(store: Store) -> tuple[LedgerMark, Seen]:
    with store.reading() as rx:
        return ledger_mark(rx), Seen.by(rx)


def _freeze(tx: Writing, key: str, name: str, *numbers: int) -> str:
    return add_batch(
        tx, BatchHead(name, "p", "护理补贴", "区残联", DAY), lines(tx, key, *numbers), run_id=None
    ).content_hash


def _night(tx: Writing, grant: str, key: str) -> None:
    """Write a due, a hold, a top-up, a state and an act."""
    changes = LedgerChanges(
        grant_moves=pl.DataFrame([(grant, "active", "held")], schema=GRANT_MOVES, orient="row"),
        grant_days=pl.DataFrame([(grant, DAY - dt.timedelta(days=30), "rule")], schema=GRANT_DAYS, orient="row"),
        dues=pl.DataFrame([(key, 700, None, True)], schema=DUES, orient="row"),
        items=items(key, 100, first=4),
        item_moves=moves(key, (3, OPEN, HOLD)),
        seen=seen(**{key: 1}),
    )
    write_ledger(tx, changes, run_id="r_2")
    record_act(tx, Act(grant, ActKind.WAIVE, DAY, tx.now, "a"))


def _send(tx: Writing, key: str) -> None:
    _freeze(tx, key, "b_2", 1, 2)
    send(tx, "b_2")


def _answer(tx: Writing, key: str) -> None:
    answer(tx, "b_2", paid=[item_id(key, 1)], failed=[item_id(key, 2)])


def _claim(tx: Writing, key: str) -> None:
    """Write a case and take an item back."""
    (written,) = read_obligations(tx, [key])
    changes = LedgerChanges(
        postings=postings(posting(key, Account.CASE, 0, 80)),
        item_moves=moves(key, (3, HOLD, CANCELLED)),
        seen=seen(**{key: written.version}),
    )
    write_ledger(tx, changes, run_id="r_3")


def test_every_mark_sees_what_was_there(store: Store) -> None:
    """Grants, acts, dues, items, postings and batches, written in every way there is, and read again as they were."""
    one, other = register(store, "a", "b")
    grant = grant_id(POLICY, one, "")
    key = obligation_id(grant, "2026-02", "main")
    steps: tuple[Callable[[Writing], object], ...] = (
        lambda tx: owe(tx, open_grant(tx, one), 100, 200, 300),
        lambda tx: _night(tx, grant, key),
        lambda tx: owe(tx, open_grant(tx, other), 50),  # the clock stands still: an instant alone would not do
        lambda tx: _freeze(tx, key, "b_1", 1, 2),
        lambda tx: cancel_batch(tx, "b_1", by="maker", reason="not now"),
        lambda tx: _send(tx, key),
        lambda tx: _answer(tx, key),
        lambda tx: _claim(tx, key),
    )
    looks = [_look(store)]
    for step in steps:
        with store.writing() as tx:
            step(tx)
        looks.append(_look(store))

    assert len({repr(each) for _, each in looks}) == len(looks)
    for mark, was in looks:
        with store.reading(mark=mark) as rx:
            assert Seen.by(rx) == was

    _, now = looks[-1]
    for mark, was in looks:
        with store.reading() as rx:
            assert _brought_up(was.grants, grants_changed_since(rx, mark), "grant_id") == now.grants
            assert _brought_up(was.positions, positions_changed_since(rx, mark), "obligation_id") == now.positions


def _brought_up(was: list[dict[str, object]], changed: pl.DataFrame, key: str) -> list[dict[str, object]]:
    """Return what was read once, with what has changed since in its place."""
    rows = {str(row[key]): row for row in (*was, *changed.to_dicts())}
    return [rows[each] for each in sorted(rows)]


def test_what_did_not_change_is_not_read_again(store: Store) -> None:
    """Since the newest mark nothing has changed; a payment of one leaves the others alone."""
    one, other = register(store, "a", "b")
    with store.writing() as tx:
        key = owe(tx, open_grant(tx, one), 100)
        owe(tx, open_grant(tx, other), 50)
    with store.reading() as rx:
        mark = ledger_mark(rx)
        assert grants_changed_since(rx, mark).is_empty()
        assert positions_changed_since(rx, mark).is_empty()
    with store.writing() as tx:
        _freeze(tx, key, "b_1", 1)
    with store.reading() as rx:
        assert positions_changed_since(rx, mark)["obligation_id"].to_list() == [key]
        assert grants_changed_since(rx, mark).is_empty()


def test_a_writer_under_way_is_named(store: Store) -> None:
    """A number that is not there when a higher one is belongs to a transaction that the moment did not see."""
    (subject,) = register(store, "a")
    with store.writing() as tx:
        open_grant(tx, subject)
    with store.reading() as rx:
        last = ledger_mark(rx).through
    with store.writing() as tx:  # as two writers on PostgreSQL would, the later of whom commits first
        tx.connection.execute(sa.insert(table_of(LedgerRevision)).values(number=last + 2, written_at=tx.now))

    with store.reading() as rx:
        mark = ledger_mark(rx)

    assert mark.through == last + 2
    assert last + 1 in mark.without
    assert last not in mark.without


def test_what_a_writer_under_way_wrote_is_not_seen(store: Store) -> None:
    """Rows it made are not there, and rows it replaced say what they said before."""
    (subject,) = register(store, "a")
    with store.writing() as tx:
        grant = open_grant(tx, subject)
        before = ledger_mark(tx).through
    with store.writing() as tx:
        moved = pl.DataFrame([(grant, "active", "ended")], schema=GRANT_MOVES, orient="row")
        write_ledger(tx, LedgerChanges(grant_moves=moved), run_id=None)
        owe(tx, grant, 100)
        after = ledger_mark(tx).through

    with store.reading(mark=LedgerMark(after, tuple(range(before + 1, after + 1)))) as rx:
        grants, positions = read_grants(rx), read_positions(rx)

    assert grants["state"].to_list() == [GrantState.ACTIVE]
    assert positions.is_empty()


@pytest.mark.parametrize(
    ("past", "current"),
    [(GrantPast, "grant_"), (ObligationPast, "obligation"), (ItemPast, "item")],
)
def test_the_past_has_the_columns_of_the_present(past: type[GrantPast], current: str) -> None:
    """What is kept of a row is named and typed as in the row; nothing is kept under another name."""
    kept = [column for column in table_of(past).columns if column.name not in {"number", "until"}]
    now = ObligationRow.metadata.tables[current].columns

    assert {each.name for each in kept} <= set(now.keys())
    assert all(str(each.type) == str(now[each.name].type) and each.nullable == now[each.name].nullable for each in kept)


def test_what_is_kept_of_a_row_is_what_its_update_replaces(store: Store) -> None:
    """From being kept on, a row named by its id is locked: on a server nobody else can write on it in between."""
    (one, other) = register(store, "a", "b")
    with store.writing() as tx:
        named, left = (owe(tx, open_grant(tx, each), 100) for each in (one, other))

    with store.writing() as tx:
        keep_replaced(tx, ObligationRow, pl.Series([named]))
        if not store.is_postgresql:
            return  # there a writer holds the lock on everything
        table = table_of(ObligationRow)
        with store.engine.begin() as beside:
            free = beside.scalars(sa.select(table.c.obligation_id).with_for_update(skip_locked=True)).all()

    assert free == [left]
