"""Grievances: written once as they came in, moved by steps, the only way in which they go from state to state."""

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields, replace

import sqlalchemy as sa

from store.audit import record, words_digest
from store.audit_chain import JSON
from store.codes import StoreCode
from store.faults import refused
from store.items import changed_in_between
from store.opening import Reading, Writing
from store.rows import insert_rows, is_among
from store.states.grievances import (
    GRIEVANCE_TRANSITIONS,
    OPEN_GRIEVANCE,
    GrievanceKind,
    GrievanceOutcome,
    GrievanceSource,
    GrievanceState,
)
from store.tables import GrievanceRow, GrievanceStep, table_of

_GRIEVANCE = table_of(GrievanceRow)
_STEP = table_of(GrievanceStep)


@dataclass(frozen=True, slots=True)
class Grievance:
    """A grievance as it stands; the fields of its row."""

    grievance_id: str
    kind: GrievanceKind
    source: GrievanceSource
    external_id: str | None
    digest: str
    subject_id: str | None
    policy: str | None
    grant_id: str | None
    case_id: str | None
    earlier_id: str | None
    received_on: dt.date
    received_at: dt.datetime
    received_by: str
    state: GrievanceState = GrievanceState.RECEIVED
    outcome: GrievanceOutcome | None = None
    is_holding: bool = False
    moves: int = 0


@dataclass(frozen=True, slots=True)
class GrievanceDeed:
    """What a person does with a grievance, on which civil day, and why; `department` has to mend its data."""

    target: GrievanceState
    by: str
    on: dt.date
    reason: str | None = None
    basis: str | None = None
    department: str | None = None


@dataclass(frozen=True, slots=True)
class GrievanceStepTaken:
    """One step of a grievance."""

    grievance_id: str
    number: int
    source: GrievanceState
    target: GrievanceState
    taken_at: dt.datetime
    taken_on: dt.date
    taken_by: str
    reason: str | None
    basis: str | None
    department: str | None


def add_grievance(tx: Writing, grievance: Grievance) -> None:
    """Keep a grievance as it came in.

    Fails: RefusedError where its source brought it already, or another goes on with the same earlier one.
    """
    said: dict[str, JSON] = {"kind": grievance.kind.value, "source": grievance.source.value, "digest": grievance.digest}
    record(tx, "grievance.received", by=grievance.received_by, about=grievance.grievance_id, said=said)
    try:
        with tx.connection.begin_nested():
            insert_rows(tx, GrievanceRow, [asdict(grievance)])
    except sa.exc.IntegrityError:  # it stands by now
        raise changed_in_between() from None


def move_grievance(
    tx: Writing, before: Grievance, deed: GrievanceDeed, *, outcome: GrievanceOutcome | None = None
) -> Grievance:
    """Take one step with a grievance as it was read.

    Fails: RefusedError where the table of transitions does not allow it, or somebody else moved it in between.
    """
    said: dict[str, JSON] = {"target": deed.target.value, "outcome": outcome and outcome.value}
    said |= {"reason": words_digest(deed.reason), "department": deed.department}
    record(tx, f"grievance.{deed.target}", by=deed.by, about=before.grievance_id, said=said)
    if deed.target not in GRIEVANCE_TRANSITIONS[before.state]:
        message = f"the grievance is `{before.state}` and may not become `{deed.target}`"
        remedy = f"look at `mianshen grievances show {before.grievance_id}`"
        raise refused(StoreCode.WRONG_STATE, before.grievance_id, message, remedy)
    after = replace(before, state=deed.target, moves=before.moves + 1, outcome=outcome or before.outcome)
    return _write(tx, before, after, deed)


def _write(tx: Writing, before: Grievance, after: Grievance, deed: GrievanceDeed) -> Grievance:
    own = sa.update(_GRIEVANCE).where(
        _GRIEVANCE.c.grievance_id == before.grievance_id, _GRIEVANCE.c.moves == before.moves
    )
    written = own.values(state=after.state, outcome=after.outcome, moves=after.moves)
    if tx.connection.execute(written).rowcount != 1:
        raise changed_in_between()
    step = GrievanceStepTaken(
        before.grievance_id,
        after.moves,
        before.state,
        deed.target,
        tx.now,
        deed.on,
        deed.by,
        deed.reason,
        deed.basis,
        deed.department,
    )
    insert_rows(tx, GrievanceStep, [asdict(step)])
    return after


def set_holding(tx: Writing, grievance: Grievance, *, is_holding: bool) -> Grievance:
    """Say whether what is due on its grant waits for it; the acts that nights read are for the caller to write."""
    own = sa.update(_GRIEVANCE).where(_GRIEVANCE.c.grievance_id == grievance.grievance_id)
    tx.connection.execute(own.values(is_holding=is_holding))
    return replace(grievance, is_holding=is_holding)


def grievance_of(rx: Reading, grievance_id: str) -> Grievance:
    """Return one grievance.

    Fails: RefusedError where nothing goes by the id.
    """
    found = _grievances(rx, _GRIEVANCE.c.grievance_id == grievance_id)
    if not found:
        message = f"no grievance is called `{grievance_id}`"
        remedy = "`mianshen grievances list --all` shows every one"
        raise refused(StoreCode.UNKNOWN_NAME, "grievances", message, remedy)
    return found[0]


def external_grievance(rx: Reading, source: GrievanceSource, external_id: str) -> Grievance | None:
    """Return what a source brought under its own number, or None."""
    found = _grievances(rx, sa.and_(_GRIEVANCE.c.source == source, _GRIEVANCE.c.external_id == external_id))
    return found[0] if found else None


def read_grievances(
    rx: Reading, *, states: Collection[GrievanceState] = OPEN_GRIEVANCE, subject_id: str | None = None
) -> list[Grievance]:
    """Return grievances in some states, of everyone or of one subject, as they came in."""
    is_meant = _GRIEVANCE.c.state.in_(sorted(states))
    return _grievances(rx, is_meant if subject_id is None else is_meant & (_GRIEVANCE.c.subject_id == subject_id))


def _grievances(rx: Reading, condition: sa.ColumnElement[bool]) -> list[Grievance]:
    columns = (_GRIEVANCE.c[each.name] for each in fields(Grievance))
    chosen = sa.select(*columns).where(condition).order_by(_GRIEVANCE.c.received_at, _GRIEVANCE.c.grievance_id)
    return [Grievance(*row) for row in rx.connection.execute(chosen)]


def steps_of_grievances(rx: Reading, grievances: Collection[str]) -> dict[str, tuple[GrievanceStepTaken, ...]]:
    """Return the steps of some grievances, in the order in which they were taken."""
    columns = (_STEP.c[each.name] for each in fields(GrievanceStepTaken))
    chosen = sa.select(*columns).where(is_among(rx, _STEP.c.grievance_id, grievances))
    found: dict[str, tuple[GrievanceStepTaken, ...]] = dict.fromkeys(grievances, ())
    for row in rx.connection.execute(chosen.order_by(_STEP.c.grievance_id, _STEP.c.number)):
        step = GrievanceStepTaken(*row)
        found[step.grievance_id] = (*found[step.grievance_id], step)
    return found
