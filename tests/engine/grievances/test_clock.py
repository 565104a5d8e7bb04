"""Working days of a grievance: the exchanged weekends, the days that stand still, the last day itself."""

import datetime as dt

import pytest

from core.settings import Grievances
from delivery.working_days import WorkingDays
from engine.grievances.clock import deadline_of, last_day
from store.grievances import Grievance, GrievanceStepTaken
from store.states.grievances import GrievanceKind, GrievanceSource, GrievanceState
from tests.world import day

CALENDAR = WorkingDays()
SETTINGS = Grievances(undone_days=5)


def step(state: GrievanceState, on: str, number: int = 1) -> GrievanceStepTaken:
    """Return a step to a state on a day."""
    at = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    return GrievanceStepTaken("q", number, GrievanceState.RECEIVED, state, at, day(on), "clerk", None, None, None)


def grievance(state: GrievanceState, on: str) -> Grievance:
    """Return one that came in on a day."""
    at = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    return Grievance(
        "q", GrievanceKind.UNDONE, GrievanceSource.COUNTER, None, "d", None, None, None, None, None, day(on), at, "x", state
    )  # fmt: skip


@pytest.mark.parametrize(
    ("received", "days", "last"),
    [
        ("2025-03-03", 5, "2025-03-10"),
        ("2025-03-08", 1, "2025-03-10"),  # came in on a Saturday
        ("2025-01-24", 3, "2025-02-05"),  # the Sunday of 26 January is worked, then the holidays of spring
        ("2025-04-03", 1, "2025-04-07"),  # 清明
    ],
)
def test_the_last_day(received: str, days: int, last: str) -> None:
    """The first is the working day after it came in; holidays and exchanged weekends count as the State Council says."""
    assert last_day(CALENDAR, day(received), (), days) == day(last)


def test_days_that_stand_still() -> None:
    """The day on which the applicant is asked counts, those after it through the answer do not, however often."""
    asked_twice = [
        step(GrievanceState.WAITING, "2025-03-04"),
        step(GrievanceState.INVESTIGATING, "2025-03-06"),
        step(GrievanceState.WAITING, "2025-03-07"),
        step(GrievanceState.INVESTIGATING, "2025-03-07"),
    ]

    assert last_day(CALENDAR, day("2025-03-03"), asked_twice, 5) == day("2025-03-12")
    assert last_day(CALENDAR, day("2025-03-03"), asked_twice[:1], 5) is None
    assert last_day(CALENDAR, day("2025-03-03"), asked_twice[:1], 1) == day("2025-03-04")


@pytest.mark.parametrize(
    ("today", "near", "overdue"),
    [
        ("2025-03-05", False, False),
        ("2025-03-06", True, False),
        ("2025-03-10", True, False),
        ("2025-03-11", False, True),
    ],
    ids=["far", "two-days-before", "on-the-day", "the-day-after"],
)
def test_near_and_overdue(today: str, near: bool, overdue: bool) -> None:  # a row of the table
    """It is near from two working days before, and overdue from the day after its last."""
    found = deadline_of(CALENDAR, grievance(GrievanceState.ACCEPTED, "2025-03-03"), (), SETTINGS, day(today))

    assert (found.through, found.is_near, found.is_overdue) == (day("2025-03-10"), near, overdue)


@pytest.mark.parametrize("state", [GrievanceState.DECIDED, GrievanceState.CLOSED, GrievanceState.WITHDRAWN])
def test_what_is_decided_has_no_clock(state: GrievanceState) -> None:
    """Only what somebody has still to decide is overdue."""
    assert deadline_of(CALENDAR, grievance(state, "2025-03-03"), (), SETTINGS, day("2026-01-01")).through is None
