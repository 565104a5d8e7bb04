"""Grace: while an answer is unknown, the last known due goes on for a while.

Computed from the answers of preceding periods by today's knowledge, never from the ledger. Comes before
dated acts (`engine.acts`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from core.ledger import NOTHING_DUE, Due


class Standing(StrEnum):
    """How far a period's due is known."""

    KNOWN = "known"  # the outcome is; its amount may be open
    ON_GRACE = "on_grace"
    HELD = "held"  # nothing is certain: nothing is paid or claimed, and the obligation is listed
    SUSPENDED = "suspended"  # held back by a person (`engine.suspension`): as held, and nothing is written either


STANDING = pl.Enum([str(standing) for standing in Standing])


@dataclass(frozen=True, slots=True)
class StandingDue:
    """What is due for a period, and how far it is known."""

    due: Due
    standing: Standing


def with_grace(answers: Mapping[int, Due | None], grace_periods: int) -> dict[int, StandingDue]:
    """Return what is due for each period of one grant, by number; None is an unknown outcome.

    Source: semantics §4: the last known due without limit, for so many periods after the last known one;
            beyond it nothing is certain. A period left out is known: nothing is due.
    """
    return {number: _standing_due(answers, number, grace_periods) for number in sorted(answers)}


def _standing_due(answers: Mapping[int, Due | None], number: int, grace_periods: int) -> StandingDue:
    answered = answers[number]
    if answered is not None:
        return StandingDue(answered, Standing.KNOWN)
    for earlier in range(number - 1, number - grace_periods - 1, -1):
        last = answers.get(earlier, NOTHING_DUE)
        if last is not None and last.at_least_fen > 0:
            return StandingDue(Due(last.at_least_fen, None, last.is_open), Standing.ON_GRACE)
        if last is not None:
            break
    return StandingDue(Due(0, None), Standing.HELD)


def carry_grace(periods: pl.LazyFrame, over: tuple[str, ...], grace_periods: int) -> pl.LazyFrame:
    """Put grace in the place of unknown outcomes: the frame form of `with_grace`.

    Shape:   the `over` columns (such as subject_id and component), `period_no`, `is_known`, `at_least_fen`,
             `at_most_fen`, `is_open` and anything else in, one row per `over` and period; the same rows and
             columns out, sorted by `over` and `period_no`. Periods left out are known: nothing is due.
    Adds:    `standing`, one of `STANDING`.
    Nulls:   the amounts of an unknown period mean nothing on the way in; `at_most_fen` null: no limit.
    Expects: periods asked from `grace_periods` before the first that matters.
    """
    runs = _with_last_known(periods.sort(*over, "period_no"), over)
    is_in_time = pl.col("period_no") - pl.col("unknown_since") < grace_periods
    is_on_grace = pl.col("is_known").not_() & is_in_time & (pl.col("last_known_fen") > 0)
    unknown_fen = pl.when(is_on_grace).then("last_known_fen").otherwise(pl.lit(0, dtype=pl.Int64))
    standing = (
        pl.when("is_known")
        .then(pl.lit(str(Standing.KNOWN)))
        .when(is_on_grace)
        .then(pl.lit(str(Standing.ON_GRACE)))
        .otherwise(pl.lit(str(Standing.HELD)))
    )
    return runs.with_columns(
        at_least_fen=pl.when("is_known").then("at_least_fen").otherwise(unknown_fen),
        at_most_fen=pl.when("is_known").then("at_most_fen"),
        is_open=pl.when("is_known").then("is_open").otherwise(is_on_grace & pl.col("last_known_is_open")),
        standing=standing.cast(STANDING),
    ).drop("unknown_since", "last_known_fen", "last_known_is_open")


def _with_last_known(periods: pl.LazyFrame, over: tuple[str, ...]) -> pl.LazyFrame:
    """Say for each unknown period since when it has been so, and what was due just before.

    Adds: `unknown_since`, `last_known_fen`, `last_known_is_open`; without meaning where the period is known.
    """
    has_row_before = (pl.col("period_no") - pl.col("period_no").shift(1).over(over) == 1).fill_null(value=False)
    was_unknown = has_row_before & pl.col("is_known").shift(1).over(over).not_()
    before_fen, before_is_open = (pl.col(name).shift(1).over(over) for name in ("at_least_fen", "is_open"))
    begins = pl.col("is_known").not_() & was_unknown.not_()
    at_start = periods.with_columns(
        unknown_since=pl.when(begins).then("period_no"),
        last_known_fen=pl.when(begins).then(pl.when(has_row_before).then(before_fen).otherwise(0)),
        last_known_is_open=pl.when(begins).then(has_row_before & before_is_open),
    )
    return at_start.with_columns(
        pl.col("unknown_since", "last_known_fen", "last_known_is_open").forward_fill().over(over)
    )
