"""What some subjects were ever to be paid, line by line, with the pay day of the batch that carries each."""

from collections.abc import Sequence

import polars as pl
import sqlalchemy as sa

from store.opening import Reading
from store.rows import in_order, read_matching
from store.tables import Batch, BatchItem, GrantRow, ItemRow, ObligationRow, table_of
from store.tables.base import as_indexed
from store.tables.paying import LIVE

_GRANT = table_of(GrantRow)
_OBLIGATION = table_of(ObligationRow)
_ITEM = table_of(ItemRow)
_LINE = table_of(BatchItem)
_BATCH = table_of(Batch)


def read_statement(rx: Reading, subjects: Sequence[str]) -> pl.DataFrame:
    """Return every item of some subjects, newest period first, then in the order they were opened.

    Adds:  `item_id`, `obligation_id`, `sequence`, `amount_fen`, `kind`, `state`, `opened_at`, `changed_at`;
           `grant_id`, `period`, `component`, `policy`, `subject_id`, `event`; `pay_day` of the batch that carries it.
    Nulls: `pay_day` is null while no batch carries the item.
    """
    carried = (
        sa.select(_LINE.c.item_id, _BATCH.c.pay_day)
        .join_from(_LINE, _BATCH, _LINE.c.batch_id == _BATCH.c.batch_id)
        .where(as_indexed(LIVE, of=_LINE.name))
        .subquery()
    )
    items = ("item_id", "obligation_id", "sequence", "amount_fen", "kind", "state", "opened_at", "changed_at")
    chosen = (
        sa.select(
            *(_ITEM.c[name] for name in items),
            _OBLIGATION.c.grant_id,
            _OBLIGATION.c.period,
            _OBLIGATION.c.component,
            _GRANT.c.policy,
            _GRANT.c.subject_id,
            _GRANT.c.event,
            carried.c.pay_day,
        )
        .join_from(_ITEM, _OBLIGATION, _ITEM.c.obligation_id == _OBLIGATION.c.obligation_id)
        .join(_GRANT, _OBLIGATION.c.grant_id == _GRANT.c.grant_id)
        .outerjoin(carried, carried.c.item_id == _ITEM.c.item_id)
    )
    wanted = pl.Series(sorted(set(subjects)), dtype=pl.String)
    rows = read_matching(rx, chosen, _GRANT.c.subject_id, wanted)
    by = ("period", "policy", "component", "sequence", "item_id")
    return in_order(rows, *by, descending=[True, False, False, False, False])
