import datetime as dt
from dataclasses import replace

import pytest

from core.ledger import Notice
from store.attempts import claim_notices
from store.codes import StoreInvariantError
from store.opening import Store
from store.outbox import add_notices, count_notices, count_stranded, move_notices, read_notices
from store.states.notices import NoticeState
from tests.store.worlds import notice_frame, notice_to, register


def _add(store: Store, *numbers: int) -> list[Notice]:
    subjects = sorted(register(store, *map(str, numbers)))
    notices = [notice_to(subject, number) for subject, number in zip(subjects, numbers, strict=True)]
    with store.writing() as tx:
        assert add_notices(tx, notice_frame(*notices), run_id="r_1") == len(notices)
    return notices


def _claim_one(store: Store) -> None:
    with store.writing() as tx:
        claim_notices(tx, "email", holder="host:1", lease=dt.timedelta(minutes=5), count_max=1)


def _states(store: Store) -> dict[str, NoticeState]:
    with store.reading() as rx:
        return {kept.notice.notice_id: kept.state for kept in read_notices(rx)}


def test_a_notice_comes_back_word_for_word(store: Store) -> None:
    (notice,) = _add(store, 1)

    with store.reading() as rx:
        (kept,) = read_notices(rx, subjects=[notice.subject_id])
        assert read_notices(rx, subjects=["s_other"]) == []
        assert read_notices(rx, states=[NoticeState.DEAD]) == []
        assert count_notices(rx).rows() == [("p", "started", "queued", 1)]
    assert (kept.notice, kept.state, kept.attempt_count, kept.because) == (notice, NoticeState.QUEUED, 0, None)


def test_the_same_night_twice_tells_nobody_twice(store: Store) -> None:
    """A known notice is left as it is, whatever became of it."""
    notices = _add(store, 1, 2)
    _claim_one(store)

    with store.writing() as tx:
        assert add_notices(tx, notice_frame(*notices, notice_to(notices[0].subject_id, 3)), run_id="r_2") == 1
        assert add_notices(tx, notice_frame(), run_id="r_2") == 0

    assert _states(store) == {"n_1": NoticeState.SENDING, "n_2": NoticeState.QUEUED, "n_3": NoticeState.QUEUED}


def test_states_follow_the_table(store: Store) -> None:
    """By hand nothing is sent or taken from who sends it, and what was accepted is never dead."""
    _add(store, 1)
    _claim_one(store)

    for source, target in (
        (NoticeState.ACCEPTED, NoticeState.DEAD),
        (NoticeState.QUEUED, NoticeState.SENDING),
        (NoticeState.SENDING, NoticeState.DEAD),
    ):
        with pytest.raises(StoreInvariantError), store.writing() as tx:
            move_notices(tx, ["n_1"], source, target)


def test_a_notice_in_another_state_is_left_alone(store: Store) -> None:
    _add(store, 1, 2)
    _claim_one(store)

    with store.writing() as tx:
        assert move_notices(tx, ["n_1", "n_2"], NoticeState.QUEUED, NoticeState.SUPPRESSED) == 1

    assert _states(store) == {"n_1": NoticeState.SENDING, "n_2": NoticeState.SUPPRESSED}


def test_what_goes_into_an_inbox_is_there_with_its_row(store: Store) -> None:
    """Nobody has to carry it; it does not wait."""
    (notice,) = _add(store, 1)
    with store.writing() as tx:
        add_notices(tx, notice_frame(replace(notice, notice_id="n_2", channel="inbox")), run_id="r_1")

    assert _states(store) == {"n_1": NoticeState.QUEUED, "n_2": NoticeState.ACCEPTED}
    with store.reading() as rx:
        assert count_stranded(rx, ["sms"]) == {"email": 1}
