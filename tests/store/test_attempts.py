import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from core.errors import RefusedError
from core.ledger import Notice
from store.attempts import (
    Attempt,
    Claim,
    Ended,
    Said,
    begin_attempts,
    claim_notices,
    end_attempts,
    end_lapsed,
    let_go,
)
from store.codes import StoreCode, StoreInvariantError
from store.opening import Store
from store.outbox import add_notices, move_notices, read_notices
from store.states.notices import NoticeState
from store.tables import NoticeAttempt, table_of
from tests.store.worlds import later, notice_frame, notice_to, register

LEASE = dt.timedelta(minutes=5)
ATTEMPT = table_of(NoticeAttempt)


def add(store: Store, *numbers: int) -> list[Notice]:
    """Put notices into the outbox, each to a person of its own, in the order in which they are claimed."""
    subjects = sorted(register(store, *map(str, numbers)))
    notices = [notice_to(subject, number) for subject, number in zip(subjects, numbers, strict=True)]
    with store.writing() as tx:
        add_notices(tx, notice_frame(*notices), run_id="r_1")
    return notices


def claim(store: Store, count_max: int = 10, holder: str = "host:1") -> Claim:
    """Claim what waits."""
    with store.writing() as tx:
        return claim_notices(tx, "email", holder=holder, lease=LEASE, count_max=count_max)


def begin(store: Store, claimed: Claim, attempts: Sequence[Attempt] | None = None) -> frozenset[str]:
    """Begin all attempts of a claim, or some."""
    letters = [
        (each, Said("started@1", "letter", "digest", each.reference, "email")) for each in attempts or claimed.attempts
    ]
    with store.writing() as tx:
        return begin_attempts(tx, claimed, letters, lease=LEASE)


def end(store: Store, *results: Ended) -> None:
    """Keep what came of attempts."""
    with store.writing() as tx:
        end_attempts(tx, results)


def lapse(store: Store, *dead: str) -> None:
    """Take notices from dispatchers that are gone."""
    with store.writing() as tx:
        end_lapsed(tx, dead.__contains__)


def states(store: Store) -> list[NoticeState]:
    """Return the states of all notices, by id."""
    with store.reading() as rx:
        return [kept.state for kept in sorted(read_notices(rx), key=lambda kept: kept.notice.notice_id)]


def tries(store: Store, *names: str) -> list[tuple[object, ...]]:
    """Return some columns of all attempts, by notice and number."""
    chosen = sa.select(*(ATTEMPT.c[name] for name in names)).order_by(ATTEMPT.c.notice_id, ATTEMPT.c.number)
    with store.reading() as rx:
        return [tuple(row) for row in rx.connection.execute(chosen)]


def test_a_notice_from_the_claim_to_its_acceptance(store: Store) -> None:
    """It comes back word for word; what was said, where, and what came of it is kept."""
    (notice,) = add(store, 1)
    claimed = claim(store)
    (attempt,) = claimed.attempts
    assert (attempt.notice, attempt.number) == (notice, 1)

    assert begin(store, claimed) == {attempt.reference}
    end(store, Ended(attempt, NoticeState.ACCEPTED, "250"))

    with store.reading() as rx:
        (kept,) = read_notices(rx)
    assert (kept.state, kept.attempt_count, kept.because) == (NoticeState.ACCEPTED, 1, "250")
    names = ("reference", "channel", "template_id", "message_digest", "outcome", "because")
    assert tries(store, *names) == [(attempt.reference, "email", "started@1", "digest", "accepted", "250")]
    assert claim(store).attempts == ()


def test_a_claimed_notice_is_not_claimed_again(store: Store) -> None:
    """Oldest first, up to so many; while it is held, nobody else takes it."""
    add(store, 1, 2, 3)

    assert [each.notice.notice_id for each in claim(store, 2).attempts] == ["n_1", "n_2"]
    assert [each.notice.notice_id for each in claim(store, 2).attempts] == ["n_3"]


def test_claiming_reads_what_it_claims(store: Store) -> None:
    """Of a million notices that wait, a claim of some hundred reads no more: the index has their order."""
    add(store, *range(1, 200))
    seen: list[tuple[str, Any]] = []

    def keep(_: sa.Connection, __: object, statement: str, values: Any, *___: object) -> None:  # noqa: ANN401
        seen.append((statement, values))

    if store.is_postgresql:
        return  # its planner reads small tables whole, whatever indexes they have
    sa.event.listen(store.engine, "before_cursor_execute", keep)
    claim(store)

    chosen, values = next(each for each in seen if each[0].startswith("SELECT"))
    with store.reading() as rx:
        plan = rx.connection.exec_driver_sql(f"explain query plan {chosen}", values).all()
    assert [row.detail for row in plan] == ["SEARCH notice USING INDEX ix_notice_waiting (channel=? AND not_before<?)"]


def test_a_failure_that_passes_is_tried_again_in_time(store: Store) -> None:
    """Not before its time, and then with another reference."""
    add(store, 1)
    claimed = claim(store)
    (first,) = claimed.attempts
    begin(store, claimed)
    end(store, Ended(first, NoticeState.TEMP_FAILED, "450", store.clock.now() + dt.timedelta(minutes=10)))
    assert claim(store).attempts == ()
    later(store, minutes=10)

    (second,) = claim(store).attempts

    assert second.number == 2
    assert second.reference != first.reference


