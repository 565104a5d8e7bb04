"""What is paid: batches with their steps and approvals, attempts, payment files, and what the bank said.

A line of a batch is an attempt to pay its item. Names and accounts stand nowhere here, only their keyed digests.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from store.states.paying import BATCH_TRANSITIONS, LIVE_ATTEMPT, AttemptState, BatchState, FileState, Verdict
from store.tables.base import Row, allowed_steps, among, fen, identifier, not_negative, one_where, some_where, word

LIVE = among("state", LIVE_ATTEMPT)
ENDED = among("state", frozenset(AttemptState) - LIVE_ATTEMPT)
"""Attempts after which another may follow; databases use the index on them only where a query says it in these words."""

UNSETTLED = "verdict = 'exception' and resolved_at is null"
"""Lines that wait for a person; as above."""


class Batch(Row, table=True):
    """Items of one policy, payer and pay day that are paid together.

    `revision` counts how often it was frozen; an approval is for one revision and its hash.
    """

    __tablename__ = "batch"
    __table_args__ = (
        *not_negative("item_count", "total_fen"),
        sa.CheckConstraint("revision >= 1", name="revision_from_one"),
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
    created_at: dt.datetime
    changed_at: dt.datetime
    made_by: str | None = None  # null: a night
    run_id: str | None = identifier(nullable=True)


class BatchStep(Row, table=True):
    """One step of a batch; never edited. `revision` is that of the batch after it."""

    __tablename__ = "batch_step"
    __table_args__ = (
        sa.PrimaryKeyConstraint("batch_id", "number"),
        allowed_steps(BATCH_TRANSITIONS),
    )

    batch_id: str = identifier(references="batch.batch_id")
    number: int
    source: BatchState = word(BatchState, "source")
    target: BatchState = word(BatchState, "target")
    revision: int
    taken_at: dt.datetime
    taken_by: str | None  # null: a night, or what the bank said
    reason: str | None


class BatchApproval(Row, table=True):
    """One person's approval of one revision of a batch, by its hash; never edited."""

    __tablename__ = "batch_approval"
    __table_args__ = (
        sa.PrimaryKeyConstraint("batch_id", "revision", "number"),
        sa.CheckConstraint("expires_at > approved_at", name="expires_later"),
    )

    batch_id: str = identifier(references="batch.batch_id")
    revision: int
    number: int
    content_hash: str
    approved_by: str
    approved_at: dt.datetime
    expires_at: dt.datetime


class PaymentFileRow(Row, table=True):
    """One file of a batch as it was exported; the bytes can be made again, and must come to the same digest."""

    __tablename__ = "payment_file"
    __table_args__ = (
        sa.PrimaryKeyConstraint("batch_id", "number"),
        sa.UniqueConstraint("name"),
        *not_negative("line_count", "total_fen"),
    )

    batch_id: str = identifier(references="batch.batch_id")
    number: int
    name: str
    profile: str
    profile_version: int
    state: FileState = word(FileState)
    line_count: int
    total_fen: int = fen()
    hash_total: str
    sha256: str
    exported_at: dt.datetime
    exported_by: str
    changed_at: dt.datetime


class BatchItem(Row, table=True):
    """One attempt to pay an item: a line of a batch; it stays when its item leaves the batch or comes back.

    `number` counts every attempt that the item ever had.
    """

    __tablename__ = "batch_item"
    __table_args__ = (
        sa.PrimaryKeyConstraint("batch_id", "item_id"),
        sa.UniqueConstraint("reference"),
        sa.CheckConstraint("amount_fen > 0", name="amount_fen_positive"),
        sa.CheckConstraint("number >= 1", name="number_from_one"),
        # INVARIANT: an item is paid by one attempt at a time, whatever processes and nights do.
        one_where("batch_item", ("item_id",), LIVE, name="live"),
        some_where("batch_item", ("item_id",), ENDED, name="ended"),
    )

    batch_id: str = identifier(references="batch.batch_id")
    item_id: str = identifier(references="item.item_id")
    number: int
    amount_fen: int = fen()
    subject_id: str = identifier(references="subject.subject_id")
    reference: str = identifier()  # travels to the bank and back; never used again
    payee_digest: str  # keyed, of name, account and bank as frozen; the values stay in the vault
    account_digest: str  # keyed, of the account alone
    name_digest: str  # keyed, of the name alone
    state: AttemptState = word(AttemptState)
    file_number: int | None = None  # which file of the batch carries it
    changed_at: dt.datetime
    # Whose money it is: the fen from this one on of the batch whose purses pay it (`core.shares`). A line that is paid
    # again has the place that it had; null: frozen before there were books.
    funded_by: str | None = identifier(nullable=True)
    first_fen: int | None = fen()


