"""What the bank says, line by line, whatever it says and however often."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

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
from store.inquiries import Found, Statement, confirm_found, inquiries_of, mark_unknown, state_found
from store.opening import Store
from store.payouts import files_of, move_file
from store.positions import read_obligations
from store.reconciling import compare_batch, exceptions_of, reconcile_batch, resolve_exception
from store.states.paying import AttemptState, BatchState, FileState, Verdict
from tests.store.paying import answer, hear, line, send
from tests.store.worlds import ACCOUNT, DAY, NAME, lines, open_grant, owe, register

HEAD = BatchHead("b_1", "nursing-allowance", "护理补贴", "区残联", DAY)


def _sent(store: Store, *amounts_fen: int) -> str:
    (subject,) = register(store, "a")
    with store.writing() as tx:
        key = owe(tx, open_grant(tx, subject), *amounts_fen)
        add_batch(tx, HEAD, lines(tx, key, *range(1, len(amounts_fen) + 1)), run_id=None)
        send(tx, "b_1")
        return key


def _hear(store: Store, key: str, *words: str, said: Mapping[str, object] | None = None) -> dict[str, int]:
    """Take in one file in which the bank says some words about the first item; return its lines by verdict."""
    with store.writing() as tx:
        told = [line(tx, "b_1", item_id(key, 1), word) | dict(said or {}) for word in words]
        return hear(tx, told).counts


def _states(store: Store, key: str) -> list[tuple[ItemState, AttemptState]]:
    with store.reading() as rx:
        (record,) = read_obligations(rx, [key])
        attempts = dict(read_lines(rx, "b_1", is_whole=True).select("item_id", "attempt_state").iter_rows())
    return [(item.state, AttemptState(attempts[item.item_id])) for item in record.items]


ENDS = {
    ("paid",): (ItemState.PAID, AttemptState.CONFIRMED_PAID),
    ("failed",): (ItemState.RETURNED, AttemptState.CONFIRMED_FAILED),
    ("returned",): (ItemState.RETURNED, AttemptState.RETURNED),
    ("pending",): (ItemState.INSTRUCTED, AttemptState.INSTRUCTED),
    ("paid", "returned"): (ItemState.RETURNED, AttemptState.RETURNED),
    ("failed", "returned"): (ItemState.RETURNED, AttemptState.RETURNED),
    ("failed", "paid"): (ItemState.RETURNED, AttemptState.RETURNED),
    ("paid", "pending"): (ItemState.PAID, AttemptState.CONFIRMED_PAID),
    ("paid", "returned", "pending", "paid"): (ItemState.RETURNED, AttemptState.RETURNED),
}
"""Where a payment ends by everything that was said of it."""


def _ways(words: Sequence[str]) -> list[list[list[str]]]:
    """Return ways in which the bank may say some words: in one file, twice; one by one, in orders; the first twice."""
    orders = [list(order) for order in sorted(set(itertools.permutations(words)))[:3]]
    return [[orders[0], orders[0]], [orders[-1] * 2], *([order[:1], *([word] for word in order)] for order in orders)]


@pytest.mark.parametrize("words", ENDS, ids="-".join)
def test_order_splitting_and_repetition_do_not_matter(store: Store, words: Sequence[str]) -> None:
    """F3: in one file or in several, in any order, twice or once, the payment ends in the same place."""
    for number, files in enumerate(_ways(words)):
        assert _after(store, number, files) == [ENDS[tuple(words)]] * 2


def _after(store: Store, number: int, files: list[list[str]]) -> list[tuple[ItemState, AttemptState]]:
    """Send a batch of two payments, and return where they stand once the bank has said all of that about both."""
    (subject,) = register(store, f"p{number}")
    name = f"b_{number}"
    with store.writing() as tx:
        key = owe(tx, open_grant(tx, subject, policy=name), 100, 200)
        add_batch(tx, BatchHead(name, name, "t", "o", DAY), lines(tx, key, 1, 2), run_id=None)
        send(tx, name)
        for words in files:
            hear(tx, [line(tx, name, item_id(key, each), word) for each in (1, 2) for word in words])
        (record,) = read_obligations(tx, [key])
        attempts = read_lines(tx, name, is_whole=True)["attempt_state"].to_list()
    return [(item.state, AttemptState(each)) for item, each in zip(record.items, attempts, strict=True)]


@pytest.mark.parametrize(
    ("because", "said"),
    [
        ("amount", {"amount_fen": 101}),
        ("amount", {"amount_fen": None}),
        ("account", {"account": "6222020000000002"}),
        ("name", {"name": "李四"}),
        ("unknown_reference", {"reference": "RF18539007547034"}),
        ("unknown_reference", {"reference": None}),
        ("unreadable", {"fault": "expected an amount"}),
    ],
)
def test_what_differs_never_marks_paid(store: Store, because: str, said: dict[str, object]) -> None:
    """F4, F5: the line is kept and waits for a person; nothing moves."""
    key = _sent(store, 100)

    assert _hear(store, key, "paid", said=said) == {Verdict.EXCEPTION: 1}

    assert _states(store, key) == [(ItemState.INSTRUCTED, AttemptState.INSTRUCTED)]
    with store.reading() as rx:
        assert [each.because for each in exceptions_of(rx, "b_1")] == [because]


def test_the_right_account_and_name_in_other_letters(store: Store) -> None:
    """Full width, spaces and what does not show are no difference."""
    key = _sent(store, 100)
    wide = "".join(chr(ord(each) + 0xFEE0) for each in ACCOUNT)

    assert _hear(store, key, "paid", said={"account": f" {wide} ", "name": f"{NAME}\u200b "}) == {Verdict.MATCHED: 1}
    assert _states(store, key) == [(ItemState.PAID, AttemptState.CONFIRMED_PAID)]


def test_a_late_return_moves_once_and_is_paid_again_by_a_new_attempt(store: Store) -> None:
    """F8, F9: paid, returned, open, under another reference; old words do not reach the new attempt."""
    key = _sent(store, 100)
    _hear(store, key, "paid")
    assert _hear(store, key, "returned") == {Verdict.LATE_CHANGE: 1}
    assert _hear(store, key, "returned") == {Verdict.DUPLICATE: 1}
    with store.writing() as tx:
        first = read_lines(tx, "b_1", is_whole=True)["reference"]
        assert reopen_items(tx, first) == 1
        add_batch(tx, BatchHead("b_2", "nursing-allowance", "t", "o", DAY), lines(tx, key, 1), run_id=None)
        send(tx, "b_2")
        assert read_lines(tx, "b_2")["reference"].to_list() != first.to_list()
    with pytest.raises(RefusedError), store.writing() as tx:
        reopen_items(tx, first)

    assert _hear(store, key, "returned") == {Verdict.DUPLICATE: 1}
    with store.writing() as tx:
        assert read_obligations(tx, [key])[0].items[0].state is ItemState.INSTRUCTED
        answer(tx, "b_2", paid=[item_id(key, 1)])
        assert read_obligations(tx, [key])[0].items[0].state is ItemState.PAID


def test_paid_after_all_while_it_is_being_paid_again_stops_the_second(store: Store) -> None:
    """The bank said failed, we tried again, and now it says paid: nothing more leaves until somebody has looked."""
    key = _sent(store, 100)
    _hear(store, key, "failed")
    with store.writing() as tx:
        reopen_items(tx, read_lines(tx, "b_1", is_whole=True)["reference"])
        add_batch(tx, BatchHead("b_2", "nursing-allowance", "t", "o", DAY), lines(tx, key, 1), run_id=None)

    assert _hear(store, key, "paid") == {Verdict.EXCEPTION: 1}
    with pytest.raises(RefusedError) as caught, store.writing() as tx:
        send(tx, "b_2")

    assert caught.value.findings[0].code is StoreCode.UNSETTLED


def test_unknown_ends_by_the_bank_or_by_two_people(store: Store) -> None:
    """F6: one person's word moves nothing, their own confirmation is refused, another's counts."""
    key = _sent(store, 100, 200)
    with store.writing() as tx:
        assert mark_unknown(tx, "b_1", by="paymaster") == 2
        assert batch_of(tx, "b_1").state is BatchState.SUBMISSION_UNKNOWN
        reference = read_lines(tx, "b_1")["reference"][0]
        first = read_lines(tx, "b_1")["item_id"][0]
        said = state_found(tx, "b_1", Statement(Found.PAID, "call no. 7", reference=reference), by="one")
    assert {state for _, state in _states(store, key)} == {AttemptState.UNKNOWN}
    with pytest.raises(RefusedError) as own, store.writing() as tx:
        confirm_found(tx, "b_1", said.number, by="one")
    with store.writing() as tx:
        confirm_found(tx, "b_1", said.number, by="two")
        assert inquiries_of(tx, "b_1")[0].confirmed_by == "two"
        rest = read_lines(tx, "b_1").filter(pl.col("item_id") != first)["item_id"].to_list()
        answer(tx, "b_1", paid=rest)

    assert own.value.findings[0].code is StoreCode.OWN_APPROVAL
    assert {state for state, _ in _states(store, key)} == {ItemState.PAID}


def test_a_file_that_never_arrived_goes_again(store: Store) -> None:
    """Not received by two people's word: the same file is submitted again, and its lines are instructed."""
    key = _sent(store, 100)
    with store.writing() as tx:
        mark_unknown(tx, "b_1", by="paymaster")
        said = state_found(tx, "b_1", Statement(Found.NOT_RECEIVED, "call", file_number=1), by="one")
        confirm_found(tx, "b_1", said.number, by="two")
        assert batch_of(tx, "b_1").state is BatchState.NOT_RECEIVED
        move_file(tx, files_of(tx, "b_1")[0], FileState.SUBMITTED, by="paymaster")
        assert batch_of(tx, "b_1").state is BatchState.SUBMITTED

    assert _states(store, key) == [(ItemState.INSTRUCTED, AttemptState.INSTRUCTED)]


