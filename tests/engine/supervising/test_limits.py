import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import RunError
from core.workspace import Workspace, init_workspace
from delivery.working_days import WorkingDays
from engine.supervising.codes import SupervisionCode
from engine.supervising.limits import Limits, Matter, Standing, read_limits

CALENDAR = WorkingDays()
FRIDAY = dt.date(2025, 10, 17)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return a workspace without tables of its own."""
    return init_workspace(tmp_path / "w")


def written(workspace: Workspace, text: str) -> Limits:
    """Return the limits of a workspace with a table of its own."""
    workspace.supervision.mkdir()
    (workspace.supervision / "limits.yaml").write_text(text, "utf-8")
    return read_limits(workspace, CALENDAR)


def test_working_days_count_from_the_day_after(workspace: Workspace) -> None:
    """Five from a Friday: Monday to Friday; the guard's one day is Monday; the night of yesterday is due at once."""
    limits = read_limits(workspace, CALENDAR)

    assert limits.due_on(Matter.PROPOSAL, FRIDAY) == dt.date(2025, 10, 24)
    assert limits.due_on(Matter.GUARD, FRIDAY) == dt.date(2025, 10, 20)
    assert limits.due_on(Matter.NIGHT, FRIDAY) == FRIDAY


@pytest.mark.parametrize(
    ("due_on", "standing"),
    [
        (dt.date(2025, 10, 16), Standing.OVERDUE),
        (dt.date(2025, 10, 17), Standing.NEAR),
        (dt.date(2025, 10, 21), Standing.NEAR),
        (dt.date(2025, 10, 22), Standing.OPEN),
        (None, Standing.OPEN),
    ],
)
def test_a_matter_is_overdue_after_its_last_day_and_near_two_working_days_before(
    workspace: Workspace, due_on: dt.date | None, standing: Standing
) -> None:
    """On its last day it is still in time."""
    assert read_limits(workspace, CALENDAR).standing(due_on, FRIDAY) is standing


@given(
    due=st.dates(dt.date(2025, 1, 1), dt.date(2025, 12, 1)), today=st.dates(dt.date(2025, 1, 1), dt.date(2025, 12, 1))
)
def test_a_matter_never_becomes_less_urgent(due: dt.date, today: dt.date) -> None:
    """As days pass it is open, near, overdue, in this order."""
    limits = Limits(2, {}, CALENDAR)
    order = [Standing.OPEN, Standing.NEAR, Standing.OVERDUE]

    now, later = (order.index(limits.standing(due, day)) for day in (today, today + dt.timedelta(days=1)))

    assert now <= later


def test_a_city_changes_what_it_names_and_keeps_the_rest(workspace: Workspace) -> None:
    """Its table says three days for cases; proposals stay as shipped."""
    limits = written(workspace, "near: 1\ndays: {case: 3}\n")

    assert (limits.near, limits.days[Matter.CASE], limits.days[Matter.PROPOSAL]) == (1, 3, 5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("near: 2\ndays: {cases: 3}\n", "nothing is called `cases`"),
        ("near: 2\ndays: {batch: 3}\n", "nothing is called `batch`"),
        ("near: -1\ndays: {}\n", "`near` is below zero"),
        ("near: 2\ndays: {case: -3}\n", "`case` is below zero"),
    ],
)
def test_a_slip_in_the_table_is_refused(workspace: Workspace, text: str, message: str) -> None:
    """A misspelt matter would never be overdue; a batch goes by its pay day."""
    with pytest.raises(RunError) as refused:
        written(workspace, text)

    assert refused.value.findings[0].code is SupervisionCode.BAD_LIMIT
    assert refused.value.findings[0].message == message
