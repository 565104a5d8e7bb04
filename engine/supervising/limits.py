"""How long what may wait: the city's own table, or the one that is shipped."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.days import add_days
from core.errors import RunError
from core.findings import Finding, Place, nearest_help
from core.strict_yaml import Written, read_yaml
from core.workspace import Workspace
from delivery.working_days import WorkingDays
from engine.library import SHIPPED
from engine.supervising.codes import SupervisionCode

FILE = "limits.yaml"


class Matter(StrEnum):
    """What may wait for somebody."""

    NIGHT = "night"  # the night that is due was not published
    GUARD = "guard"  # a night was stopped for a person
    RESOURCE = "resource"  # late, stale, or soon so
    UNKNOWN = "unknown"  # outcomes for want of a fact
    HELD_DUES = "held_dues"  # unknown past grace
    ON_HOLD = "on_hold"  # items that wait for a fact, a sample or the end of a suspension
    LEFT_OPEN = "left_open"  # items that a batch left behind: no account, several, no name
    BATCH = "batch"  # has not gone out
    BANK = "bank"  # gone out, and not reconciled
    EXCEPTION = "exception"  # a line of a bank's file that a person has to settle
    PROPOSAL = "proposal"  # submitted or approved, and not in force
    SAMPLE = "sample"  # out of shadow, and nobody has judged its sample
    SUSPENSION = "suspension"
    CASE = "case"  # an overpayment that a person decides
    GRIEVANCE = "grievance"  # an objection or a complaint, by the days of its kind
    NOTICE = "notice"  # given up, or it is not known whether it arrived


_BY_THEIR_OWN_DAY = frozenset({Matter.RESOURCE, Matter.BATCH, Matter.GRIEVANCE})


class Standing(StrEnum):
    """How a matter stands against its last day."""

    OVERDUE = "overdue"
    NEAR = "near"
    OPEN = "open"


class WrittenLimits(Written):
    """The file: working days by matter."""

    near: int
    days: dict[str, int]


@dataclass(frozen=True, slots=True)
class Limits:
    """How many working days each matter may wait, by a calendar."""

    near: int
    days: Mapping[Matter, int]
    calendar: WorkingDays

    def due_on(self, matter: Matter, since: dt.date) -> dt.date:
        """Return the last day on which a matter that arose on a day is in time."""
        count = self.days[matter]
        return since if count == 0 else self.calendar.nth(add_days(since, 1), count)

    def standing(self, due_on: dt.date | None, today: dt.date) -> Standing:
        """Return how a matter stands today."""
        if due_on is None:
            return Standing.OPEN
        if due_on < today:
            return Standing.OVERDUE
        return Standing.NEAR if due_on <= self.calendar.nth(today, self.near + 1) else Standing.OPEN


def read_limits(workspace: Workspace, calendar: WorkingDays) -> Limits:
    """Return the limits of a workspace; what its own table leaves out is as shipped.

    Fails: RunError where the table is wrong.
    """
    shipped = _read(SHIPPED / "supervision" / FILE)
    own = workspace.supervision / FILE
    written = _read(own) if own.exists() else shipped
    days = shipped.days | written.days
    return Limits(written.near, {Matter(each): count for each, count in days.items()}, calendar)


def _read(path: Path) -> WrittenLimits:
    written = read_yaml(path, WrittenLimits, error=RunError, name=path.name)
    known = {str(each) for each in Matter if each not in _BY_THEIR_OWN_DAY}
    faults = [
        Finding(SupervisionCode.BAD_LIMIT, Place(path.name), f"nothing is called `{each}`", _help(each, known))
        for each in written.days
        if each not in known
    ]
    numbers = {"near": written.near, **written.days}
    faults += [
        Finding(
            SupervisionCode.BAD_LIMIT, Place(path.name), f"`{each}` is below zero", "write a number of working days"
        )
        for each, count in numbers.items()
        if count < 0
    ]
    if faults:
        raise RunError(faults)
    return written


def _help(word: str, known: set[str]) -> str | None:
    return nearest_help(word, known, "matter") or f"known: {', '.join(sorted(known))}"
