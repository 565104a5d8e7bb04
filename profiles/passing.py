"""All rows of one delivered file: batch by batch through the contract and the vault, then together.

Memory holds one batch at a time; what is ready waits in parts on disk, in which nothing personal stands.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from profiles.catalogue import Resource
from profiles.codes import ProfileCode
from profiles.contract import WHOLE_ROW, check_batch
from profiles.duplicates import Duplicates, find_duplicates
from profiles.load_files import write_part
from profiles.reading import Delivered
from profiles.settling import Settler


@dataclass(frozen=True, slots=True)
class Passed:
    """The rows of a delivered file as they stand in its load, and what was counted on the way.

    `accepted` is sorted by `subject_id`, then `row_number`; `quarantine` by `row_number`, column and code.
    """

    accepted: pl.DataFrame
    quarantine: pl.DataFrame
    row_count: int
    unreadable_count: int
    hidden_count: int
    odd_checks: dict[str, int]


@dataclass(slots=True)
class _Tally:
    row_count: int = 0
    unreadable_count: int = 0
    hidden_count: int = 0
    odd_checks: Counter[str] = field(default_factory=Counter)
    quarantines: list[pl.DataFrame] = field(default_factory=list)
    parts: list[Path] = field(default_factory=list)


def pass_rows(delivered: Delivered, settler: Settler, *, aside: Path, today: dt.date) -> Passed:
    """Check, settle and compare all rows of a file; `aside` is a private folder for the meantime."""
    tally = _Tally()
    for batch in _at_least_one(delivered, settler.resource):
        checked = check_batch(batch, settler.resource, today=today)
        accepted, quarantined, hidden_count = settler.settle(checked)
        tally.row_count += checked.row_count
        tally.unreadable_count += checked.unreadable_count
        tally.hidden_count += hidden_count
        tally.odd_checks.update(checked.odd_checks)
        tally.quarantines.append(quarantined)
        tally.parts.append(aside / f"part-{len(tally.parts):06d}")
        write_part(accepted, tally.parts[-1])
    duplicates = find_duplicates(tally.parts, settler.resource)
    rows = pl.scan_parquet(tally.parts)
    quarantine = pl.concat([*tally.quarantines, *_quarantined(rows, duplicates)], how="diagonal")
    return Passed(
        accepted=_without(rows, duplicates).sort("subject_id", "row_number").collect(),
        quarantine=quarantine.sort("row_number", "column", "code"),
        row_count=tally.row_count,
        unreadable_count=tally.unreadable_count,
        hidden_count=tally.hidden_count,
        odd_checks=dict(tally.odd_checks),
    )


def _at_least_one(delivered: Delivered, resource: Resource) -> Iterator[pl.DataFrame]:
    """Give the batches; an empty one where there is none, so that an empty list has its columns too."""
    empty = True
    for batch in delivered.batches():
        empty = False
        yield batch
    if empty:
        names = dict.fromkeys((column.name for column in resource.columns), pl.String)
        yield pl.DataFrame(schema={"row_number": pl.UInt32, "is_whole": pl.Boolean, **names})


def _quarantined(rows: pl.LazyFrame, duplicates: Duplicates) -> Iterator[pl.DataFrame]:
    """Give the duplicates as rows of a quarantine frame; of a repetition nobody becomes unknown."""
    ids = [name for name in ("subject_id", "other_id") if name in rows.collect_schema()]
    nobody = [pl.lit(None, pl.String).alias(name) for name in ids]
    for numbers, code, about in (
        (duplicates.conflicting, ProfileCode.DUPLICATE, [pl.col(name) for name in ids]),
        (duplicates.repeated, ProfileCode.REPEATED, nobody),
    ):
        if numbers.len():
            found = rows.join(numbers.to_frame().lazy(), on="row_number", how="semi")
            words = [pl.lit(WHOLE_ROW).alias("column"), pl.lit(code.value).alias("code")]
            yield found.select("row_number", *words, *about).collect()


def _without(rows: pl.LazyFrame, duplicates: Duplicates) -> pl.LazyFrame:
    gone = pl.concat([duplicates.conflicting, duplicates.repeated])
    return rows.join(gone.to_frame().lazy(), on="row_number", how="anti") if gone.len() else rows
