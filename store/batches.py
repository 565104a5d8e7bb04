"""Payout batches: frozen with totals and hash, frozen anew when an item leaves.

What a line says and how it is hashed is decided where batches are made (`delivery.batches`); the hash is
computed again here from the lines that are stored, so that nothing can go out that was not approved.
Approving, sending out and what the bank says: `store.payouts`.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from core.findings import nearest_help
from core.ids import lines_digest
from core.ledger import ITEM_TRANSITIONS, ItemState
from store.codes import StoreCode, StoreInvariantError
from store.faults import refused
from store.items import changed_in_between
from store.opening import Reading, Writing
from store.past import keep_replaced
from store.rows import insert_frame, insert_rows, read_frame, read_matching
from store.states import BATCH_TRANSITIONS, BatchState
from store.tables import Batch, BatchItem, ItemRow, ObligationRow, table_of

_BATCH = table_of(Batch)
_LINE = table_of(BatchItem)
_ITEM = table_of(ItemRow)
_OBLIGATION = table_of(ObligationRow)

IN_BATCH = sa.and_(_LINE.c.dropped_at.is_(None), _LINE.c.returned_at.is_(None))
"""Which lines belong to their batch now: not those that left it or came back."""

LINES = pl.Schema(
    {
        "item_id": pl.String(),
        "subject_id": pl.String(),
        "amount_fen": pl.Int64(),
        "reference": pl.String(),
        "payee_digest": pl.String(),
    }
)
"""The lines of a new batch."""


@dataclass(frozen=True, slots=True)
class BatchHead:
    """What a batch is for."""

    batch_id: str
    policy: str
    title: str
    payer: str
    pay_day: dt.date


@dataclass(frozen=True, slots=True)
class BatchRecord(BatchHead):
    """A batch as the table holds it; an approval is for one revision and its hash."""

    state: BatchState
    revision: int
    item_count: int
    total_fen: int
    content_hash: str
    approved_by: str | None
    created_at: dt.datetime
    changed_at: dt.datetime
    run_id: str | None


_FIELDS = tuple(BatchRecord.__dataclass_fields__)


def content_hash(lines: pl.DataFrame) -> str:
    """Return the hash over what is paid to whom: sorted lines of item, payee's digest and fen."""
    written = lines.select(pl.format("{}|{}|{}", "item_id", "payee_digest", "amount_fen")).to_series()
    return lines_digest(written.sort())


def add_batch(
    tx: Writing, head: BatchHead, lines: pl.DataFrame, *, run_id: str | None, born: pl.DataFrame | None = None
) -> BatchRecord:
    """Freeze open items into a batch; `run_id` is None where a person collected them.

    Shape: `lines` has the columns of `LINES`, at least one row; `born` has `item_id` and `amount_fen`.
    Expects: `born` are items that this very transaction wrote as born in a batch.
    Fails: RefusedError where one of the items is no longer open; StoreInvariantError where an amount differs from
           its item's.
    """
    assert not lines.is_empty()
    row = {name: getattr(head, name) for name in BatchHead.__dataclass_fields__} | {
        "state": BatchState.FROZEN,
        "revision": 1,
        "item_count": lines.height,
        "total_fen": int(lines["amount_fen"].sum()),
        "content_hash": content_hash(lines),
        "approved_by": None,
        "created_at": tx.now,
        "changed_at": tx.now,
        "run_id": run_id,
    }
    insert_rows(tx, Batch, [row])
    insert_frame(tx, BatchItem, lines.select(LINES.names()).with_columns(batch_id=pl.lit(head.batch_id)))
    met = lines if born is None else lines.join(born, on=["item_id", "amount_fen"], how="anti")
    if not met.is_empty() and _count_open(tx, head.batch_id):
        take_lines(tx, head.batch_id, ItemState.OPEN)
        move_lines(tx, head.batch_id, (ItemState.OPEN, ItemState.IN_BATCH))
        _count_open(tx, head.batch_id)  # refuses what another writer moved before the obligations were locked
    return batch_of(tx, head.batch_id)


