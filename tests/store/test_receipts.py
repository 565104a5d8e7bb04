import itertools
from collections.abc import Iterable
from dataclasses import replace

import pytest

from core.ids import derive_id
from store.attempts import Attempt, Ended, Said, begin_attempts, claim_notices, end_attempts
from store.opening import Store
from store.outbox import add_notices, read_notices
from store.receipts import Receipt, Settled, keep_receipts, settle_receipts
from store.states.notices import NoticeState, ReceiptOutcome
from tests.store.test_attempts import LEASE
from tests.store.worlds import notice_frame, notice_to, register


def begun(store: Store, *numbers: int) -> tuple[Attempt, ...]:
    """Put notices to one person into the outbox, and begin to send them in one message."""
    (person,) = register(store, "a")
    with store.writing() as tx:
        add_notices(tx, notice_frame(*(notice_to(person, number) for number in numbers)), run_id="r_1")
    with store.writing() as tx:
        claim = claim_notices(tx, "email", holder="host:1", lease=LEASE, count_max=10)
        first = claim.attempts[0].reference
        said = [(each, Said("started@3", "letter", "digest", first, "email")) for each in claim.attempts]
        begin_attempts(tx, claim, said, lease=LEASE)
    return claim.attempts


def end(store: Store, attempts: Iterable[Attempt], state: NoticeState) -> None:
    """End tries."""
    with store.writing() as tx:
        end_attempts(tx, [Ended(each, state) for each in attempts])


def take(store: Store, *receipts: Receipt) -> Settled:
    """Take in receipts."""
    with store.writing() as tx:
        new = keep_receipts(tx, receipts, source="r.jsonl")
        return replace(settle_receipts(tx), new_count=len(new))


def states(store: Store) -> list[NoticeState]:
    """Return the states of all notices, by id."""
    with store.reading() as rx:
        return [kept.state for kept in sorted(read_notices(rx), key=lambda kept: kept.notice.notice_id)]


def test_a_receipt_speaks_of_everything_that_its_message_carried(store: Store) -> None:
    attempts = begun(store, 1, 2)
    end(store, attempts, NoticeState.ACCEPTED)

    settled = take(store, Receipt(attempts[0].reference, ReceiptOutcome.DELIVERED))

    assert settled == Settled(new_count=1, applied_count=1)
    assert states(store) == [NoticeState.DELIVERED] * 2


@pytest.mark.parametrize(
    "before", [NoticeState.ACCEPTED, NoticeState.UNKNOWN, NoticeState.TEMP_FAILED, NoticeState.DEAD]
)
def test_neither_order_nor_number_of_receipts_matters(store: Store, before: NoticeState) -> None:
    """N6: whatever comes first, and however often, the most that was said stands."""
    attempts = begun(store, *range(1, 7))
    for attempt in attempts:
        end(store, [attempt], before)
    # One message for each order: every reference its own.
    with store.writing() as tx:
        tx.connection.exec_driver_sql("update notice_attempt set message_reference = reference")
    orders = list(itertools.permutations(ReceiptOutcome))

    for attempt, order in zip(attempts, orders, strict=True):
        for outcome in order:
            take(store, *[Receipt(attempt.reference, outcome)] * 2)
            take(store, Receipt(attempt.reference, outcome))

    assert states(store) == [NoticeState.DELIVERED] * 6


def test_less_than_is_known_tells_nothing_new(store: Store) -> None:
    (attempt,) = begun(store, 1)
    end(store, [attempt], NoticeState.ACCEPTED)
    take(store, Receipt(attempt.reference, ReceiptOutcome.DELIVERED))

    late = take(
        store, *(Receipt(attempt.reference, each) for each in (ReceiptOutcome.ACCEPTED, ReceiptOutcome.UNDELIVERABLE))
    )

    assert late == Settled(new_count=2, nothing_new_count=2)
    assert states(store) == [NoticeState.DELIVERED]


def test_a_receipt_that_is_quicker_than_the_answer_waits_for_it(store: Store) -> None:
    """While the message is being sent, nothing is moved; afterwards it counts."""
    (attempt,) = begun(store, 1)

    early = take(store, Receipt(attempt.reference, ReceiptOutcome.DELIVERED))
    end(store, [attempt], NoticeState.ACCEPTED)
    later = take(store)

    assert (early.waiting_count, later.applied_count) == (1, 1)
    assert states(store) == [NoticeState.DELIVERED]


def test_a_receipt_of_nobody_we_know_is_kept(store: Store) -> None:
    stranger = Receipt("m_stranger", ReceiptOutcome.DELIVERED)

    assert take(store, stranger) == Settled(new_count=1, waiting_count=1)
    assert take(store, stranger) == Settled(waiting_count=1)


def test_the_failure_of_an_older_try_says_nothing_of_the_newest(store: Store) -> None:
    """Its success does: who has the message needs it no more."""
    (attempt,) = begun(store, 1)
    end(store, [attempt], NoticeState.TEMP_FAILED)
    with store.writing() as tx:
        claim = claim_notices(tx, "email", holder="host:1", lease=LEASE, count_max=10)
        (second,) = claim.attempts
        begin_attempts(
            tx, claim, [(second, Said("started@3", "letter", "digest", second.reference, "email"))], lease=LEASE
        )
    end(store, [second], NoticeState.ACCEPTED)

    failed = take(store, Receipt(attempt.reference, ReceiptOutcome.UNDELIVERABLE))
    assert (failed.nothing_new_count, states(store)) == (1, [NoticeState.ACCEPTED])

    take(store, Receipt(attempt.reference, ReceiptOutcome.DELIVERED))
    assert states(store) == [NoticeState.DELIVERED]


def test_a_receipt_is_named_by_what_it_says() -> None:
    one = Receipt("m_1", ReceiptOutcome.DELIVERED)

    assert one.receipt_id == derive_id("t", "m_1", "delivered", "")
    assert one.receipt_id != replace(one, outcome=ReceiptOutcome.ACCEPTED).receipt_id
