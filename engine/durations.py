"""How long a grant pays, and in how many parts: counted from the period in which it was first met.

The first determination and the months that it gave are computed from what is known today: the facts and the version of
the first met period. Months that were paid and are no longer due, recovered or not, are free again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from core.days import MONTHS_OF
from core.ledger import NOTHING_DUE, Due
from core.money import FEN_PER_YUAN
from rules.bound import EXTENSION, MONTHS
from rules.version import WrittenVersion

Counts = Literal["calendar", "paid"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How a grant is limited: `counts` None without a duration; `instalments` says of which period a component is."""

    months_per_period: int
    counts: Counts | None
    instalments: Mapping[str, int]


def limits_of(written: WrittenVersion) -> Limits:
    """Return the limits that a version sets."""
    duration = written.terms.duration
    return Limits(
        MONTHS_OF.get(written.terms.period, 1),
        duration.counts if duration else None,
        {line.component: line.instalment for line in written.tariff if line.instalment is not None},
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """One period of a grant: whether it is surely met, and what is due should the duration reach it."""

    is_met: bool
    due: Due


def within_duration(
    answers: Mapping[int, Answer], months: tuple[int, int | None], counts: Counts, months_per_period: int
) -> dict[int, Due]:
    """Return what is due for each period of one grant: the plain reference for `limited`.

    `months` are at least and at most (None: no limit). Periods left out are known: nothing is due.
    """
    met = [number for number in sorted(answers) if answers[number].is_met]
    if not met:
        return {number: answers[number].due for number in sorted(answers)}
    least, most = months
    possible_first, certain_first, found = min(answers), met[0], dict[int, Due]()
    used_least = used_most = 0
    for number in sorted(answers):
        due = answers[number].due
        if counts == "calendar":
            used_least = max(0, number - certain_first) * months_per_period
            used_most = (number - possible_first) * months_per_period
        if most is not None and used_least >= most:
            found[number] = NOTHING_DUE
        elif used_most < least:
            found[number] = due
        else:
            found[number] = Due(0, due.at_most_fen, due.is_open)
        if counts == "paid":
            used_least += months_per_period * (due.at_least_fen > 0)
            used_most += months_per_period * (due.at_most_fen != 0)
    return found


def limited(dues: pl.DataFrame, measures: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """Return dues with nothing beyond a grant's months, and instalments only of their own period.

    Shape: `engine.dues.DUES` in and out, the same rows. Where it is not certain that a period is within, nothing of it is.
    """
    if dues.is_empty() or (limits.counts is None and not limits.instalments):
        return dues
    firsts = dues.group_by("grant_id").agg(
        certain_first=pl.col("period_no").filter(pl.col("is_met")).min(), possible_first=pl.col("period_no").min()
    )
    counted = dues.join(firsts, on="grant_id", how="left", validate="m:1")
    if limits.counts is not None:
        counted = _within(_used(counted, limits, limits.counts), _months(measures, firsts))
    if limits.instalments:
        counted = _of_own_period(counted, limits.instalments)
    return counted.select(dues.columns).sort("subject_id", "component", "period_no", "event")


def _months(measures: pl.DataFrame, firsts: pl.DataFrame) -> pl.DataFrame:
    """Return how many months each grant has: `grant_id`, `least_months`, `most_months` (null: no limit)."""
    of_first = (
        measures.filter(pl.col("component") == MONTHS)
        .join(firsts, on="grant_id", how="inner", validate="m:1")
        .filter(pl.col("period_no") == pl.col("certain_first"))
        .select("grant_id", least="at_least_fen", most="at_most_fen")
    )
    added = (
        measures.filter((pl.col("component") == EXTENSION) & pl.col("is_met"))
        .sort("period_no")
        .group_by("grant_id")
        .agg(added_least=pl.col("at_least_fen").last(), added_most=pl.col("at_most_fen").last())
    )
    return of_first.join(added, on="grant_id", how="left", validate="1:1").select(
        "grant_id",
        least_months=(pl.col("least") + pl.col("added_least").fill_null(0)) // FEN_PER_YUAN,
        most_months=(pl.col("most") + pl.col("added_most")) // FEN_PER_YUAN,
    )


def _used(dues: pl.DataFrame, limits: Limits, counts: Counts) -> pl.DataFrame:
    """Say how many months are used before each period. Adds: `used_least`, `used_most`."""
    each = limits.months_per_period
    if counts == "calendar":
        return dues.with_columns(
            used_least=(pl.col("period_no") - pl.col("certain_first")).clip(0) * each,
            used_most=(pl.col("period_no") - pl.col("possible_first")) * each,
        )
    periods = (
        dues.group_by("grant_id", "period_no")
        .agg(
            is_due=(pl.col("at_least_fen") > 0).any().cast(pl.Int32) * each,
            may_be=(pl.col("at_most_fen").ne_missing(0)).any().cast(pl.Int32) * each,
        )
        .sort("grant_id", "period_no")
        .with_columns(
            used_least=pl.col("is_due").cum_sum().over("grant_id") - pl.col("is_due"),
            used_most=pl.col("may_be").cum_sum().over("grant_id") - pl.col("may_be"),
        )
    )
    return dues.join(periods, on=["grant_id", "period_no"], how="left", validate="m:1")


def _within(used: pl.DataFrame, months: pl.DataFrame) -> pl.DataFrame:
    joined = used.join(months, on="grant_id", how="left", validate="m:1")
    is_known = pl.col("certain_first").is_not_null()
    is_out = is_known & (pl.col("used_least") >= pl.col("most_months")).fill_null(value=False)
    is_in = is_known.not_() | (pl.col("used_most") < pl.col("least_months")).fill_null(value=False)
    return _cut(joined, is_in, is_out)


def _of_own_period(dues: pl.DataFrame, instalments: Mapping[str, int]) -> pl.DataFrame:
    """Let instalments be due in the nth period of their grant alone."""
    components: Sequence[str] = sorted(instalments)
    own = pl.col("component").replace_strict(instalments, default=None, return_dtype=pl.Int32) - 1
    number, earliest = pl.col("period_no"), pl.col("possible_first") + own
    latest = pl.col("certain_first") + own
    is_free = pl.col("component").is_in(components).not_() | pl.col("certain_first").is_null()
    is_in = is_free | ((number == earliest) & (number == latest)).fill_null(value=False)
    is_out = is_free.not_() & ((number < earliest) | (number > latest)).fill_null(value=False)
    return _cut(dues, is_in, is_out)


def _cut(dues: pl.DataFrame, is_in: pl.Expr, is_out: pl.Expr) -> pl.DataFrame:
    nothing = pl.lit(0, dtype=pl.Int64)
    return dues.with_columns(
        at_least_fen=pl.when(is_in & is_out.not_()).then("at_least_fen").otherwise(nothing),
        at_most_fen=pl.when(is_out).then(nothing).otherwise("at_most_fen"),
        is_open=pl.col("is_open") & is_out.not_(),
    )
