"""What leaves: notices with their attempts, payout batches with their lines."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from core.ledger import NoticeKind
from store.states import BatchState, NoticeState
from store.tables.base import Row, fen, identifier, not_negative, one_where, some_where, word

WAITING = "state in ('queued', 'deferred', 'temp_failed')"
BEING_SENT = "state = 'sending'"
IN_DOUBT = "state = 'unknown'"
TRAVELS_WITH_OTHERS = "message_reference <> reference"
"""Conditions of indexes; SQLite uses such an index where a statement says the very same words."""


class NoticeRow(Row, table=True):
    """One message of the outbox; `values` hold nothing personal."""

    __tablename__ = "notice"
    __table_args__ = (
        sa.CheckConstraint("attempt_count >= 0", name="attempt_count_not_negative"),
        sa.CheckConstraint(
            "(state = 'sending') = (lease_until is not null and holder is not null)", name="lease_while_sending"
        ),
        sa.Index(None, "subject_id"),
        # In the order in which a channel claims them, all of one subject together: claiming a few of a million that
        # wait reads a few.
        some_where("notice", ("channel", "not_before", "subject_id", "notice_id"), WAITING, name="waiting"),
        some_where("notice", ("lease_until",), BEING_SENT, name="being_sent"),
        some_where("notice", ("changed_at",), IN_DOUBT, name="in_doubt"),
    )

    notice_id: str = identifier(primary_key=True)
    subject_id: str = identifier(references="subject.subject_id")
    policy: str
    kind: NoticeKind = word(NoticeKind, "kind")
    channel: str
    event: str
    business_date: dt.date
    values: Any = Field(sa_type=sa.JSON)
    run_id: str | None = identifier(nullable=True)
    state: NoticeState = word(NoticeState)
    planned_at: dt.datetime
    changed_at: dt.datetime
    not_before: dt.datetime
    attempt_count: int
    holder: str | None = None
    lease_until: dt.datetime | None = None
    because: str | None = None  # why it was suppressed or cancelled


class NoticeAttempt(Row, table=True):
    """One try to hand a message to a channel; the reference is never used again.

    Several notices may travel in one message: `message_reference` is the reference of the first of them.
    """

    __tablename__ = "notice_attempt"
    __table_args__ = (
        sa.PrimaryKeyConstraint("notice_id", "number"),
        sa.UniqueConstraint("reference"),
        some_where("notice_attempt", ("message_reference",), TRAVELS_WITH_OTHERS, name="carried"),
    )

    notice_id: str = identifier(references="notice.notice_id")
    number: int
    reference: str = identifier()
    message_reference: str = identifier()
    channel: str | None = None
    holder: str
    began_at: dt.datetime
    ended_at: dt.datetime | None = None
    outcome: str | None = None  # the state it led to
    because: str | None = None  # the channel's code, nothing personal
    template_id: str | None = None
    template_digest: str | None = None  # of the letter as it was written
    message_digest: str | None = None  # of the words that were sent


class Batch(Row, table=True):
    """Items of one policy, payer and pay day that are paid together.

    `revision` counts how often it was frozen; an approval is for one revision and its hash.
    """

    __tablename__ = "batch"
    __table_args__ = (
        *not_negative("item_count", "total_fen"),
        sa.CheckConstraint("revision >= 1", name="revision_from_one"),
        sa.CheckConstraint(
            "approved_by is not null or state in ('frozen', 'cancelled')", name="approved_before_it_goes_out"
        ),
        sa.Index(None, "pay_day"),
    )

    batch_id: str = identifier(primary_key=True)
    policy: str
    title: str
    payer: str
    pay_day: dt.date
    state: BatchState = word(BatchState)
    revision: int
    item_count: int
    total_fen: int = fen()
    content_hash: str
    approved_by: str | None = None  # of this revision; nobody's once an item has left
    created_at: dt.datetime
    changed_at: dt.datetime
    run_id: str | None = identifier(nullable=True)


class BatchItem(Row, table=True):
    """One line of a batch; it stays, marked, when its item leaves the batch or the bank returns it."""

    __tablename__ = "batch_item"
    __table_args__ = (
        sa.PrimaryKeyConstraint("batch_id", "item_id"),
        sa.CheckConstraint("amount_fen > 0", name="amount_fen_positive"),
        # INVARIANT: an item is in one batch at a time, and no reference goes to a bank twice.
        one_where("batch_item", ("item_id",), "dropped_at is null and returned_at is null", name="live"),
        one_where("batch_item", ("reference",), "dropped_at is null", name="reference"),
    )

    batch_id: str = identifier(references="batch.batch_id")
    item_id: str = identifier(references="item.item_id")
    amount_fen: int = fen()
    subject_id: str = identifier(references="subject.subject_id")
    reference: str = identifier()  # travels to the bank and back; never used again
    payee_digest: str  # keyed, of name and account as frozen; the values stay in the vault
    dropped_at: dt.datetime | None = None  # before it went out
    returned_at: dt.datetime | None = None  # after
    # Whose money it is: the fen from this one on of the batch whose purses pay it (`core.shares`). A line that is paid
    # again has the place that it had; null: frozen before there were books.
    funded_by: str | None = identifier(nullable=True)
    first_fen: int | None = fen()
