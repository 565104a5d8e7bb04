"""Batches on their way to the bank and back: approved by hash, sent out once, settled line by line."""

from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from core.ledger import ITEM_TRANSITIONS, ItemState
from store.batches import (
    IN_BATCH,
    BatchRecord,
    batch_of,
    content_hash,
    lines_of,
    move_batch,
    move_lines,
    read_lines,
    take_lines,
)
from store.codes import StoreCode, StoreInvariantError
from store.faults import refused
from store.items import changed_in_between, move_items
from store.opening import Writing
from store.past import keep_replaced
from store.rows import run_many
from store.states import BatchState
from store.suspensions import refuse_unseen
from store.tables import BatchItem, ItemRow, ObligationRow, table_of

_LINE = table_of(BatchItem)
_ITEM = table_of(ItemRow)
_OBLIGATION = table_of(ObligationRow)


@dataclass(frozen=True, slots=True)
class BankWord:
    """What came of what the bank said: lines that moved, lines said before, and items it contradicts itself on."""

    moved_count: int
    repeated_count: int
    contradicted: tuple[str, ...]


def approve_batch(tx: Writing, batch_id: str, *, approved_hash: str, by: str) -> BatchRecord:
    """Approve exactly the content that was looked at.

    Fails: RefusedError where the batch holds something else by now, or is not frozen.
    """
    return move_batch(tx, _with_content(tx, batch_id, approved_hash), BatchState.APPROVED, approved_by=by)


def export_batch(tx: Writing, batch_id: str, *, approved_hash: str) -> BatchRecord:
    """Let a batch go out: its items are instructed from now on.

    Fails: RefusedError where the batch holds something other than what was approved, or is not approved, or where its
           policy was suspended since the last night; StoreInvariantError where its lines no longer come to its hash.
    """
    refuse_unseen(tx, batch_of(tx, batch_id).policy)
    take_lines(tx, batch_id, ItemState.IN_BATCH)
    batch = _with_content(tx, batch_id, approved_hash)
    if content_hash(read_lines(tx, batch_id)) != approved_hash:
        raise StoreInvariantError(f"the lines of batch {batch_id} do not come to its hash")
    gone = move_batch(tx, batch, BatchState.EXPORTED, approved_by=batch.approved_by)
    if move_lines(tx, batch_id, (ItemState.IN_BATCH, ItemState.INSTRUCTED)) != batch.item_count:
        raise changed_in_between()
    return gone


def cancel_batch(tx: Writing, batch_id: str) -> BatchRecord:
    """Release a batch that has not gone out: its items are open again.

    Fails: RefusedError where it has gone out.
    """
    take_lines(tx, batch_id, ItemState.IN_BATCH)
    batch = batch_of(tx, batch_id)
    cancelled = move_batch(tx, batch, BatchState.CANCELLED, approved_by=None)
    if move_lines(tx, batch_id, (ItemState.IN_BATCH, ItemState.OPEN)) != batch.item_count:
        raise changed_in_between()
    tx.connection.execute(sa.update(_LINE).where(_LINE.c.batch_id == batch_id, IN_BATCH).values(dropped_at=tx.now))
    return cancelled


def record_results(tx: Writing, batch_id: str, *, paid: pl.Series, returned: pl.Series) -> BankWord:
    """Record what the bank said about lines of a batch that went out; saying it again changes nothing.

    A line may be returned after it was paid, never the other way round. A batch with no line in doubt is settled.
    Fails: StoreInvariantError where an item is not a line of this batch.
    """
    batch = batch_of(tx, batch_id)
    said = pl.concat(
        [
            paid.to_frame("item_id").with_columns(target=_PAID),
            returned.to_frame("item_id").with_columns(target=_RETURNED),
        ]
    ).unique("item_id", keep="last", maintain_order=True)
    lines = read_lines(tx, batch_id, is_whole=True).filter(pl.col("dropped_at").is_null())
    heard = said.join(lines, on="item_id", how="left", validate="1:1")
    if heard["state"].null_count():
        raise StoreInvariantError(f"the bank speaks of items that are not lines of batch {batch_id}")
    is_live = pl.col("returned_at").is_null()
    moves = heard.filter(is_live & _MAY_MOVE)
    rest = heard.filter((is_live & _MAY_MOVE).not_())
    is_repeated = pl.when(is_live).then(pl.col("state") == pl.col("target")).otherwise(pl.col("target") == _RETURNED)
    _move(tx, batch, moves)
    contradicted = rest.filter(is_repeated.not_())["item_id"].sort()
    return BankWord(moves.height, rest.height - contradicted.len(), tuple(contradicted))


_PAID, _RETURNED = pl.lit(ItemState.PAID.value), pl.lit(ItemState.RETURNED.value)
_MAY_MOVE = pl.any_horizontal(
    (pl.col("state") == source.value) & pl.col("target").is_in([target.value for target in targets])
    for source, targets in ITEM_TRANSITIONS.items()
)


def _move(tx: Writing, batch: BatchRecord, moves: pl.DataFrame) -> None:
    touched = [{"key": obligation_id} for obligation_id in moves["obligation_id"].unique().sort()]
    keep_replaced(tx, ObligationRow, moves["obligation_id"].unique().sort())
    own = sa.update(_OBLIGATION).where(_OBLIGATION.c.obligation_id == sa.bindparam("key"))
    run_many(tx, own.values(version=_OBLIGATION.c.version + 1), touched)
    move_items(tx, moves.rename({"state": "source"}))
    back = [{"key": item_id} for item_id in moves.filter(pl.col("target") == _RETURNED)["item_id"]]
    line = sa.update(_LINE).where(_LINE.c.batch_id == batch.batch_id, _LINE.c.item_id == sa.bindparam("key"), IN_BATCH)
    run_many(tx, line.values(returned_at=tx.now), back)
    in_doubt = sa.select(sa.func.count()).where(
        _ITEM.c.item_id.in_(lines_of(batch.batch_id)), _ITEM.c.state == ItemState.INSTRUCTED
    )
    if tx.connection.scalar(in_doubt) == 0 and batch.state is BatchState.EXPORTED:
        move_batch(tx, batch, BatchState.SETTLED, approved_by=batch.approved_by)


def _with_content(tx: Writing, batch_id: str, approved_hash: str) -> BatchRecord:
    batch = batch_of(tx, batch_id)
    if batch.content_hash != approved_hash:
        raise refused(
            StoreCode.CHANGED,
            batch_id,
            "the batch holds something other than what was looked at",
            "look at it again: an item left it, and approvals of the former content are void",
        )
    return batch