def test_a_file_that_the_bank_refuses_pays_nothing(store: Store) -> None:
    """Every line of it comes back, and may be paid again."""
    key = _sent(store, 100, 200)
    with store.writing() as tx:
        mark_unknown(tx, "b_1", by="paymaster")
        said = state_found(tx, "b_1", Statement(Found.REJECTED, "receipt", file_number=1), by="one")
        confirm_found(tx, "b_1", said.number, by="two")
        assert batch_of(tx, "b_1").state is BatchState.FILE_REJECTED

    assert _states(store, key) == [(ItemState.RETURNED, AttemptState.CONFIRMED_FAILED)] * 2


def test_reconciled_is_what_the_account_shows(store: Store) -> None:
    """Settled by the bank's list is not reconciled; the account's statement makes it so, and a late return undoes it."""
    key = _sent(store, 100, 200)
    ids = [item_id(key, number) for number in (1, 2)]
    with store.writing() as tx:
        answer(tx, "b_1", paid=ids)
    with pytest.raises(RefusedError) as early, store.writing() as tx:
        reconcile_batch(tx, "b_1", by="paymaster")
    with store.writing() as tx:
        hear(tx, [line(tx, "b_1", each, "paid") for each in ids], kind="statement")
        assert reconcile_batch(tx, "b_1", by="paymaster").batch.state is BatchState.RECONCILED
        hear(tx, [line(tx, "b_1", ids[0], "returned")])
        assert batch_of(tx, "b_1").state is BatchState.SETTLED
        compared = compare_batch(tx, "b_1")
    assert (compared.paid_fen, compared.shown_fen, compared.unheld_count) in {(200, 300, 1), (100, 300, 1)}
    with store.writing() as tx:
        hear(tx, [line(tx, "b_1", ids[0], "returned")], kind="statement")
        assert reconcile_batch(tx, "b_1", by="paymaster").agrees

    assert early.value.findings[0].code is StoreCode.STATEMENT_DIFFERS


