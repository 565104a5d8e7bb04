"""Receipts of messages: kept once each, whatever they say, and applied so that no message ever moves backwards.

What is known of a message only grows: taken, then waited for in vain, then not delivered, then delivered. A receipt moves
it to what it says where that is more, and to nothing otherwise; so neither their order nor their number matters.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.ids import derive_id
from store.opening import Reading, Writing
from store.outbox import check_move
from store.rows import is_among
from store.states.notices import NOTICE_TRANSITIONS, NoticeState, ReceiptOutcome, ReceiptState
from store.tables import NoticeAttempt, NoticeReceipt, NoticeRow, table_of
from store.tables.sending import TRAVELS_WITH_OTHERS
from store.tables.telling import WAITING_RECEIPT

_NOTICE = table_of(NoticeRow)
_ATTEMPT = table_of(NoticeAttempt)
_RECEIPT = table_of(NoticeReceipt)

_TARGET = {
    ReceiptOutcome.ACCEPTED: NoticeState.ACCEPTED,
    ReceiptOutcome.UNDELIVERABLE: NoticeState.UNDELIVERABLE,
    ReceiptOutcome.DELIVERED: NoticeState.DELIVERED,
}
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a channel says of the message under a reference; `because` is its code, nothing personal."""

    reference: str
    outcome: ReceiptOutcome
    reported_at: dt.datetime | None = None
    because: str | None = None

    @property
    def receipt_id(self) -> str:
        """Return its id; a receipt that comes twice has it twice."""
        at = "" if self.reported_at is None else self.reported_at.isoformat()
        return derive_id("t", self.reference, self.outcome, at)


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of receipts: how many were new, moved their messages, told nothing new, or are of no known message."""

    new_count: int = 0
    applied_count: int = 0
    nothing_new_count: int = 0
    waiting_count: int = 0


def keep_receipts(tx: Writing, receipts: Iterable[Receipt], *, source: str) -> list[str]:
    """Keep receipts that are not known yet; return the ids of the new ones. They are applied by `settle_receipts`."""
    distinct = {each.receipt_id: each for each in receipts}
    chosen = sa.select(_RECEIPT.c.receipt_id).where(is_among(tx, _RECEIPT.c.receipt_id, distinct))
    known = set(tx.connection.scalars(chosen))
    new = [
        {
            "receipt_id": key,
            "reference": each.reference,
            "outcome": each.outcome,
            "reported_at": each.reported_at,
            "received_at": tx.now,
            "because": each.because,
            "source": source,
            "state": ReceiptState.WAITING,
        }
        for key, each in distinct.items()
        if key not in known
    ]
    insert = postgresql.insert if tx.connection.dialect.name == "postgresql" else sqlite.insert
    if new:  # the same call may come to two processes at once
        tx.connection.execute(insert(_RECEIPT).on_conflict_do_nothing(), new)
    return [str(row["receipt_id"]) for row in new]


def settle_receipts(tx: Writing, *, among: Collection[str] | None = None) -> Settled:
    """Apply receipts that wait, all or some; those of messages that are being sent at this moment, or not ours, wait on.

    A receipt that tells of a failure counts for the newest try alone; one that tells of success counts for any.
    """
    waiting = sa.select(_RECEIPT.c.receipt_id, _RECEIPT.c.reference, _RECEIPT.c.outcome).where(sa.text(WAITING_RECEIPT))
    if among is not None:
        waiting = waiting.where(is_among(tx, _RECEIPT.c.receipt_id, among))
    rows = tx.connection.execute(waiting.order_by(_RECEIPT.c.received_at, _RECEIPT.c.receipt_id)).all()
    counts = dict.fromkeys(ReceiptState, 0)
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        carried = _carried(tx, [row.reference for row in part])
        done: dict[ReceiptState, list[str]] = {state: [] for state in ReceiptState}
        for row in part:
            state = _apply(tx, carried.get(row.reference, ()), row.outcome)
            done[state].append(row.receipt_id)
            counts[state] += 1
        for state in (ReceiptState.APPLIED, ReceiptState.NOTHING_NEW):
            own = sa.update(_RECEIPT).where(is_among(tx, _RECEIPT.c.receipt_id, done[state]))
            tx.connection.execute(own.values(state=state))
    return Settled(
        applied_count=counts[ReceiptState.APPLIED],
        nothing_new_count=counts[ReceiptState.NOTHING_NEW],
        waiting_count=counts[ReceiptState.WAITING],
    )


@dataclass(frozen=True, slots=True)
class _Carried:
    """One notice of a message, by the number of the try."""

    notice_id: str
    number: int


def _carried(rx: Reading, references: Sequence[str]) -> dict[str, list[_Carried]]:
    """Return what each message carried, by its reference."""
    names = (_ATTEMPT.c.message_reference, _ATTEMPT.c.notice_id, _ATTEMPT.c.number)
    alone = sa.select(*names).where(is_among(rx, _ATTEMPT.c.reference, references))
    with_others = sa.select(*names).where(
        sa.text(TRAVELS_WITH_OTHERS), is_among(rx, _ATTEMPT.c.message_reference, references)
    )
    found: dict[str, list[_Carried]] = {}
    for row in rx.connection.execute(alone.union_all(with_others)):
        found.setdefault(row.message_reference, []).append(_Carried(row.notice_id, row.number))
    return found


def _apply(tx: Writing, carried: Iterable[_Carried], outcome: ReceiptOutcome) -> ReceiptState:
    """Move the notices of a message to what a receipt says, where that is more than what is known."""
    target, moved, is_known = _TARGET[outcome], 0, False
    for each in carried:
        is_known = True
        own = _NOTICE.c.notice_id == each.notice_id
        row = tx.connection.execute(sa.select(_NOTICE.c.state, _NOTICE.c.attempt_count).where(own)).one()
        if row.state is NoticeState.SENDING:
            return ReceiptState.WAITING  # what its dispatcher is about to write would come after it
        is_of_another_try = outcome is ReceiptOutcome.UNDELIVERABLE and row.attempt_count != each.number
        if is_of_another_try or target not in NOTICE_TRANSITIONS[row.state]:
            continue
        check_move(row.state, target)
        change = sa.update(_NOTICE).where(own, _NOTICE.c.state == row.state).values(state=target, changed_at=tx.now)
        if tx.connection.execute(change).rowcount != 1:
            return ReceiptState.WAITING  # another process moved it in between: it is looked at again
        moved += 1
    if not is_known:
        return ReceiptState.WAITING
    return ReceiptState.APPLIED if moved else ReceiptState.NOTHING_NEW
