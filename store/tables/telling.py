"""What is known beside the outbox: receipts, what subjects do not want, bad addresses, inboxes, acts of people."""

import datetime as dt

import sqlalchemy as sa
from sqlmodel import Field

from core.ledger import NoticeCategory
from store.states.notices import InboxState, NoticeState, ReceiptOutcome, ReceiptState
from store.tables.base import Row, identifier, some_where, word

WAITING_RECEIPT = "state = 'waiting'"


class NoticeReceipt(Row, table=True):
    """What a channel said of a message; the id follows from the words, so that the same receipt is kept once."""

    __tablename__ = "notice_receipt"
    __table_args__ = (
        sa.Index(None, "reference"),
        some_where("notice_receipt", ("received_at",), WAITING_RECEIPT, name="waiting"),
    )

    receipt_id: str = identifier(primary_key=True)
    reference: str  # as the channel wrote it; it may be none of ours
    outcome: ReceiptOutcome = word(ReceiptOutcome, "outcome")
    reported_at: dt.datetime | None = None  # by the channel's clock
    received_at: dt.datetime
    because: str | None = None  # the channel's code, nothing personal
    source: str  # the file, the question or the call that brought it
    state: ReceiptState = word(ReceiptState)


class NoticePreference(Row, table=True):
    """A subject's word on a category of notices; the last one counts, none is ever edited."""

    __tablename__ = "notice_preference"
    __table_args__ = (
        sa.CheckConstraint("recorded_by <> '' and reason <> ''", name="who_and_why"),
        sa.Index(None, "subject_id"),
    )

    number: int | None = Field(default=None, primary_key=True)
    subject_id: str = identifier(references="subject.subject_id")
    category: NoticeCategory = word(NoticeCategory, "category")
    is_wanted: bool
    recorded_at: dt.datetime
    recorded_by: str
    reason: str


class BadContact(Row, table=True):
    """An address that a channel refused for good; another address of the same subject is another mark."""

    __tablename__ = "bad_contact"
    __table_args__ = (sa.PrimaryKeyConstraint("subject_id", "channel", "address_mark"),)

    subject_id: str = identifier(references="subject.subject_id")
    channel: str
    address_mark: str  # keyed, of the address; the address itself stays in the vault
    found_at: dt.datetime
    because: str | None = None


class InboxItem(Row, table=True):
    """An item of an inbox that its owner has opened, with what exactly was shown; without a row it is unread."""

    __tablename__ = "inbox_item"
    __table_args__ = (
        sa.CheckConstraint("state <> 'unread'", name="unread_has_no_row"),
        sa.CheckConstraint("(state = 'archived') = (archived_at is not null)", name="archived_at_an_instant"),
    )

    notice_id: str = identifier(primary_key=True, references="notice.notice_id")
    state: InboxState = word(InboxState)
    read_at: dt.datetime
    archived_at: dt.datetime | None = None
    template_id: str
    message_digest: str


class NoticeAct(Row, table=True):
    """What a person decided about a message: sent again, settled when in doubt, given up."""

    __tablename__ = "notice_act"
    __table_args__ = (
        sa.CheckConstraint("taken_by <> '' and reason <> ''", name="who_and_why"),
        sa.Index(None, "notice_id"),
    )

    number: int | None = Field(default=None, primary_key=True)
    notice_id: str = identifier(references="notice.notice_id")
    source: NoticeState = word(NoticeState, "source")
    target: NoticeState = word(NoticeState, "target")
    taken_at: dt.datetime
    taken_by: str
    reason: str
