"""Everything that is known of one message: its tries, what was said of it later, and what people did with it."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from store.opening import Reading
from store.outbox import KeptNotice, read_notices
from store.rows import is_among
from store.states.notices import NoticeState, ReceiptOutcome, ReceiptState
from store.tables import NoticeAct, NoticeAttempt, NoticeReceipt, table_of

_ATTEMPT = table_of(NoticeAttempt)
_RECEIPT = table_of(NoticeReceipt)
_ACT = table_of(NoticeAct)


@dataclass(frozen=True, slots=True)
class Try:
    """One try to send it, with others where the message carried several."""

    number: int
    reference: str
    message_reference: str
    channel: str | None  # who was given it: the channel, or one of its providers
    began_at: dt.datetime
    ended_at: dt.datetime | None
    outcome: str | None
    because: str | None
    template_id: str | None
    template_digest: str | None
    message_digest: str | None


@dataclass(frozen=True, slots=True)
class KeptReceipt:
    """What a channel said of it later."""

    reference: str
    outcome: ReceiptOutcome
    reported_at: dt.datetime | None
    received_at: dt.datetime
    because: str | None
    source: str
    state: ReceiptState


@dataclass(frozen=True, slots=True)
class KeptAct:
    """What a person did with it."""

    source: NoticeState
    target: NoticeState
    taken_at: dt.datetime
    taken_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class History:
    """One message with all that is known of it, each part in the order of time."""

    kept: KeptNotice
    tries: tuple[Try, ...]
    receipts: tuple[KeptReceipt, ...]
    acts: tuple[KeptAct, ...]


def read_history(rx: Reading, notice_id: str) -> History | None:
    """Return everything that is known of a message, or None where there is none of this id."""
    found = read_notices(rx, notice_ids=[notice_id])
    if not found:
        return None
    attempts = sa.select(*(_ATTEMPT.c[name] for name in Try.__dataclass_fields__))
    tries = [
        Try(*row)
        for row in rx.connection.execute(attempts.where(_ATTEMPT.c.notice_id == notice_id).order_by(_ATTEMPT.c.number))
    ]
    said = sa.select(*(_RECEIPT.c[name] for name in KeptReceipt.__dataclass_fields__))
    references = {each.message_reference for each in tries}
    receipts = rx.connection.execute(
        said.where(is_among(rx, _RECEIPT.c.reference, references)).order_by(
            _RECEIPT.c.received_at, _RECEIPT.c.receipt_id
        )
    )
    done = sa.select(*(_ACT.c[name] for name in KeptAct.__dataclass_fields__))
    acts = rx.connection.execute(done.where(_ACT.c.notice_id == notice_id).order_by(_ACT.c.number))
    return History(
        found[0],
        tuple(tries),
        tuple(KeptReceipt(*row) for row in receipts),
        tuple(KeptAct(*row) for row in acts),
    )
