"""From load files to rows with subject numbers: only the columns asked for, only the rows that can matter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from core.loads import LoadInfo
from profiles.answering import Knowledge
from profiles.catalogue import Delivery, Resource, ResourceKind
from profiles.drawing import frame_name
from profiles.stored_values import column_type
from profiles.universe import Universe

_STANDING_COLUMNS = {
    ResourceKind.SPELL: ("valid_from", "valid_through"),
    ResourceKind.EVENT: ("day",),
    ResourceKind.SNAPSHOT: (),
}
_DTYPES = {"valid_from": pl.Date(), "valid_through": pl.Date(), "day": pl.Date()}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a resource's rows is needed: which loads, which columns beside the standing ones, which rows.

    `who` is the column with the subject asked about; `condition` is one that no row fails which may matter.
    """

    infos: tuple[LoadInfo, ...]
    columns: frozenset[str]
    who: str = "subject_id"
    condition: pl.Expr | None = None


def read_rows(knowledge: Knowledge, resource: Resource, universe: Universe, wanted: Wanted) -> pl.DataFrame:
    """Return the rows of loads about given subjects.

    Shape: one row per row of the loads; of increments, the last word on each row key.
    Adds:  `subject_no`; `load_no`, the position in `wanted.infos`; `place`, the order in which rows came.
    """
    columns = {*_STANDING_COLUMNS[resource.kind], *wanted.columns, wanted.who}
    condition = pl.lit(True) if wanted.condition is None else wanted.condition
    if resource.delivery is Delivery.INCREMENT:
        rows = _last_words(knowledge, resource, wanted.infos, columns).filter(condition)
    else:
        scans = _scans(knowledge, resource, wanted.infos, columns)
        rows = pl.concat([scan.filter(universe.rows_of(wanted.who) & condition) for scan in scans])
        rows = rows.rename({"row_number": "place"})
    return universe.number(rows.collect(), wanted.who)


def _last_words(knowledge: Knowledge, resource: Resource, infos: Sequence[LoadInfo], columns: set[str]) -> pl.LazyFrame:
    """Return what all increments together say: the last operation on each row key, withdrawals left out."""
    return (
        pl.concat(_scans(knowledge, resource, infos, {*columns, "row_key", "operation"}))
        .sort("load_no", "row_number")
        .drop("row_number")
        .with_row_index("place")
        .unique("row_key", keep="last", maintain_order=True)
        .filter(pl.col("operation") != "withdraw")
        .drop("operation", *({"row_key"} - columns))
    )


def _scans(
    knowledge: Knowledge, resource: Resource, infos: Sequence[LoadInfo], columns: set[str]
) -> list[pl.LazyFrame]:
    return [
        scan_columns(knowledge, resource, info, columns).with_columns(load_no=pl.lit(number, pl.UInt32))
        for number, info in enumerate(infos)
    ]


def scan_columns(knowledge: Knowledge, resource: Resource, info: LoadInfo, columns: Iterable[str]) -> pl.LazyFrame:
    """Return columns of a load, with `row_number`.

    Nulls: a column that was declared after the load is null.
    """
    frame = pl.scan_parquet(knowledge.loads.root / info.path)
    present = set(frame.collect_schema().names())
    dtypes = _DTYPES | {frame_name(column): column_type(column).dtype for column in resource.columns}
    dtypes |= {"subject_id": pl.String(), "other_id": pl.String(), "operation": pl.String()}
    names = sorted(set(columns) - {"row_number"})
    return frame.select(
        *(pl.col(name) if name in present else pl.lit(None, dtypes[name]).alias(name) for name in names),
        "row_number",
    )
