"""From rows that may cover the same days to spans that do not: what a pick makes of several rows.

A row counts on the days from `key` through `end_key` (`profiles.day_keys`) and holds a `value`, null where
it is not known. `own` is the fact's own day and `place` its order within that day.

    latest, first   the row with the greatest, least (own, place); null if that row's value is
    max, min        the greatest, least value; null if any row's is null
    sum, count      over all rows; null if any row's value is null
    any             true if any is true, else null if any is null, else false
"""

import polars as pl

from profiles.catalogue import Pick
from profiles.day_keys import DAYS_MAX

_SWEPT = frozenset({"sum", "count", "any"})


def pick_spans(rows: pl.DataFrame, pick: Pick, *, with_own: bool = False) -> pl.DataFrame:
    """Return what a pick makes of rows, as spans.

    Shape: `key`, `end_key`, `own`, `place`, `value` in any order in; sorted out, spans apart, without `place`.
    Adds:  `own`: the own day of the row picked; for sum, count and any, of the newest row.
    Nulls: `own` may be null unless it is wanted.
    """
    rows = rows.sort("key")
    subject = pl.col("key") // DAYS_MAX
    meets_next = (pl.col("key").shift(-1) <= pl.col("end_key")).fill_null(value=False)
    crowded = rows.filter(meets_next).select(subject=subject).unique()
    if crowded.is_empty():
        return rows.drop("place")
    rows = rows.with_columns(subject=subject)
    lone = rows.join(crowded, on="subject", how="anti").drop("subject", "place")
    settled = _settle(rows.join(crowded, on="subject", how="semi").drop("subject"), pick, with_own=with_own)
    return pl.concat([lone, settled.select(lone.columns)]).sort("key")


def _settle(rows: pl.DataFrame, pick: Pick, *, with_own: bool) -> pl.DataFrame:
    """Settle rows of subjects that have several at a time."""
    cells = pl.concat([rows["key"], rows["end_key"] + 1]).unique().sort()
    placed = rows.with_columns(
        cell=cells.search_sorted(rows["key"]).cast(pl.Int64),
        past=cells.search_sorted(rows["end_key"] + 1).cast(pl.Int64),
    )
    if pick in _SWEPT:
        found = _sweep(placed, pick).with_columns(own=pl.lit(None, pl.Int32))
        if with_own:
            newest = _extreme(placed.sort("own", "place")).select("cell", "own")
            found = found.drop("own").join(newest, on="cell", how="left", maintain_order="left")
    else:
        found = _extreme(_by_merit(placed, pick))
    return found.with_columns(
        key=cells.gather(found["cell"]),
        end_key=cells.gather(found["cell"] + 1) - 1,
    ).select("key", "end_key", "own", "value")


def _by_merit(rows: pl.DataFrame, pick: Pick) -> pl.DataFrame:
    """Sort rows so that of those that cover a day the last one is picked; an unknown value is, if it decides."""
    match pick:
        case "latest":
            return rows.sort("own", "place")
        case "first":
            return rows.sort("own", "place", descending=True)
        case "max":
            return rows.sort("value", "own", "place", nulls_last=True)
        case _:
            return rows.sort("value", "own", "place", descending=[True, False, False], nulls_last=True)


def _sweep(rows: pl.DataFrame, pick: Pick) -> pl.DataFrame:
    """Add up what covers each cell: a row's value comes in where it begins and goes out past its end."""
    weights = {
        "covering": pl.lit(1, pl.Int64),
        "unknown": pl.col("value").is_null().cast(pl.Int64),
        "total": pl.col("value").fill_null(0 if pick != "any" else False).cast(pl.Int64),  # a value
    }
    coming = rows.select("cell", **weights)
    going = rows.select(cell="past", **{name: -weight for name, weight in weights.items()})
    running = (
        pl.concat([coming, going])
        .group_by("cell")
        .sum()
        .sort("cell")
        .with_columns(pl.col(*weights).cum_sum())
        .filter(pl.col("covering") > 0)
    )
    known = pl.when(pl.col("unknown") == 0)
    is_any = pl.when(pl.col("total") > 0).then(pl.lit(True)).otherwise(known.then(pl.lit(False)))
    value = is_any if pick == "any" else known.then(pl.col("total"))
    return running.select("cell", value=value)


def _extreme(rows: pl.DataFrame) -> pl.DataFrame:
    """Return for each cell the last of the rows that cover it.

    A row is written down for two blocks of a power of two of cells that together are its own; then each
    block hands its best row down to its halves, from the widest to the single cells.
    """
    rows = rows.with_row_index("rank")
    width = pl.col("past") - pl.col("cell")
    ranked = rows.select("rank", "cell", "past", level=63 - width.bitwise_leading_zeros().cast(pl.Int64))
    reach = pl.col("past") - pl.lit(2, pl.Int64).pow(pl.col("level"))
    blocks = pl.concat([ranked.select("level", "cell", "rank"), ranked.select("level", reach.alias("cell"), "rank")])
    best = pl.col("rank").max()
    for level in range(_top(ranked), 0, -1):
        wide = blocks.filter(pl.col("level") == level).group_by("cell").agg(best)
        halves = pl.concat([wide, wide.with_columns(pl.col("cell") + 2 ** (level - 1))])
        lower = halves.select(pl.lit(level - 1, pl.Int64).alias("level"), "cell", "rank")
        blocks = pl.concat([blocks.filter(pl.col("level") < level), lower])
    winners = blocks.group_by("cell").agg(best).sort("cell")
    return winners.select("cell").hstack(rows.select("own", "value")[winners["rank"]])


def _top(ranked: pl.DataFrame) -> int:
    level = ranked["level"].max()
    return level if isinstance(level, int) else 0
