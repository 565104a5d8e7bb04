"""What is done to spans between the rows they come from and the timeline they end in.

`spans` have `key`, `end_key` (`profiles.day_keys`), `value`, `state`, and `own`, the fact's own day, until its
age has been looked at.
"""

import polars as pl

from core.days import DayRange
from profiles.catalogue import Attribute
from profiles.day_keys import DAYS_MAX, day_no, key_of
from profiles.timeline import STATE, Default, State, Timeline


def nothing_said(days: DayRange, dtype: pl.DataType) -> Timeline:
    """Return the timeline of a source of which no load has come: nothing is known of anyone."""
    return Timeline(days, no_spans(dtype), (Default(day_no(days.first), State.BLOCKED),))


def no_spans(dtype: pl.DataType) -> pl.DataFrame:
    """Return a timeline's spans of nobody."""
    return pl.DataFrame(schema={"key": pl.Int64, "end_key": pl.Int64, "value": dtype, "state": STATE})


def clip(rows: pl.DataFrame, days: DayRange) -> pl.DataFrame:
    """Cut rows to the days asked about; rows outside are left out."""
    subject = pl.col("key") // DAYS_MAX * DAYS_MAX
    return rows.with_columns(
        key=pl.max_horizontal("key", subject + day_no(days.first)),
        end_key=pl.min_horizontal("end_key", subject + day_no(days.last)),
    ).filter(pl.col("key") <= pl.col("end_key"))


def with_state(picked: pl.DataFrame, attribute: Attribute) -> pl.DataFrame:
    """Give picked spans their state: known where there is a value, else silent."""
    state = pl.when(pl.col("value").is_null()).then(State.SILENT.value).otherwise(State.KNOWN.value)
    return picked.with_columns(pl.col("value").cast(attribute.fact_type.dtype), state=state.cast(STATE))


def age(spans: pl.DataFrame, attribute: Attribute) -> pl.DataFrame:
    """Block what is older than the attribute allows; drops `own`."""
    if attribute.max_age_days is None:
        return spans.drop("own")
    known = pl.col("state") == State.KNOWN.value
    limit = pl.col("key") // DAYS_MAX * DAYS_MAX + pl.col("own") + attribute.max_age_days
    young = spans.with_columns(end_key=pl.when(known).then(pl.min_horizontal("end_key", limit)).otherwise("end_key"))
    old = spans.filter(known).with_columns(
        key=pl.max_horizontal("key", limit + 1),
        value=pl.lit(None, spans.schema["value"]),
        state=pl.lit(State.BLOCKED.value, STATE),
    )
    both = pl.concat([young, old]).filter(pl.col("key") <= pl.col("end_key"))
    return both.drop("own").sort("key")


def lasts(attribute: Attribute) -> pl.Expr:
    """Return whether a span survives staleness: a lasting fact that is there."""
    if not attribute.lasting:
        return pl.lit(False)
    there = pl.col("value") if attribute.fact_type.dtype == pl.Boolean() else pl.col("value").is_not_null()
    return (there & (pl.col("state") == State.KNOWN.value)).fill_null(value=False)


def expire(spans: pl.DataFrame, fresh_through: int, lasting: pl.Expr | None = None) -> pl.DataFrame:
    """End spans on the last fresh day; those that last go on."""
    last_fresh = pl.col("key") // DAYS_MAX * DAYS_MAX + fresh_through
    end = pl.min_horizontal("end_key", last_fresh)
    if lasting is not None:
        end = pl.when(lasting).then("end_key").otherwise(end)
    return spans.with_columns(end_key=end).filter(pl.col("key") <= pl.col("end_key"))


def without(spans: pl.DataFrame, subjects: pl.Series) -> pl.DataFrame:
    """Leave out spans of some subjects."""
    if subjects.is_empty():
        return spans
    return spans.filter(~(pl.col("key") // DAYS_MAX).is_in(subjects.cast(pl.Int64).implode()))


def block(spans: pl.DataFrame, subjects: pl.Series, days: DayRange) -> pl.DataFrame:
    """Say of some subjects that nothing is known of them, whatever their rows say."""
    subject = pl.col("subject_no")
    blocked = subjects.to_frame().select(
        key=key_of(subject, pl.lit(day_no(days.first))),
        end_key=key_of(subject, pl.lit(day_no(days.last))),
        value=pl.lit(None, spans.schema["value"]),
        state=pl.lit(State.BLOCKED.value, STATE),
    )
    return pl.concat([without(spans, subjects), blocked]).sort("key")
