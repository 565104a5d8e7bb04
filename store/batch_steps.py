"""Batches and their lines from one state to another, by the tables of transitions, and what is locked for that, in which order."""

import datetime as dt
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from core.ledger import ITEM_TRANSITIONS, ItemState
from store.batches import BatchRecord, batch_of, lines_of, places_of
from store.codes import StoreCode
from store.faults import refused
from store.items import changed_in_between
from store.line_funds import release
from store.opening import Reading, Writing
from store.past import replace_rows
from store.rows import insert_rows
from store.states.paying import BATCH_TRANSITIONS, IN_DOUBT, AttemptState, BatchState
from store.tables import Batch, BatchItem, BatchStep, ItemRow, ObligationRow, table_of

_BATCH = table_of(Batch)
_LINE = table_of(BatchItem)
_STEP = table_of(BatchStep)
_ITEM = table_of(ItemRow)
_OBLIGATION = table_of(ObligationRow)


@dataclass(frozen=True, slots=True)
class BatchStepTaken:
    """One step that a batch has taken; `taken_by` None: a night, or the bank's word."""

    number: int
    source: BatchState
    target: BatchState
    revision: int
    taken_at: dt.datetime
    taken_by: str | None
    reason: str | None


def move_batch(
    tx: Writing, batch: BatchRecord, target: BatchState, *, by: str | None, reason: str | None = None
) -> BatchRecord:
    """Move a batch, as it was read, to another state; `by` None: a night did, or the bank's word.

    Fails: RefusedError where the table of transitions does not allow it, or where it was moved or frozen anew in between.
    """
    if target not in BATCH_TRANSITIONS[batch.state]:
        message = f"the batch is `{batch.state}` and may not become `{target}`"
        raise refused(StoreCode.WRONG_STATE, batch.batch_id, message, "look at it again: `mianshen payouts show BATCH`")
    as_read = (_BATCH.c.batch_id == batch.batch_id, _BATCH.c.state == batch.state, _BATCH.c.revision == batch.revision)
    # What it holds, or who has approved it, is another thing from here on.
    revision = batch.revision + (target is BatchState.FROZEN or target is batch.state)
    change = sa.update(_BATCH).where(*as_read).values(state=target, revision=revision, changed_at=tx.now)
    if tx.connection.execute(change).rowcount != 1:
        raise changed_in_between()
    taken = sa.select(sa.func.count()).where(_STEP.c.batch_id == batch.batch_id)
    number = int(tx.connection.scalar(taken) or 0) + 1
    step = BatchStepTaken(number, batch.state, target, revision, tx.now, by, reason)
    insert_rows(tx, BatchStep, [asdict(step) | {"batch_id": batch.batch_id}])
    return batch_of(tx, batch.batch_id)


def steps_of_batch(rx: Reading, batch_id: str) -> tuple[BatchStepTaken, ...]:
    """Return every step of a batch, in order."""
    names = BatchStepTaken.__dataclass_fields__
    chosen = sa.select(*(_STEP.c[name] for name in names)).where(_STEP.c.batch_id == batch_id)
    return tuple(BatchStepTaken(*row) for row in rx.connection.execute(chosen.order_by(_STEP.c.number)))


def move_lines(tx: Writing, batch_id: str, move: tuple[ItemState, ItemState]) -> int:
    """Move the items of a batch that are in one state to another; return how many were.

    Expects: `take_lines` came before.
    """
    source, target = move
    assert target in ITEM_TRANSITIONS[source]
    own = sa.and_(_ITEM.c.item_id.in_(lines_of(batch_id)), _ITEM.c.state == source)
    return replace_rows(tx, ItemRow, own, state=target, changed_at=tx.now)


def take_lines(tx: Writing, batch_id: str, state: ItemState = ItemState.IN_BATCH) -> None:
    """Raise the version of every obligation of a batch's items in a state, so that a night under way starts again.

    INVARIANT: obligations are locked before batches and items, and by id, as nights do (`store.ledger`); in any
    other order two writers on PostgreSQL could wait for each other.
    """
    touched = sa.select(_ITEM.c.obligation_id).where(_ITEM.c.item_id.in_(lines_of(batch_id)), _ITEM.c.state == state)
    take_obligations(tx, _OBLIGATION.c.obligation_id.in_(touched))


def take_batch(tx: Writing, batch_id: str) -> None:
    """Wait for whoever else decides about a batch; what is read of it from here on stands until the end.

    INVARIANT: nothing but the batch is written in such a transaction, so that nobody waits in a circle.
    """
    if tx.connection.dialect.name == "postgresql":  # on SQLite a writer holds the lock on everything
        tx.connection.execute(
            sa.select(_BATCH.c.batch_id).where(_BATCH.c.batch_id == batch_id).with_for_update(key_share=True)
        )


def lock_attempts(tx: Writing, batch_id: str, file_number: int | None = None) -> None:
    """Wait for whoever else moves attempts of a batch, or of one of its files; nothing of their obligations changes.

    INVARIANT: as in `take_lines`; files and attempts of a batch are written by several deeds, each in its own order.
    """
    own = [_LINE.c.batch_id == batch_id, _LINE.c.state.in_(sorted(IN_DOUBT))]
    if file_number is not None:
        own.append(_LINE.c.file_number == file_number)
    items = sa.select(_ITEM.c.obligation_id).join_from(_LINE, _ITEM, _LINE.c.item_id == _ITEM.c.item_id).where(*own)
    _lock_obligations(tx, _OBLIGATION.c.obligation_id.in_(items))


def _lock_obligations(tx: Writing, own: sa.ColumnElement[bool]) -> None:
    if tx.connection.dialect.name == "postgresql":  # on SQLite a writer holds the lock on everything
        in_order = sa.select(_OBLIGATION.c.obligation_id).where(own).order_by(_OBLIGATION.c.obligation_id)
        tx.connection.execute(sa.select(sa.func.count()).select_from(in_order.with_for_update().subquery()))


def take_obligations(tx: Writing, own: sa.ColumnElement[bool]) -> None:
    """Lock some obligations by id and raise their versions; as `take_lines`."""
    _lock_obligations(tx, own)
    replace_rows(tx, ObligationRow, own, version=_OBLIGATION.c.version + 1)


def release_lines(tx: Writing, batch: BatchRecord) -> None:
    """Open the items of a batch that has not gone out, and void their attempts.

    Expects: `take_lines` came before.
    """
    if move_lines(tx, batch.batch_id, (ItemState.IN_BATCH, ItemState.OPEN)) != batch.item_count:
        raise changed_in_between()
    release(tx, batch.batch_id, places_of(tx, batch.batch_id))
    own = sa.and_(_LINE.c.batch_id == batch.batch_id, _LINE.c.state == AttemptState.CREATED)
    tx.connection.execute(sa.update(_LINE).where(own).values(state=AttemptState.VOIDED, changed_at=tx.now))