def test_reconciling_reads_the_lines_of_its_batch(store: Store) -> None:
    """Of the lines that banks wrote in years it looks up those of the batch's references, and reads no others."""
    if store.is_postgresql:
        return  # its planner reads small tables whole, whatever indexes they have
    _sent(store, 100, 200)
    asked: list[tuple[str, Any]] = []

    def keep(_: sa.Connection, __: object, statement: str, values: Any, *___: object) -> None:  # noqa: ANN401
        asked.append((statement, values))

    sa.event.listen(store.engine, "before_cursor_execute", keep)
    with store.reading() as rx:
        compare_batch(rx, "b_1")
        plans = [
            row.detail
            for statement, values in list(asked)
            if "count(*)" in statement
            for row in rx.connection.exec_driver_sql(f"explain query plan {statement}", values)
        ]

    assert any("bank_line USING INDEX" in detail for detail in plans)
    assert [detail for detail in plans if detail.startswith("SCAN") and "shown" not in detail] == []


def test_exceptions_stand_in_the_way_until_another_person_settles_them(store: Store) -> None:
    """A stray line may be one of ours in disguise: it holds up every batch, and who took the file in cannot wave it away."""
    key = _sent(store, 100)
    with store.writing() as tx:
        told = line(tx, "b_1", item_id(key, 1), "paid")
        hear(tx, [told, told | {"reference": "somebody else's"}], kind="statement")
        (found,) = exceptions_of(tx)
    with pytest.raises(RefusedError), store.writing() as tx:
        reconcile_batch(tx, "b_1", by="paymaster")
    with pytest.raises(RefusedError) as own, store.writing() as tx:
        resolve_exception(tx, found.bank_file_id, found.line, by="paymaster", resolution="not ours")
    with store.writing() as tx:
        resolve_exception(tx, found.bank_file_id, found.line, by="colleague", resolution="not ours")
        assert reconcile_batch(tx, "b_1", by="paymaster").agrees
    with pytest.raises(RefusedError), store.writing() as tx:
        resolve_exception(tx, found.bank_file_id, found.line, by="colleague", resolution="again")

    assert own.value.findings[0].code is StoreCode.OWN_APPROVAL
