"""What is told: notices with their attempts. What is paid stands in `store.tables.paying`."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from core.ledger import NoticeKind
from store.states.notices import NoticeState
from store.tables.base import Row, identifier, some_where, word

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
    channel: str | None = None  # who was given it: the channel, or one of its providers
    holder: str
    began_at: dt.datetime
    ended_at: dt.datetime | None = None
    outcome: str | None = None  # the state it led to
    because: str | None = None  # the channel's code, nothing personal
    template_id: str | None = None
    template_digest: str | None = None  # of the letter as it was written
    message_digest: str | None = None  # of the words that were sent
