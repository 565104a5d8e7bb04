"""How much of each payment is kept back for claims: shares, several claims, and whose money it is."""

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import item_id
from core.shares import Purse
from delivery.funds import Funds
from delivery.payables import PAYABLES, DuePayment, PayTerms
from delivery.setting_off import OWNED, Claim, Claims, set_off
from rules.version import Pay

TERMS = PayTerms("p", "t", "区残联", Pay(calendar="daily"))
DAY = dt.date(2026, 3, 15)


def payable(number: int, amount_fen: int, **other: object) -> dict[str, object]:
    """Return an open item of `a`, who receives it."""
    row: dict[str, object] = {
        "item_id": item_id("o_1", number), "obligation_id": "o_1", "policy": "p", "subject_id": "a", "period": "2026-02",
        "component": "", "kind": "regular", "amount_fen": amount_fen, "is_first": False, "attempt": 1, "is_reissue": False,
    }  # fmt: skip
    return row | other


def group(*rows: dict[str, object], funds: Funds | None = None) -> DuePayment:
    """Return payments that are due."""
    return DuePayment(TERMS, DAY, pl.DataFrame(rows, schema=PAYABLES), funds or Funds())


def claims(*found: tuple[str, int, str], payer: str = "区残联", policies: Sequence[str] = ("p",)) -> Claims:
    """Return claims on `a` by id, what is left, and share; the newest item of `o_1` is its ninth."""
    made = [Claim(key, "a", fen, Fraction(share), payer, frozenset(policies)) for key, fen, share in found]
    return Claims(tuple(made), pl.DataFrame([("o_1", "a", 9)], schema=OWNED, orient="row"), {"former": "a"})


def kept(payment: DuePayment, found: Claims) -> list[tuple[str | None, int]]:
    """Return the parts of what is paid, each with its case."""
    _, back, _ = set_off(payment, payment.payables, found)
    return [] if back is None else list(back.parts.select("case_id", "amount_fen").iter_rows())


@pytest.mark.parametrize(
    ("left_fen", "share", "parts"),
    [
        (150, "1", [("c_1", 150)]),
        (149, "1", [("c_1", 149), (None, 1)]),
        (151, "1", [("c_1", 150)]),
        (75, "1/2", [("c_1", 75), (None, 75)]),
        (74, "1/2", [("c_1", 74), (None, 76)]),
        (76, "1/2", [("c_1", 75), (None, 75)]),
        (150, "1/1000", []),
    ],
)
def test_the_smaller_of_claim_and_share(left_fen: int, share: str, parts: list[tuple[str | None, int]]) -> None:
    """A claim below, at and above what may be kept back; a share that comes to no fen keeps nothing back."""
    assert kept(group(payable(1, 150)), claims(("c_1", left_fen, share))) == parts


def test_several_claims_share_what_may_be_kept_back() -> None:
    """The oldest first; each up to its own share of the payment, all of them together."""
    found = claims(("c_1", 30, "1/2"), ("c_2", 100, "1/2"), ("c_3", 100, "3/5"))

    assert kept(group(payable(1, 100)), found) == [("c_1", 30), ("c_2", 20), ("c_3", 10), (None, 40)]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (payable(1, 100, subject_id="guardian"), claims(("c_1", 50, "1/2"))),
        (payable(1, 100, subject_id=None), claims(("c_1", 50, "1/2"))),
        (payable(1, 100, obligation_id="o_2"), claims(("c_1", 50, "1/2"))),
        (payable(1, 100, is_reissue=True), claims(("c_1", 50, "1/2"))),
        (payable(1, 100), claims(("c_1", 50, "1/2"), payer="another")),
        (payable(1, 100), claims(("c_1", 50, "1/2"), policies=["q"])),
        (payable(1, 100), claims(("c_1", 0, "1/2"))),
    ],
    ids=["another receives", "nobody receives", "of another", "came back", "another pays", "not named", "nothing left"],
)
def test_other_money_is_paid_as_it_is(row: dict[str, object], found: Claims) -> None:
    """Nothing is kept back from somebody else, of somebody else's money, or of what is waited for already."""
    payment = group(row)

    paid, back, after = set_off(payment, payment.payables, found)

    assert (paid.equals(payment.payables), back, after) == (True, None, found)


def test_a_former_id_is_the_same_person() -> None:
    """A corrected number is no other person."""
    assert kept(group(payable(1, 100, subject_id="former")), claims(("c_1", 50, "1/2"))) == [("c_1", 50), (None, 50)]


def test_a_claim_ends_between_two_payments() -> None:
    """The oldest item pays it off, the next one is paid whole; the new items are numbered after the newest one."""
    payment = group(payable(1, 100), payable(2, 100, period="2026-03"))

    paid, back, after = set_off(payment, payment.payables, claims(("c_1", 40, "1/2")))

    assert back is not None
    assert back.parts["sequence"].to_list() == [10, 11]
    assert sorted(paid.select("item_id", "amount_fen").iter_rows()) == sorted(
        [(item_id("o_1", 11), 60), (item_id("o_1", 2), 100)]
    )
    assert (after.claims[0].left_fen, after.owned["last_sequence"][0]) == (0, 11)


def test_what_is_kept_back_stands_behind_what_is_paid_in_the_purses() -> None:
    """So that both together take of each purse what the whole would have taken; what came back once has its own."""
    purses = (Purse("a", weight=1), Purse("b", weight=1))
    again = payable(3, 50, obligation_id="o_3", is_reissue=True)
    payment = group(payable(1, 101), again, funds=Funds(purses, (None, None), again=pl.Series([again["item_id"]])))

    _, back, _ = set_off(payment, payment.payables, claims(("c_1", 50, "1/2")))

    assert back is not None
    assert (back.first_fen, back.purses) == (51, purses)


@given(
    amounts=st.lists(st.integers(1, 500), min_size=1, max_size=5),
    left=st.lists(st.tuples(st.integers(0, 400), st.sampled_from(["1", "1/2", "1/3", "2/7"])), min_size=1, max_size=3),
)
def test_no_fen_is_lost(amounts: list[int], left: list[tuple[int, str]]) -> None:
    """Paid and kept back come to what is due; nobody pays more than they owe, nor more than the largest share of a payment."""
    payment = group(*(payable(number, fen, period=f"2026-0{number}") for number, fen in enumerate(amounts, start=1)))
    found = claims(*((f"c_{place}", fen, share) for place, (fen, share) in enumerate(left)))

    paid, back, after = set_off(payment, payment.payables, found)

    off = 0 if back is None else int(back.parts.drop_nulls("case_id")["amount_fen"].sum())
    assert int(paid["amount_fen"].sum()) + off == sum(amounts)
    assert sum(claim.left_fen for claim in found.claims) - sum(claim.left_fen for claim in after.claims) == off
    assert all(claim.left_fen >= 0 for claim in after.claims)
    assert off <= sum(fen * max(Fraction(share) for _, share in left) for fen in amounts)
    assert paid["item_id"].n_unique() == paid.height
    assert paid["amount_fen"].min() is None or (paid["amount_fen"] > 0).all()