def leave_batches(tx: Writing, item_ids: pl.Series) -> None:
    """Take items out of their batches, which are frozen anew with new totals and hash; approvals are void.

    Expects: the caller moves the items. A batch that loses its last item is cancelled.
    Fails:   RefusedError where a batch has gone out by now.
    """
    if item_ids.is_empty():
        return
    chosen = sa.select(_LINE.c.item_id, _LINE.c.batch_id).where(IN_BATCH)
    found = read_matching(tx, chosen, _LINE.c.item_id, item_ids.rename("item_id"))
    if found.height != item_ids.len():
        raise changed_in_between()
    drop = sa.update(_LINE).where(_LINE.c.item_id == sa.bindparam("key"), IN_BATCH).values(dropped_at=tx.now)
    tx.connection.execute(drop, [{"key": item_id} for item_id in found["item_id"]])
    for batch_id in sorted(set(found["batch_id"])):
        _freeze_anew(tx, batch_id)


def read_batches(rx: Reading, *, states: Iterable[BatchState] = tuple(BatchState)) -> tuple[BatchRecord, ...]:
    """Return the batches in some states, by pay day, policy and id."""
    return _batches(rx, _BATCH.c.state.in_(sorted(states)))


def batch_of(rx: Reading, batch_id: str) -> BatchRecord:
    """Return the batch with an id.

    Fails: RefusedError where there is none.
    """
    found = _batches(rx, _BATCH.c.batch_id == batch_id)
    if not found:
        known = [batch.batch_id for batch in _batches(rx, sa.true())]
        raise refused(
            StoreCode.UNKNOWN_NAME, batch_id, f"there is no batch `{batch_id}`", nearest_help(batch_id, known, "batch")
        )
    return found[0]


def read_lines(rx: Reading, batch_id: str, *, is_whole: bool = False) -> pl.DataFrame:
    """Return the lines of a batch by item; `is_whole`: also those that left it or came back.

    Adds: the columns of `LINES`, `obligation_id`, `period`, `component`, `kind`, `state` (of the item),
          `dropped_at`, `returned_at`.
    """
    chosen = (
        sa.select(
            *(_LINE.c[name] for name in LINES.names()),
            _ITEM.c.obligation_id,
            _OBLIGATION.c.period,
            _OBLIGATION.c.component,
            _ITEM.c.kind,
            _ITEM.c.state,
            _LINE.c.dropped_at,
            _LINE.c.returned_at,
        )
        .join_from(_LINE, _ITEM, _LINE.c.item_id == _ITEM.c.item_id)
        .join(_OBLIGATION, _ITEM.c.obligation_id == _OBLIGATION.c.obligation_id)
        .where(_LINE.c.batch_id == batch_id)
    )
    return read_frame(rx, chosen if is_whole else chosen.where(IN_BATCH)).sort("item_id")


def _batches(rx: Reading, which: sa.ColumnElement[bool]) -> tuple[BatchRecord, ...]:
    order = (_BATCH.c.pay_day, _BATCH.c.policy, _BATCH.c.batch_id)
    chosen = sa.select(*(_BATCH.c[name] for name in _FIELDS)).where(which).order_by(*order)
    return tuple(BatchRecord(*row) for row in rx.connection.execute(chosen))


def lines_of(batch_id: str) -> sa.Select[tuple[str]]:
    """Return the select of the items in a batch now, for other statements."""
    return sa.select(_LINE.c.item_id).where(_LINE.c.batch_id == batch_id, IN_BATCH)


