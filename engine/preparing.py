"""A frame made ready for matching, once: texts as dictionaries, whole numbers narrow, subjects in order and few to a row group.

What the frame says stays the same, so that either file gives the same matches; only the work of reading it is less.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from core.errors import RunError
from core.findings import nearest_help
from engine.codes import RunCode

SUBJECT = "subject_id"

GROUP_ROWS = 50_000
"""Rows that are read for one subject, in some milliseconds; chunks are whole numbers of such groups."""

TEXTS_MAX = 50_000
"""Of more values than these a text stays a text: their dictionary would be most of a row group."""

_NARROW = {pl.Int8(): 7, pl.Int16(): 15, pl.Int32(): 31}


@dataclass(frozen=True, slots=True)
class Preparation:
    """What was written: so many subjects, texts as dictionaries and numbers made narrower, of so many columns."""

    subject_count: int
    column_count: int
    dictionary_count: int
    narrowed_count: int


def prepare_file(profiles: Path, out: Path) -> Preparation:
    """Write a frame anew as matching reads it best.

    Fails: RunError where the frame cannot be read, has no `subject_id`, or a row without one or with one that another row
           has; and where the result cannot be written, and then there is none.
    Memory: a part of the frame where its subjects are in order, else the whole.
    """
    frame = pl.scan_parquet(profiles)
    try:
        schema = frame.collect_schema()
        facts = {name: dtype for name, dtype in schema.items() if name != SUBJECT}
        told = _told(frame, facts, profiles.name) if SUBJECT in schema else None
    except FileNotFoundError as fault:
        raise RunError.one(
            RunCode.FRAME_UNREADABLE, profiles.name, "there is no such file", "check its name"
        ) from fault
    except (OSError, pl.exceptions.PolarsError) as fault:
        message = "the file cannot be read as Parquet"
        raise RunError.one(RunCode.FRAME_UNREADABLE, profiles.name, message, "write it with Parquet") from fault
    if told is None:
        help_line = nearest_help(SUBJECT, schema.names(), "column")
        raise RunError.one(RunCode.FRAME_COLUMN, profiles.name, f"the frame has no column `{SUBJECT}`", help_line)
    texts = [name for name, dtype in facts.items() if _is_text(dtype) and told[f"{name}:"] <= TEXTS_MAX]
    dictionaries = _dictionaries(frame, texts)
    numbers = dict(_narrowed(facts, told))
    ready = frame.with_columns(
        *(pl.col(name).cast(pl.String).cast(values) for name, values in dictionaries.items()),
        *(pl.col(name).cast(dtype) for name, dtype in numbers.items()),
    )
    ordered = ready if told[":is_sorted"] else ready.sort(SUBJECT)
    beside = out.with_name(f".{out.name}.writing")
    try:
        beside.touch()  # a folder that is not there is told in our words, whoever writes
        ordered.sink_parquet(beside, compression="lz4", row_group_size=GROUP_ROWS)
        beside.replace(out)
    except OSError as fault:
        beside.unlink(missing_ok=True)
        message = f"the result cannot be written: {fault.strerror or 'the disk takes no more'}"
        raise RunError.one(RunCode.FRAME_UNREADABLE, out.name, message, "name a folder that may be written") from fault
    return Preparation(told[":count"], len(schema), len(dictionaries), len(numbers))


def _told(frame: pl.LazyFrame, facts: Mapping[str, pl.DataType], place: str) -> dict[str, Any]:
    """Return what is to be known of a frame's columns, in one reading.

    Fails: RunError where a row names no subject, or one that another names.
    """
    subject = pl.col(SUBJECT)
    said = frame.select(
        subject.len().alias(":count"),
        subject.null_count().alias(":nobody"),
        (subject.n_unique() - subject.is_null().any().cast(pl.UInt32)).alias(":unique"),
        (subject > subject.shift(1)).all().alias(":is_sorted"),
        *(pl.col(name).approx_n_unique().alias(f"{name}:") for name, dtype in facts.items() if _is_text(dtype)),
        *(pl.col(name).min().alias(f"{name}:min") for name, dtype in facts.items() if dtype.is_integer()),
        *(pl.col(name).max().alias(f"{name}:max") for name, dtype in facts.items() if dtype.is_integer()),
    )
    told = said.collect(engine="streaming").row(0, named=True)
    if told[":nobody"]:
        message = f"{told[':nobody']:,} rows name no subject"
        raise RunError.one(RunCode.FRAME_COLUMN, place, message, "give one row per subject")
    if twice := told[":count"] - told[":unique"]:
        message = f"{twice:,} rows name a subject that a row before them names"
        raise RunError.one(RunCode.FRAME_COLUMN, place, message, "give one row per subject")
    return told


def _dictionaries(frame: pl.LazyFrame, texts: list[str]) -> dict[str, pl.Enum]:
    """Return the values of texts, in their order."""
    if not texts:
        return {}
    values = frame.select(pl.col(texts).cast(pl.String).unique().drop_nulls().sort().implode())
    return {column.name: pl.Enum(column[0]) for column in values.collect(engine="streaming")}


def _narrowed(facts: Mapping[str, pl.DataType], told: Mapping[str, Any]) -> Iterator[tuple[str, pl.DataType]]:
    """Give the narrowest type that holds each column of whole numbers, where it is narrower than its own."""
    for name, dtype in facts.items():
        if not dtype.is_integer():
            continue
        least, most = told[f"{name}:min"] or 0, told[f"{name}:max"] or 0
        fits = [narrow for narrow, bits in _NARROW.items() if -(1 << bits) <= least and most < 1 << bits]
        if fits and pl.Series([0], dtype=fits[0]).estimated_size() < pl.Series([0], dtype=dtype).estimated_size():
            yield name, fits[0]


def _is_text(dtype: pl.DataType) -> bool:
    return dtype == pl.String or isinstance(dtype, pl.Categorical)
