"""Months of several policies that bonds tie together → what their subjects really get: months are nights in fast forward.

What a night does with bonds (`engine.netting.binding`) is done with the dues of the months. Where a bond holds obligations
of several months together, month comes after month: what was due before stands, and a month brings the difference, booked
on whoever lacks it. The ledger is not asked: what it holds beside what is due, a plan tells by itself.
"""

from collections.abc import Sequence

import polars as pl

from engine.netting.binding import Binding, dated
from engine.netting.bonds import bonds_of
from engine.netting.sharing import ROWS
from engine.people import Present
from engine.planning.forecast import AHEAD, Ahead
from engine.units import UNIT_ID

NETTED = pl.Schema(
    {
        "policy": pl.String(),
        "unit_id": pl.String(),
        "month_no": pl.Int32(),
        "is_met": pl.Boolean(),
        "gross_fen": pl.Int64(),
        "net_fen": pl.Int64(),
    }
)
"""One row per policy, unit and month: whether any period of it is met, what its rule says, and what of it is paid."""

_FLOWS = pl.Schema({"obligation_id": pl.String(), "month_no": pl.Int32(), "net_fen": pl.Int64()})
_OLDEST_FIRST = ("unit_key", "dated_on", "period", "event", "policy", "subject_id", "component")


def netted(present: Present, ahead: Sequence[Ahead]) -> pl.DataFrame:
    """Return what the months of one side come to: `NETTED`.

    Expects: all policies that a bond ties to one of them.
    """
    names = pl.concat_str("policy", "subject_id", "event", "period", "component", separator="\x1f")
    dues = pl.concat([AHEAD.to_frame(), *(each.dues for each in ahead)]).with_columns(obligation_id=names)
    flows = _flows(present, ahead, dues)
    rows = dues.select(
        "policy", "month_no", "is_met", unit_id=UNIT_ID, gross_fen="at_least_fen", net_fen=pl.lit(0, dtype=pl.Int64)
    )
    paid = flows.join(dues.select("obligation_id", "policy", unit_id=UNIT_ID), on="obligation_id", how="inner").select(
        "policy",
        "month_no",
        "unit_id",
        "net_fen",
        is_met=pl.lit(value=False),
        gross_fen=pl.lit(0, dtype=pl.Int64),
    )
    return (
        pl.concat([rows.select(NETTED.names()), paid.select(NETTED.names())])
        .group_by("policy", "unit_id", "month_no")
        .agg(pl.col("is_met").any(), pl.col("gross_fen", "net_fen").sum())
        .cast(NETTED)
    )


def _flows(present: Present, ahead: Sequence[Ahead], dues: pl.DataFrame) -> pl.DataFrame:
    """Return what each month brings to each obligation: `_FLOWS`."""
    free = dues.select("obligation_id", "month_no", net_fen="at_least_fen")
    decisions = [each.decision for each in ahead]
    bonds = bonds_of([decision.policy for decision in decisions])
    if not bonds:
        return free
    tied = dues.filter(pl.col("policy").is_in(sorted({code for bond in bonds for code in bond.policies})))
    rows = dated(tied, decisions).with_columns(is_waiting=pl.lit(value=False), committed_fen=pl.lit(0, dtype=pl.Int64))
    binding = Binding.of(present, decisions, rows.select(ROWS.names()).cast(ROWS))
    shares = binding.shares(rows.select(ROWS.names()).cast(ROWS)).join(
        rows.select("obligation_id", "month_no"), on="obligation_id", how="inner", validate="1:1"
    )
    is_of_one_month = pl.col("month_no").n_unique().over("unit_key") == 1
    at_once = shares.filter(is_of_one_month).select("obligation_id", "month_no", net_fen="share_fen")
    over_months = shares.filter(is_of_one_month.not_())["obligation_id"].implode()
    return pl.concat(
        [
            free.join(shares, on="obligation_id", how="anti"),
            at_once,
            _month_by_month(binding, rows.filter(pl.col("obligation_id").is_in(over_months))),
        ]
    )


def _month_by_month(binding: Binding, rows: pl.DataFrame) -> pl.DataFrame:
    """Return what each month brings to units that reach over several: the difference to what stands before it."""
    flows, names = [_FLOWS.to_frame()], ROWS.names()
    for month in sorted(rows["month_no"].unique()):
        own = rows.filter(pl.col("month_no") <= month)
        shares = binding.shares(own.select(names).cast(ROWS)).select("obligation_id", "unit_key", "share_fen")
        moved = _booked(
            own.join(shares, on="obligation_id", how="left", validate="1:1").with_columns(
                pl.col("unit_key").fill_null(pl.col("obligation_id")),
                pl.col("share_fen").fill_null(pl.col("at_least_fen")),
            )
        )
        flows.append(moved.select("obligation_id", pl.lit(month, dtype=pl.Int32).alias("month_no"), "net_fen"))
        rows = rows.join(moved, on="obligation_id", how="left", validate="1:1").with_columns(
            committed_fen=pl.col("committed_fen") + pl.col("net_fen").fill_null(0)
        )
        rows = rows.drop("net_fen")
    return pl.concat(flows)


def _booked(units: pl.DataFrame) -> pl.DataFrame:
    """Return what moves each unit's money to what is certain of it: `obligation_id`, `net_fen`; nothing has no row.

    More goes to those who lack it, the oldest first; less comes off those who have it beyond their share, the newest first.
    """
    unit, share, committed = "unit_key", pl.col("share_fen"), pl.col("committed_fen")
    marked = units.sort(*_OLDEST_FIRST).with_columns(
        lacks=(share - committed).clip(0),
        beyond=(committed - share).clip(0),
        more=(share - committed).sum().over(unit).clip(0),
        less=(committed - share).sum().over(unit).clip(0),
    )
    before = pl.col("lacks").cum_sum().over(unit) - pl.col("lacks")
    after = pl.col("beyond").cum_sum(reverse=True).over(unit) - pl.col("beyond")
    given = pl.min_horizontal("lacks", (pl.col("more") - before).clip(0))
    taken = pl.min_horizontal("beyond", (pl.col("less") - after).clip(0))
    return marked.select("obligation_id", net_fen=given - taken).filter(pl.col("net_fen") != 0)
