"""Earlier months asked again from an anchor day: a card renewed late pays for the gap.

`backdate: {from: 发证日期, months: 3, waives: [card], reads: [残疾等级]}` asks the months before the anchor's
month with the waived criteria true and the read facts as on the anchor day. A month that is met by
itself stays as it is.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from engine.match import stretches_of
from rules.bound import BoundBackdate
from rules.compiled import CompiledVersion
from rules.standing import Stand

KEYS = ("subject_id", "period_no", "component")


def backdated_stretches(
    profiles: pl.LazyFrame,
    met: pl.LazyFrame,
    term: BoundBackdate,
    *,
    stands: Sequence[Stand],
    waived: Mapping[int, CompiledVersion],
    carried: Sequence[str] = (),
) -> pl.LazyFrame:
    """Return the stretches before each met subject's anchor month, decided as on the anchor day.

    Shape:   profiles frame and met `STRETCHES` in; `STRETCHES` out.
    Nulls:   no anchor day known, or one outside the days asked: nothing is backdated.
    Expects: `waived` are the versions compiled with the term's waived criteria true.
    """
    anchors = (
        profiles.join(met.select("subject_id", "day").unique(), on=["subject_id", "day"], how="semi")
        .select("subject_id", pl.col(term.anchor).alias("anchor"))
        .drop_nulls()
        .unique()
    )
    on_anchor = (
        anchors.join(profiles, on="subject_id", how="inner")
        .filter((pl.col("day") <= pl.col("anchor")) & (pl.col("anchor") <= pl.col("through")))
        .select("subject_id", "anchor", *(pl.col(code).alias(f"read:{code}") for code in sorted(term.reads)))
    )
    month = pl.col("anchor").dt.month_start()
    earliest, latest = month.dt.offset_by(f"-{term.months}mo"), month.dt.offset_by("-1d")
    earlier = (
        on_anchor.join(profiles, on="subject_id", how="inner")
        .filter((pl.col("day") <= latest) & (pl.col("through") >= earliest))
        .with_columns(
            pl.max_horizontal("day", earliest).alias("day"),
            pl.min_horizontal("through", latest).alias("through"),
            *(pl.col(f"read:{code}").alias(code) for code in sorted(term.reads)),
        )
    )
    return stretches_of(earlier, stands, waived, carried)


def with_backdated(regular: pl.LazyFrame, backdated: pl.LazyFrame, carried: Sequence[str] = ()) -> pl.LazyFrame:
    """Fill periods that are not met by themselves with their backdated outcome.

    Shape: two frames of `engine.periods.outcomes_by_period`; one such frame out, sorted by its keys.
    Nulls: a period unknown by itself and met when backdated is met, its amount between the two.
    """
    both = regular.join(backdated, on=KEYS, how="full", coalesce=True, suffix="_back", maintain_order="left")
    by_itself = pl.col("is_met").fill_null(value=False)
    only_back = pl.col("is_met").is_null()
    mixed = pl.col("is_met").not_() & pl.col("is_met_back").fill_null(value=False)
    no_limit = pl.col("at_most_fen").is_null() | pl.col("at_most_fen_back").is_null()

    def chosen(name: str, merged: pl.Expr) -> pl.Expr:
        own, back = pl.col(name), pl.col(f"{name}_back")
        return (
            pl.when(by_itself).then(own).when(only_back).then(back).when(mixed).then(merged).otherwise(own).alias(name)
        )

    most = pl.when(no_limit).then(None).otherwise(pl.max_horizontal("at_most_fen", "at_most_fen_back"))
    return both.select(
        *KEYS,
        chosen("is_met", pl.lit(True)),
        chosen("at_least_fen", pl.min_horizontal("at_least_fen", "at_least_fen_back")),
        chosen("at_most_fen", most),
        chosen("version", pl.col("version_back")),
        chosen("first_met_on", pl.col("first_met_on_back")),
        *(chosen(name, pl.col(f"{name}_back")) for name in carried),
    ).sort(*KEYS)