def move_batch(tx: Writing, batch: BatchRecord, target: BatchState, *, approved_by: str | None) -> BatchRecord:
    """Move a batch, as it was read, to another state.

    Fails: RefusedError where the table of transitions does not allow it, or where it was frozen anew in between.
    """
    if target not in BATCH_TRANSITIONS[batch.state]:
        message = f"the batch is `{batch.state}` and may not become `{target}`"
        raise refused(StoreCode.WRONG_STATE, batch.batch_id, message, "look at the batch again")
    as_read = (_BATCH.c.batch_id == batch.batch_id, _BATCH.c.state == batch.state, _BATCH.c.revision == batch.revision)
    change = sa.update(_BATCH).where(*as_read).values(state=target, approved_by=approved_by, changed_at=tx.now)
    if tx.connection.execute(change).rowcount != 1:
        raise changed_in_between()
    return batch_of(tx, batch.batch_id)


def move_lines(tx: Writing, batch_id: str, move: tuple[ItemState, ItemState]) -> int:
    """Move the items of a batch that are in one state to another; return how many were.

    Expects: `take_lines` came before.
    """
    source, target = move
    assert target in ITEM_TRANSITIONS[source]
    own = sa.and_(_ITEM.c.item_id.in_(lines_of(batch_id)), _ITEM.c.state == source)
    keep_replaced(tx, ItemRow, own)
    return tx.connection.execute(sa.update(_ITEM).where(own).values(state=target, changed_at=tx.now)).rowcount


def take_lines(tx: Writing, batch_id: str, state: ItemState) -> None:
    """Raise the version of every obligation of a batch's items in a state, so that a night under way starts again.

    INVARIANT: obligations are locked before batches and items, and by id, as nights do (`store.ledger`); in any
    other order two writers on PostgreSQL could wait for each other.
    """
    touched = sa.select(_ITEM.c.obligation_id).where(_ITEM.c.item_id.in_(lines_of(batch_id)), _ITEM.c.state == state)
    own = _OBLIGATION.c.obligation_id.in_(touched)
    if tx.connection.dialect.name == "postgresql":  # on SQLite a writer holds the lock on everything
        in_order = sa.select(_OBLIGATION.c.obligation_id).where(own).order_by(_OBLIGATION.c.obligation_id)
        tx.connection.execute(sa.select(sa.func.count()).select_from(in_order.with_for_update().subquery()))
    keep_replaced(tx, ObligationRow, own)
    tx.connection.execute(sa.update(_OBLIGATION).where(own).values(version=_OBLIGATION.c.version + 1))


def _count_open(tx: Writing, batch_id: str) -> int:
    """Return how many items of a new batch are not in it yet.

    Fails: RefusedError where one is neither open nor in it; StoreInvariantError where one has another amount than
           its line.
    """
    chosen = sa.select(
        sa.func.count().filter(_ITEM.c.state == ItemState.OPEN),
        sa.func.count().filter(_ITEM.c.state.not_in([ItemState.OPEN, ItemState.IN_BATCH])),
        sa.func.count().filter(_LINE.c.amount_fen != _ITEM.c.amount_fen),
    ).join_from(_LINE, _ITEM, _LINE.c.item_id == _ITEM.c.item_id)
    open_count, elsewhere, differing = tx.connection.execute(chosen.where(_LINE.c.batch_id == batch_id)).one()
    if elsewhere:
        raise changed_in_between()
    if differing:
        raise StoreInvariantError(f"lines of batch {batch_id} do not have their items' amounts")
    return int(open_count)


def _freeze_anew(tx: Writing, batch_id: str) -> None:
    lines = read_lines(tx, batch_id)
    target = BatchState.CANCELLED if lines.is_empty() else BatchState.FROZEN
    move_batch(tx, batch_of(tx, batch_id), target, approved_by=None)
    anew = sa.update(_BATCH).where(_BATCH.c.batch_id == batch_id)
    tx.connection.execute(
        anew.values(
            revision=_BATCH.c.revision + 1,
            item_count=lines.height,
            total_fen=int(lines["amount_fen"].sum()),
            content_hash=content_hash(lines),
        )
    )
