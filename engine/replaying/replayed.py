"""What a run published against what it comes to when it is computed again: frame by frame, row by row.

Bytes may differ where the decisions do not: another version of the library that writes Parquet packs the same
rows otherwise. So frames are compared by content; the digest only proves that the stored one is the published one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import polars as pl

from core.ids import bytes_digest, file_digest
from engine.compute import Computed
from engine.folder import frame_digest
from engine.lifecycle.shadow import kept_frames

_KEYS: Mapping[str, tuple[str, ...]] = {
    "outcomes": ("policy", "subject_id"),
    "dues": ("policy", "subject_id", "grant_id", "period", "component"),
    "shadow_outcomes": ("policy", "subject_id"),
    "shadow_dues": ("policy", "subject_id", "grant_id", "period", "component"),
    "units": ("policy", "subject_id", "event", "period", "component"),
    "whole": ("subject_id",),
    "items": ("item_id",),
    "postings": ("obligation_id", "account"),
}
"""What names a row of each output."""

_PLACE = ("period", "component", "event")
_NAMES = ("policy", "subject_id", *_PLACE)  # say whose decision a row is; they are not compared but where they are keys


class OutputState(StrEnum):
    """How an output compares."""

    SAME = "same"  # to the byte
    SAME_CONTENT = "same_content"  # packed otherwise
    DIFFERS = "differs"
    GONE = "gone"  # another digest, and the published one is no longer there to see in which rows
    DAMAGED = "damaged"  # what is there is not what was published


@dataclass(frozen=True, slots=True)
class Output:
    """One frame of a run: the digest that was published and the one it has when computed again."""

    name: str
    state: OutputState
    then: str
    now: str
    differing_count: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is decided otherwise; `changes` are columns with their values then and now.

    Nulls: a value that a row does not have is None, as is every value of a row that is not there.
    """

    output: str
    policy: str
    subject_id: str
    place: tuple[str, ...]
    changes: tuple[tuple[str, Any, Any], ...]


def compare_outputs(
    outputs: Mapping[str, str], folder: Path, computed: Computed, written: Mapping[str, pl.DataFrame]
) -> tuple[tuple[Output, ...], tuple[Difference, ...]]:
    """Return how every output compares, and every row that differs.

    Shape: `outputs` are digests by file name, as a manifest has them; `written` is what
           `store.positions.written_in_run` gives of the run.
    """
    compared = [
        _compare(name, outputs.get(f"{name}.parquet", ""), folder / f"{name}.parquet", frame)
        for name, frame in kept_frames(computed).items()
    ]
    compared += [_compare_written(name, written[name], frame) for name, frame in _to_write(computed).items()]
    return tuple(output for output, _ in compared), tuple(each for _, rows in compared for each in rows)


def _compare(name: str, then: str, path: Path, frame: pl.DataFrame) -> tuple[Output, Sequence[Difference]]:
    now = frame_digest(frame)
    if path.exists() and file_digest(path) != then:
        return Output(name, OutputState.DAMAGED, then, now), ()
    if now == then:
        return Output(name, OutputState.SAME, then, now), ()
    if not path.exists():
        return Output(name, OutputState.GONE, then, now), ()
    rows = list(differing_rows(name, pl.read_parquet(path), frame))
    state = OutputState.DIFFERS if rows else OutputState.SAME_CONTENT
    return Output(name, state, then, now, len(rows)), rows


def _compare_written(name: str, then: pl.DataFrame, now: pl.DataFrame) -> tuple[Output, Sequence[Difference]]:
    """Compare what stands on the ledger, which has no digest of its own, with what would be written now."""
    rows = list(differing_rows(name, then, now))
    state = OutputState.DIFFERS if rows else OutputState.SAME
    return Output(name, state, _rows_digest(name, then), _rows_digest(name, now), len(rows)), rows


def _rows_digest(name: str, rows: pl.DataFrame) -> str:
    return bytes_digest(rows.select(sorted(rows.columns)).sort(_KEYS[name]).write_csv().encode())


def _to_write(computed: Computed) -> dict[str, pl.DataFrame]:
    """Return the items and postings of the night, as `written_in_run` gives those that were written."""
    changes = computed.ledger_changes
    postings = changes.postings.with_columns(amount_fen=pl.col("after_fen") - pl.col("before_fen"))
    units = computed.comparison.units
    named = units.select("obligation_id", *(name for name in _NAMES if name in units.columns and name != "event"))
    found = {
        "items": changes.items.select("item_id", "obligation_id", "sequence", "amount_fen", "kind"),
        "postings": postings.select("obligation_id", "account", "amount_fen"),
    }
    return {
        name: frame.join(named.unique("obligation_id"), on="obligation_id", how="left", validate="m:1").sort(
            _KEYS[name]
        )
        for name, frame in found.items()
    }


def differing_rows(name: str, then: pl.DataFrame, now: pl.DataFrame) -> Iterator[Difference]:
    """Give the rows of one output that differ, in the order of their keys."""
    keys = _KEYS[name]
    columns = dict.fromkeys((*then.columns, *now.columns))
    values = [each for each in columns if each not in keys and each not in _NAMES]
    sides = [_side(frame, keys, columns, mark) for frame, mark in ((then, "then"), (now, "now"))]
    joined = sides[0].join(sides[1], on=keys, how="full", coalesce=True, nulls_equal=True, validate="1:1")
    differs = pl.any_horizontal(pl.col(f"then {each}").ne_missing(pl.col(f"now {each}")) for each in values)
    for row in joined.filter(differs).sort(keys).iter_rows(named=True):
        names = {each: row.get(each) or row.get(f"now {each}") or row.get(f"then {each}") or "" for each in _NAMES}
        changes = ((each, row[f"then {each}"], row[f"now {each}"]) for each in values)
        yield Difference(
            output=name,
            policy=names["policy"],
            subject_id=names["subject_id"],
            place=tuple(names[each] for each in _PLACE if names[each]),
            changes=tuple(each for each in changes if each[1] != each[2]),
        )


def _side(frame: pl.DataFrame, keys: Sequence[str], columns: Iterable[str], mark: str) -> pl.DataFrame:
    """Return a frame's rows by key, the rest of its columns as plain types under names of their side."""
    texts = pl.col(pl.Enum, pl.Categorical).cast(pl.String)
    plain = frame.with_columns(texts) if any(isinstance(each, pl.Enum) for each in frame.dtypes) else frame
    whole = plain.with_columns(pl.lit(None).alias(each) for each in columns if each not in frame.columns)
    return whole.select(*keys, *(pl.col(each).alias(f"{mark} {each}") for each in columns if each not in keys))
