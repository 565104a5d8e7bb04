import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DeliveryError
from delivery.accounts import Account
from delivery.batches import collect
from delivery.codes import DeliveryCode
from delivery.payees import PAYEES
from delivery.references import item_of
from store.batches import content_hash
from store.states.paying import BatchState
from tests.delivery.samples import account, batch, due, payable, payee, payees, said


@given(amounts=st.lists(st.integers(1, 10**11), min_size=1, max_size=9))
def test_a_batch_is_the_sum_of_its_items(amounts: list[int]) -> None:
    frozen = batch(*(payable(number, amount) for number, amount in enumerate(amounts, start=1)))

    assert (frozen.count, frozen.total_fen) == (len(amounts), sum(amounts))
    assert frozen.state is BatchState.FROZEN


@given(st.permutations(range(1, 7)))
def test_the_order_of_input_does_not_matter(numbers: list[int]) -> None:
    """R5: the database may give the items in any order."""

    def collected(order: list[int]) -> list[dict[str, object]]:
        groups = [due(*(payable(n) for n in order if n % 2 == rest), policy=f"p{rest}") for rest in (0, 1)]
        return [said(each) for each in collect(groups, payees(6)).batches]

    assert collected(numbers) == collected(sorted(numbers))


def test_policies_and_pay_days_make_batches_of_their_own() -> None:
    first, second, third = due(payable(1)), due(payable(2), policy="q"), due(payable(3), pay_day=dt.date(2025, 9, 15))

    batches = collect([first, second, third], payees(3)).batches

    assert len({each.batch_id for each in batches}) == len(batches) == 3


def test_collecting_again_gives_the_same_batch() -> None:
    """Killed after collecting and started again, the night ends with the same bytes."""
    assert said(batch(payable(1), payable(2))) == said(batch(payable(1), payable(2)))


def test_every_item_is_in_a_batch_or_listed() -> None:
    """Nothing is dropped: who cannot be paid stays open, with the reason."""
    known = pl.concat(
        [
            payee(1),
            payee(2, accounts=[]),
            payee(3, accounts=[account(3), account(4)]),
            payee(4, name=""),
            payee(5, accounts=[Account("无", "")]),
        ]
    )
    items = due(*(payable(number) for number in range(1, 7)))
    ids = items.payables["item_id"].to_list()

    collected = collect([items], known)

    assert [each.lines["item_id"].to_list() for each in collected.batches] == [ids[:1]]
    assert [(each.item_id, each.because) for each in collected.left_open] == [
        (ids[1], DeliveryCode.NO_ACCOUNT),
        (ids[2], DeliveryCode.SEVERAL_ACCOUNTS),
        (ids[3], DeliveryCode.NO_NAME),
        (ids[4], DeliveryCode.ACCOUNT_UNUSABLE),
        (ids[5], DeliveryCode.NO_ACCOUNT),
    ]
    assert {(each.code.value, each.count) for each in collected.findings} == {
        ("D101", 2),
        ("D102", 1),
        ("D103", 1),
        ("D104", 1),
    }


def test_a_pay_day_without_anyone_to_pay_makes_no_batch() -> None:
    assert collect([due(payable(1))], PAYEES.to_frame()).batches == ()


@pytest.mark.parametrize("amount_fen", [0, -1])
def test_nothing_and_less_is_refused(amount_fen: int) -> None:
    with pytest.raises(DeliveryError) as caught:
        collect([due(payable(1), payable(2, amount_fen))], payees(2))

    assert [(each.code.value, each.count) for each in caught.value.findings] == [("D105", 1)]


def test_one_account_under_two_payees_is_a_warning() -> None:
    known = pl.concat([payee(1), payee(2, accounts=[account(1)])])

    findings = collect([due(payable(1), payable(2))], known).findings

    assert [(each.code.value, each.is_error, each.count) for each in findings] == [("D106", False, 1)]


def test_one_guardian_for_two_children_is_no_warning() -> None:
    guardian = pl.concat(payee(7).with_columns(subject_id=pl.lit(child)) for child in ("s1", "s2"))

    assert collect([due(payable(1), payable(2))], guardian).findings == ()


def test_one_fen_or_one_account_makes_another_hash() -> None:
    """An approval of the hash is an approval of every fen and every account."""
    plain = batch(payable(1))

    assert batch(payable(1, 15_001)).content_hash != plain.content_hash
    assert batch(payable(1), of=payee(1, accounts=[account(2)])).content_hash != plain.content_hash
    assert batch(payable(1), of=payee(1, name="张大三")).content_hash != plain.content_hash


def test_the_order_of_lines_is_not_in_the_hash() -> None:
    lines = batch(payable(1), payable(2)).lines

    assert content_hash(lines) == content_hash(lines.reverse())


def test_the_reference_carries_item_and_attempt() -> None:
    """Returned and sent again, an item has a new reference."""
    (line,) = batch(payable(1, attempt=2)).lines.iter_rows(named=True)

    assert item_of(line["reference"]) == (line["item_id"], 2)


def test_a_batch_shows_nothing_personal() -> None:
    shown = repr(batch(payable(1)))

    assert "张" not in shown
    assert account(1).number not in shown
