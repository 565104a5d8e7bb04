"""From what sources say to what an attribute is: the first that knows wins, and absence has its declared value."""

from collections.abc import Iterable, Sequence

import polars as pl

from core.days import DayRange
from profiles.day_keys import DAYS_MAX, day_no
from profiles.stored_values import Stored
from profiles.timeline import STATE, Default, State, Timeline, coalesce, distinct


def settle(timeline: Timeline, when_absent: Stored | None) -> Timeline:
    """Return an attribute's timeline from what its sources say together.

    Nulls: a null value means unknown; only the states `KNOWN` and `BLOCKED` are left.
    """

    def settled(default: Default) -> Default:
        value = when_absent if default.state is State.ABSENT else default.value
        return Default(default.from_no, State.BLOCKED if value is None else State.KNOWN, value)

    absent = pl.col("state") == State.ABSENT.value
    value = pl.when(absent).then(pl.lit(when_absent, timeline.dtype)).otherwise("value")
    spans = timeline.spans.with_columns(value=value)
    state = pl.when(pl.col("value").is_null()).then(State.BLOCKED.value).otherwise(State.KNOWN.value)
    defaults = _merged(settled(default) for default in timeline.defaults)
    return Timeline(timeline.days, coalesce(spans.with_columns(state=state.cast(STATE))), defaults)


def prefer(timelines: Sequence[Timeline]) -> Timeline:
    """Return what sources say together, in order of precedence: the first that knows wins.

    A source that is blocked does not give way to the next; one that is silent or absent does.
    """
    if len(timelines) == 1:
        return timelines[0]
    days = timelines[0].days
    starts = sorted({default.from_no for timeline in timelines for default in timeline.defaults})
    keys = _keys_of_named(timelines, starts)
    last_keys = keys // DAYS_MAX * DAYS_MAX + day_no(days.last)
    ends = pl.min_horizontal(pl.col("key").shift(-1) - 1, pl.col("end_key"))  # a missing next key is ignored
    said = _preferred([timeline.at(keys) for timeline in timelines])
    spans = pl.DataFrame({"key": keys, "end_key": last_keys}).with_columns(end_key=ends).hstack(said)
    return Timeline(days, coalesce(spans), _defaults(timelines, days, starts))


def _keys_of_named(timelines: Sequence[Timeline], starts: Sequence[int]) -> pl.Series:
    """Return, for all who are named in a timeline, the keys on which any timeline may change."""
    last = day_no(timelines[0].days.last)
    begins = pl.concat([timeline.spans["key"] for timeline in timelines])
    passed = pl.concat([timeline.spans["end_key"].rename("key") + 1 for timeline in timelines])
    subjects = (begins // DAYS_MAX).unique() * DAYS_MAX
    keys = distinct([begins, passed, *(subjects + number for number in starts)])
    return keys.filter(keys % DAYS_MAX <= last)


def _defaults(timelines: Sequence[Timeline], days: DayRange, starts: Sequence[int]) -> tuple[Default, ...]:
    """Ask the defaults alone, as of a subject whom nobody names."""
    keys = pl.Series("key", starts, dtype=pl.Int64)
    bare = [Timeline(days, timeline.spans.clear(), timeline.defaults) for timeline in timelines]
    said = _preferred([timeline.at(keys) for timeline in bare])
    return _merged(
        Default(number, State(state), value)
        for number, value, state in zip(starts, said["value"], said["state"], strict=True)
    )


def _preferred(said: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return `value` and `state` of the first that knows, row by row."""
    best = said[-1]
    for above in reversed(said[:-1]):
        both = above.hstack(best.rename({"value": "lower_value", "state": "lower_state"}))
        decides = pl.col("state").is_in([State.KNOWN.value, State.BLOCKED.value])
        silent = (pl.col("state") == State.SILENT.value) & (pl.col("lower_state") == State.ABSENT.value)
        best = both.select(
            value=pl.when(decides).then("value").otherwise("lower_value"),
            state=pl.when(decides | silent).then("state").otherwise("lower_state"),
        )
    return best


def _merged(defaults: Iterable[Default]) -> tuple[Default, ...]:
    """Leave out defaults that only repeat the one before."""
    kept: list[Default] = []
    for default in defaults:
        if not kept or (kept[-1].state, kept[-1].value) != (default.state, default.value):
            kept.append(default)
    return tuple(kept)
