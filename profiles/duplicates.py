"""Rows of one file that name the same thing twice.

What names a row: its row key; where none is declared, the subject (and the other) of a snapshot, and with the first
day of a spell. Events without a row key have no name but themselves. Rows equal in everything are one row that came
twice; rows with one name and different contents contradict each other, and so do equal events without a row key.
Increments may name a row many times: their order decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from profiles.catalogue import Delivery, Resource, ResourceKind, Role


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Row numbers: `repeated` rows say again what another says, `conflicting` ones contradict each other."""

    repeated: pl.Series
    conflicting: pl.Series


def find_duplicates(parts: Sequence[Path], resource: Resource) -> Duplicates:
    """Return the duplicates among the accepted rows of one file, which stand in parts.

    Compares digests of all rows, and whole rows only where two digests agree.
    """
    nothing = pl.Series(dtype=pl.UInt32)
    if resource.delivery is Delivery.INCREMENT:
        return Duplicates(nothing, nothing)
    rows = pl.scan_parquet(list(parts))
    cells = [name for name in rows.collect_schema() if name != "row_number"]
    names = _naming_columns(resource, cells)
    named = rows if "row_key" not in names else rows.filter(pl.col("row_key").is_not_null())
    digests = named.select("row_number", digest=pl.struct(names).hash()).collect()
    suspects = digests.filter(pl.col("digest").is_duplicated()).select("row_number")
    if suspects.is_empty():
        return Duplicates(nothing, nothing)
    found = rows.join(suspects.lazy(), on="row_number", how="semi").select(
        "row_number",
        same_name=pl.len().over(names),
        same_row=pl.len().over(cells),
        first=pl.col("row_number").min().over(cells),
    )
    twice = pl.col("same_name") > 1
    is_repeat = (pl.col("same_name") == pl.col("same_row")) & pl.lit(not _is_nameless(resource))
    counted = found.filter(twice).with_columns(is_repeat=is_repeat).collect()
    return Duplicates(
        counted.filter("is_repeat", pl.col("row_number") != pl.col("first"))["row_number"],
        counted.filter(~pl.col("is_repeat"))["row_number"],
    )


def _is_nameless(resource: Resource) -> bool:
    """Say whether equal rows may well be different things."""
    return resource.kind is ResourceKind.EVENT and resource.column_of(Role.ROW_KEY) is None


def _naming_columns(resource: Resource, cells: list[str]) -> list[str]:
    if resource.column_of(Role.ROW_KEY) is not None:
        return ["row_key"]
    if _is_nameless(resource):
        return cells
    names = ["subject_id", "other_id", "valid_from"]
    return [name for name in names if name in cells and (name != "valid_from" or resource.kind is ResourceKind.SPELL)]
