"""Dated acts on dues: what a subject waives is zero for ever, whatever the rule answers later.

Comes after grace, so that a waived period does not make the grace of a later one zero.
"""

from collections.abc import Iterable

import polars as pl

from core.days import FIRST_DAY, LAST_DAY, DayRange, Period, PeriodKind, add_days, add_months
from core.ledger import NOTHING_DUE, Act, ActKind, Due

WAIVED = pl.Schema({"grant_id": pl.String(), "waived_from": pl.Date(), "waived_through": pl.Date()})
"""Waived days of grants: one row per grant and stretch, sorted; a waiver still standing ends on the last day."""


def waived_days(acts: Iterable[Act]) -> tuple[DayRange, ...]:
    """Return the days that one grant's acts waive, in order.

    Source: semantics §6: after the waiver's month and before the revocation's. A second waiver before the
            revocation adds nothing, nor does a revocation without a waiver.
    """
    waived, since = list[DayRange](), None
    for act in sorted(acts, key=lambda act: (act.acted_on, act.recorded_at)):
        if act.kind is ActKind.WAIVE and since is None:
            since = add_months(act.acted_on.replace(day=1), 1)
        elif act.kind is ActKind.REVOKE_WAIVER and since is not None:
            until = add_days(act.acted_on.replace(day=1), -1)
            waived += [DayRange(since, until)] if since <= until else []
            since = None
    return (*waived, DayRange(since, LAST_DAY)) if since is not None else tuple(waived)


def waived_now(acts: Iterable[Act]) -> set[str]:
    """Return the grants whose last word is a waiver."""
    last = dict[str, ActKind]()
    for act in sorted(acts, key=lambda act: (act.acted_on, act.recorded_at)):
        if act.kind in {ActKind.WAIVE, ActKind.REVOKE_WAIVER}:
            last[act.grant_id] = act.kind
    return {grant_id for grant_id, kind in last.items() if kind is ActKind.WAIVE}


def after_acts(due: Due, period: Period, acts: Iterable[Act]) -> Due:
    """Return what is due for a period after the acts of its grant.

    Source: semantics §6; a period is waived if all its days are. The single payment of a benefit of kind
            `once` or `event` has no month of its own: it is waived while a waiver stands.
    """
    return NOTHING_DUE if any(_covers(days, period) for days in waived_days(acts)) else due


def _covers(days: DayRange, period: Period) -> bool:
    if period.kind in {PeriodKind.ONCE, PeriodKind.EVENT}:
        return days.last == LAST_DAY
    return days.first <= period.days.first and period.days.last <= days.last


def waived_frame(acts: Iterable[Act]) -> pl.DataFrame:
    """Return the waived days of every grant that has acts: `WAIVED`."""
    by_grant: dict[str, list[Act]] = {}
    for act in acts:
        by_grant.setdefault(act.grant_id, []).append(act)
    rows = [
        (grant_id, days.first, days.last) for grant_id in sorted(by_grant) for days in waived_days(by_grant[grant_id])
    ]
    return pl.DataFrame(rows, schema=WAIVED, orient="row")


def with_acts(dues: pl.LazyFrame, waived: pl.DataFrame) -> pl.LazyFrame:
    """Set what is waived to zero: the frame form of `after_acts`.

    Shape:   `grant_id`, `period_first`, `period_last` (of `once` and `event`: the first and the last day there
             are), `at_least_fen`, `at_most_fen`, `is_open` and anything else in; the same rows and columns,
             in the same order, out.
    Nulls:   `at_most_fen` null: no limit, and not null where waived.
    Expects: `waived` is a `WAIVED` frame.
    """
    is_single = (pl.col("period_first") == FIRST_DAY) & (pl.col("waived_through") == LAST_DAY)
    is_within = (pl.col("waived_from") <= pl.col("period_first")) & (pl.col("period_last") <= pl.col("waived_through"))
    keys = ("grant_id", "period_first", "period_last")
    covered = (
        dues.select(keys)
        .join(waived.lazy(), on="grant_id", how="inner")
        .filter(is_single | is_within)
        .select(*keys, is_waived=pl.lit(True))
        .unique()
    )
    is_waived = pl.col("is_waived").fill_null(value=False)
    nothing = pl.lit(0, dtype=pl.Int64)
    return dues.join(covered, on=keys, how="left", validate="m:1", maintain_order="left").with_columns(
        is_waived=is_waived,
        at_least_fen=pl.when(is_waived).then(nothing).otherwise("at_least_fen"),
        at_most_fen=pl.when(is_waived).then(nothing).otherwise("at_most_fen"),
        is_open=pl.col("is_open") & is_waived.not_(),
    )
