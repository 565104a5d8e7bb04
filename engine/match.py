"""Profiles × rule versions → outcomes: on one day for everyone, and on every stretch of days.

Everything here is the same Polars expressions on frames of the same shape; a night, a plan and a
prepared file cannot differ in what they call met.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from profiles.assemble import OWNER
from rules.compiled import CompiledVersion
from rules.standing import Stand, StandState

OUTCOME = pl.Enum(["met", "not_met", "unknown"])

STRETCHES = pl.Schema(
    {
        "subject_id": pl.String(),
        "day": pl.Date(),
        "through": pl.Date(),
        "met": pl.Boolean(),
        "component": pl.String(),
        "at_least_fen": pl.Int64(),
        "at_most_fen": pl.Int64(),
        "version": pl.Int32(),
    }
)
"""The columns of stretches with outcomes, as `engine.periods` reads them."""

STARTS = "starts_on"
"""The day from which a subject's own periods are counted."""

HELD = ("held_from", "held_through")
"""On which days a unit is judged by a row that is of another day, the one that the unit names."""

CARRIED = pl.Schema({OWNER: pl.String(), STARTS: pl.Date(), **dict.fromkeys(HELD, pl.Date())})
"""The columns that may go with a stretch."""

_ROW, _OUTCOME = ":row", ":outcome"  # no attribute's code has a colon

MAIN = "main"  # the component of a policy that names none


def outcome_of(met: pl.Expr) -> pl.Expr:
    """Return the outcome of a three-valued truth.

    Nulls: null is `unknown`, never `not_met`; the result is never null.
    """
    return (
        pl.when(met.is_null())
        .then(pl.lit("unknown"))
        .when(met)
        .then(pl.lit("met"))
        .otherwise(pl.lit("not_met"))
        .cast(OUTCOME)
    )


def decide(profiles: pl.LazyFrame, version: CompiledVersion) -> pl.LazyFrame:
    """Decide one rule version for every profile.

    Shape: one row per profile in; the same rows in the same order out: `subject_id`, `day`, `outcome`,
           `failing` (criterion ids), `missing` (attribute codes), `amount_fen`, `near_miss`.
    Nulls: `amount_fen` is null unless the outcome is met and the amount known; 0 where the benefit pays nothing.
    """
    # Most subjects are not met, and most others lack no fact: amounts, and what is missing, are asked of the rest alone.
    asked = (outcome_of(version.outcome).alias(_OUTCOME), version.failing.alias(":failing"))
    decided = profiles.with_row_index(_ROW).with_columns(asked).cache()  # once: its rows are joined by their place
    may_be_met = decided.filter(pl.col(_OUTCOME) != "not_met")
    lacks = pl.any_horizontal([pl.col(code).is_null() for code in version.reads] or [pl.lit(value=False)])
    parts = (
        may_be_met.select(_ROW, _known_amount(version).alias("amount_fen")),
        may_be_met.filter(lacks).select(_ROW, version.missing.alias("missing")),
    )
    told = decided.select(_ROW, "subject_id", "day", outcome=_OUTCOME, failing=":failing")
    for part in parts:
        told = told.join(part, on=_ROW, how="left", maintain_order="left")
    nothing = pl.lit([], dtype=pl.List(pl.String))
    is_alone = (pl.col("failing").list.len() == 1) & (pl.col("missing").list.len() == 0)
    return (
        told.with_columns(pl.col("missing").fill_null(nothing))
        .with_columns(near_miss=(pl.col("outcome") == "not_met") & is_alone)
        .select("subject_id", "day", "outcome", "failing", "missing", "amount_fen", "near_miss")
    )


def _known_amount(version: CompiledVersion) -> pl.Expr:
    """Return what is due to somebody who is met, where every component is known."""
    least = [amounts.at_least for amounts in version.amounts.values()]
    most = [amounts.at_most for amounts in version.amounts.values()]
    total = pl.sum_horizontal(least) if least else pl.lit(0, dtype=pl.Int64)
    is_known = (
        pl.all_horizontal([(a == b).fill_null(value=False) for a, b in zip(least, most, strict=True)])
        if least
        else pl.lit(True)
    )
    return pl.when((pl.col(_OUTCOME) == "met") & is_known).then(total).cast(pl.Int64)


