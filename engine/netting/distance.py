"""Events of one key that are paid only so many months apart: a graduate whom one employer is paid for in any twelve months.

Who is paid already stays; of the others the oldest comes first. Somebody of whom it is not certain keeps the time around
their day free: nothing there is certain, and nothing ruled out.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from core.days import add_months


@dataclass(frozen=True, slots=True)
class Dated:
    """What one event would come to by itself; `most_fen` None: no limit."""

    day: dt.date
    least_fen: int
    most_fen: int | None
    is_paid: bool


def apart(events: Sequence[Dated], months: int) -> tuple[list[bool], int | None]:
    """Return which events are certainly paid, and the most that all of them may come to (None: no limit).

    Expects: events in any lasting order; of one day the first comes first.
    """
    sure, perhaps = list[dt.date](), list[dt.date]()
    wins, most = [False] * len(events), list[int | None]()
    for place in sorted(range(len(events)), key=lambda at: (not events[at].is_paid, events[at].day)):
        event = events[place]
        if _is_near(event.day, sure, months) or event.most_fen == 0:
            continue
        most.append(event.most_fen)
        wins[place] = event.least_fen > 0 and not _is_near(event.day, perhaps, months)
        (sure if wins[place] else perhaps).append(event.day)
    return wins, None if None in most else sum(fen for fen in most if fen is not None)


def _is_near(day: dt.date, others: Sequence[dt.date], months: int) -> bool:
    return any(max(day, other) < add_months(min(day, other), months) for other in others)


def by_distance(contenders: pl.DataFrame, months: int) -> pl.DataFrame:
    """Say who wins of the contenders of each key: as `engine.netting.sharing` says it of other modes.

    Adds: `wins`, `key_most_fen`.
    """
    parts = [contenders.clear().with_columns(wins=pl.lit(value=False), key_most_fen=pl.lit(0, dtype=pl.Int64))]
    order = ("key", "dated_on", "rank", "contender")
    for _, own in contenders.sort(order).group_by("key", maintain_order=True):
        rows = own.select("dated_on", "least", "most", is_paid=pl.col("committed") > 0).iter_rows()
        wins, most = apart([Dated(*row) for row in rows], months)
        parts.append(
            own.with_columns(pl.Series("wins", wins, dtype=pl.Boolean), key_most_fen=pl.lit(most, dtype=pl.Int64))
        )
    return pl.concat(parts)
