"""Errands in the store: asked once, carried out one at a time, and never running for ever."""

import datetime as dt

import pytest

from store.audit import last_entries
from store.errands import (
    LEASE,
    WAITS,
    Errand,
    ask_errand,
    end_errand,
    errand_of,
    hand_over,
    keep_errand,
    last_errands,
    newest_done,
    settle_errands,
    take_errand,
    waits,
)
from store.opening import Store
from store.states.errands import ErrandKind, ErrandState
from tests.store.worlds import later

NIGHT = {"date": "2026-03-01"}


def alive(_: str) -> bool:
    return False


def dead(_: str) -> bool:
    return True


def ask(store: Store, kind: ErrandKind = ErrandKind.REPLAY, by: str = "li", **wanted: str) -> Errand:
    with store.writing() as tx:
        return ask_errand(tx, kind, wanted or NIGHT, by=by, is_dead=alive)


def take(store: Store, holder: str = "one") -> Errand | None:
    with store.writing() as tx:
        return take_errand(tx, holder=holder, is_dead=alive)


def state(store: Store, errand: Errand) -> ErrandState:
    with store.reading() as rx:
        found = errand_of(rx, errand.errand_id)
    assert found is not None
    return found.stands(store.clock.now(), alive)


def test_the_same_asked_twice_is_one_errand(store: Store) -> None:
    """By whoever, while it is not over; something else is another, and so is the same after it was done."""
    first = ask(store)
    assert ask(store, by="wang") == first
    other = ask(store, date="2026-02-01")
    assert other.errand_id != first.errand_id

    taken = take(store)
    assert taken is not None
    assert ask(store).errand_id == first.errand_id
    with store.writing() as tx:
        assert end_errand(tx, taken, ErrandState.DONE, {"verdict": "equal"})
    later(store, seconds=1)
    assert ask(store).errand_id != first.errand_id
    with store.reading() as rx:
        done = newest_done(rx, ErrandKind.REPLAY, dict(NIGHT))
        assert done is not None
        assert (done.errand_id, done.result) == (first.errand_id, {"verdict": "equal"})
        assert newest_done(rx, ErrandKind.NIGHT, dict(NIGHT)) is None


def test_one_is_carried_out_at_a_time_in_the_order_of_asking(store: Store) -> None:
    """Whatever servers there are: each may hold the profiles of everybody."""
    first = ask(store)
    later(store, seconds=1)
    second = ask(store, ErrandKind.READINESS)

    taken = take(store)
    assert taken is not None
    assert taken.errand_id == first.errand_id
    assert take(store, "another server") is None
    with store.writing() as tx:
        end_errand(tx, taken, ErrandState.FAILED, {"findings": []})
    following = take(store, "another server")
    assert following is not None
    assert following.errand_id == second.errand_id
    with store.reading() as rx:
        assert not waits(rx)


@pytest.mark.parametrize(("passed", "stands"), [(LEASE, ErrandState.RUNNING), (LEASE * 1.01, ErrandState.BROKEN_OFF)])
def test_what_nobody_keeps_is_broken_off(store: Store, passed: dt.timedelta, stands: ErrandState) -> None:
    """Once the lease has passed it is shown so at once, and kept so by the next who asks or takes."""
    errand = ask(store)
    taken = take(store)
    assert taken is not None
    later(store, seconds=int(passed.total_seconds()))

    assert state(store, errand) is stands
    again = ask(store)
    assert (again.errand_id == errand.errand_id) is (stands is ErrandState.RUNNING)
    with store.writing() as tx:
        assert keep_errand(tx, taken, "still at it") is (stands is ErrandState.RUNNING)


def test_a_process_that_is_gone_is_not_waited_for(store: Store) -> None:
    """On the same machine a killed server's errand is broken off at once, and the chain says so."""
    errand = ask(store)
    taken = take(store)
    assert taken is not None
    assert taken.stands(store.clock.now(), dead) is ErrandState.BROKEN_OFF
    with store.writing() as tx:
        assert settle_errands(tx, is_dead=dead) == 1
        assert settle_errands(tx, is_dead=dead) == 0
    assert state(store, errand) is ErrandState.BROKEN_OFF
    with store.reading() as rx:
        entries = last_entries(rx, 9, event="errand", about=errand.errand_id)
    assert [(each.event, each.done_by) for each in entries] == [("errand.asked", "li"), ("errand.ended", "li")]


def test_what_no_server_takes_is_not_run_days_later(store: Store) -> None:
    """A night that was asked for while no server ran is broken off after an hour, and never begun."""
    errand = ask(store, ErrandKind.NIGHT)
    later(store, seconds=int(WAITS.total_seconds()) + 1)
    assert state(store, errand) is ErrandState.BROKEN_OFF
    assert take(store) is None


def test_whoever_lost_an_errand_writes_nothing_more(store: Store) -> None:
    """The holder is the fence: after it was handed over, or broken off, the one before keeps and ends nothing."""
    ask(store)
    taken = take(store)
    assert taken is not None
    with store.writing() as tx:
        assert hand_over(tx, taken, holder="two")
        assert not keep_errand(tx, taken, "x")
        assert not end_errand(tx, taken, ErrandState.DONE, {})
        held = errand_of(tx, taken.errand_id)
        assert held is not None
        assert keep_errand(tx, held, "comparing")
        assert end_errand(tx, held, ErrandState.DONE, {})
        assert not end_errand(tx, held, ErrandState.FAILED, {})


def test_errands_are_listed_newest_first(store: Store) -> None:
    """All of them, or somebody's own."""
    first = ask(store)
    later(store, seconds=1)
    second = ask(store, by="wang", date="2026-02-01")
    with store.reading() as rx:
        assert [each.errand_id for each in last_errands(rx, 9)] == [second.errand_id, first.errand_id]
        assert [each.errand_id for each in last_errands(rx, 1)] == [second.errand_id]
        assert [each.errand_id for each in last_errands(rx, 9, by="li")] == [first.errand_id]
        assert errand_of(rx, "e_nothing") is None
