"""Lines of batches that pay to another account than that of the department asked first: told on the approval sheet."""

import polars as pl
import sqlalchemy as sa

from store.opening import Reading, Writing
from store.rows import insert_frame, read_frame
from store.tables import BatchFallback, BatchItem, table_of

_FALLBACK = table_of(BatchFallback)
_LINE = table_of(BatchItem)

FALLBACKS = pl.Schema(
    {
        "item_id": pl.String(),
        "resource": pl.String(),  # which knows the account
        "passed_over": pl.String(),  # why the first one's is not taken: `delivery.accounts.PassedOver`
        "account_shown": pl.String(),  # masked
    }
)
"""Lines of a batch that go to a fallback account."""


def keep_fallbacks(tx: Writing, batch_id: str, fallbacks: pl.DataFrame) -> None:
    """Write down which lines of a new batch go to a fallback account: `FALLBACKS`."""
    insert_frame(tx, BatchFallback, fallbacks.select(FALLBACKS.names()).with_columns(batch_id=pl.lit(batch_id)))


def read_fallbacks(rx: Reading, batch_id: str) -> pl.DataFrame:
    """Return which lines of a batch go to a fallback account: `FALLBACKS`, `reference`, `amount_fen` and `state` of the line."""
    chosen = (
        sa.select(
            *(_FALLBACK.c[name] for name in FALLBACKS.names()), _LINE.c.reference, _LINE.c.amount_fen, _LINE.c.state
        )
        .join_from(
            _FALLBACK, _LINE, sa.and_(_FALLBACK.c.batch_id == _LINE.c.batch_id, _FALLBACK.c.item_id == _LINE.c.item_id)
        )
        .where(_FALLBACK.c.batch_id == batch_id)
    )
    return read_frame(rx, chosen).sort("reference")
