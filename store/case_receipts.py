"""Money that came back: receipts, once for each reference of the bank, and what of each belongs to which case."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from store.audit import record
from store.audit_chain import JSON
from store.items import changed_in_between
from store.opening import Reading, Writing
from store.rows import insert_rows
from store.tables import CaseReceipt, CaseReceiptShare, table_of

_RECEIPT = table_of(CaseReceipt)
_SHARE = table_of(CaseReceiptShare)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came in at the bank under one reference. Units: fen."""

    reference: str
    received_on: dt.date
    amount_fen: int


@dataclass(frozen=True, slots=True)
class ReceiptShare:
    """What of a receipt belongs to a case, and who wrote it down. Units: fen."""

    receipt: Receipt
    case_id: str
    amount_fen: int
    recorded_at: dt.datetime
    recorded_by: str


def receipt_of(rx: Reading, reference: str) -> Receipt | None:
    """Return the receipt with a reference, or None."""
    chosen = sa.select(_RECEIPT.c.reference, _RECEIPT.c.received_on, _RECEIPT.c.amount_fen)
    row = rx.connection.execute(chosen.where(_RECEIPT.c.reference == reference)).one_or_none()
    return None if row is None else Receipt(*row)


def add_receipt(tx: Writing, receipt: Receipt, shares: Mapping[str, int], *, by: str) -> None:
    """Keep a receipt with what belongs to each case.

    Expects: the shares add up to the receipt, and are posted in this very transaction.
    Fails:   RefusedError where somebody else wrote it down in between.
    """
    assert sum(shares.values()) == receipt.amount_fen
    said: dict[str, JSON] = {
        "amount_fen": receipt.amount_fen,
        "received_on": str(receipt.received_on),
        "cases": [*shares],
    }
    record(tx, "receipt.recorded", by=by, about=receipt.reference, said=said)
    rows = [
        {"reference": receipt.reference, "case_id": case_id, "amount_fen": amount_fen}
        for case_id, amount_fen in shares.items()
    ]
    try:
        with tx.connection.begin_nested():
            insert_rows(tx, CaseReceipt, [asdict(receipt) | {"recorded_at": tx.now, "recorded_by": by}])
            insert_rows(tx, CaseReceiptShare, rows)
    except sa.exc.IntegrityError:  # the primary key: it is written down by now
        raise changed_in_between() from None


def receipts_for(rx: Reading, case_id: str) -> tuple[ReceiptShare, ...]:
    """Return what came back for one case, in the order of days."""
    own = _SHARE.c.case_id == case_id
    return _shares(rx, own)


def shares_of(rx: Reading, reference: str) -> tuple[ReceiptShare, ...]:
    """Return what of one receipt belongs to which case."""
    return _shares(rx, _SHARE.c.reference == reference)


def _shares(rx: Reading, condition: sa.ColumnElement[bool]) -> tuple[ReceiptShare, ...]:
    chosen = (
        sa.select(
            _RECEIPT.c.reference,
            _RECEIPT.c.received_on,
            _RECEIPT.c.amount_fen,
            _SHARE.c.case_id,
            _SHARE.c.amount_fen.label("share_fen"),
            _RECEIPT.c.recorded_at,
            _RECEIPT.c.recorded_by,
        )
        .join_from(_SHARE, _RECEIPT, _SHARE.c.reference == _RECEIPT.c.reference)
        .where(condition)
        .order_by(_RECEIPT.c.received_on, _RECEIPT.c.reference, _SHARE.c.case_id)
    )
    return tuple(
        ReceiptShare(Receipt(row.reference, row.received_on, row.amount_fen), row.case_id, row.share_fen, *row[-2:])
        for row in rx.connection.execute(chosen)
    )
