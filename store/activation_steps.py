"""The steps of activations: nights move them into shadow, into force and out of it; a person suspends and resumes them.

An activation is never edited. Its state is where its last step led, and an activation without any is scheduled.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

import sqlalchemy as sa

from rules.standing import Activation
from store.codes import StoreCode
from store.faults import refused
from store.items import changed_in_between
from store.opening import Reading, Writing
from store.rows import insert_rows
from store.states import ACTIVATION_TRANSITIONS, ActivationState
from store.tables import ActivationRow, ActivationStep, ProposedActivationRow, table_of

_ACTIVATION = table_of(ActivationRow)
_PROPOSED = table_of(ProposedActivationRow)
_STEP = table_of(ActivationStep)


@dataclass(frozen=True, slots=True)
class StepTaken:
    """One step of an activation; `run_id` names the night that took it."""

    number: int
    source: ActivationState
    target: ActivationState
    taken_at: dt.datetime
    taken_by: str
    reason: str | None
    run_id: str | None


@dataclass(frozen=True, slots=True)
class ActivationRecord:
    """An activation as it was published, and every step that it has taken by some instant."""

    activation_id: str
    activation: Activation
    activated_by: str
    shadow_nights: int
    reaches_back_to: dt.date | None
    steps: tuple[StepTaken, ...]

    @property
    def state(self) -> ActivationState:
        """Return where it stands."""
        return self.steps[-1].target if self.steps else ActivationState.SCHEDULED

    def entered_at(self, state: ActivationState) -> dt.datetime | None:
        """Return when it first came into a state, or None."""
        return next((step.taken_at for step in self.steps if step.target is state), None)


@dataclass(frozen=True, slots=True)
class ActivationEvent:
    """What a night or a person does to an activation as they saw it."""

    target: ActivationState
    by: str
    reason: str | None = None
    run_id: str | None = None


def apply_step(tx: Writing, record: ActivationRecord, event: ActivationEvent) -> ActivationRecord:
    """Take one step with an activation as it was read; the only way in which it moves.

    Fails: RefusedError where the table of transitions does not allow it, or where somebody else moved it in between.
    """
    if event.target not in ACTIVATION_TRANSITIONS[record.state]:
        message = f"the activation is `{record.state}` and may not become `{event.target}`"
        remedy = "look at `mianshen rules history` again"
        raise refused(StoreCode.WRONG_STATE, record.activation.policy, message, remedy)
    step = StepTaken(len(record.steps) + 1, record.state, event.target, tx.now, event.by, event.reason, event.run_id)
    try:
        with tx.connection.begin_nested():
            insert_rows(tx, ActivationStep, [asdict(step) | {"activation_id": record.activation_id}])
    except sa.exc.IntegrityError:  # the primary key: this step has been taken
        raise changed_in_between() from None
    return ActivationRecord(
        record.activation_id,
        record.activation,
        record.activated_by,
        record.shadow_nights,
        record.reaches_back_to,
        (*record.steps, step),
    )


def read_activations(rx: Reading, *, known_at: dt.datetime | None = None) -> tuple[ActivationRecord, ...]:
    """Return every activation with its steps, as it stands or as it was known at an instant: by policy, as they were made.

    A step is not known at its own instant: the night that takes it does not go by it.
    """
    steps = _steps(rx, known_at)
    joined = _ACTIVATION.outerjoin(_PROPOSED, _PROPOSED.c.activation_id == _ACTIVATION.c.activation_id)
    own = [_ACTIVATION.c[each.name] for each in fields(Activation)]
    more = (_ACTIVATION.c.activated_by, _PROPOSED.c.shadow_nights, _PROPOSED.c.reaches_back_to)
    chosen = (
        sa.select(_ACTIVATION.c.activation_id, *more, *own)
        .select_from(joined)
        .where(sa.true() if known_at is None else _ACTIVATION.c.activated_at <= known_at)
        .order_by(_ACTIVATION.c.policy, _ACTIVATION.c.activated_at, _ACTIVATION.c.valid_from)
    )
    return tuple(
        ActivationRecord(key, Activation(*values), by, nights or 0, reaches, steps.get(key, ()))
        for key, by, nights, reaches, *values in rx.connection.execute(chosen)
    )


def _steps(rx: Reading, known_at: dt.datetime | None) -> Mapping[str, tuple[StepTaken, ...]]:
    chosen = sa.select(_STEP.c.activation_id, *(_STEP.c[each.name] for each in fields(StepTaken)))
    found: dict[str, tuple[StepTaken, ...]] = {}
    known = chosen.where(sa.true() if known_at is None else _STEP.c.taken_at < known_at)
    for key, *values in rx.connection.execute(known.order_by(_STEP.c.activation_id, _STEP.c.number)):
        found[key] = (*found.get(key, ()), StepTaken(*values))
    return found
