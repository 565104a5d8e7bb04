"""Whom the ledger has had anything written about since a mark: grants, acts on them, obligations and their items."""

import polars as pl
import sqlalchemy as sa

from core.ledger import LedgerMark
from store.opening import Reading
from store.past import changed_since, made_since
from store.rows import read_frame, read_matching
from store.tables import ActRow, GrantRow, ItemRow, ObligationRow, table_of

TOUCHED = pl.Schema({"policy": pl.String(), "subject_id": pl.String(), "period": pl.String()})
"""Under which policy something was written about whom; `period` null: about the grant itself."""

_GRANT = table_of(GrantRow)
_OBLIGATION = table_of(ObligationRow)


def touched_since(rx: Reading, mark: LedgerMark) -> pl.DataFrame:
    """Return whom anything was written about that a mark does not show: `TOUCHED`, by the ids under which it was written."""
    changed = read_frame(rx, changed_since(GrantRow, mark, "grant_id"))
    grants = pl.concat([changed, read_frame(rx, made_since(ActRow, mark, "grant_id"))])["grant_id"].unique()
    written = [changed_since(model, mark, "obligation_id") for model in (ObligationRow, ItemRow)]
    ids = pl.concat(read_frame(rx, each)["obligation_id"] for each in written).unique()
    chosen = sa.select(_OBLIGATION.c.obligation_id, _OBLIGATION.c.grant_id, _OBLIGATION.c.period)
    periods = read_matching(rx, chosen, _OBLIGATION.c.obligation_id, ids).select("grant_id", "period").unique()
    both = pl.concat([periods, grants.to_frame().with_columns(period=pl.lit(None, dtype=pl.String))])
    named = sa.select(_GRANT.c.grant_id, _GRANT.c.policy, _GRANT.c.subject_id)
    whose = read_matching(rx, named, _GRANT.c.grant_id, both["grant_id"].unique())
    return both.join(whose, on="grant_id", how="inner", validate="m:1").select(TOUCHED.names()).unique()
