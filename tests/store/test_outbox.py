import datetime as dt

import pytest

from core.errors import RefusedError
from core.ledger import Notice, NoticeKind
from store.codes import StoreCode, StoreInvariantError
from store.opening import Store
from store.outbox import (
    Attempt,
    Said,
    add_notices,
    claim_notices,
    count_notices,
    mark_notice,
    move_notices,
    put_in_doubt,
    read_notices,
)
from store.states import NoticeState
from tests.store.worlds import DAY, later, register

LEASE = dt.timedelta(minutes=5)


def _notice(subject_id: str, number: int = 1) -> Notice:
    values = (("title", "护理补贴"), ("amount_fen", 18000))
    return Notice(f"n_{number}", subject_id, "p", NoticeKind.STARTED, DAY, values)


def _add(store: Store, *numbers: int) -> list[Notice]:
    (subject,) = register(store, "a")
    notices = [_notice(subject, number) for number in numbers]
    with store.writing() as tx:
        assert add_notices(tx, notices, run_id="r_1") == len(notices)
    return notices


def _claim(store: Store, count_max: int = 10) -> list[Attempt]:
    with store.writing() as tx:
        return claim_notices(tx, holder="host:1", lease=LEASE, count_max=count_max)


def _mark(store: Store, attempt: Attempt, state: NoticeState, not_before: dt.datetime | None = None) -> None:
    with store.writing() as tx:
        said = Said("started-1", "digest")
        mark_notice(tx, attempt, state, channel="smtp", because="250", not_before=not_before, said=said)


def _states(store: Store) -> dict[str, NoticeState]:
    with store.reading() as rx:
        return {kept.notice.notice_id: kept.state for kept in read_notices(rx)}


def test_a_notice_from_plan_to_acceptance(store: Store) -> None:
    """It comes back word for word; its reference is one and its own."""
    (notice,) = _add(store, 1)
    (attempt,) = _claim(store)
    assert (attempt.notice, attempt.number) == (notice, 1)

    _mark(store, attempt, NoticeState.ACCEPTED)

    with store.reading() as rx:
        (kept,) = read_notices(rx, subjects=[notice.subject_id])
        assert read_notices(rx, subjects=["s_other"]) == []
        assert read_notices(rx, states=[NoticeState.DEAD]) == []
        assert count_notices(rx).rows() == [("p", "started", "accepted", 1)]
    assert (kept.notice, kept.state, kept.attempt_count, kept.because) == (notice, NoticeState.ACCEPTED, 1, "250")
    assert _claim(store) == []


def test_the_same_night_twice_tells_nobody_twice(store: Store) -> None:
    """A known notice is left as it is, whatever became of it."""
    notices = _add(store, 1, 2)
    (attempt, _) = _claim(store)
    _mark(store, attempt, NoticeState.ACCEPTED)

    with store.writing() as tx:
        assert add_notices(tx, [*notices, _notice(notices[0].subject_id, 3)], run_id="r_2") == 1
        assert add_notices(tx, [], run_id="r_2") == 0

    assert _states(store)["n_1"] is NoticeState.ACCEPTED


def test_a_claimed_notice_is_not_claimed_again(store: Store) -> None:
    """Oldest first, up to so many; while it is being sent, nobody else takes it."""
    _add(store, 1, 2, 3)

    assert [attempt.notice.notice_id for attempt in _claim(store, 2)] == ["n_1", "n_2"]
    assert [attempt.notice.notice_id for attempt in _claim(store, 2)] == ["n_3"]


def test_a_failure_that_passes_is_tried_again_in_time(store: Store) -> None:
    """Not before its time, and then with another reference."""
    _add(store, 1)
    (first,) = _claim(store)
    _mark(store, first, NoticeState.TEMP_FAILED, store.clock.now() + dt.timedelta(minutes=10))
    assert _claim(store) == []
    later(store, minutes=10)

    (second,) = _claim(store)

    assert second.number == 2
    assert second.reference != first.reference


def test_what_is_in_doubt_is_never_sent_again_in_silence(store: Store) -> None:
    """A dispatcher that died leaves a doubt; it comes too late when it wakes up; an operator decides."""
    _add(store, 1)
    (attempt,) = _claim(store)
    with store.writing() as tx:
        assert put_in_doubt(tx) == 0
    later(store, minutes=6)
    with store.writing() as tx:
        assert put_in_doubt(tx) == 1
    assert _claim(store) == []

    with pytest.raises(RefusedError) as caught:
        _mark(store, attempt, NoticeState.ACCEPTED)
    assert caught.value.findings[0].code is StoreCode.CHANGED

    with store.writing() as tx:
        assert move_notices(tx, ["n_1"], NoticeState.UNKNOWN, NoticeState.DEAD, because="operator") == 1
        assert move_notices(tx, ["n_1"], NoticeState.DEAD, NoticeState.QUEUED) == 1
    assert _claim(store)[0].number == 2


def test_states_follow_the_table(store: Store) -> None:
    """A notice is accepted by an attempt alone, and what was accepted is never dead."""
    _add(store, 1)
    (attempt,) = _claim(store)

    with pytest.raises(StoreInvariantError):
        _mark(store, attempt, NoticeState.DELIVERED)
    for source, target in (
        (NoticeState.ACCEPTED, NoticeState.DEAD),
        (NoticeState.QUEUED, NoticeState.SENDING),
        (NoticeState.SENDING, NoticeState.DEAD),
    ):
        with pytest.raises(StoreInvariantError), store.writing() as tx:
            move_notices(tx, ["n_1"], source, target)


def test_a_notice_without_an_address_is_suppressed(store: Store) -> None:
    """It stays on the recipient's own page; a notice in another state is left alone."""
    _add(store, 1, 2)
    (attempt, _) = _claim(store)
    _mark(store, attempt, NoticeState.SUPPRESSED)
    with store.writing() as tx:
        assert move_notices(tx, ["n_1", "n_2"], NoticeState.QUEUED, NoticeState.SUPPRESSED) == 0

    assert _states(store) == {"n_1": NoticeState.SUPPRESSED, "n_2": NoticeState.SENDING}
