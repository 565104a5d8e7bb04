"""What came back by the bank's word and was paid by its other word: two people settle that it was paid."""

from collections.abc import Sequence

import polars as pl
import pytest
import sqlalchemy as sa

from core.errors import RefusedError
from core.ids import item_id
from core.ledger import ItemState
from store.bank_lines import reopen_items
from store.batches import BatchHead, batch_of, read_lines
from store.codes import StoreCode
from store.freezing import add_batch
from store.inquiries import Found, Statement, confirm_found, state_found
from store.opening import Store, Writing
from store.payouts import cancel_batch
from store.positions import read_obligations
from store.reconciling import exceptions_of, reconcile_batch
from store.states.paying import AttemptState, BatchState, Verdict
from store.tables import METADATA
from tests.laws.stored_money import check_money
from tests.store.paying import hear, line, send
from tests.store.worlds import DAY, lines, open_grant, owe, register

POLICY = "nursing-allowance"
PAID, BACK = (ItemState.PAID, AttemptState.CONFIRMED_PAID), (ItemState.RETURNED, AttemptState.RETURNED)


@pytest.fixture
def key(store: Store) -> str:
    """Return an obligation whose one item of 100 fen, in `b_1`, is at the bank."""
    (subject,) = register(store, "a")
    with store.writing() as tx:
        key = owe(tx, open_grant(tx, subject), 100)
        _collect(tx, key, "b_1")
        send(tx, "b_1")
    return key


def _collect(tx: Writing, key: str, batch_id: str) -> None:
    add_batch(tx, BatchHead(batch_id, POLICY, "护理补贴", "区残联", DAY), lines(tx, key, 1), run_id=None)


def _hear(store: Store, key: str, *words: str, kind: str = "returns") -> dict[str, int]:
    with store.writing() as tx:
        return hear(tx, [line(tx, "b_1", item_id(key, 1), word) for word in words], kind=kind).counts


def _settle(store: Store, people: Sequence[str] = ("one", "two")) -> None:
    with store.writing() as tx:
        reference = read_lines(tx, "b_1", is_whole=True)["reference"][0]
        said = state_found(tx, "b_1", Statement(Found.PAID, "letter 7", reference=reference), by=people[0])
        confirm_found(tx, "b_1", said.number, by=people[1])


def _refusal(store: Store, people: Sequence[str] = ("one", "two")) -> StoreCode:
    with pytest.raises(RefusedError) as caught:
        _settle(store, people)
    code = caught.value.findings[0].code
    assert isinstance(code, StoreCode)
    return code


def _state(store: Store, key: str) -> tuple[ItemState, AttemptState]:
    with store.reading() as rx:
        check_money(rx)
        item = read_obligations(rx, [key])[0].items[0]
        return item.state, AttemptState(read_lines(rx, "b_1", is_whole=True)["attempt_state"][0])


def _pot(store: Store) -> dict[str, int]:
    with store.reading() as rx:
        row = rx.connection.execute(sa.select(METADATA.tables["pot"])).mappings().one()
        return {name: row[f"{name}_fen"] for name in ("budget", "paid", "returned")}


def test_two_people_settle_that_it_was_paid(store: Store, key: str) -> None:
    """Failed by the list, paid by the statement: item, attempt and money are paid, the exception is settled, all agrees."""
    _hear(store, key, "failed")
    assert _hear(store, key, "paid", kind="statement") == {Verdict.EXCEPTION: 1}
    assert _pot(store) == {"budget": -100, "paid": 0, "returned": 100}

    _settle(store)

    assert _state(store, key) == PAID
    assert _pot(store) == {"budget": -100, "paid": 100, "returned": 0}
    with store.writing() as tx:
        assert exceptions_of(tx) == ()
        assert reconcile_batch(tx, "b_1", by="paymaster").agrees
    with pytest.raises(RefusedError), store.writing() as tx:
        reopen_items(tx, read_lines(tx, "b_1", is_whole=True)["reference"])


def test_neither_of_them_took_the_files_in_and_one_is_not_two(store: Store, key: str) -> None:
    """F6: `paymaster` took in what the bank says; one person twice is one person; nothing moves by a refusal."""
    _hear(store, key, "failed", "paid")

    for people in (("paymaster", "two"), ("one", "paymaster"), ("one", "one")):
        assert _refusal(store, people) is StoreCode.OWN_APPROVAL

    assert _state(store, key) == BACK


