"""A payment that came back by the bank's word, and had been paid by its other word: two people settle that it was paid.

Nobody pays what may have been paid; so this is asked of the bank's own files, not of people's memory alone.
"""

import polars as pl
import sqlalchemy as sa

from core.ledger import ItemState
from store.bank_lines import (
    BACK,
    CONTRADICTED,
    PAID_WORD,
    RETURNED_WORD,
    STATEMENT,
    attempts_with,
    move_attempts,
    said_before,
)
from store.batch_steps import move_batch
from store.batches import batch_of
from store.codes import StoreCode
from store.faults import refused
from store.opening import Writing
from store.payouts import drop_lines
from store.states.paying import AttemptState, BatchState
from store.tables import BankFile, BankLine, BatchItem, table_of
from store.tables.base import as_indexed
from store.tables.paying import LIVE

_ATTEMPT = table_of(BatchItem)
_FILE = table_of(BankFile)
_LINE = table_of(BankLine)

_SHOW = "look at it again: `mianshen payouts show BATCH`"
_SETTLED = BACK | {ItemState.IN_BATCH}


def refuse_unproved(tx: Writing, batch_id: str, reference: str, *, by: str) -> None:
    """Refuse to take a payment as paid after all where the bank does not say so, or `by` took in what it said.

    Expects: the payment came back.
    Fails:   RefusedError; also where it is being paid anew by now, or was cancelled.
    """
    row = attempts_with(tx, pl.Series([reference])).row(0, named=True)
    said = said_before(tx, pl.Series([reference]))
    words, shown = set(said["outcome"]), set(said.filter(pl.col("kind") == STATEMENT)["outcome"])
    if PAID_WORD not in words or (RETURNED_WORD in words and (PAID_WORD not in shown or RETURNED_WORD in shown)):
        message = "the line came back, and the bank does not say that it was paid after all"
        remedy = "take in a statement of the account that shows it, and not its return: `mianshen payouts import`"
        raise refused(StoreCode.WRONG_STATE, batch_id, message, remedy)
    if row["item_state"] not in _SETTLED:
        message = f"what it pays is `{row['item_state']}` by now"
        raise refused(StoreCode.WRONG_STATE, batch_id, message, _SHOW)
    heard = sa.select(_FILE.c.imported_by).join_from(_LINE, _FILE, _LINE.c.bank_file_id == _FILE.c.bank_file_id)
    if by in set(tx.connection.execute(heard.where(_LINE.c.reference == reference)).scalars()):
        message = f"`{by}` took in what the bank says of it, and two others settle that it was paid"
        raise refused(StoreCode.OWN_APPROVAL, batch_id, message, "have a colleague look at it")


def hold_as_paid(tx: Writing, batch_id: str, reference: str, *, by: str, evidence: str) -> None:
    """Take a payment that came back as paid: its money too, out of the batch that was to pay it again, exceptions settled.

    Expects: `refuse_unproved` has been asked by this transaction.
    Fails:   RefusedError where it was moved in between.
    """
    row = attempts_with(tx, pl.Series([reference])).row(0, named=True)
    if row["item_state"] == ItemState.IN_BATCH:
        live = (_ATTEMPT.c.item_id == row["item_id"], as_indexed(LIVE, of=_ATTEMPT.name))
        newer = tx.connection.scalars(sa.select(_ATTEMPT.c.batch_id).where(*live)).one()
        drop_lines(tx, newer, pl.Series([row["item_id"]]), reason=f"paid in batch {batch_id} after all")
    which = sa.select(_ATTEMPT.c.reference).where(_ATTEMPT.c.reference == reference)
    move_attempts(tx, which, (AttemptState.RETURNED, AttemptState.CONFIRMED_PAID), count=1)
    own = (_LINE.c.reference == reference, _LINE.c.because == CONTRADICTED, _LINE.c.resolved_at.is_(None))
    change = sa.update(_LINE).where(*own).values(resolved_at=tx.now, resolved_by=by, resolution=evidence)
    tx.connection.execute(change)
    batch = batch_of(tx, batch_id)
    if batch.state is BatchState.STOP_CONFIRMED:
        move_batch(tx, batch, BatchState.SETTLED, by=by, reason="some of it was paid before")
