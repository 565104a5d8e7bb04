"""What a suspension keeps from leaving before any night has looked: once it is committed, nothing goes out."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from core.errors import RefusedError
from store.activation_steps import ActivationEvent, ActivationRecord, apply_step
from store.codes import StoreCode
from store.opening import Store
from store.runs import claim_run, enter_state, publish_run
from store.states.nights import RunState
from store.states.rules import ActivationState
from store.suspensions import refuse_unseen
from tests.store.test_activation_steps import JULY, publish
from tests.store.worlds import POLICY, later


def stop(store: Store, record: ActivationRecord) -> ActivationRecord:
    """Suspend an activation."""
    event = ActivationEvent(ActivationState.SUSPENDED, "officer", "wrong", suspended_from=JULY)
    with store.writing() as tx:
        return apply_step(tx, record, event)


def night(store: Store, date: dt.date) -> None:
    """Publish a night that knows what is known now."""
    known_at = later(store, hours=1)
    with store.writing() as tx:
        claim = claim_run(tx, "night", date, holder="h", lease=dt.timedelta(hours=1), known_at=known_at)
        for state in (RunState.RUNNING, RunState.VERIFYING):
            enter_state(tx, claim, state)
        publish_run(tx, claim, folder="f", manifest={}, summary={})


def test_nothing_goes_out_until_a_night_has_looked(store: Store) -> None:
    """Before a suspension and after the first night that knows it; in between, and after a night that did not, nothing."""
    record = publish(store)
    night(store, JULY)
    with store.writing() as tx:
        refuse_unseen(tx, POLICY)
    stop(store, record)
    with pytest.raises(RefusedError) as caught, store.writing() as tx:
        refuse_unseen(tx, POLICY)
    assert caught.value.findings[0].code is StoreCode.SUSPENDED

    night(store, JULY + dt.timedelta(days=1))

    with store.writing() as tx:
        refuse_unseen(tx, POLICY)


def test_no_night_was_ever_published(store: Store) -> None:
    """Nothing has looked at anything."""
    stop(store, publish(store))

    with pytest.raises(RefusedError), store.writing() as tx:
        refuse_unseen(tx, POLICY)


def test_of_a_shadow_nothing_can_go_out(store: Store) -> None:
    """A suspended shadow holds back nobody's money."""
    stop(store, publish(store, shadow_nights=2))

    with store.writing() as tx:
        refuse_unseen(tx, POLICY)


def test_a_suspension_waits_for_what_is_going_out(store: Store) -> None:
    """Who sends money out holds the activations, so that the suspension is committed after it, never in between."""
    record = publish(store)
    waits = sa.text("select count(*) from pg_locks where not granted")  # on SQLite one writer keeps out every other

    with ThreadPoolExecutor(1) as beside:
        with store.writing() as tx:
            refuse_unseen(tx, POLICY)
            stopping = beside.submit(stop, store, record)
            while store.is_postgresql and not tx.connection.scalar(waits):
                assert not stopping.done(), "it was committed while money was going out"
            assert not stopping.done()
        assert stopping.result().suspension is not None
