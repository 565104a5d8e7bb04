"""The one place where an item's state changes: by the table of transitions, from the state it was read in."""

import polars as pl
import sqlalchemy as sa

from core.ledger import ITEM_TRANSITIONS, ItemState
from store.changing import touch_all
from store.codes import StoreCode, StoreInvariantError
from store.faults import refused
from store.opening import Writing
from store.past import keep_replaced, next_revision
from store.rows import insert_frame
from store.tables import ItemRow, table_of

_ITEM = table_of(ItemRow)

ITEMS = pl.Schema(
    {
        "item_id": pl.String(),
        "obligation_id": pl.String(),
        "sequence": pl.Int64(),
        "amount_fen": pl.Int64(),
        "kind": pl.String(),
        "state": pl.String(),
    }
)
"""New items: the fields of `core.ledger.Item`."""

ITEM_MOVES = pl.Schema(
    {"item_id": pl.String(), "obligation_id": pl.String(), "source": pl.String(), "target": pl.String()}
)
"""Items that go from one state to another."""

_BORN = frozenset({ItemState.OPEN, ItemState.ON_HOLD, ItemState.IN_BATCH, ItemState.SET_OFF})


def add_items(tx: Writing, items: pl.DataFrame, *, run_id: str | None) -> None:
    """Write new items.

    Shape: the columns of `ITEMS`.
    Expects: one that is born in a batch becomes a line of it in this very transaction; one that is born set off is
             kept back for a claim by `store.set_offs`.
    Fails: StoreInvariantError where one is born instructed, or in a later state.
    """
    if not set(items["state"].unique()) <= _BORN:
        raise StoreInvariantError("a new item may only be open, on hold, in a batch or set off")
    now = pl.lit(tx.now)
    insert_frame(
        tx,
        ItemRow,
        items.select(ITEMS.names()).with_columns(
            opened_at=now,
            changed_at=now,
            run_id=pl.lit(run_id, dtype=pl.String),
            revision=pl.lit(next_revision(tx)),
        ),
    )


def move_items(tx: Writing, moves: pl.DataFrame) -> None:
    """Move items between states; their obligations' versions are for the caller to raise.

    Shape: the columns of `ITEM_MOVES`.
    Fails: StoreInvariantError where the table of transitions does not allow a move; RefusedError where an item is in
           another state by now.
    """
    check_moves(moves)
    keep_replaced(tx, ItemRow, moves["item_id"])
    change = (
        sa.update(_ITEM)
        .where(_ITEM.c.item_id == sa.bindparam("key"), _ITEM.c.state == sa.bindparam("source"))
        .values(state=sa.bindparam("target"), changed_at=tx.now)
    )
    if not touch_all(tx, change, moves.select("source", "target", key="item_id")):
        raise changed_in_between()


def check_moves(moves: pl.DataFrame) -> None:
    """Refuse moves that the table of transitions does not have."""
    for source, target in moves.select("source", "target").unique().iter_rows():
        if ItemState(target) not in ITEM_TRANSITIONS[ItemState(source)]:
            raise StoreInvariantError(f"an item may not go from {source} to {target}")


def changed_in_between() -> Exception:
    """Return the error for a ledger that moved between reading and writing."""
    return refused(
        StoreCode.CHANGED,
        "ledger",
        "somebody else wrote on the same obligations in between",
        "nothing was written; run the command again",
    )
