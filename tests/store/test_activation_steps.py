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
from store.states.rules import ACTIVATION_TRANSITIONS, ActivationState, VersionState
from store.suspensions import suspended_policies
from tests.store.worlds import CLOCK_START, POLICY, later

JULY = dt.date(2026, 7, 1)
PATHS: tuple[tuple[str, ...], ...] = (
    (),
    ("shadow",),
    ("in_force",),
    ("in_force", "lapsed"),
    ("shadow", "suspended"),
    ("in_force", "lapsed", "suspended"),
    ("suspended",),
)


def publish(store: Store, *, shadow_nights: int = 0) -> ActivationRecord:
    """Publish a version from July on; return its activation."""
    version = ProposedVersion(POLICY, 1, "text", "f1", JULY, None)
    activation = ProposedActivation(POLICY, 1, JULY, shadow_nights=shadow_nights)
    with store.writing() as tx:
        proposal = submit(tx, Submission("plan", "", "author", (version,), (activation,)), by="clerk")
        for target, who in ((VersionState.APPROVED, "second"), (VersionState.PUBLISHED, "clerk")):
            proposal = apply(tx, proposal, ProposalEvent(target, who))
        (record,) = read_activations(tx)
    return record


def _go(store: Store, record: ActivationRecord, *states: str) -> ActivationRecord:
    for state in map(ActivationState, states):
        later(store, hours=1)
        who = f"person {len(record.steps)}"
        since = JULY if state is ActivationState.SUSPENDED else None
        with store.writing() as tx:
            record = apply_step(tx, record, ActivationEvent(state, who, run_id="r_1", suspended_from=since))
    return record


def _opens(record: ActivationRecord, target: ActivationState) -> bool:
    """Say whether the table lets an activation go there; from a suspension only to where it came from."""
    back = record.suspension
    return target in ACTIVATION_TRANSITIONS[record.state] and (back is None or target is back.source)


@pytest.mark.parametrize("target", ActivationState)
@pytest.mark.parametrize("path", PATHS)
def test_nothing_moves_that_is_not_in_the_table(store: Store, path: tuple[str, ...], target: ActivationState) -> None:
    """From every state exactly the steps of the table are open, and each is kept."""
    record = _go(store, publish(store), *path)
    if _opens(record, target):
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
    seen = publish(store)
    _go(store, seen, "in_force")

    with pytest.raises(RefusedError) as caught:
        _go(store, seen, "shadow")

    assert caught.value.findings[0].code is StoreCode.CHANGED


def test_who_suspended_it_does_not_resume_it(store: Store) -> None:
    """Going on needs another person."""
    record = _go(store, publish(store), "in_force", "suspended")
    assert record.suspension is not None

    with pytest.raises(RefusedError) as caught, store.writing() as tx:
        apply_step(tx, record, ActivationEvent(ActivationState.IN_FORCE, record.suspension.taken_by))

    assert caught.value.findings[0].code is StoreCode.OWN_APPROVAL


@pytest.mark.parametrize(
    ("target", "since"), [pytest.param("suspended", None, id="no-day"), pytest.param("shadow", JULY, id="day")]
)
def test_the_database_wants_the_day_of_a_suspension(store: Store, target: str, since: dt.date | None) -> None:
    """A suspension has its first day, and no other step has one."""
    key = publish(store).activation_id
    step = sa.text("insert into activation_step values (:key, 1, 'scheduled', :target, :at, 'x', null, null, :since)")
    with pytest.raises(StoreInvariantError), store.writing() as tx:
        tx.connection.execute(step, {"key": key, "target": target, "at": tx.now, "since": since})


def test_what_is_suspended_is_known_with_its_day(store: Store) -> None:
    """From the moment after the step until the one after the resumption; a policy's day says whether it is stopped."""
    record = _go(store, publish(store), "in_force", "suspended")
    with store.reading() as rx:
        assert [each.suspended_from for each in activations_known_at(rx, rx.now)] == [None]
        assert suspended_policies(rx, on=JULY) == {POLICY}
        assert suspended_policies(rx, on=JULY - dt.timedelta(days=1)) == frozenset()
    _go(store, record, "in_force")
    with store.reading() as rx:
        assert suspended_policies(rx, on=JULY) == frozenset()
        during = [each.suspended_from for each in activations_known_at(rx, rx.now)]
    assert during == [JULY]  # the night of that very moment goes by what was known before it


def test_the_database_knows_the_table_of_transitions(store: Store) -> None:
    """A step that the table lacks is refused by the database itself."""
    key = publish(store).activation_id
    leap = sa.text("insert into activation_step values (:key, 9, 'lapsed', 'in_force', :at, 'x', null, null, null)")
    with pytest.raises(StoreInvariantError), store.writing() as tx:
        tx.connection.execute(leap, {"key": key, "at": tx.now})


def test_a_shadow_decides_nothing_until_it_is_in_force(store: Store) -> None:
    """It is then known after that instant; what was known before stays as it was."""
    record = publish(store, shadow_nights=2)
    _go(store, record, "shadow", "in_force")
    in_force_at = CLOCK_START + dt.timedelta(hours=2)

    with store.reading() as rx:
        assert activations_known_at(rx, in_force_at) == ()
        after = in_force_at + dt.timedelta(microseconds=1)
        assert [each.activated_at for each in activations_known_at(rx, after)] == [in_force_at]
        instants = [CLOCK_START + dt.timedelta(hours=hours) for hours in (1, 2, 3)]
        states = [read_activations(rx, known_at=instant)[0].state for instant in instants]
    assert states == ["scheduled", "shadow", "in_force"]
