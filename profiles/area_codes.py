"""Areas by their region codes: which are declared, and which one covers a region most closely.

Source: GB/T 2260 and its extension: province 2, city 4, district 6, street 9, village 12 digits; zeros fill up.
"""

import polars as pl

from core.days import FIRST_DAY, DayRange
from core.loads import Loads
from profiles.answering import Knowledge
from profiles.catalogue import Catalogue, Resource
from profiles.row_reading import scan_columns

_FILLED = r"^(\d{2})0000(?:000){0,2}$|^(\d{4})00(?:000){0,2}$|^(\d{6})(?:000){1,2}$|^(\d{9})000$"
_LENGTHS = (12, 9, 6, 4, 2)


def stem_of(code: pl.Expr) -> pl.Expr:
    """Return a region code without the zeros that fill it up: what all codes within it begin with."""
    stems = [code.str.extract(_FILLED, group) for group in range(1, 5)]
    return pl.coalesce(*stems, code)


def declared_areas(knowledge: Knowledge, resource: Resource, column: str) -> pl.DataFrame | None:
    """Return every area that a resource ever named: `stem`, `subject_id`; None where nothing has come yet.

    What an area's code is does not depend on the day, so every load counts.
    """
    infos = knowledge.loads.of(resource.resource)
    if not infos:
        return None
    scans = [scan_columns(knowledge, resource, info, {"subject_id", column}) for info in infos]
    every = pl.concat(scan.select("subject_id", stem=stem_of(pl.col(column))) for scan in scans)
    return every.drop_nulls().unique().sort("stem", "subject_id").unique("stem", keep="first").sort("stem").collect()


def with_closest(held: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """Say which area covers a region most closely; rows that none covers are left out.

    Shape: `value`, a region code, and anything else in. Adds: `subject_id`, the area's.
    """
    regions = held.select("value").unique().with_columns(stem=stem_of(pl.col("value")))
    tries = pl.concat(
        regions.select("value", stem=pl.col("stem").str.head(length), length=pl.lit(length)).filter(
            pl.col("stem").str.len_bytes() == length
        )
        for length in _LENGTHS
    )
    found = tries.join(areas, on="stem", how="inner").sort("value", "length", descending=[False, True])
    closest = found.unique("value", keep="first", maintain_order=True).select("value", "subject_id")
    return held.join(closest, on="value", how="inner", maintain_order="left")


def plain_stem(code: str) -> str:
    """Return what `stem_of` gives, for one code."""
    return str(pl.select(stem_of(pl.lit(code))).item())


def areas_by_stem(catalogue: Catalogue, loads: Loads, resource: Resource, column: str) -> dict[str, str]:
    """Return the areas of `declared_areas` by their stems."""
    nobody = Knowledge(catalogue, loads, {}, DayRange(FIRST_DAY, FIRST_DAY))
    areas = declared_areas(nobody, resource, column)
    return {} if areas is None else dict(areas.select("stem", "subject_id").iter_rows())
