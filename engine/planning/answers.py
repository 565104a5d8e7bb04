"""Stretches with an outcome → a policy's answer for everyone who is met or unknown, all components together."""

import polars as pl

from engine.match import OUTCOME, outcome_of
from rules.bound import MEASURE_MARK

ANSWERS = pl.Schema(
    {
        "subject_id": pl.String(),
        "day": pl.Date(),
        "through": pl.Date(),
        "outcome": OUTCOME,
        "at_least_fen": pl.Int64(),
        "at_most_fen": pl.Int64(),
        "version": pl.Int32(),
    }
)
"""One row per subject and stretch that is met or unknown; the amounts of all components, (0, null) where unknown."""


def answers(stretches: pl.LazyFrame) -> pl.LazyFrame:
    """Return the answer on each stretch of `engine.match.stretches_of`: `ANSWERS`.

    Nulls: `at_most_fen` null is no limit; `version` null: the policy has lapsed without a successor.
    """
    met, most = pl.col("met").first(), pl.col("at_most_fen")
    is_met = met.fill_null(value=False)
    no_limit = most.is_null().any() | is_met.not_()
    return (
        stretches.filter(pl.col("component").str.starts_with(MEASURE_MARK).not_())
        .group_by("subject_id", "day", "through")
        .agg(
            outcome_of(met).alias("outcome"),
            pl.when(is_met).then(pl.col("at_least_fen").sum()).otherwise(0).cast(pl.Int64).alias("at_least_fen"),
            pl.when(no_limit.not_()).then(most.sum()).cast(pl.Int64).alias("at_most_fen"),
            pl.col("version").first(),
        )
        .select(ANSWERS.names())
    )