@pytest.mark.parametrize(
    ("returns", "statement"),
    [
        (["failed"], []),
        (["returned"], []),
        (["returned", "paid"], []),  # it was paid, and came back
        (["returned"], ["paid", "returned"]),
    ],
)
def test_without_the_banks_word_it_stays_back(
    store: Store, key: str, returns: Sequence[str], statement: Sequence[str]
) -> None:
    """Two people's memory pays nothing: the bank has to say that it paid, and a statement where it also says returned."""
    _hear(store, key, *returns)
    if statement:
        _hear(store, key, *statement, kind="statement")

    assert _refusal(store) is StoreCode.WRONG_STATE

    assert _state(store, key)[0] is ItemState.RETURNED


def test_a_return_that_no_statement_shows_was_none(store: Store, key: str) -> None:
    """Returned by the list, and the account shows that it was paid and did not come back; said once more, people look."""
    _hear(store, key, "returned")
    _hear(store, key, "paid", kind="statement")

    _settle(store)

    assert _state(store, key) == PAID
    with store.writing() as tx:
        assert reconcile_batch(tx, "b_1", by="paymaster").agrees
    assert _hear(store, key, "returned", "returned") == {Verdict.EXCEPTION: 1, Verdict.DUPLICATE: 1}
    assert _state(store, key) == BACK
    with pytest.raises(RefusedError) as caught, store.writing() as tx:
        reopen_items(tx, read_lines(tx, "b_1", is_whole=True)["reference"])
    assert caught.value.findings[0].code is StoreCode.UNSETTLED
    _settle(store)
    assert _state(store, key) == PAID


def test_what_the_bank_repeats_moves_nothing_and_what_is_new_does(store: Store, key: str) -> None:
    """Both words once more are said before; a first word of a return is a late return like any other."""
    _hear(store, key, "failed", "paid")
    _settle(store)

    assert _hear(store, key, "paid", "failed", "pending") == {Verdict.DUPLICATE: 2, Verdict.MATCHED: 1}
    assert _state(store, key) == PAID
    assert _hear(store, key, "returned") == {Verdict.LATE_CHANGE: 1}
    assert _state(store, key) == BACK
    assert _pot(store) == {"budget": -100, "paid": 0, "returned": 100}


def test_the_statement_agrees_later(store: Store, key: str) -> None:
    """Paid, then failed, then settled as paid: the statement that shows it moves nothing any more."""
    _hear(store, key, "paid")
    _hear(store, key, "failed")
    _settle(store)

    assert _hear(store, key, "paid", kind="statement") == {Verdict.DUPLICATE: 1}
    assert _state(store, key) == PAID


def test_it_leaves_the_batch_that_was_to_pay_it_again(store: Store, key: str) -> None:
    """Open again, or in a batch that has not gone out: it is paid, and the batch holds it no more."""
    _hear(store, key, "failed")
    with store.writing() as tx:
        reopen_items(tx, read_lines(tx, "b_1", is_whole=True)["reference"])
        _collect(tx, key, "b_2")
    _hear(store, key, "paid")

    _settle(store)

    assert _state(store, key) == PAID
    with store.reading() as rx:
        assert batch_of(rx, "b_2").state is BatchState.CANCELLED
    assert _pot(store) == {"budget": -100, "paid": 100, "returned": 0}
    assert _hear(store, key, "returned") == {Verdict.LATE_CHANGE: 1}
    assert _state(store, key) == BACK


def test_open_again_it_is_paid_where_it_stands(store: Store, key: str) -> None:
    """The batch that was to pay it again was cancelled: the item is open, and paid by the first attempt."""
    _hear(store, key, "failed")
    with store.writing() as tx:
        reopen_items(tx, read_lines(tx, "b_1", is_whole=True)["reference"])
        _collect(tx, key, "b_2")
        cancel_batch(tx, "b_2", by="maker", reason="not now")
    _hear(store, key, "paid")

    _settle(store)

    assert _state(store, key) == PAID


def test_nothing_is_paid_twice(store: Store, key: str) -> None:
    """M5: where a later attempt is on its way, the first one is not held as paid; the bank's next word decides."""
    _hear(store, key, "failed")
    with store.writing() as tx:
        reopen_items(tx, read_lines(tx, "b_1", is_whole=True)["reference"])
        _collect(tx, key, "b_2")
        send(tx, "b_2")
    _hear(store, key, "paid")

    assert _refusal(store) is StoreCode.WRONG_STATE

    with store.reading() as rx:
        assert read_obligations(rx, [key])[0].items[0].state is ItemState.INSTRUCTED
        live = read_lines(rx, "b_2").filter(pl.col("attempt_state") == AttemptState.INSTRUCTED)
        assert live.height == 1
