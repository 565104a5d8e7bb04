"""Days on which an answer may change though no fact does: what rules ask of `day()`.

Rules give them (`rules.edges`), profiles break their stretches on them (`profiles.assemble`), so that
every function of the day is constant within a stretch.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

DayFunction = Literal["full_years", "full_years_by_month", "full_months", "day"]


@dataclass(frozen=True, slots=True)
class DayEdge:
    """Where a function of the day asked about, and of one date fact, changes.

    `full_*`: on the days on which the count from the fact `attribute` reaches one of `thresholds`;
    None means at every change. `day` with an attribute: on the fact's own day and the day after it,
    each shifted by every one of `thresholds` days. `day` without: on each of `days`; None everywhere
    means that every day has to be asked.
    """

    function: DayFunction
    attribute: str | None = None
    thresholds: tuple[int, ...] | None = None
    days: tuple[dt.date, ...] | None = None
