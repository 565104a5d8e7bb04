"""Whose rows stand in quarantine: of these subjects a load says nothing, not even that they are absent."""

from collections.abc import Sequence

import polars as pl

from core.loads import LoadInfo, Loads
from profiles.answering import Knowledge
from profiles.catalogue import Delivery, Resource
from profiles.universe import Universe


def quarantined_ids(loads: Loads, info: LoadInfo, column: str = "subject_id") -> pl.DataFrame:
    """Return the ids in one column of a load's quarantined rows, as far as they could be read.

    Adds: the column asked for; `row_key`, null where the rows have none.
    """
    empty = pl.DataFrame(schema={column: pl.String, "row_key": pl.String})
    if not info.quarantined_count:
        return empty
    frame = pl.scan_parquet(loads.root / info.quarantine_path)
    present = frame.collect_schema().names()
    names = [name if name in present else pl.lit(None, pl.String).alias(name) for name in (column, "row_key")]
    return frame.select(names).filter(pl.col(column).is_not_null()).unique().collect()


def held_back(
    knowledge: Knowledge,
    resource: Resource,
    infos: Sequence[LoadInfo],
    universe: Universe,
    *,
    column: str = "subject_id",
) -> pl.Series:
    """Return the numbers of subjects of whom one of the loads that answer together has a row in quarantine, sorted.

    A row of an increment holds its subject back until a later increment has a word on the same row key.
    """
    found = [
        quarantined_ids(knowledge.loads, info, column).with_columns(load_no=pl.lit(number, pl.UInt32))
        for number, info in enumerate(infos)
    ]
    ids = pl.concat(found)
    if resource.delivery is Delivery.INCREMENT and not ids.is_empty():
        ids = ids.join(_last_mentions(knowledge.loads, infos, ids["row_key"]), on="row_key", how="left")
        ids = ids.filter(pl.col("load_no") >= pl.col("mentioned_no").fill_null(0))
    return universe.number(ids.select(column), column)["subject_no"].unique().sort()


def _last_mentions(loads: Loads, infos: Sequence[LoadInfo], row_keys: pl.Series) -> pl.DataFrame:
    """Return the position of the last load that has an accepted row with each of the keys."""
    wanted = pl.col("row_key").is_in(row_keys.drop_nulls().unique().implode())
    scans = [
        pl.scan_parquet(loads.root / info.path).select("row_key", mentioned_no=pl.lit(number, pl.UInt32)).filter(wanted)
        for number, info in enumerate(infos)
    ]
    return pl.concat(scans).group_by("row_key").agg(pl.col("mentioned_no").max()).collect()
