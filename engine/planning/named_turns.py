"""Events that are decided on a day of their own, as time moves: what each is judged by, on each of some days.

A day that lies ahead comes; by facts of today, what became of an event moves on with them; by those of its own day, only
another day moves it.
"""

import polars as pl

from core.days import DayRange
from engine.match import HELD, STRETCHES, stretches_of, unknown_stretches
from engine.named_days import NAMED
from engine.night import Night, NightPolicy
from engine.units import Unit, only_where_known


def judged_ahead(profiles: pl.DataFrame, policy: NightPolicy, days: DayRange) -> pl.DataFrame:
    """Return by which profile each unit is judged on each of some days; nobody is, before the day that it names.

    Shape: profiles over these days and over every day that may be named; their rows with `day` and `through` the named day
           (null: nobody knows it), and `HELD`.
    """
    anchor = policy.current.version_by
    assert anchor is not None, "only what is decided on a day of its own"
    first, last = pl.lit(days.first), pl.lit(days.last)
    held = profiles.filter((pl.col("day") <= last) & (pl.col("through") >= first)).with_columns(
        pl.max_horizontal("day", first).alias(HELD[0]),
        pl.min_horizontal("through", last).alias(HELD[1]),
        pl.col(anchor).alias(NAMED),
    )
    begun = held.filter(pl.col(NAMED).is_null() | (pl.col(NAMED) <= pl.col(HELD[1]))).with_columns(
        pl.max_horizontal(HELD[0], NAMED).alias(HELD[0])
    )
    if policy.terms.facts is None:
        undated = begun.filter(pl.col(NAMED).is_null())
        of_own_day = (
            begun.filter(pl.col(NAMED).is_not_null())
            .select("subject_id", *HELD, NAMED)
            .join(profiles, on="subject_id", how="inner")
            .filter((pl.col("day") <= pl.col(NAMED)) & (pl.col(NAMED) <= pl.col("through")))
        )
        begun = pl.concat([of_own_day.select(undated.columns), undated])
    return begun.with_columns(pl.col(NAMED).alias("day"), pl.col(NAMED).alias("through")).drop(NAMED)


def stretches_ahead(night: Night, policy: NightPolicy, judged: pl.DataFrame, days: DayRange) -> pl.DataFrame:
    """Decide a policy on every row of `judged_ahead`: `STRETCHES`, by the days on which it holds."""
    carried = Unit.of(night.catalogue, policy.kind).carried
    dated, undated = judged.filter(pl.col("day").is_not_null()), judged.filter(pl.col("day").is_null())
    first = dated["day"].min()
    assert first is None or isinstance(first, type(days.first))
    stands = policy.stands(DayRange(min(first or days.first, days.first), days.last), night.known_at)
    decided = pl.concat(
        [
            stretches_of(dated.lazy(), stands, policy.compiled, (*carried, *HELD)),
            unknown_stretches(undated.lazy(), policy.compiled, (*carried, *HELD)),
        ]
    )
    for name in carried:
        decided = decided.with_columns(met=only_where_known(pl.col("met"), name))
    return decided.with_columns(day=HELD[0], through=HELD[1]).select(STRETCHES.names()).cast(STRETCHES).collect()
