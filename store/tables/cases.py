"""Overpayment cases and what people do about them: steps, receipts, agreed instalments, and what is asked to be given up.

INVARIANT: a case's `amount_fen` is what its obligation says on the account `case`; `store.cases` keeps both in step.
"""

import datetime as dt

import sqlalchemy as sa

from store.states.cases import CASE_TRANSITIONS, CLOSED_CASE, LIVE_CASE, CaseAction, CaseState, ReliefKind, ReliefState
from store.tables.base import Row, allowed_steps, among, fen, identifier, not_negative, one_where, word

IS_LIVE = among("state", LIVE_CASE)


class OverpaymentCase(Row, table=True):
    """Something a person must decide: more was instructed or paid than is due.

    `told_fen` is the most that the subject was told of, `object_through` the last day to object; both null before.
    """

    __tablename__ = "overpayment_case"
    __table_args__ = (
        sa.UniqueConstraint("obligation_id", "number"),
        sa.CheckConstraint(f"({IS_LIVE}) = (amount_fen > 0)", name="amount_while_live"),
        sa.CheckConstraint(f"({IS_LIVE}) = (closed_at is null)", name="closed_at_when_closed"),
        sa.CheckConstraint("(told_fen is null) = (object_through is null)", name="told_with_a_deadline"),
        # INVARIANT: nothing is confirmed or collected that the subject was not told of.
        sa.CheckConstraint(
            f"told_fen is not null or {among('state', CLOSED_CASE | {CaseState.OPENED})}",
            name="told_before_collected",
        ),
        *not_negative("amount_fen", "recovered_fen", "written_off_fen", "kept_fen", "moves"),
        one_where("overpayment_case", ("obligation_id",), IS_LIVE, name="open"),
    )

    case_id: str = identifier(primary_key=True)
    obligation_id: str = identifier(references="obligation.obligation_id")
    number: int
    amount_fen: int = fen()  # what is still outstanding
    recovered_fen: int = fen()  # under this case
    written_off_fen: int = fen()
    kept_fen: int = fen()
    state: CaseState = word(CaseState)
    moves: int  # how many steps it has taken; a writer names the one that it saw
    told_fen: int | None = fen()
    object_through: dt.date | None
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    run_id: str | None = identifier(nullable=True)


class CaseStep(Row, table=True):
    """One dated deed on a case, by a person or a night; never edited."""

    __tablename__ = "case_step"
    __table_args__ = (
        sa.PrimaryKeyConstraint("case_id", "number"),
        allowed_steps(CASE_TRANSITIONS),
        *not_negative("amount_fen"),
    )

    case_id: str = identifier(references="overpayment_case.case_id")
    number: int
    action: CaseAction = word(CaseAction, "action")
    source: CaseState = word(CaseState, "source")
    target: CaseState = word(CaseState, "target")
    amount_fen: int = fen()  # outstanding after it
    taken_at: dt.datetime
    taken_by: str
    acted_on: dt.date | None  # when it happened, where that is not when it was written down
    reason: str | None
    basis: str | None
    run_id: str | None = identifier(nullable=True)


class CaseReceipt(Row, table=True):
    """Money that came back, once for each reference of the bank."""

    __tablename__ = "case_receipt"
    __table_args__ = (sa.CheckConstraint("amount_fen > 0", name="amount_fen_positive"),)

    reference: str = identifier(primary_key=True)
    received_on: dt.date
    amount_fen: int = fen()
    recorded_at: dt.datetime
    recorded_by: str


class CaseReceiptShare(Row, table=True):
    """What of a receipt belongs to one case."""

    __tablename__ = "case_receipt_share"
    __table_args__ = (
        sa.PrimaryKeyConstraint("reference", "case_id"),
        sa.CheckConstraint("amount_fen > 0", name="amount_fen_positive"),
        sa.Index(None, "case_id"),
    )

    reference: str = identifier(references="case_receipt.reference")
    case_id: str = identifier(references="overpayment_case.case_id")
    amount_fen: int = fen()


class SetOff(Row, table=True):
    """What a night kept back from a payment for a case: an item that is set off; never edited."""

    __tablename__ = "set_off"
    __table_args__ = (
        sa.CheckConstraint("amount_fen > 0", name="amount_fen_positive"),
        sa.Index(None, "case_id"),
    )

    item_id: str = identifier(primary_key=True, references="item.item_id")
    case_id: str = identifier(references="overpayment_case.case_id")
    amount_fen: int = fen()
    pay_day: dt.date
    set_off_at: dt.datetime
    run_id: str | None = identifier(nullable=True)


class CaseInstalment(Row, table=True):
    """One instalment of an agreed plan; a later plan takes the place of an earlier one."""

    __tablename__ = "case_instalment"
    __table_args__ = (
        sa.PrimaryKeyConstraint("case_id", "plan", "number"),
        sa.CheckConstraint("amount_fen > 0", name="amount_fen_positive"),
        *not_negative("recovered_before_fen"),
    )

    case_id: str = identifier(references="overpayment_case.case_id")
    plan: int  # the number of the step that agreed it
    number: int
    due_on: dt.date
    amount_fen: int = fen()
    recovered_before_fen: int = fen()  # what had come back when the plan was agreed


class CaseRelief(Row, table=True):
    """What somebody asks to be given up of a case; others than they grant it."""

    __tablename__ = "case_relief"
    __table_args__ = (
        sa.PrimaryKeyConstraint("case_id", "number"),
        sa.CheckConstraint("amount_fen > 0", name="amount_fen_positive"),
        sa.CheckConstraint("approvals_needed >= 1", name="approved_by_somebody"),
        one_where("case_relief", ("case_id",), "state = 'asked'", name="asked"),
    )

    case_id: str = identifier(references="overpayment_case.case_id")
    number: int
    kind: ReliefKind = word(ReliefKind, "kind")
    amount_fen: int = fen()
    reason: str
    basis: str
    state: ReliefState = word(ReliefState)
    approvals_needed: int
    asked_at: dt.datetime
    asked_by: str


class CaseReliefVerdict(Row, table=True):
    """What one person said of what was asked; nobody speaks twice."""

    __tablename__ = "case_relief_verdict"
    __table_args__ = (
        sa.PrimaryKeyConstraint("case_id", "number", "said_by"),
        sa.ForeignKeyConstraint(["case_id", "number"], ["case_relief.case_id", "case_relief.number"]),
    )

    case_id: str = identifier()
    number: int
    said_by: str
    said_at: dt.datetime
    is_granted: bool
    reason: str | None
