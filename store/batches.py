"""Payout batches: frozen with totals and hash, frozen anew when an item leaves.

What a line says and how it is hashed is decided where batches are made (`delivery.batches`); the hash is
computed again here from the lines that are stored, so that nothing can go out that was not approved.
Approving, sending out and what the bank says: `store.payouts`.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass

import polars as pl
import sqlalchemy as sa

from core.findings import nearest_help
from core.ids import lines_digest
from core.ledger import ITEM_TRANSITIONS, ItemState
from store.changing import touch_all
from store.codes import StoreCode, StoreInvariantError
from store.faults import refused
from store.items import changed_in_between
from store.line_funds import OUT_OF_ONE, PLACES, Funding, keep_purses, placed, release, reserve
from store.opening import Reading, Writing
from store.past import replace_rows
from store.rows import insert_frame, insert_rows, read_frame, read_joined, read_many, read_matching
from store.states.paying import BATCH_TRANSITIONS, CAME_BACK, IN_DOUBT, AttemptState, BatchState
from store.tables import Batch, BatchItem, BatchStep, ItemRow, ObligationRow, table_of
from store.tables.base import as_indexed
from store.tables.paying import ENDED, LIVE

_BATCH = table_of(Batch)
_LINE = table_of(BatchItem)
_STEP = table_of(BatchStep)
_ITEM = table_of(ItemRow)
_OBLIGATION = table_of(ObligationRow)

IN_BATCH = as_indexed(LIVE, of=_LINE.name)
"""Which lines belong to their batch now: not those that left it or came back."""

_CAME_BACK = sa.and_(as_indexed(ENDED, of=_LINE.name), _LINE.c.state.in_(sorted(CAME_BACK)))
_PLACES = sa.select(*(_LINE.c[name] for name in PLACES.names()))

LINES = pl.Schema(
    {
        "item_id": pl.String(),
        "number": pl.Int64(),  # of the attempt
        "subject_id": pl.String(),
        "amount_fen": pl.Int64(),
        "reference": pl.String(),
        "payee_digest": pl.String(),
        "account_digest": pl.String(),
        "name_digest": pl.String(),
    }
)
"""The lines of a new batch: one attempt for each."""


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
    created_at: dt.datetime
    changed_at: dt.datetime
    made_by: str | None
    run_id: str | None


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


_FIELDS = tuple(BatchRecord.__dataclass_fields__)


def content_hash(lines: pl.DataFrame) -> str:
    """Return the hash over what is paid to whom: sorted lines of item, payee's digest and fen."""
    written = lines.select(pl.format("{}|{}|{}", "item_id", "payee_digest", "amount_fen")).to_series()
    return lines_digest(written.sort())


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


def came_back(rx: Reading, item_ids: pl.Series) -> pl.DataFrame:
    """Return whose money came back of items, of each by its last attempt that did: `PLACES` and `batch_id`, by item."""
    chosen = _PLACES.add_columns(_LINE.c.batch_id, _LINE.c.number).where(_CAME_BACK)
    found = read_matching(rx, chosen, _LINE.c.item_id, item_ids.rename("item_id"))
    return found.sort("item_id", "number").unique("item_id", keep="last", maintain_order=True)


def waiting_again(rx: Reading) -> pl.Series:
    """Return the items whose money came back and that are not paid by another attempt: it is set aside for them."""
    waiting = _ITEM.c.state.in_([ItemState.OPEN, ItemState.ON_HOLD, ItemState.RETURNED])
    chosen = sa.select(_LINE.c.item_id).join_from(_LINE, _ITEM, _LINE.c.item_id == _ITEM.c.item_id)
    return read_frame(rx, chosen.where(_CAME_BACK, waiting).distinct())["item_id"]


def places_of(rx: Reading, batch_id: str, item_ids: pl.Series | None = None) -> pl.DataFrame:
    """Return whose money the lines of a batch are: of those in it now, or of some items among them: `PLACES`."""
    own = _PLACES.where(_LINE.c.batch_id == batch_id, IN_BATCH)
    return (
        read_frame(rx, own) if item_ids is None else read_matching(rx, own, _LINE.c.item_id, item_ids.rename("item_id"))
    )


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
          `attempt_state`, `file_number`, `funded_by`, `first_fen`.
    """
    chosen = (
        sa.select(
            *(_LINE.c[name] for name in LINES.names()),
            _ITEM.c.obligation_id,
            _OBLIGATION.c.period,
            _OBLIGATION.c.component,
            _ITEM.c.kind,
            _ITEM.c.state,
            _LINE.c.state.label("attempt_state"),
            _LINE.c.file_number,
            _LINE.c.funded_by,
            _LINE.c.first_fen,
        )
        .join_from(_LINE, _ITEM, _LINE.c.item_id == _ITEM.c.item_id)
        .join(_OBLIGATION, _ITEM.c.obligation_id == _OBLIGATION.c.obligation_id)
        .where(_LINE.c.batch_id == batch_id)
    )
    return read_many(rx, chosen if is_whole else chosen.where(IN_BATCH)).sort("item_id")


def subjects_of(rx: Reading, batch_id: str) -> pl.Series:
    """Return who is paid by a batch, each once: of all lines that went out, or will."""
    own = (_LINE.c.batch_id == batch_id, _LINE.c.state != AttemptState.VOIDED)
    return read_joined(rx, sa.select(_LINE.c.subject_id).where(*own))["subject_id"].unique()


def kept_lines(rx: Reading, batch_id: str) -> pl.DataFrame:
    """Return what was approved of the lines in a batch now, by item, and whose money they are; not what the ledger says.

    Adds: `payee_digest`, and `PLACES`.
    """
    names = ("payee_digest", *PLACES.names())
    chosen = sa.select(*(_LINE.c[name] for name in names)).where(_LINE.c.batch_id == batch_id, IN_BATCH)
    return read_many(rx, chosen).sort("item_id")


def _batches(rx: Reading, which: sa.ColumnElement[bool]) -> tuple[BatchRecord, ...]:
    order = (_BATCH.c.pay_day, _BATCH.c.policy, _BATCH.c.batch_id)
    chosen = sa.select(*(_BATCH.c[name] for name in _FIELDS)).where(which).order_by(*order)
    return tuple(BatchRecord(*row) for row in rx.connection.execute(chosen))


def lines_of(batch_id: str) -> sa.Select[tuple[str]]:
    """Return the select of the items in a batch now, for other statements."""
    return sa.select(_LINE.c.item_id).where(_LINE.c.batch_id == batch_id, IN_BATCH)


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
