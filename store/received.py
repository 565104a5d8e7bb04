"""What went out to one receiver: payments under way or paid, with the day on which the bank booked them."""

import datetime as dt

import polars as pl
import sqlalchemy as sa

from store.bank_lines import PAID_WORD
from store.opening import Reading
from store.rows import read_frame
from store.states.paying import AttemptState, Verdict
from store.tables import BankLine, Batch, BatchItem, ItemRow, ObligationRow, table_of

_BATCH = table_of(Batch)
_ATTEMPT = table_of(BatchItem)
_ITEM = table_of(ItemRow)
_OBLIGATION = table_of(ObligationRow)
_LINE = table_of(BankLine)

RECEIVED = pl.Schema(
    {
        "policy": pl.String(),
        "title": pl.String(),
        "payer": pl.String(),
        "pay_day": pl.Date(),
        "period": pl.String(),
        "kind": pl.String(),
        "reference": pl.String(),
        "amount_fen": pl.Int64(),
        "booked_on": pl.Date(),  # null until the bank has said that it arrived
    }
)
"""Payments to one receiver, one row each, by pay day."""

_OUT = (AttemptState.INSTRUCTED, AttemptState.UNKNOWN, AttemptState.CONFIRMED_PAID)


def received(rx: Reading, subject_id: str, *, since: dt.date, through: dt.date) -> pl.DataFrame:
    """Return what went out to a receiver with a pay day from one day to another: `RECEIVED`; what came back is left out."""
    booked = (
        sa.select(sa.func.max(_LINE.c.booked_on))
        .where(
            _LINE.c.reference == _ATTEMPT.c.reference,
            _LINE.c.outcome == PAID_WORD,
            _LINE.c.verdict != Verdict.EXCEPTION,
            _ATTEMPT.c.state == AttemptState.CONFIRMED_PAID,
        )
        .correlate(_ATTEMPT)
        .scalar_subquery()
    )
    chosen = (
        sa.select(
            *(_BATCH.c[name] for name in ("policy", "title", "payer", "pay_day")),
            _OBLIGATION.c.period,
            _ITEM.c.kind,
            _ATTEMPT.c.reference,
            _ATTEMPT.c.amount_fen,
            booked.label("booked_on"),
        )
        .join_from(_ATTEMPT, _BATCH, _ATTEMPT.c.batch_id == _BATCH.c.batch_id)
        .join(_ITEM, _ATTEMPT.c.item_id == _ITEM.c.item_id)
        .join(_OBLIGATION, _ITEM.c.obligation_id == _OBLIGATION.c.obligation_id)
        .where(
            _ATTEMPT.c.subject_id == subject_id,
            _ATTEMPT.c.state.in_(_OUT),
            _BATCH.c.pay_day.between(since, through),
        )
    )
    rows = read_frame(rx, chosen).select(RECEIVED.names()).cast(RECEIVED)
    return rows.sort("pay_day", "policy", "period", "reference")