def test_results_of_many_are_kept_together(store: Store) -> None:
    """Each notice gets its own."""
    add(store, 1, 2, 3)
    claimed = claim(store)
    begin(store, claimed)

    one, two, three = claimed.attempts
    again_at = store.clock.now() + dt.timedelta(minutes=5)
    end(
        store,
        Ended(one, NoticeState.ACCEPTED),
        Ended(two, NoticeState.TEMP_FAILED, "450", again_at),
        Ended(three, NoticeState.ACCEPTED),
    )

    assert states(store) == [NoticeState.ACCEPTED, NoticeState.TEMP_FAILED, NoticeState.ACCEPTED]
    assert tries(store, "outcome", "because") == [("accepted", None), ("temp_failed", "450"), ("accepted", None)]


def test_a_dispatcher_that_is_gone_leaves_in_doubt_only_what_it_had_begun(store: Store) -> None:
    """What it had only claimed waits again, with no attempt counted."""
    add(store, 1, 2, 3)
    claimed = claim(store)
    begin(store, claimed, claimed.attempts[:1])
    lapse(store)
    assert states(store) == [NoticeState.SENDING] * 3

    later(store, minutes=6)
    lapse(store)

    assert states(store) == [NoticeState.UNKNOWN, NoticeState.QUEUED, NoticeState.QUEUED]
    assert tries(store, "notice_id", "outcome") == [("n_1", "unknown")]
    assert [(each.notice.notice_id, each.number) for each in claim(store).attempts] == [("n_2", 1), ("n_3", 1)]


def test_a_dispatcher_that_is_known_to_be_dead_is_not_waited_for(store: Store) -> None:
    """Another one that lives keeps what it holds."""
    add(store, 1, 2, 3)
    dead, _ = claim(store, 2, "host:1"), claim(store, 1, "host:2")
    begin(store, dead, dead.attempts[:1])

    lapse(store, "host:1")

    assert states(store) == [NoticeState.UNKNOWN, NoticeState.QUEUED, NoticeState.SENDING]


def test_what_is_in_doubt_is_never_sent_again_in_silence(store: Store) -> None:
    """Its dispatcher comes too late when it wakes up; an operator decides."""
    add(store, 1)
    claimed = claim(store)
    begin(store, claimed)
    later(store, minutes=6)
    lapse(store)
    assert claim(store).attempts == ()

    with pytest.raises(RefusedError) as caught:
        end(store, Ended(claimed.attempts[0], NoticeState.ACCEPTED))
    assert caught.value.findings[0].code is StoreCode.CHANGED

    with store.writing() as tx:
        assert move_notices(tx, ["n_1"], NoticeState.UNKNOWN, NoticeState.DEAD, because="operator") == 1
        assert move_notices(tx, ["n_1"], NoticeState.DEAD, NoticeState.QUEUED) == 1
    assert claim(store).attempts[0].number == 2
    later(store, minutes=6)
    lapse(store)
    assert states(store) == [NoticeState.QUEUED]  # the second attempt was never begun


def test_who_was_too_slow_begins_nothing(store: Store) -> None:
    """Its claim lapsed and another dispatcher has the notice: only that one may send it."""
    add(store, 1, 2)
    slow = claim(store, 1, "host:1")
    later(store, minutes=6)
    lapse(store)
    quick = claim(store, 2, "host:2")

    assert begin(store, slow) == frozenset()
    with store.writing() as tx:
        let_go(tx, slow, slow.attempts, NoticeState.DEAD)
    assert len(begin(store, quick)) == 2
    assert states(store) == [NoticeState.SENDING] * 2


def test_an_attempt_is_begun_once(store: Store) -> None:
    """The lease that a beginning gives may end when the claim does; the database still refuses the second."""
    add(store, 1)
    claimed = claim(store)
    begin(store, claimed)

    with pytest.raises(StoreInvariantError):
        begin(store, claimed)


def test_what_is_let_go_waits_as_before_or_ends_without_a_try(store: Store) -> None:
    """Nothing was tried, so no attempt is counted; in the queue it has its old place."""
    add(store, 1, 2, 3)
    claimed = claim(store)
    later(store, minutes=1)
    with store.writing() as tx:
        let_go(tx, claimed, claimed.attempts[:1], NoticeState.SUPPRESSED, because="D201")
        let_go(tx, claimed, claimed.attempts[1:2], NoticeState.QUEUED)

    assert states(store) == [NoticeState.SUPPRESSED, NoticeState.QUEUED, NoticeState.SENDING]
    assert tries(store, "number") == []
    assert [(each.notice.notice_id, each.number) for each in claim(store).attempts] == [("n_2", 1)]


def test_states_follow_the_table(store: Store) -> None:
    """From sending to delivered no way leads, neither by an attempt nor without one."""
    add(store, 1)
    claimed = claim(store)
    begin(store, claimed)

    with pytest.raises(StoreInvariantError):
        end(store, Ended(claimed.attempts[0], NoticeState.DELIVERED))
    with pytest.raises(StoreInvariantError), store.writing() as tx:
        let_go(tx, claimed, claimed.attempts, NoticeState.DELIVERED)


def test_who_is_claimed_is_claimed_whole(store: Store) -> None:
    """What waits for one subject can go in one message, wherever it stands in the queue; others wait their turn."""
    (first, _) = add(store, 1, 2)
    with store.writing() as tx:
        add_notices(tx, notice_frame(*(notice_to(first.subject_id, number) for number in (3, 4))), run_id="r_2")

    assert [each.notice.notice_id for each in claim(store, 1).attempts] == ["n_1", "n_3", "n_4"]
    assert [each.notice.notice_id for each in claim(store, 1).attempts] == ["n_2"]


def test_a_channel_claims_its_own(store: Store) -> None:
    (notice,) = add(store, 1)
    with store.writing() as tx:
        add_notices(tx, notice_frame(replace(notice, notice_id="n_sms", channel="sms")), run_id="r_1")

    assert [each.notice.channel for each in claim(store).attempts] == ["email"]
