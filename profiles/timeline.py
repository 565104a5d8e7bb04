"""Timelines: what one source, or one attribute, says of every subject on every day of a range.

A timeline is a default over the days, for all who are not named, and spans for those who are. What is
said is a state and, if the state is `KNOWN`, a value. Nothing here knows where the spans came from.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import polars as pl

from core.days import DayRange
from profiles.day_keys import DAYS_MAX, day_no
from profiles.stored_values import Stored


class State(IntEnum):
    """What a source knows of a subject on a day."""

    KNOWN = 0  # a value
    SILENT = 1  # a row that gives no value: a lower source may
    ABSENT = 2  # certainly no row
    BLOCKED = 3  # stale, incomplete, quarantined or too old: no lower source is asked


STATE = pl.UInt8()


@dataclass(frozen=True, slots=True)
class Default:
    """What holds from a day on, for all who are not named."""

    from_no: int  # a day number
    state: State
    value: Stored | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is said over `days`.

    `spans` has `key`, `end_key` (`profiles.day_keys`), `value`, `state`; within `days`, apart from each
    other, sorted. `defaults` are in order and the first begins with `days`.
    """

    days: DayRange
    spans: pl.DataFrame
    defaults: tuple[Default, ...]

    @property
    def dtype(self) -> pl.DataType:
        """Return the type of its values."""
        return self.spans.schema["value"]

    def at(self, keys: pl.Series) -> pl.DataFrame:
        """Return what is said of subjects on days.

        Shape:   one row per key, in the same order.
        Adds:    `value`, null unless known; `state`.
        Expects: keys that are sorted and of days within `days`.
        """
        asked = pl.DataFrame({"key": keys}).with_columns(pl.col("key").set_sorted())
        found = asked.join_asof(self.spans.with_columns(pl.col("key").set_sorted()), on="key", strategy="backward")
        named = (pl.col("key") <= pl.col("end_key")).fill_null(value=False)
        state, value = self._default_columns(keys)
        return found.select(
            value=pl.when(named).then("value").otherwise(value),
            state=pl.when(named).then("state").otherwise(state),
        )

    def _default_columns(self, keys: pl.Series) -> tuple[pl.Expr, pl.Expr]:
        states = pl.Series([default.state.value for default in self.defaults], dtype=STATE)
        values = pl.Series([default.value for default in self.defaults], dtype=self.dtype)
        if len(self.defaults) == 1:
            return pl.lit(states[0], STATE), pl.lit(values[0], self.dtype)
        starts = pl.Series([default.from_no for default in self.defaults], dtype=pl.Int32)
        piece = starts.search_sorted((keys % DAYS_MAX).cast(pl.Int32), side="right") - 1
        return pl.lit(states.gather(piece)), pl.lit(values.gather(piece))

    def changes(self, subject_count: int) -> pl.Series:
        """Return the keys on which what is said differs from the day before, sorted; never of the first day."""
        first, last = day_no(self.days.first), day_no(self.days.last)
        begins = self.spans["key"].filter(self.spans["key"] % DAYS_MAX > first)
        passed = self.spans["end_key"].filter(self.spans["end_key"] % DAYS_MAX < last) + 1
        moved = [default.from_no for default in self.defaults[1:]]
        candidates = distinct([begins, passed, *(_everyone_on(number, subject_count) for number in moved)])
        before, after = self.at(candidates - 1), self.at(candidates)
        differs = (before["value"].ne_missing(after["value"])) | (before["state"] != after["state"])
        return candidates.filter(differs)


def _everyone_on(number: int, subject_count: int) -> pl.Series:
    return pl.int_range(subject_count, dtype=pl.Int64, eager=True) * DAYS_MAX + number


def distinct(keys: Iterable[pl.Series]) -> pl.Series:
    """Return keys sorted, each once."""
    every = pl.concat([series.rename("key") for series in keys]).sort()
    return every.filter(every.ne_missing(every.shift())).set_sorted()


def first_and_changes(subject_count: int, first: dt.date, changes: Sequence[pl.Series]) -> pl.Series:
    """Return the first day's key of every subject together with the keys of changes."""
    return distinct([_everyone_on(day_no(first), subject_count), *changes])


def end_keys(days: DayRange) -> pl.Expr:
    """Return the last key of each stretch that begins at `key`: before the next, or the subject's last day."""
    last = pl.col("key") // DAYS_MAX * DAYS_MAX + day_no(days.last)
    return pl.min_horizontal(pl.col("key").shift(-1) - 1, last)  # a missing next key is ignored


def stretches(timeline: Timeline, subject_count: int) -> pl.DataFrame:
    """Return a timeline written out: `key`, `end_key`, `value` for every subject and day."""
    keys = first_and_changes(subject_count, timeline.days.first, [timeline.changes(subject_count)])
    return pl.DataFrame({"key": keys, "value": timeline.at(keys)["value"]}).with_columns(
        end_key=end_keys(timeline.days)
    )


def coalesce(spans: pl.DataFrame) -> pl.DataFrame:
    """Make one span of neighbours that say the same; `spans` as in a timeline, in and out."""
    goes_on = (
        (pl.col("end_key").shift() + 1 == pl.col("key"))
        & pl.col("value").eq_missing(pl.col("value").shift())
        & (pl.col("state") == pl.col("state").shift())
    ).fill_null(value=False)
    marked = spans.with_columns(begins=~goes_on)
    if marked["begins"].all():
        return spans
    ends = marked["end_key"].filter(marked["begins"].shift(-1, fill_value=True))
    return marked.filter("begins").drop("begins").with_columns(end_key=ends)
