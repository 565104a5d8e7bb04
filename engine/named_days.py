"""Events decided on their own day: by the rule version and the facts of the day that one of their facts names.

A loan of 2025 stays under the rule of 2025, however late it becomes known. Which day it is, is asked on the business
date, by today's knowledge; while nobody knows it, the outcome is unknown. A rule may judge by the version of that day and
the facts of today: what became of a trainee after the event adds to what the event is worth.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Literal

import polars as pl

from engine.match import decide, stretches_of, unknown_stretches
from rules.compiled import CompiledVersion
from rules.standing import Stand, StandState

NAMED = "named_day"

WhichFacts = Literal["latest"] | None
"""The facts of the business date, or else those of the named day."""


def named_days(profiles: pl.LazyFrame, anchor: str, on: dt.date) -> pl.LazyFrame:
    """Return the day that each unit's fact names: `subject_id`, `named_day`.

    Nulls: nobody knows it on the business date.
    """
    return on_day(profiles, on).select("subject_id", pl.col(anchor).alias(NAMED))


def on_day(profiles: pl.LazyFrame, day: dt.date) -> pl.LazyFrame:
    """Return everyone's profile on one day."""
    asked = pl.lit(day)
    held = profiles.filter((pl.col("day") <= asked) & (asked <= pl.col("through")))
    return held.with_columns(day=asked, through=asked)


def named_day_stretches(
    profiles: pl.LazyFrame,
    named: pl.LazyFrame,
    on: dt.date,
    *,
    facts: WhichFacts,
    stands: Sequence[Stand],
    versions: Mapping[int, CompiledVersion],
    carried: Sequence[str] = (),
) -> pl.LazyFrame:
    """Decide each unit on its named day alone: stretches of one day, as `engine.match.stretches_of` gives them."""
    dated = stretches_of(on_named_days(profiles, named, on, facts), stands, versions, carried)
    return pl.concat([dated, unknown_stretches(_undated(profiles, named, on), versions, carried)])


def outcomes_on_named_days(
    profiles: pl.LazyFrame,
    named: pl.LazyFrame,
    on: dt.date,
    *,
    anchor: str,
    facts: WhichFacts,
    stands: Sequence[Stand],
    versions: Mapping[int, CompiledVersion],
) -> pl.LazyFrame:
    """Return the outcome of each unit on its named day: as `engine.match.decide`, sorted by unit.

    Units whose day nobody knows are unknown; those whose day no version covers, or lies ahead, are left out.
    """
    dated = on_named_days(profiles, named, on, facts)
    parts = [
        decide(dated.filter(pl.col("day").is_between(stand.days.first, stand.days.last)), versions[stand.version])
        for stand in stands
        if stand.state is StandState.IN_FORCE and stand.version is not None
    ]
    undated = decide(_undated(profiles, named, on), next(iter(versions.values()))).with_columns(
        outcome=pl.lit("unknown", dtype=pl.Enum(["met", "not_met", "unknown"])),
        failing=pl.lit([], dtype=pl.List(pl.String)),
        missing=pl.lit([anchor]),
        amount_fen=pl.lit(None, dtype=pl.Int64),
        near_miss=pl.lit(value=False),
    )
    return pl.concat([*parts, undated]).sort("subject_id")


def on_named_days(profiles: pl.LazyFrame, named: pl.LazyFrame, on: dt.date, facts: WhichFacts) -> pl.LazyFrame:
    """Return each unit's profile on its named day; who names none, or one that lies ahead, is left out."""
    day = pl.col(NAMED)
    asked = profiles if facts is None else on_day(profiles, on)
    held = asked.join(named.filter(day <= on), on="subject_id", how="inner", maintain_order="left")
    holds = (pl.col("day") <= day) & (day <= pl.col("through"))
    return (
        held.filter(holds if facts is None else pl.lit(value=True))
        .with_columns(pl.col(NAMED).alias("day"), pl.col(NAMED).alias("through"))
        .drop(NAMED)
    )


def _undated(profiles: pl.LazyFrame, named: pl.LazyFrame, on: dt.date) -> pl.LazyFrame:
    nobody_knows = named.filter(pl.col(NAMED).is_null()).select("subject_id")
    return on_day(profiles, on).join(nobody_knows, on="subject_id", how="semi", maintain_order="left")
