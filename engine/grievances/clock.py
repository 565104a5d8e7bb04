"""The clock of a grievance: working days that stand still while the applicant is asked for something."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.days import add_days
from core.settings import Grievances
from delivery.working_days import WorkingDays
from store.grievances import Grievance, GrievanceStepTaken
from store.states.grievances import UNDECIDED_GRIEVANCE, GrievanceKind, GrievanceState

NEAR_DAYS = 2
"""So many working days before its last one a grievance is near its deadline."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """By which day somebody has to decide; `through` is None while the clock stands still, or once it is decided."""

    through: dt.date | None
    is_overdue: bool = False
    is_near: bool = False


def days_for(settings: Grievances, kind: GrievanceKind) -> int:
    """Return within how many working days a kind is decided."""
    return {
        GrievanceKind.ENTITLEMENT: settings.entitlement_days,
        GrievanceKind.CLAIM: settings.claim_days,
        GrievanceKind.REPORT: settings.report_days,
        GrievanceKind.UNDONE: settings.undone_days,
        GrievanceKind.SERVICE: settings.service_days,
        GrievanceKind.DISSATISFIED: settings.dissatisfied_days,
    }[kind]


def last_day(
    calendar: WorkingDays, received_on: dt.date, steps: Sequence[GrievanceStepTaken], days: int
) -> dt.date | None:
    """Return the last of so many working days, the first being the day after it came in; None while it stands still.

    The day on which the applicant is asked still counts, those after it through the day of the answer do not.
    """
    pauses = list(_pauses(steps))
    day, left = received_on, days
    while left:
        day = add_days(day, 1)
        if any(first < day and until is None for first, until in pauses):
            return None
        is_paused = any(first < day <= until for first, until in pauses if until is not None)
        left -= calendar.is_working(day) and not is_paused
    return day


def _pauses(steps: Sequence[GrievanceStepTaken]) -> Iterator[tuple[dt.date, dt.date | None]]:
    """Give the days on which the applicant was asked, each with that of the answer; None where there is none yet."""
    for place, step in enumerate(steps):
        if step.target is GrievanceState.WAITING:
            yield step.taken_on, steps[place + 1].taken_on if place + 1 < len(steps) else None


def deadline_of(
    calendar: WorkingDays,
    grievance: Grievance,
    steps: Sequence[GrievanceStepTaken],
    settings: Grievances,
    today: dt.date,
) -> Deadline:
    """Return by which day a grievance has to be decided, and whether that day is near or over."""
    if grievance.state not in UNDECIDED_GRIEVANCE:
        return Deadline(None)
    through = last_day(calendar, grievance.received_on, steps, days_for(settings, grievance.kind))
    if through is None:
        return Deadline(None)
    near_from = calendar.nth(add_days(today, 1), NEAR_DAYS)
    return Deadline(through, is_overdue=today > through, is_near=today <= through <= near_from)
