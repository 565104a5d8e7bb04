"""Money by double entry: pots and their balances, the journal that moves it, and what people decided about it.

INVARIANT: a pot's balances are the sums of its entries, and come to nothing together; `store.posting` writes both at once.
Triggers refuse to change or remove an entry, and to add one to a closed year. A later migration must not copy these tables
on SQLite without making the triggers anew.
"""

import datetime as dt

import sqlalchemy as sa

from store.states.funds import NEVER_BELOW_ZERO, DecisionKind, DecisionState, PotAccount
from store.tables.base import Row, fen, identifier, not_negative, one_where, word

_EVERYTHING = " + ".join(f"{account}_fen" for account in PotAccount)


class Pot(Row, table=True):
    """The money of a policy, a fiscal year and a purse: what stands on each account.

    `beyond_fen` is by how much the budget may be exceeded: nothing where it was set, without limit (null) where nobody
    ever set one, and as much as the rule let be paid on at the end of the pot.
    """

    __tablename__ = "pot"
    __table_args__ = (
        sa.PrimaryKeyConstraint("policy", "year", "purse"),
        *not_negative(*(f"{account}_fen" for account in NEVER_BELOW_ZERO), "beyond_fen", "entry_count"),
        sa.CheckConstraint(f"{_EVERYTHING} = 0", name="balanced"),
        sa.CheckConstraint("beyond_fen is null or budget_fen + beyond_fen >= 0", name="within_the_budget"),
    )

    policy: str
    year: int
    purse: str
    entry_count: int
    beyond_fen: int | None = fen()
    granted_fen: int = fen()
    budget_fen: int = fen()
    reserved_fen: int = fen()
    in_transit_fen: int = fen()
    paid_fen: int = fen()
    returned_fen: int = fen()
    receivable_fen: int = fen()
    written_off_fen: int = fen()
    carried_fen: int = fen()
    surrendered_fen: int = fen()


class JournalEntry(Row, table=True):
    """One amount that went from one account of a pot to another, with the document that moved it; never edited."""

    __tablename__ = "journal_entry"
    __table_args__ = (
        sa.PrimaryKeyConstraint("policy", "year", "purse", "number"),
        sa.ForeignKeyConstraint(["policy", "year", "purse"], ["pot.policy", "pot.year", "pot.purse"]),
        sa.CheckConstraint("amount_fen > 0", name="amount_fen_positive"),
        sa.CheckConstraint("source <> target", name="two_accounts"),
        sa.Index(None, "document"),
    )

    policy: str
    year: int
    purse: str
    number: int
    source: PotAccount = word(PotAccount, "source")
    target: PotAccount = word(PotAccount, "target")
    amount_fen: int = fen()
    document: str = identifier()  # the batch, the obligation, or the decision
    event: str  # what was done: `frozen`, `exported`, `paid`, …
    posted_at: dt.datetime


class BatchPurse(Row, table=True):
    """A purse as a batch was frozen with it, in the order of the payment order."""

    __tablename__ = "batch_purse"
    __table_args__ = (
        sa.PrimaryKeyConstraint("batch_id", "place"),
        sa.CheckConstraint("weight > 0", name="weight_positive"),
    )

    batch_id: str = identifier(references="batch.batch_id")
    place: int
    year: int
    name: str
    level: str | None = None
    account: str | None = None
    project: str | None = None
    weight: int


class BudgetDecision(Row, table=True):
    """What one person proposed about a budget, with the document that says so, and another confirmed."""

    __tablename__ = "budget_decision"
    __table_args__ = (
        *not_negative("amount_fen"),
        sa.CheckConstraint("decided_by <> proposed_by or state = 'withdrawn'", name="two_people"),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_by is null) and (decided_by is null) = (decided_at is null)",
            name="decided_whole",
        ),
        sa.CheckConstraint("(kind = 'set') = (amount_fen is not null)", name="set_whole"),
        sa.UniqueConstraint("policy", "year", "number"),
        one_where("budget_decision", ("policy", "year", "purse", "kind"), "state = 'proposed'", name="waiting"),
    )

    decision_id: str = identifier(primary_key=True)
    policy: str
    year: int
    number: int  # of the policy and year
    kind: DecisionKind = word(DecisionKind, "kind")
    purse: str  # nothing where the year is closed: that is for all of them
    amount_fen: int | None = fen()  # in all, not what is added
    document: str
    state: DecisionState = word(DecisionState)
    proposed_by: str
    proposed_at: dt.datetime
    decided_by: str | None = None
    decided_at: dt.datetime | None = None


class ClosedYear(Row, table=True):
    """A policy's fiscal year to which nothing is posted any more."""

    __tablename__ = "closed_year"
    __table_args__ = (sa.PrimaryKeyConstraint("policy", "year"),)

    policy: str
    year: int
    closed_at: dt.datetime
    decision_id: str = identifier(references="budget_decision.decision_id")


class AccountHolder(Row, table=True):
    """Somebody who ever received on an account, which is the beginning of its keyed digest."""

    __tablename__ = "account_holder"
    __table_args__ = (sa.PrimaryKeyConstraint("account", "subject_id"),)

    account: str
    subject_id: str = identifier(references="subject.subject_id")
    since: dt.datetime


class SuspicionRow(Row, table=True):
    """What payments of one night or several have in common that they should not; until somebody has looked at it."""

    __tablename__ = "suspicion"
    __table_args__ = (
        sa.UniqueConstraint("kind", "key"),
        sa.CheckConstraint(
            "(cleared_by is null) = (cleared_at is null) and (cleared_at is null) = (reason is null)",
            name="cleared_whole",
        ),
    )

    suspicion_id: str = identifier(primary_key=True)
    kind: str
    key: str
    policies: str
    item_count: int
    first_found_at: dt.datetime
    last_found_at: dt.datetime
    cleared_by: str | None = None
    cleared_at: dt.datetime | None = None
    reason: str | None = None


class MoneyWait(Row, table=True):
    """An open item whose pay day has come and that waits, for money or for somebody to look at it."""

    __tablename__ = "money_wait"

    item_id: str = identifier(primary_key=True, references="item.item_id")
    policy: str
    since: dt.date  # the pay day
    because: str  # `money` or `suspicion`
