"""The ledger: grants, acts, obligations, items, postings.

INVARIANT: an obligation's sums equal the sums of its postings by account; `store.ledger` writes both at once.
"""

import datetime as dt

import sqlalchemy as sa

from core.grant_steps import GRANT_TRANSITIONS
from core.ledger import ActKind, GrantState, ItemKind, ItemState
from store.states.funds import Account
from store.tables.base import Row, allowed_from, fen, identifier, not_negative, some_where, word


class GrantRow(Row, table=True):
    """A subject's standing under a policy, or for one event; one for ever. `grant` is a word of SQL."""

    __tablename__ = "grant_"
    __table_args__ = (
        sa.UniqueConstraint("policy", "subject_id", "event"),
        sa.Index(None, "subject_id"),
        sa.Index(None, "revision"),
        allowed_from("came_from", GRANT_TRANSITIONS),
    )

    grant_id: str = identifier(primary_key=True)
    policy: str
    subject_id: str = identifier(references="subject.subject_id")
    event: str
    state: GrantState = word(GrantState)
    came_from: GrantState | None = word(
        GrantState, "came_from", nullable=True
    )  # the state before; none: it is the first
    discovered_on: dt.date
    cause: str | None  # of `core.ledger.Cause`
    opened_at: dt.datetime
    changed_at: dt.datetime
    run_id: str | None = identifier(nullable=True)
    revision: int = 0  # of the ledger, that made this row


class ActRow(Row, table=True):
    """A dated act on a grant; never edited."""

    __tablename__ = "act"
    __table_args__ = (
        sa.PrimaryKeyConstraint("grant_id", "number"),
        sa.CheckConstraint("kind not in ('strike', 'uphold', 'dismiss') or reason is not null", name="reason_given"),
        sa.CheckConstraint("through is null or kind in ('offer', 'ask')", name="through_of_an_offer"),
    )

    grant_id: str = identifier(references="grant_.grant_id")
    number: int
    kind: ActKind = word(ActKind, "kind")
    acted_on: dt.date
    recorded_at: dt.datetime
    acted_by: str
    reason: str | None = None
    witness: str | None = None
    is_assisted: bool = False  # a clerk for the subject; who stood for it is in the vault
    through: dt.date | None = None  # the last day for an answer
    revision: int = 0


class ObligationRow(Row, table=True):
    """The one row of a grant, period and component: its due, the sums of its postings, its version."""

    __tablename__ = "obligation"
    __table_args__ = (
        sa.UniqueConstraint("grant_id", "period", "component"),
        sa.Index(None, "revision"),
        *not_negative(
            "recovered_fen", "written_off_fen", "kept_fen", "case_open_fen", "due_at_least_fen", "due_at_most_fen"
        ),
        sa.CheckConstraint("due_at_most_fen is null or due_at_most_fen >= due_at_least_fen", name="due_in_order"),
        sa.CheckConstraint("version >= 1", name="version_from_one"),
        {"postgresql_with": {"fillfactor": 50}},  # those of a month change together, each beside what it was
    )

    obligation_id: str = identifier(primary_key=True)
    grant_id: str = identifier(references="grant_.grant_id")
    period: str
    component: str
    due_at_least_fen: int = fen()
    due_at_most_fen: int | None = fen()
    due_is_open: bool
    recovered_fen: int = fen()
    written_off_fen: int = fen()
    kept_fen: int = fen()
    case_open_fen: int = fen()
    version: int
    revision: int = 0  # of the ledger, that made this row


WAITING_ITEMS = "state in ('open', 'on_hold', 'returned')"
"""Items that wait for a batch; databases use the index on them only where a query says it in these words."""


class ItemRow(Row, table=True):
    """One delta to pay; its amount never changes."""

    __tablename__ = "item"
    __table_args__ = (
        sa.UniqueConstraint("obligation_id", "sequence"),
        sa.Index(None, "revision"),
        sa.CheckConstraint("amount_fen > 0", name="amount_fen_positive"),
        sa.CheckConstraint("sequence >= 1", name="sequence_from_one"),
        some_where("item", ("state",), WAITING_ITEMS, name="waiting"),
    )

    item_id: str = identifier(primary_key=True)
    obligation_id: str = identifier(references="obligation.obligation_id")
    sequence: int
    amount_fen: int = fen()
    kind: ItemKind = word(ItemKind, "kind")
    state: ItemState = word(ItemState)
    opened_at: dt.datetime
    changed_at: dt.datetime
    run_id: str | None = identifier(nullable=True)
    revision: int = 0


class PostingRow(Row, table=True):
    """A dated amount on an obligation, positive or negative; never edited."""

    __tablename__ = "posting"
    __table_args__ = (
        sa.PrimaryKeyConstraint("obligation_id", "version", "account"),
        sa.CheckConstraint("amount_fen <> 0", name="amount_fen_not_zero"),
    )

    obligation_id: str = identifier(references="obligation.obligation_id")
    version: int  # the obligation's version that this posting made
    account: Account = word(Account, "account")
    amount_fen: int = fen()
    because: str
    posted_at: dt.datetime
    run_id: str | None = identifier(nullable=True)
