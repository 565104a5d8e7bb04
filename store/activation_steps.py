"""The steps of activations: nights move them into shadow, into force and out of it; a person suspends and resumes them.

An activation is never edited. Its state is where its last step led, and an activation without any is scheduled.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace

import sqlalchemy as sa

from rules.standing import Activation
from store import audit
from store.codes import StoreCode
from store.faults import refused
from store.items import changed_in_between
from store.opening import Reading, Writing
from store.rows import insert_rows
from store.states.rules import ACTIVATION_TRANSITIONS, ActivationState
from store.tables import ActivationRow, ActivationStep, ProposedActivationRow, table_of

_ACTIVATION = table_of(ActivationRow)
_PROPOSED = table_of(ProposedActivationRow)
_STEP = table_of(ActivationStep)

ACTIVATION_FIELDS = tuple(each.name for each in fields(Activation) if each.name != "suspended_from")
"""What the row of an activation holds; whether it is suspended, its steps say."""


@dataclass(frozen=True, slots=True)
class StepTaken:
    """One step of an activation; `run_id` names the night that took it, `suspended_from` the first day of a suspension."""

    number: int
    source: ActivationState
    target: ActivationState
    taken_at: dt.datetime
    taken_by: str
    reason: str | None
    run_id: str | None
    suspended_from: dt.date | None = None


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

    @property
    def suspension(self) -> StepTaken | None:
        """Return the step that suspended it, as long as nobody has let it go on."""
        return self.steps[-1] if self.state is ActivationState.SUSPENDED else None

    @property
    def decides(self) -> bool:
        """Say whether nights go by it: not while it was only ever computed in shadow."""
        return not self.shadow_nights or self.entered_at(ActivationState.IN_FORCE) is not None

    def as_of(self, instant: dt.datetime) -> "ActivationRecord":
        """Return it with the steps that were known at an instant; a step is not known at its own."""
        return replace(self, steps=tuple(step for step in self.steps if step.taken_at < instant))

    def was_in(self, state: ActivationState, at: dt.datetime) -> bool:
        """Say whether it stood in a state at an instant, a step of that very instant included."""
        taken = [step.target for step in self.steps if step.taken_at <= at]
        return (taken[-1] if taken else ActivationState.SCHEDULED) is state

    def entered_at(self, state: ActivationState) -> dt.datetime | None:
        """Return when it first came into a state, or None."""
        return next((step.taken_at for step in self.steps if step.target is state), None)


@dataclass(frozen=True, slots=True)
class ActivationEvent:
    """What a night or a person does to an activation as they saw it; `suspended_from` where they suspend it."""

    target: ActivationState
    by: str
    reason: str | None = None
    run_id: str | None = None
    suspended_from: dt.date | None = None


def stepped(record: ActivationRecord, event: ActivationEvent, at: dt.datetime) -> ActivationRecord:
    """Return an activation after one more step.

    From a suspension it goes back to where it came from, and only by another person than who suspended it.
    Fails: RefusedError where the table of transitions does not allow it, or where who suspended it would let it go on.
    """
    suspension = record.suspension
    is_back = suspension is None or event.target is suspension.source
    if not is_back or event.target not in ACTIVATION_TRANSITIONS[record.state]:
        message = f"the activation is `{record.state}` and may not become `{event.target}`"
        remedy = "look at `mianshen rules history` again"
        raise refused(StoreCode.WRONG_STATE, record.activation.policy, message, remedy)
    if suspension is not None and event.by == suspension.taken_by:
        message = f"`{event.by}` suspended it, and only another person lets it go on"
        raise refused(StoreCode.OWN_APPROVAL, record.activation.policy, message, "have another officer resume it")
    assert (event.suspended_from is not None) == (event.target is ActivationState.SUSPENDED)
    step = StepTaken(
        len(record.steps) + 1,
        record.state,
        event.target,
        at,
        event.by,
        event.reason,
        event.run_id,
        event.suspended_from,
    )
    return replace(record, steps=(*record.steps, step))


def apply_step(tx: Writing, record: ActivationRecord, event: ActivationEvent) -> ActivationRecord:
    """Take one step with an activation as it was read; the only way in which it moves.

    Fails: RefusedError as `stepped`, or where somebody else moved it in between.
    """
    said = {"policy": record.activation.policy, "version": record.activation.version, "run_id": event.run_id}
    audit.record(
        tx,
        f"activation.{event.target}",
        by=event.by,
        about=record.activation_id,
        said=said | {"reason": audit.words_digest(event.reason)},
    )
    moved = stepped(record, event, tx.now)
    if event.target is ActivationState.SUSPENDED:
        own = sa.select(_ACTIVATION.c.activation_id).where(_ACTIVATION.c.policy == record.activation.policy)
        in_order = own.order_by(_ACTIVATION.c.activation_id)
        tx.connection.execute(in_order.with_for_update(key_share=True)).all()  # as `store.suspensions.refuse_unseen`
    try:
        with tx.connection.begin_nested():
            insert_rows(tx, ActivationStep, [asdict(moved.steps[-1]) | {"activation_id": record.activation_id}])
    except sa.exc.IntegrityError:  # the primary key: this step has been taken
        raise changed_in_between() from None
    return moved


def read_activations(rx: Reading, *, known_at: dt.datetime | None = None) -> tuple[ActivationRecord, ...]:
    """Return every activation with its steps, as it stands or as it was known at an instant: by policy, as they were made.

    A step is not known at its own instant: the night that takes it does not go by it.
    """
    steps = _steps(rx, known_at)
    joined = _ACTIVATION.outerjoin(_PROPOSED, _PROPOSED.c.activation_id == _ACTIVATION.c.activation_id)
    own = [_ACTIVATION.c[name] for name in ACTIVATION_FIELDS]
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
