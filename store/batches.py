"""Payout batches as they are stored: what one is, and its lines.

What a line says and how it is hashed is decided where batches are made (`delivery.batches`); the hash is
computed again here from the lines that are stored, so that nothing can go out that was not approved.
Freezing: `store.freezing`. Steps: `store.batch_steps`. Sending out and what the bank says: `store.payouts`.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from core.findings import nearest_help
from core.ids import lines_digest
from core.ledger import ItemState
from store.codes import StoreCode
from store.faults import refused
from store.line_funds import PLACES
from store.opening import Reading
from store.rows import read_frame, read_joined, read_many, read_matching
from store.states.paying import CAME_BACK, AttemptState, BatchState
from store.tables import Batch, BatchItem, ItemRow, ObligationRow, table_of
from store.tables.base import as_indexed
from store.tables.paying import ENDED, LIVE

_BATCH = table_of(Batch)
_LINE = table_of(BatchItem)
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


_FIELDS = tuple(BatchRecord.__dataclass_fields__)


def content_hash(lines: pl.DataFrame) -> str:
    """Return the hash over what is paid to whom: sorted lines of item, payee's digest and fen."""
    written = lines.select(pl.format("{}|{}|{}", "item_id", "payee_digest", "amount_fen")).to_series()
    return lines_digest(written.sort())


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
