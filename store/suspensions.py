"""What a suspension keeps from leaving at this very moment, before any night has looked at it."""

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa

from core.days import DayRange
from rules.standing import Activation, StandState, standing
from store.activation_steps import read_activations
from store.activations import activations_known_at
from store.codes import StoreCode
from store.faults import refused
from store.opening import Reading, Writing
from store.prepared import Prepared
from store.states.nights import RunState
from store.states.rules import ActivationState
from store.tables import ActivationRow, ActivationStep, Run, table_of

_ACTIVATION = table_of(ActivationRow)
_RUN = table_of(Run)
_STEP = table_of(ActivationStep)
_A_MOMENT = dt.timedelta(microseconds=1)
_EVER_STOPPED = Prepared(
    lambda _: (
        sa.select(_ACTIVATION.c.policy)
        .join_from(_STEP, _ACTIVATION, _STEP.c.activation_id == _ACTIVATION.c.activation_id)
        .where(_STEP.c.target == ActivationState.SUSPENDED)
    )
)


def suspended_policies(rx: Reading, *, on: dt.date) -> frozenset[str]:
    """Return the policies of which what stands on a day is suspended at this moment."""
    ever = {each.policy for each in _EVER_STOPPED.rows(rx)}
    if not ever:
        return frozenset()
    found: dict[str, list[Activation]] = {}
    for each in activations_known_at(rx, rx.now + _A_MOMENT):  # a step of this very moment counts
        if each.policy in ever:
            found.setdefault(each.policy, []).append(each)
    return frozenset(policy for policy, own in found.items() if _is_suspended(own, on, rx.now))


def _is_suspended(own: Iterable[Activation], on: dt.date, known_at: dt.datetime) -> bool:
    own = list(own)
    if all(each.suspended_from is None for each in own):
        return False
    (stand,) = standing(own, DayRange(on, on), known_at=known_at)
    return stand.state is StandState.SUSPENDED


def refuse_unseen(tx: Writing, policy: str) -> None:
    """Refuse to let money of a policy go out while it has a suspension that no published night has seen.

    Such a night has taken out of every batch what has to wait; what is left in it may go.
    INVARIANT: whoever suspends waits for who holds the rows that are locked here, and the other way round: once a
    suspension is committed, nothing that it holds back goes out.
    Fails: RefusedError.
    """
    own = sa.select(_ACTIVATION.c.activation_id).where(_ACTIVATION.c.policy == policy)
    tx.connection.execute(own.order_by(_ACTIVATION.c.activation_id).with_for_update(read=True)).all()
    seen_at = tx.connection.scalar(sa.select(sa.func.max(_RUN.c.known_at)).where(_RUN.c.state == RunState.PUBLISHED))
    for record in read_activations(tx):
        stopped = record.suspension
        if record.activation.policy != policy or stopped is None or not record.decides:
            continue
        if seen_at is None or stopped.taken_at >= seen_at:
            message = f"`{stopped.taken_by}` suspended it, and no night has looked at what waits since"
            remedy = "run a night: it takes out of the batch what has to wait, and the rest may go"
            raise refused(StoreCode.SUSPENDED, policy, message, remedy)
