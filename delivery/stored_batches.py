"""Batches into the store and out of it: a batch read back is the batch that was frozen."""

import polars as pl

from core.ledger import ItemState
from core.shares import ONE_PURSE
from delivery.batches import Batch, in_order
from delivery.payables import PAYABLES
from store.batches import BatchHead, batch_of, read_lines
from store.fallbacks import keep_fallbacks
from store.freezing import add_batch
from store.line_funds import Funding, purses_of, split_lines
from store.opening import Reading, Writing
from store.positions import read_items
from store.states.paying import AttemptState


def open_payables(rx: Reading) -> pl.DataFrame:
    """Return every open item: `PAYABLES`."""
    return read_items(rx, states=[ItemState.OPEN]).select(PAYABLES.names()).cast(PAYABLES)


def keep_batch(tx: Writing, batch: Batch, *, run_id: str | None, born: pl.DataFrame | None = None) -> None:
    """Freeze a batch in the store; its items are in it from now on.

    Expects: `born` are items that this very transaction wrote as born in a batch; as `store.freezing.add_batch`.
    Fails:   RefusedError where one of the items is no longer open.
    """
    head = BatchHead(batch.batch_id, batch.policy, batch.title, batch.payer, batch.pay_day)
    funding = Funding(batch.purses or (ONE_PURSE,), pays_on=batch.pays_on)
    lines = batch.lines.rename({"attempt": "number"})
    kept = add_batch(tx, head, lines, run_id=run_id, born=born, funding=funding)
    assert kept.content_hash == batch.content_hash, "the store hashes lines as we do"
    if batch.fallbacks is not None:
        keep_fallbacks(tx, batch.batch_id, batch.fallbacks)


def read_batch(rx: Reading, batch_id: str) -> Batch:
    """Return a batch with all lines that went out, or will; also those that the bank returned.

    Fails: RefusedError where there is none.
    """
    kept = batch_of(rx, batch_id)
    lines = read_lines(rx, batch_id, is_whole=True).filter(pl.col("attempt_state") != AttemptState.VOIDED)
    return Batch(
        batch_id=kept.batch_id,
        policy=kept.policy,
        title=kept.title,
        payer=kept.payer,
        pay_day=kept.pay_day,
        state=kept.state,
        lines=in_order(lines.rename({"number": "attempt"})),
        content_hash=kept.content_hash,
        purses=purses_of(rx, batch_id),
        funding=split_lines(rx, lines),
    )
