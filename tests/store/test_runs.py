import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from core.errors import RefusedError
from store.codes import StoreCode, StoreInvariantError
from store.opening import Store, Writing
from store.runs import (
    RunClaim,
    abort_run,
    claim_run,
    enter_state,
    expire_lease,
    keep_run,
    latest_published,
    overdue_date,
    publish_run,
    run_of,
    run_with_id,
    runs_of,
)
from store.states.nights import RunState
from tests.store.worlds import CLOCK_START, DAY, later

JOB = "night"
LEASE = dt.timedelta(minutes=10)


def _claim(store: Store, day: dt.date = DAY, holder: str = "host:1") -> RunClaim:
    with store.writing() as tx:
        return claim_run(tx, JOB, day, holder=holder, lease=LEASE, known_at=tx.now)


def _publish(store: Store, claim: RunClaim) -> None:
    with store.writing() as tx:
        enter_state(tx, claim, RunState.RUNNING)
        enter_state(tx, claim, RunState.VERIFYING)
        publish_run(tx, claim, folder="runs/1", manifest={"a": "b"}, summary={"met": 1})


def _code(caught: pytest.ExceptionInfo[RefusedError]) -> StoreCode:
    return StoreCode(caught.value.findings[0].code)


def test_a_run_from_claim_to_publication(store: Store) -> None:
    """What was published is what pages find."""
    claim = _claim(store)
    later(store, minutes=1)
    _publish(store, claim)

    with store.reading() as rx:
        latest = latest_published(rx, JOB)
        assert latest is not None
        assert run_with_id(rx, claim.run_id) == run_of(rx, JOB, DAY) == latest

    assert (latest.state, latest.token, latest.known_at) == (RunState.PUBLISHED, 1, CLOCK_START)
    assert (latest.folder, latest.manifest, latest.summary) == ("runs/1", {"a": "b"}, {"met": 1})
    assert latest.published_at == CLOCK_START + dt.timedelta(minutes=1)


def test_a_live_run_is_not_claimed_twice(store: Store) -> None:
    """As long as the lease runs, the second comes too late, and is told who works."""
    _claim(store)

    with pytest.raises(RefusedError) as caught:
        _claim(store, holder="host:2")

    assert _code(caught) is StoreCode.RUN_TAKEN
    assert "host:1" in str(caught.value)


def test_another_date_waits_for_a_live_run(store: Store) -> None:
    """Two nights of one job never write at the same time."""
    _claim(store)

    with pytest.raises(RefusedError) as caught:
        _claim(store, DAY + dt.timedelta(days=1))

    assert _code(caught) is StoreCode.RUN_TAKEN


def test_a_lost_run_is_taken_over_and_its_token_is_void(store: Store) -> None:
    """The new holder knows what the first knew; the old one can write nothing any more."""
    old = _claim(store)
    later(store, minutes=11)
    new = _claim(store, holder="host:2")

    assert (new.token, new.known_at, new.is_takeover) == (2, CLOCK_START, True)
    steps: list[Callable[[Writing], None]] = [
        lambda tx: keep_run(tx, old, LEASE),
        lambda tx: enter_state(tx, old, RunState.RUNNING),
        lambda tx: abort_run(tx, old, "because"),
    ]
    for step in steps:
        with pytest.raises(RefusedError) as caught, store.writing() as tx:
            step(tx)
        assert _code(caught) is StoreCode.RUN_FENCED
    with store.writing() as tx:
        enter_state(tx, new, RunState.RUNNING)
        enter_state(tx, new, RunState.VERIFYING)
    with pytest.raises(RefusedError), store.writing() as tx:
        publish_run(tx, old, folder="", manifest={}, summary={})


def test_a_kept_lease_is_not_taken_over(store: Store) -> None:
    """Who extends its lease in time keeps the run."""
    claim = _claim(store)
    later(store, minutes=9)
    with store.writing() as tx:
        keep_run(tx, claim, LEASE)
    later(store, minutes=9)

    with pytest.raises(RefusedError):
        _claim(store, holder="host:2")


def test_a_holder_known_to_be_dead_is_not_waited_for(store: Store) -> None:
    """Its lease passes at once."""
    claim = _claim(store)
    with store.writing() as tx:
        run = run_of(tx, JOB, DAY)
        assert run is not None
        expire_lease(tx, run)

    assert _claim(store, holder="host:2").token == claim.token + 1


def test_an_aborted_run_is_begun_anew(store: Store) -> None:
    """It sees what is known by then."""
    claim = _claim(store)
    with store.writing() as tx:
        abort_run(tx, claim, "a guard stopped it", {"met": 0})
    later(store, hours=1)

    again = _claim(store)

    assert (again.token, again.known_at) == (2, store.clock.now())
    with store.reading() as rx:
        kept = run_of(rx, JOB, DAY)
    assert kept is not None
    assert (kept.state, kept.aborted_because, kept.summary) == (RunState.CLAIMED, None, None)


def test_a_published_run_is_done(store: Store) -> None:
    """The same night twice is refused, an earlier one too."""
    _publish(store, _claim(store))

    with pytest.raises(RefusedError) as same:
        _claim(store)
    with pytest.raises(RefusedError) as earlier:
        _claim(store, DAY - dt.timedelta(days=1))

    assert _code(same) is StoreCode.RUN_PUBLISHED
    assert _code(earlier) is StoreCode.RUN_EARLIER


def test_a_lost_run_of_an_earlier_date_is_given_up(store: Store) -> None:
    """After downtime one catch-up run replaces it."""
    _claim(store)
    later(store, days=1)

    claim = _claim(store, DAY + dt.timedelta(days=1))

    assert claim.token == 1
    with store.reading() as rx:
        states = [run.state for run in runs_of(rx, JOB)]
    assert states == [RunState.ABORTED, RunState.CLAIMED]


def test_states_follow_the_table(store: Store) -> None:
    """A run that was not verified is never published."""
    claim = _claim(store)

    with pytest.raises(StoreInvariantError), store.writing() as tx:
        enter_state(tx, claim, RunState.VERIFYING)
    with pytest.raises(RefusedError), store.writing() as tx:
        publish_run(tx, claim, folder="", manifest={}, summary={})


def test_a_run_cannot_be_published_behind_a_later_one(store: Store) -> None:
    """The flip looks once more."""
    later_day = DAY + dt.timedelta(days=1)
    _publish(store, _claim(store, later_day))
    forged = replace(_claim(store, later_day + dt.timedelta(days=1)), business_date=DAY)

    with pytest.raises(RefusedError) as caught, store.writing() as tx:
        publish_run(tx, forged, folder="", manifest={}, summary={})

    assert _code(caught) is StoreCode.RUN_FENCED


def test_the_overdue_date(store: Store) -> None:
    """One catch-up run for the newest date; none while somebody works on it or when it is done."""
    due = DAY + dt.timedelta(days=7)
    with store.reading() as rx:
        assert overdue_date(rx, JOB, due=due) == due
    claim = _claim(store, due)
    with store.reading() as rx:
        assert overdue_date(rx, JOB, due=due) is None
    later(store, minutes=11)
    with store.reading() as rx:
        assert overdue_date(rx, JOB, due=due) == due
    _publish(store, claim)
    with store.reading() as rx:
        assert overdue_date(rx, JOB, due=due) is None
        assert overdue_date(rx, "another job", due=due) == due
