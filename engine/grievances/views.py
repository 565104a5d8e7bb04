"""Grievances as officers see them: what is overdue or near, and everything that was done on one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.clock import civil_day
from core.remits import WHOLE, Remit
from engine.deployment import Deployment
from engine.grievances.clock import Deadline, deadline_of
from engine.grievances.intake import CONTACT, SAID
from engine.grievances.roles import DECIDES, HANDLES, grievance_work
from engine.night import JOB
from engine.overpayments.views import titles_told
from store.grievances import (
    Grievance,
    GrievanceStepTaken,
    grievance_of,
    read_grievances,
    steps_of_grievances,
)
from store.opening import Reading
from store.runs import latest_published
from store.sealed_notes import open_note
from store.states.grievances import GRIEVANCE_TRANSITIONS, OPEN_GRIEVANCE, GrievanceKind, GrievanceState

_ANSWERS: Final = frozenset({GrievanceState.DECIDED, GrievanceState.NOT_ACCEPTED})
_ASKS: Final = frozenset({GrievanceState.WAITING})

MAY: Final[Mapping[str, frozenset[GrievanceState]]] = {
    name: frozenset(state for state, targets in GRIEVANCE_TRANSITIONS.items() if target in targets)
    for name, target in (("withdraw", GrievanceState.WITHDRAWN), ("again", GrievanceState.REAPPEALED))
}
"""What whoever complained may do of themselves, by where it stands: take it back, or go on with it before another person."""


@dataclass(frozen=True, slots=True)
class GrievanceLine:
    """One grievance with its clock; `title` is that of its policy, or empty.

    `answer` is the step that decided on it or did not take it up; `asked` the one that asks the applicant for something, for as
    long as it waits for that.
    """

    grievance: Grievance
    title: str
    deadline: Deadline
    answer: GrievanceStepTaken | None = None
    asked: GrievanceStepTaken | None = None


@dataclass(frozen=True, slots=True)
class GrievanceView:
    """Everything about one grievance; `is_looked_at_again`: a night has run since it was decided."""

    line: GrievanceLine
    steps: tuple[GrievanceStepTaken, ...]
    is_looked_at_again: bool


def list_grievances(
    deployment: Deployment,
    *,
    states: Collection[GrievanceState] = OPEN_GRIEVANCE,
    overdue_only: bool = False,
    remit: Remit = WHOLE,
) -> tuple[GrievanceLine, ...]:
    """Return the grievances of a remit in some states, those whose deadline is nearest first."""
    with deployment.store.reading() as rx:
        found = [each for each in read_grievances(rx, states=states) if remit.covers(each.policy)]
        lines = _lines(rx, deployment, found)
    chosen = [each for each in lines if each.deadline.is_overdue or not overdue_only]
    late_first = sorted(chosen, key=lambda line: (line.deadline.through is None, line.deadline.through))
    return tuple(late_first)


def own_grievances(deployment: Deployment, subject_id: str) -> tuple[GrievanceLine, ...]:
    """Return what a subject raised itself, newest first; what others report of it is not its own."""
    with deployment.store.reading() as rx:
        return own_lines(rx, deployment, subject_id)


def own_lines(rx: Reading, deployment: Deployment, subject_id: str) -> tuple[GrievanceLine, ...]:
    """Return the same as one transaction sees it."""
    found = read_grievances(rx, states=frozenset(GrievanceState), subject_id=subject_id)
    lines = _lines(rx, deployment, [each for each in found if each.kind is not GrievanceKind.REPORT])
    return tuple(reversed(lines))


def view_grievance(deployment: Deployment, grievance_id: str) -> GrievanceView:
    """Return one grievance with everything that was done on it.

    Fails: RefusedError where nothing goes by the id.
    """
    with deployment.store.reading() as rx:
        grievance = grievance_of(rx, grievance_id)
        steps = steps_of_grievances(rx, [grievance_id])[grievance_id]
        (line,) = _lines(rx, deployment, [grievance])
        latest = latest_published(rx, JOB)
    decided_at = [step.taken_at for step in steps if step.target is GrievanceState.DECIDED]
    is_again = latest is not None and bool(decided_at) and latest.known_at > decided_at[-1]
    return GrievanceView(line, steps, is_again)


def open_words(deployment: Deployment, grievance_id: str, *, by: str) -> dict[str, str]:
    """Return what was said and how to reach whoever said it; the opening is recorded."""
    grievance_work(deployment, grievance_id, by, (*HANDLES, *DECIDES))
    with deployment.store.writing() as tx:
        grievance = grievance_of(tx, grievance_id)
        found = {
            field: open_note(
                tx,
                deployment.seals,
                about=grievance_id,
                field=field,
                subject_id=grievance.subject_id or "",
                by=by,
                why="grievance",
            )
            for field in (SAID, CONTACT)
        }
    return {field: text for field, text in found.items() if text is not None}


def _lines(rx: Reading, deployment: Deployment, found: Collection[Grievance]) -> list[GrievanceLine]:
    today, titles = civil_day(rx.now), titles_told(rx)
    steps = steps_of_grievances(rx, [each.grievance_id for each in found])
    settings = deployment.workspace.settings.grievances
    return [
        GrievanceLine(
            each,
            titles.get(each.policy or "", each.policy or ""),
            deadline_of(deployment.calendar, each, steps[each.grievance_id], settings, today),
            _newest(steps[each.grievance_id], _ANSWERS),
            _newest(steps[each.grievance_id], _ASKS) if each.state in _ASKS else None,
        )
        for each in found
    ]


def _newest(steps: Sequence[GrievanceStepTaken], targets: Collection[GrievanceState]) -> GrievanceStepTaken | None:
    return next((each for each in reversed(steps) if each.target in targets), None)