def stretches_of(
    profiles: pl.LazyFrame,
    stands: Sequence[Stand],
    versions: Mapping[int, CompiledVersion],
    carried: Sequence[str] = (),
) -> pl.LazyFrame:
    """Decide a policy on every stretch of days by the version that stands there.

    Shape: profiles frame in; `STRETCHES` out, one row per stretch and component; stretches that are not met
           are left out, for they hold no due. Columns `carried` go with each row.
    Nulls: `met` null: unknown; so is every day on which the policy has lapsed without a successor, or is suspended.
    """
    parts = [
        part
        for stand in stands
        for part in (
            _decided(profiles, stand, versions, carried)
            if stand.state is StandState.IN_FORCE
            else _unanswered(profiles, stand, versions, carried)
        )
    ]
    schema = pl.Schema({**STRETCHES, **{name: CARRIED[name] for name in carried}})
    return pl.concat(parts) if parts else pl.LazyFrame(schema=schema)


def _clipped(profiles: pl.LazyFrame, stand: Stand) -> pl.LazyFrame:
    """Return the parts of stretches on a stand's days."""
    return profiles.filter((pl.col("day") <= stand.days.last) & (pl.col("through") >= stand.days.first)).with_columns(
        pl.max_horizontal("day", pl.lit(stand.days.first)).alias("day"),
        pl.min_horizontal("through", pl.lit(stand.days.last)).alias("through"),
    )


def _decided(
    profiles: pl.LazyFrame, stand: Stand, versions: Mapping[int, CompiledVersion], carried: Sequence[str]
) -> list[pl.LazyFrame]:
    assert stand.version is not None
    version = versions[stand.version]
    amounts = {name: (a.at_least, a.at_most) for name, a in version.amounts.items()} or {
        MAIN: (pl.lit(0, dtype=pl.Int64), pl.lit(0, dtype=pl.Int64))
    }
    amounts |= {name: (a.at_least, a.at_most) for name, a in version.measures.items()}
    # Most subjects are not met: their amounts are never worked out. No attribute's code has a colon.
    may_be_met = _clipped(profiles, stand).with_columns(version.outcome.alias(":met"))
    flat = may_be_met.filter(pl.col(":met").fill_null(value=True)).select(
        "subject_id",
        "day",
        "through",
        pl.col(":met").alias("met"),
        *carried,
        *(least.alias(f"least:{name}") for name, (least, _) in amounts.items()),
        *(most.alias(f"most:{name}") for name, (_, most) in amounts.items()),
    )
    return [
        flat.select(
            "subject_id",
            "day",
            "through",
            "met",
            pl.lit(name).alias("component"),
            pl.col(f"least:{name}").cast(pl.Int64).alias("at_least_fen"),
            pl.col(f"most:{name}").cast(pl.Int64).alias("at_most_fen"),
            pl.lit(stand.version, dtype=pl.Int32).alias("version"),
            *carried,
        )
        for name in amounts
    ]


def _unanswered(
    profiles: pl.LazyFrame, stand: Stand, versions: Mapping[int, CompiledVersion], carried: Sequence[str]
) -> list[pl.LazyFrame]:
    """Return unknown stretches for lapsed and suspended days; none where the policy has not begun or is repealed."""
    if stand.state not in {StandState.LAPSED, StandState.SUSPENDED}:
        return []
    return [unknown_stretches(_clipped(profiles, stand), versions, carried)]


def unknown_stretches(
    profiles: pl.LazyFrame, versions: Mapping[int, CompiledVersion], carried: Sequence[str] = ()
) -> pl.LazyFrame:
    """Return stretches on which nothing is known of any component: `STRETCHES`."""
    components = {name for version in versions.values() for name in version.amounts} or {MAIN}
    components |= {name for version in versions.values() for name in version.measures}
    parts = [
        profiles.select(
            "subject_id",
            "day",
            "through",
            pl.lit(None, dtype=pl.Boolean).alias("met"),
            pl.lit(name).alias("component"),
            pl.lit(0, dtype=pl.Int64).alias("at_least_fen"),
            pl.lit(None, dtype=pl.Int64).alias("at_most_fen"),
            pl.lit(None, dtype=pl.Int32).alias("version"),
            *carried,
        )
        for name in sorted(components)
    ]
    return pl.concat(parts)
