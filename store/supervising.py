"""What waits in the ledger, the batches and the outbox, counted by the database."""

import datetime as dt
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from core.clock import civil_day
from core.ledger import HAD, UNINSTRUCTED, ItemState
from store.opening import Reading
from store.rows import read_frame
from store.states.notices import NoticeState
from store.states.paying import BatchState
from store.tables import Batch, GrantRow, ItemRow, NoticeRow, ObligationRow, table_of

_BATCH = table_of(Batch)
_GRANT = table_of(GrantRow)
_OBLIGATION = table_of(ObligationRow)
_ITEM = table_of(ItemRow)
_NOTICE = table_of(NoticeRow)

_DONE = (BatchState.CANCELLED, BatchState.REJECTED, BatchState.RELEASED, BatchState.RECONCILED, BatchState.CLOSED)
_STUCK = (NoticeState.DEAD, NoticeState.UNDELIVERABLE, NoticeState.UNKNOWN)
_TOLD = (NoticeState.ACCEPTED, NoticeState.DELIVERED)


@dataclass(frozen=True, slots=True)
class WaitingBatch:
    """A batch that is not through; `since` it was last changed."""

    batch_id: str
    policy: str
    title: str
    payer: str
    state: BatchState
    pay_day: dt.date
    item_count: int
    total_fen: int
    since: dt.date


def waiting_batches(rx: Reading) -> list[WaitingBatch]:
    """Return the batches that wait for somebody, or for the bank, by pay day."""
    names = ("batch_id", "policy", "title", "payer", "state", "pay_day", "item_count", "total_fen")
    chosen = sa.select(*(_BATCH.c[name] for name in names), _BATCH.c.changed_at.label("since")).where(
        _BATCH.c.state.not_in(_DONE)
    )
    rows = rx.connection.execute(chosen.order_by(_BATCH.c.pay_day, _BATCH.c.policy, _BATCH.c.batch_id))
    return [WaitingBatch(**{**row._mapping, "since": civil_day(row.since)}) for row in rows]  # noqa: SLF001  # a row's columns


def waiting_items(rx: Reading, state: ItemState, *, is_left_behind: bool) -> pl.DataFrame:
    """Return how much waits in a state, by policy: `policy`, `count`, `amount_fen`, `since`.

    Left behind is what was there when a batch of its policy was made, and is in none.
    """
    newest = sa.select(_BATCH.c.policy, sa.func.max(_BATCH.c.created_at).label("made_at")).group_by(_BATCH.c.policy)
    made = newest.subquery()
    joined = _ITEM.join(_OBLIGATION, _ITEM.c.obligation_id == _OBLIGATION.c.obligation_id).join(
        _GRANT, _OBLIGATION.c.grant_id == _GRANT.c.grant_id
    )
    waiting = _ITEM.c.state == state
    if is_left_behind:
        joined = joined.join(made, made.c.policy == _GRANT.c.policy)
        waiting = sa.and_(waiting, _ITEM.c.changed_at < made.c.made_at)
    chosen = (
        sa.select(
            _GRANT.c.policy,
            sa.func.count().label("count"),
            sa.func.sum(_ITEM.c.amount_fen, type_=sa.BigInteger).label("amount_fen"),
            sa.func.min(_ITEM.c.changed_at, type_=_ITEM.c.changed_at.type).label("since"),
        )
        .select_from(joined)
        .where(waiting)
        .group_by(_GRANT.c.policy)
        .order_by(_GRANT.c.policy)
    )
    return read_frame(rx, chosen)


def stuck_notices(rx: Reading) -> pl.DataFrame:
    """Return how many notices were given up or are in doubt, by policy: `policy`, `count`, `since`."""
    chosen = (
        sa.select(
            _NOTICE.c.policy,
            sa.func.count().label("count"),
            sa.func.min(_NOTICE.c.changed_at, type_=_NOTICE.c.changed_at.type).label("since"),
        )
        .where(_NOTICE.c.state.in_(_STUCK))
        .group_by(_NOTICE.c.policy)
        .order_by(_NOTICE.c.policy)
    )
    return read_frame(rx, chosen)


def told_subjects(rx: Reading) -> pl.DataFrame:
    """Return who has a notice that a channel took, by policy: `policy`, `subject_id`; each once."""
    chosen = sa.select(_NOTICE.c.policy, _NOTICE.c.subject_id).where(_NOTICE.c.state.in_(_TOLD)).distinct()
    return read_frame(rx, chosen)


def paid_items(rx: Reading) -> pl.DataFrame:
    """Return every item that is paid or set off: `policy`, `subject_id`, `amount_fen`, `opened_at`, `changed_at`."""
    joined = _ITEM.join(_OBLIGATION, _ITEM.c.obligation_id == _OBLIGATION.c.obligation_id).join(
        _GRANT, _OBLIGATION.c.grant_id == _GRANT.c.grant_id
    )
    chosen = (
        sa.select(_GRANT.c.policy, _GRANT.c.subject_id, _ITEM.c.amount_fen, _ITEM.c.opened_at, _ITEM.c.changed_at)
        .select_from(joined)
        .where(_ITEM.c.state.in_(sorted(HAD)))
    )
    return read_frame(rx, chosen)


def unpaid_items(rx: Reading) -> pl.DataFrame:
    """Return every item that is opened and has not gone out: `policy`, `subject_id`, `state`, `amount_fen`."""
    joined = _ITEM.join(_OBLIGATION, _ITEM.c.obligation_id == _OBLIGATION.c.obligation_id).join(
        _GRANT, _OBLIGATION.c.grant_id == _GRANT.c.grant_id
    )
    columns = (_GRANT.c.policy, _GRANT.c.subject_id, _ITEM.c.state, _ITEM.c.amount_fen)
    return read_frame(rx, sa.select(*columns).select_from(joined).where(_ITEM.c.state.in_(sorted(UNINSTRUCTED))))
