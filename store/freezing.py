"""Batches frozen with totals and hash: new ones, and those that an item leaves."""

import polars as pl
import sqlalchemy as sa

from core.ledger import ItemState
from store.batch_steps import move_batch, move_lines, take_lines
from store.batches import (
    IN_BATCH,
    LINES,
    BatchHead,
    BatchRecord,
    batch_of,
    came_back,
    content_hash,
    kept_lines,
    places_of,
)
from store.changing import touch_all
from store.codes import StoreInvariantError
from store.items import changed_in_between
from store.line_funds import OUT_OF_ONE, Funding, keep_purses, placed, release, reserve
from store.opening import Writing
from store.rows import insert_frame, insert_rows, read_matching
from store.states.paying import AttemptState, BatchState
from store.tables import Batch, BatchItem, ItemRow, table_of

_BATCH = table_of(Batch)
_LINE = table_of(BatchItem)
_ITEM = table_of(ItemRow)


def add_batch(
    tx: Writing,
    head: BatchHead,
    lines: pl.DataFrame,
    *,
    run_id: str | None,
    made_by: str | None = None,
    born: pl.DataFrame | None = None,
    funding: Funding = OUT_OF_ONE,
) -> BatchRecord:
    """Freeze open items into a batch; `run_id` is None where a person, `made_by`, collected them.

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
        "created_at": tx.now,
        "changed_at": tx.now,
        "made_by": made_by,
        "run_id": run_id,
    }
    insert_rows(tx, Batch, [row])
    created = {
        "batch_id": pl.lit(head.batch_id),
        "state": pl.lit(AttemptState.CREATED.value),
        "changed_at": pl.lit(tx.now),
    }
    keep_purses(tx, head.batch_id, funding.purses, year=head.pay_day.year)
    own = placed(lines.select(LINES.names()), came_back(tx, lines["item_id"]), head.batch_id)
    insert_frame(tx, BatchItem, own.with_columns(**created))
    reserve(tx, head.batch_id, own, pays_on=funding.pays_on)
    met = lines if born is None else lines.join(born, on=["item_id", "amount_fen"], how="anti")
    if not met.is_empty() and _count_open(tx, head.batch_id):
        take_lines(tx, head.batch_id, ItemState.OPEN)
        move_lines(tx, head.batch_id, (ItemState.OPEN, ItemState.IN_BATCH))
        _count_open(tx, head.batch_id)  # refuses what another writer moved before the obligations were locked
    return batch_of(tx, head.batch_id)


def leave_batches(tx: Writing, item_ids: pl.Series, *, reason: str = "an item left it") -> None:
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
    for batch_id in sorted(set(found["batch_id"])):
        release(tx, batch_id, places_of(tx, batch_id, found.filter(pl.col("batch_id") == batch_id)["item_id"]))
    own = sa.and_(_LINE.c.item_id == sa.bindparam("key"), _LINE.c.state == AttemptState.CREATED)
    drop = sa.update(_LINE).where(own).values(state=AttemptState.VOIDED, changed_at=tx.now)
    if not touch_all(tx, drop, found.select(key="item_id")):
        raise changed_in_between()
    for batch_id in sorted(set(found["batch_id"])):
        _freeze_anew(tx, batch_id, reason)


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


def _freeze_anew(tx: Writing, batch_id: str, reason: str) -> None:
    lines = kept_lines(tx, batch_id)
    batch = batch_of(tx, batch_id)
    if lines.is_empty():
        move_batch(tx, batch, BatchState.CANCELLED, by=None, reason=reason)
    else:
        # One that is stopped stays so, with its new content.
        is_stopped = batch.state is BatchState.STOPPED
        move_batch(tx, batch, BatchState.STOPPED if is_stopped else BatchState.FROZEN, by=None, reason=reason)
    anew = sa.update(_BATCH).where(_BATCH.c.batch_id == batch_id)
    tx.connection.execute(
        anew.values(
            item_count=lines.height,
            total_fen=int(lines["amount_fen"].sum()),
            content_hash=content_hash(lines),
        )
    )
