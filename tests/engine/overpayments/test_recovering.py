"""Money that comes back: once for each reference, over one or several cases, and too much of it."""

import pytest

from core.errors import RefusedError
from engine.overpayments.codes import CaseCode
from engine.overpayments.giving_up import ask_relief, grant_relief
from engine.overpayments.signing import Signed
from store.case_receipts import receipts_for
from store.case_steps import steps_of_case
from store.states.cases import CaseAction, CaseState, ReliefKind
from tests.engine.overpayments.stage import MONTHS, again, bank_returns, card, case, received
from tests.world import World


def test_all_at_once(world: World) -> None:
    """A receipt of what is outstanding closes the case; the step says who took it in and on which day it came."""
    january = case(world)

    received(world, january, yuan=150)

    after = again(world, january)
    assert (after.state, after.amount_fen, after.recovered_fen) == (CaseState.RECOVERED, 0, 150_00)
    with world.store.reading() as rx:
        (step,) = steps_of_case(rx, january.case_id)
        (share,) = receipts_for(rx, january.case_id)
    assert (step.action, step.taken_by, str(step.acted_on)) == (CaseAction.RECEIVED, "cashier", "2025-04-03")
    assert (share.amount_fen, share.receipt.reference) == (150_00, "R1")


def test_in_parts(world: World) -> None:
    """What came by itself before anybody told leaves the case where it is, with less outstanding."""
    january = case(world)

    received(world, january, yuan=50)
    received(world, january, yuan=40, reference="R2")

    after = again(world, january)
    assert (after.state, after.amount_fen, after.recovered_fen) == (CaseState.OPENED, 60_00, 90_00)
    assert after.claimed_fen == 150_00


def test_the_same_receipt_twice_is_once(world: World) -> None:
    """Nothing is posted a second time, and it says so."""
    january = case(world)
    received(world, january, yuan=50)

    said = received(world, january, yuan=50)

    assert said.is_repeated
    assert again(world, january).amount_fen == 100_00


@pytest.mark.parametrize(("yuan", "date"), [(60, "2025-04-03"), (50, "2025-04-01")], ids=["amount", "day"])
def test_the_same_reference_with_something_else(world: World, yuan: int, date: str) -> None:
    """It is refused: a reference belongs to one receipt."""
    january = case(world)
    received(world, january, yuan=50)

    with pytest.raises(RefusedError) as refusal:
        received(world, january, yuan=yuan, date=date)

    assert refusal.value.findings[0].code is CaseCode.RECEIPT_DIFFERS


def test_one_receipt_for_several_cases(world: World) -> None:
    """The cases are paid in the order in which they are named."""
    cases = [case(world, period[:7]) for period in MONTHS]

    said = received(world, *cases, yuan=200)

    assert [share.amount_fen for share in sorted(said.shares, key=lambda each: -each.amount_fen)] == [150_00, 50_00]
    states = [again(world, each).state for each in cases]
    assert states == [CaseState.RECOVERED, CaseState.OPENED, CaseState.OPENED]


def test_more_than_ever_went_out(world: World) -> None:
    """It belongs to nobody's case; nothing is posted."""
    january = case(world)

    with pytest.raises(RefusedError) as refusal:
        received(world, january, yuan=151)

    assert refusal.value.findings[0].code is CaseCode.TOO_MUCH
    assert again(world, january).amount_fen == 150_00


@pytest.mark.parametrize(
    ("yuan", "reference", "date"), [(0, "R", "2025-04-01"), (1, " ", "2025-04-01"), (1, "R", "2026-01-01")]
)
def test_a_receipt_that_makes_no_sense(world: World, yuan: int, reference: str, date: str) -> None:
    """Nothing, nowhere, or in days to come."""
    with pytest.raises(RefusedError) as refusal:
        received(world, case(world), yuan=yuan, reference=reference, date=date)

    assert refusal.value.findings[0].code is CaseCode.BAD_RECEIPT


def test_the_night_made_less_of_the_claim_meanwhile(world: World) -> None:
    """What came beyond the claim is taken in, and the next night pays it out again."""
    january = case(world)
    world.deliver("cards", [card("a", "2025-01-31")], on="2025-04-04")
    world.night("2025-04-04")
    withdrawn = again(world, january)

    said = received(world, january, yuan=150)
    world.night("2025-04-06", pays=True)

    assert withdrawn.state is CaseState.WITHDRAWN
    assert said.beyond_fen == 150_00
    assert world.items("a")["2025-01"] == [150, 150]
    assert case(world).case_id == january.case_id


def test_what_was_given_up_lapses_once_it_came_all_the_same(world: World) -> None:
    """A receipt beyond what is outstanding takes the write-off back first: nothing is paid out again for it."""
    january = case(world)
    ask_relief(
        world.deployment, january.case_id, ReliefKind.WAIVER, Signed("clerk", "困难", "某办法"), amount_fen=100_00
    )
    grant_relief(world.deployment, january.case_id, by="head")

    received(world, january, yuan=150)
    world.night("2025-04-06")

    assert world.items("a")["2025-01"] == [150]
    after = again(world, january)
    assert (after.state, after.recovered_fen, after.written_off_fen) == (CaseState.RECOVERED, 150_00, 0)


def test_a_closed_case_beside_an_open_one(world: World) -> None:
    """Money belongs to the claim that is open."""
    january = case(world)
    world.deliver("cards", [card("a", "2025-01-31")], on="2025-04-04")
    world.night("2025-04-04")
    world.deliver("cards", [card("a", "2025-01-15")], on="2025-04-05")
    world.night("2025-04-05")

    with pytest.raises(RefusedError) as refusal:
        received(world, january, yuan=150)

    assert case(world).number == 2
    assert refusal.value.findings[0].code is CaseCode.OTHER_CASE


def test_money_that_the_bank_returns_extinguishes_the_claim(world: World) -> None:
    """A late return on the very payment: the case is gone with the next night, and the item with it (semantics §5)."""
    january = case(world)
    bank_returns(world, january)

    world.night("2025-04-03")

    assert again(world, january).amount_fen == 0
    assert world.states("a")["2025-01"] == ["cancelled"]
    assert "2025-01" not in world.cases("a")
