"""The vectorised screen before the difference: which units change at all, and which only need one more item.

`engine.netting.difference` settles one unit at a time; a night has millions, of which nearly all stay as they are
and most others are new. Screen and settle together come to what settling every unit would.
"""

from dataclasses import dataclass

import polars as pl

from core.ledger import ItemKind, ItemState

DUES = pl.Schema(
    {
        "unit_key": pl.String(),
        "obligation_id": pl.String(),  # null: several obligations
        "at_least_fen": pl.Int64(),
        "at_most_fen": pl.Int64(),  # null: no limit
        "is_waiting": pl.Boolean(),  # `NettingUnit.payable_fen_max` is None: nothing may be paid as yet
        "is_period_over": pl.Boolean(),
    }
)
"""What is due to each unit, one row per unit."""

LEDGER = pl.Schema(
    {
        "unit_key": pl.String(),
        "held_fen": pl.Int64(),  # items not cancelled, less what was recovered
        "posted_fen": pl.Int64(),  # open cases, written off and kept
        "payable_fen": pl.Int64(),  # items open or in a batch
        "on_hold_fen": pl.Int64(),
        "returned_fen": pl.Int64(),
        "last_sequence": pl.Int64(),  # of the unit's items
    }
)
"""What each unit holds, one row per unit that has any item."""

MEMBERS = pl.Schema(
    {
        "unit_key": pl.String(),
        "obligation_id": pl.String(),
        "share_fen": pl.Int64(),
        "unit_least_fen": pl.Int64(),
        "unit_most_fen": pl.Int64(),  # null: no limit
        "unit_is_waiting": pl.Boolean(),
        "is_period_over": pl.Boolean(),
        "is_merged": pl.Boolean(),  # former numbers of its subject hold something too
        **{name: pl.Int64() for name in LEDGER.names()[1:]},
    }
)
"""Obligations that are compared as one unit, each with its share of what is certain and what it holds."""

NEW_ITEMS = pl.Schema(
    {
        "unit_key": pl.String(),
        "obligation_id": pl.String(),
        "sequence": pl.Int64(),
        "amount_fen": pl.Int64(),
        "kind": pl.Enum([str(kind) for kind in ItemKind]),
        "state": pl.Enum([str(ItemState.OPEN), str(ItemState.ON_HOLD)]),
    }
)
"""Items to add, each the only change of its unit."""


@dataclass(frozen=True, slots=True)
class Screened:
    """What is left of a night: `new_items` as they are to be written, and the units that need `settle`."""

    new_items: pl.DataFrame
    to_settle: pl.Series


def screen(dues: pl.DataFrame, ledger: pl.DataFrame) -> Screened:
    """Return the units that a night changes.

    Shape:   `DUES` and `LEDGER` in, each one row per `unit_key`; `NEW_ITEMS` and keys out, in the order of the dues.
             Units without a due this night stay as they are.
    Units:   fen throughout.
    Nulls:   `at_most_fen` null: no limit; `obligation_id` null: several obligations, left to `settle`.
    """
    units = dues.join(ledger, on="unit_key", how="left", validate="1:1", maintain_order="left").with_columns(
        pl.col(name).fill_null(0) for name in LEDGER if name != "unit_key"
    )
    committed = pl.col("held_fen") - pl.col("posted_fen")
    marked = units.with_columns(committed_fen=committed).with_columns(stays=_stays(), lacks_one_item=_lacks_one_item())
    to_settle = pl.any_horizontal("stays", "lacks_one_item").not_()
    return Screened(
        new_items=marked.filter("lacks_one_item").select(_new_item()),
        to_settle=marked.filter(to_settle)["unit_key"],
    )


