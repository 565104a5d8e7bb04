"""Pairs of subjects, cut to the days on which something holds for the related one."""

from collections.abc import Mapping

import polars as pl

from profiles.day_keys import DAYS_MAX


def meet(pairs: pl.DataFrame, held: pl.DataFrame, taken: Mapping[str, str]) -> pl.DataFrame:
    """Cut pairs to the spans that `held` has of the related subject, and take columns from it.

    Shape: `pairs` with `key`, `end_key` of the subject and `other_no`; `held` with `other_no` and its `key`, `end_key`.
    Adds:  the columns `taken`, by their new names. Pairs of somebody unknown meet nothing.
    """
    facts = held.select(
        "other_no",
        first=pl.col("key") % DAYS_MAX,
        last=pl.col("end_key") % DAYS_MAX,
        **{new: pl.col(old) for new, old in taken.items()},
    )
    subject = pl.col("key") // DAYS_MAX * DAYS_MAX
    return (
        pairs.join(facts, on="other_no", how="inner")
        .with_columns(
            key=pl.max_horizontal("key", subject + pl.col("first")),
            end_key=pl.min_horizontal("end_key", subject + pl.col("last")),
        )
        .filter(pl.col("key") <= pl.col("end_key"))
        .drop("first", "last")
    )
