"""Open items whose pay day has come and that wait: for money, or for somebody to look at what is suspected of them."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from core.ledger import ItemState
from store.opening import Reading, Writing
from store.rows import insert_frame, read_frame
from store.tables import ItemRow, MoneyWait, table_of

_WAIT = table_of(MoneyWait)
_ITEM = table_of(ItemRow)

_IS_OPEN = sa.and_(_WAIT.c.item_id == _ITEM.c.item_id, _ITEM.c.state == ItemState.OPEN)

FOR_MONEY, FOR_A_LOOK = "money", "suspicion"

WAITS = pl.Schema({"item_id": pl.String(), "policy": pl.String(), "since": pl.Date(), "because": pl.String()})
"""Items that wait, since which pay day, and for what."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits of one policy."""

    policy: str
    count: int
    amount_fen: int
    since: dt.date


def read_waits(rx: Reading) -> pl.DataFrame:
    """Return the items that wait: `WAITS`, by item; those that are not open any more are left out."""
    return read_frame(rx, sa.select(*(_WAIT.c[name] for name in WAITS.names())).where(_IS_OPEN)).sort("item_id")


def read_waiting(rx: Reading) -> tuple[Waiting, ...]:
    """Return what waits for money of each policy, by code."""
    chosen = sa.select(_WAIT.c.policy, _WAIT.c.since, _ITEM.c.amount_fen).where(_IS_OPEN, _WAIT.c.because == FOR_MONEY)
    waits = read_frame(rx, chosen)
    summed = waits.group_by("policy").agg(pl.len(), pl.col("amount_fen").sum(), pl.col("since").min()).sort("policy")
    return tuple(Waiting(*row) for row in summed.iter_rows())


def keep_waits(tx: Writing, waits: pl.DataFrame, policies: Collection[str]) -> None:
    """Let exactly these items of some policies wait: `WAITS`; since when is kept of those that did before."""
    if not policies:
        return
    own = _WAIT.c.policy.in_(sorted(policies))
    before = read_frame(tx, sa.select(_WAIT.c.item_id, _WAIT.c.because).where(own))
    gone = before.join(waits, on=["item_id", "because"], how="anti")["item_id"]
    if not gone.is_empty():
        gone_rows = [{"key": item_id} for item_id in gone]
        tx.connection.execute(sa.delete(_WAIT).where(_WAIT.c.item_id == sa.bindparam("key")), gone_rows)
    insert_frame(tx, MoneyWait, waits.join(before, on=["item_id", "because"], how="anti").select(WAITS.names()))