class BatchFallback(Row, table=True):
    """A line of a batch that goes to another account than that of the department which is asked first; never edited."""

    __tablename__ = "batch_fallback"
    __table_args__ = (
        sa.PrimaryKeyConstraint("batch_id", "item_id"),
        sa.ForeignKeyConstraint(["batch_id", "item_id"], ["batch_item.batch_id", "batch_item.item_id"]),
    )

    batch_id: str = identifier()
    item_id: str = identifier()
    resource: str  # which knows the account
    passed_over: str  # why: `missing` or `closed`
    account_shown: str  # masked; the account itself stays in the vault


class ClosedAccount(Row, table=True):
    """An account that a bank called closed, by its keyed digest; removed once its holder names it again, or somebody finds out."""

    __tablename__ = "closed_account"

    account_digest: str = Field(primary_key=True)
    reason_code: str  # of the bank that said so first
    found_at: dt.datetime


class BankFile(Row, table=True):
    """Something that the bank sent, by the digest of its bytes; the same bytes are taken once."""

    __tablename__ = "bank_file"
    __table_args__ = (
        sa.UniqueConstraint("sha256"),
        sa.CheckConstraint("line_count >= 0", name="line_count_not_negative"),
    )

    bank_file_id: str = identifier(primary_key=True)
    name: str
    kind: str  # `returns`, `statement` or `acknowledgement`
    profile: str
    sha256: str
    line_count: int
    counts: Any = Field(sa_type=sa.JSON)  # lines by verdict
    imported_at: dt.datetime
    imported_by: str


class BankLine(Row, table=True):
    """One line of it; its own words, names and accounts stay in the file."""

    __tablename__ = "bank_line"
    __table_args__ = (
        sa.PrimaryKeyConstraint("bank_file_id", "line"),
        sa.CheckConstraint("(verdict = 'exception') = (because is not null)", name="because_of_exceptions"),
        sa.CheckConstraint(
            "(resolved_at is null) = (resolved_by is null) and (resolved_at is null) = (resolution is null)",
            name="resolved_whole",
        ),
        sa.CheckConstraint("resolved_at is null or verdict = 'exception'", name="only_exceptions_are_resolved"),
        # INVARIANT: no exception pays anything; what the bank takes back after all it may take back by one.
        sa.CheckConstraint(
            "verdict <> 'exception' or target is null or target = 'returned'", name="exceptions_pay_nothing"
        ),
        sa.Index(None, "reference"),
        some_where("bank_line", ("batch_id",), UNSETTLED, name="unsettled"),
    )

    bank_file_id: str = identifier(references="bank_file.bank_file_id")
    line: int
    reference: str | None = None
    outcome: str | None
    amount_fen: int | None = fen()
    booked_on: dt.date | None = None
    reason_code: str | None = None
    verdict: Verdict = word(Verdict, "verdict")
    because: str | None = None
    batch_id: str | None = identifier(nullable=True)
    item_id: str | None = identifier(nullable=True)
    source: str | None = None  # of the attempt, where the line moved it
    target: str | None = None
    moves_item: bool = False  # not where a later attempt pays it
    resolved_at: dt.datetime | None = None
    resolved_by: str | None = None
    resolution: str | None = None


class Inquiry(Row, table=True):
    """What somebody learned about a file or a line in doubt; it counts once another person has confirmed it."""

    __tablename__ = "inquiry"
    __table_args__ = (
        sa.PrimaryKeyConstraint("batch_id", "number"),
        sa.CheckConstraint("(confirmed_at is null) = (confirmed_by is null)", name="confirmed_whole"),
        sa.CheckConstraint("confirmed_by is null or confirmed_by <> stated_by", name="two_people"),
        sa.CheckConstraint("(file_number is null) <> (reference is null)", name="one_subject"),
    )

    batch_id: str = identifier(references="batch.batch_id")
    number: int
    file_number: int | None = None
    reference: str | None = identifier(nullable=True)
    found: str
    evidence: str
    stated_at: dt.datetime
    stated_by: str
    confirmed_at: dt.datetime | None = None
    confirmed_by: str | None = None
