"""Activations go by the table of transitions; what was known at an instant stays as it was."""

import datetime as dt

import pytest
import sqlalchemy as sa

from core.errors import RefusedError
from store.activation_steps import ActivationEvent, ActivationRecord, apply_step, read_activations
from store.activations import activations_known_at
from store.codes import StoreCode, StoreInvariantError
from store.opening import Store
from store.proposals import ProposalEvent, ProposedActivation, ProposedVersion, Submission, apply, submit
from store.states import ACTIVATION_TRANSITIONS, ActivationState, VersionState
from tests.store.worlds import CLOCK_START, POLICY, later

JULY = dt.date(2026, 7, 1)
PATHS: tuple[tuple[str, ...], ...] = (
    (),
    ("shadow",),
    ("in_force",),
    ("in_force", "lapsed"),
    ("shadow", "suspended"),
)


def _publish(store: Store, *, shadow_nights: int = 0) -> ActivationRecord:
    version = ProposedVersion(POLICY, 1, "text", "f1", JULY, None)
    activation = ProposedActivation(POLICY, 1, JULY, shadow_nights=shadow_nights)
    with store.writing() as tx:
        proposal = submit(tx, Submission("plan", "", "author", (version,), (activation,)), by="clerk")
        for target, who in ((VersionState.APPROVED, "second"), (VersionState.PUBLISHED, "clerk")):
            proposal = apply(tx, proposal, ProposalEvent(target, who))
        (record,) = read_activations(tx)
    return record


def _go(store: Store, record: ActivationRecord, *states: str) -> ActivationRecord:
    for state in states:
        later(store, hours=1)
        with store.writing() as tx:
            record = apply_step(tx, record, ActivationEvent(ActivationState(state), "night", run_id="r_1"))
    return record


@pytest.mark.parametrize("target", ActivationState)
@pytest.mark.parametrize("path", PATHS)
def test_nothing_moves_that_is_not_in_the_table(store: Store, path: tuple[str, ...], target: ActivationState) -> None:
    """From every state exactly the steps of the table are open, and each is kept."""
    record = _go(store, _publish(store), *path)
    if target in ACTIVATION_TRANSITIONS[record.state]:
        moved = _go(store, record, target)
        with store.reading() as rx:
            assert read_activations(rx) == (moved,)
        assert [step.target for step in moved.steps] == [*path, target]
    else:
        with pytest.raises(RefusedError) as caught:
            _go(store, record, target)
        assert caught.value.findings[0].code is StoreCode.WRONG_STATE


def test_two_writers_of_one_activation(store: Store) -> None:
    """Who moves it as it was before somebody else's step is refused."""
    seen = _publish(store)
    _go(store, seen, "in_force")

    with pytest.raises(RefusedError) as caught:
        _go(store, seen, "shadow")

    assert caught.value.findings[0].code is StoreCode.CHANGED


def test_the_database_knows_the_table_of_transitions(store: Store) -> None:
    """A step that the table lacks is refused by the database itself."""
    key = _publish(store).activation_id
    leap = sa.text("insert into activation_step values (:key, 9, 'lapsed', 'in_force', :at, 'x', null, null)")
    with pytest.raises(StoreInvariantError), store.writing() as tx:
        tx.connection.execute(leap, {"key": key, "at": tx.now})


def test_a_shadow_decides_nothing_until_it_is_in_force(store: Store) -> None:
    """It is then known after that instant; what was known before stays as it was."""
    record = _publish(store, shadow_nights=2)
    _go(store, record, "shadow", "in_force")
    in_force_at = CLOCK_START + dt.timedelta(hours=2)

    with store.reading() as rx:
        assert activations_known_at(rx, in_force_at) == ()
        after = in_force_at + dt.timedelta(microseconds=1)
        assert [each.activated_at for each in activations_known_at(rx, after)] == [in_force_at]
        instants = [CLOCK_START + dt.timedelta(hours=hours) for hours in (1, 2, 3)]
        states = [read_activations(rx, known_at=instant)[0].state for instant in instants]
    assert states == ["scheduled", "shadow", "in_force"]