def _stays() -> pl.Expr:
    """Return whether `settle` would change nothing.

    Source: the order in which `engine.netting.books` pays pieces: in a batch, open, returned, on hold.
    """
    committed, at_least, at_most = pl.col("committed_fen"), pl.col("at_least_fen"), pl.col("at_most_fen")
    payable, on_hold, returned = pl.col("payable_fen"), pl.col("on_hold_fen"), pl.col("returned_fen")
    is_in_range = (committed >= at_least) & (at_most.is_null() | (committed <= at_most))
    has_no_offset = (pl.col("posted_fen") == 0) | (payable + on_hold + returned == 0)
    is_certain = pl.col("is_waiting").not_() & (committed - on_hold - returned <= at_least)
    is_uncertain = pl.col("is_waiting") | (committed - on_hold >= at_least)
    may_be_paid = (payable == 0) | is_certain
    has_to_wait = (on_hold == 0) | is_uncertain
    return is_in_range & has_no_offset & may_be_paid & has_to_wait


def _lacks_one_item() -> pl.Expr:
    """Return whether one new item is all that `settle` would write."""
    is_left_alone = pl.when("is_waiting").then(pl.col("payable_fen") == 0).otherwise(pl.col("on_hold_fen") == 0)
    is_plain = pl.col("obligation_id").is_not_null() & (pl.col("posted_fen") == 0)
    return is_plain & is_left_alone & (pl.col("committed_fen") < pl.col("at_least_fen"))


def _new_item() -> list[pl.Expr]:
    """Return the columns of `NEW_ITEMS` for units that lack one item."""
    amount = pl.col("at_least_fen") - pl.col("committed_fen")
    first = pl.when("is_period_over").then(pl.lit(str(ItemKind.ARREARS))).otherwise(pl.lit(str(ItemKind.REGULAR)))
    kind = pl.when(amount == pl.col("at_least_fen")).then(first).otherwise(pl.lit(str(ItemKind.TOP_UP)))
    state = pl.when("is_waiting").then(pl.lit(str(ItemState.ON_HOLD))).otherwise(pl.lit(str(ItemState.OPEN)))
    return [
        pl.col("unit_key"),
        pl.col("obligation_id"),
        (pl.col("last_sequence") + 1).alias("sequence"),
        amount.alias("amount_fen"),
        kind.cast(NEW_ITEMS["kind"]).alias("kind"),
        state.cast(NEW_ITEMS["state"]).alias("state"),
    ]


def screen_together(members: pl.DataFrame) -> Screened:
    """Return the units of several obligations that a night changes; as `screen`.

    Shape: `MEMBERS` in, sorted by unit; of a unit whose members lack money and have none beyond their shares, each
           that lacks gets one new item. Of units to settle some may turn out to stay as they are.
    """
    sums = [name for name in LEDGER.names()[1:] if name != "last_sequence"]
    own = members.with_columns(own_fen=pl.col("held_fen") - pl.col("posted_fen"), own_share="share_fen").with_columns(
        may_move=(pl.col("payable_fen") + pl.col("on_hold_fen") + pl.col("returned_fen") > 0)
        & (pl.col("own_fen") > pl.col("own_share")),
        lacks=(pl.col("own_fen") < pl.col("own_share")) | (pl.col("on_hold_fen") > 0),
    )
    units = own.with_columns(
        *(pl.col(name).sum().over("unit_key") for name in sums),
        at_least_fen="unit_least_fen",
        at_most_fen="unit_most_fen",
        is_waiting="unit_is_waiting",
    ).with_columns(committed_fen=pl.col("held_fen") - pl.col("posted_fen"))
    is_plain = ((pl.col("own_fen") <= pl.col("own_share")) & pl.col("is_merged").not_()).all().over("unit_key")
    moves = pl.col("may_move").any().over("unit_key") & pl.col("lacks").any().over("unit_key")
    marked = units.with_columns(stays=_stays() & moves.not_(), only_lacks=_lacks_one_item() & is_plain)
    lacking = marked.filter(pl.col("only_lacks") & (pl.col("own_fen") < pl.col("own_share")))
    to_settle = marked.filter(pl.any_horizontal("stays", "only_lacks").not_())["unit_key"]
    shared = lacking.with_columns(committed_fen="own_fen", at_least_fen="own_share")
    return Screened(shared.select(_new_item()), to_settle.unique(maintain_order=True))
