from dataclasses import replace

import pytest

from core.ledger import Due, Item, ItemKind, ItemState
from engine.netting.difference import settle
from engine.netting.settlement import Account, CancelItem, HoldItem, OpenItem, Posting, ReleaseItem
from engine.netting.units import Claimed, Member, NettingUnit, merged_unit, unit_of
from tests.engine.small_world import (
    UNKNOWN,
    World,
    bank_return,
    between,
    exactly,
    freeze,
    instruct,
    mend_account,
    obligation,
    pay,
    recover,
    write_off,
)

JULY = "2025-07"


def paid(yuan: int, *, overpaid: str = "case") -> World:
    """Return a world in which so much was paid for July."""
    world = World(overpaid="keep" if overpaid == "keep" else "case")
    world.night({JULY: yuan})
    world.happens(pay)
    return world


def test_nothing_held_yet() -> None:
    """One item for the whole due; its id and sequence follow from the obligation."""
    settlement = settle(unit_of(Claimed(obligation("o"), Due(15_000, 15_000))))

    assert settlement.unit_key == "o"
    assert settlement.changes == (
        OpenItem(Item("i_uom4jrc7fkvxrgzi", "o", 1, 15_000, ItemKind.REGULAR, ItemState.OPEN)),
    )


@pytest.mark.parametrize(
    ("current", "kind"),
    [
        pytest.param("2025-07", "regular", id="in-the-period"),
        pytest.param("2025-08", "arrears", id="after-it"),
    ],
)
def test_kind_of_a_first_item(current: str, kind: str) -> None:
    """The period's own payment is regular while the period lasts, then arrears."""
    world = World()

    world.night({JULY: 150}, current=current)

    assert world.kinds(JULY) == [kind]


def test_more_is_due_than_is_held() -> None:
    """What is added to something held is a top-up, also after the period."""
    world = paid(150)

    world.night({JULY: 180}, current="2025-09")

    assert world.items(JULY) == [(150, "paid"), (30, "open")]
    assert world.kinds(JULY) == ["regular", "top_up"]


def test_all_that_was_paid_was_recovered_and_is_due_after_all() -> None:
    """Nothing is held any more, so the whole is paid again, as arrears."""
    world = paid(150)
    world.night({JULY: 0})
    world.happens(recover)

    world.night({JULY: 150}, current="2025-09")

    assert world.items(JULY) == [(150, "paid"), (150, "open")]
    assert world.kinds(JULY)[-1] == "arrears"


def test_bank_returns_what_was_already_recovered() -> None:
    """Who repaid what he never got is paid that amount back, though nothing is due."""
    world = paid(150)
    world.night({JULY: 0})
    world.happens(lambda before: recover(before, 10_000))
    world.happens(bank_return)

    world.night({JULY: 0})

    assert world.items(JULY) == [(100, "open")]
    assert world.cases() == {}


def test_too_much_and_nothing_instructed_yet() -> None:
    """A reduction is a cancellation and a smaller item of the same kind."""
    world = World()
    world.night({JULY: 180}, current="2025-09")

    world.night({JULY: 150}, current="2025-09")

    assert [type(change) for change in world.changes] == [CancelItem, OpenItem]
    assert world.items(JULY) == [(150, "open")]
    assert world.kinds(JULY) == ["arrears"]


def test_too_much_with_a_top_up_in_hand() -> None:
    """The item in the batch stays; what is nearer to being paid is cut last."""
    world = World()
    world.night({JULY: 150})
    world.happens(freeze)
    world.night({JULY: 180})

    world.night({JULY: 150})

    assert world.items(JULY) == [(150, "in_batch")]


def test_too_much_partly_instructed() -> None:
    """What is not instructed is cancelled, only the rest becomes a case."""
    world = World()
    world.night({JULY: 100})
    world.happens(freeze)
    world.happens(instruct)
    world.night({JULY: 150})

    world.night({JULY: 20})

    assert world.items(JULY) == [(100, "instructed")]
    assert world.cases() == {JULY: 80}


def test_a_case_grows_and_shrinks_with_the_due() -> None:
    """One case per obligation, its amount by today's knowledge; withdrawn when everything is due again."""
    world = paid(150)
    seen = []

    for due in (100, 30, 120, 150):
        world.night({JULY: due})
        seen.append([(change.before_fen, change.after_fen) for change in world.changes if isinstance(change, Posting)])

    assert seen == [[(0, 5_000)], [(5_000, 12_000)], [(12_000, 3_000)], [(3_000, 0)]]
    assert world.items(JULY) == [(150, "paid")]


def test_order_in_which_a_later_due_takes_back() -> None:
    """First the open case, then a write-off, then an item for the rest."""
    world = paid(150)
    world.night({JULY: 0})
    world.happens(lambda before: write_off(before, 5_000))

    seen = []
    for due in (60, 120, 150, 160):
        world.night({JULY: due})
        own = world.of(JULY)
        seen.append((own.case_open_fen, own.written_off_fen, len(own.items)))

    assert seen == [(4_000, 5_000, 1), (0, 3_000, 1), (0, 0, 1), (0, 0, 2)]


def test_overpaid_and_the_rule_keeps() -> None:
    """Already above the new standard: neither paid nor recovered, and no case; a later raise uses it up first."""
    world = paid(200, overpaid="keep")

    world.night({JULY: 150})
    kept = world.of(JULY).kept_fen
    world.night({JULY: 210})

    assert kept == 5_000
    assert world.of(JULY).kept_fen == 0
    assert world.items(JULY) == [(200, "paid"), (10, "open")]
    assert world.cases() == {}


def test_bank_returns_what_was_kept_or_written_off() -> None:
    """What was never received cannot be kept: only what is due is paid again."""
    kept, written = paid(200, overpaid="keep"), paid(200)
    for world in (kept, written):
        world.night({JULY: 150})
        world.happens(write_off)
        world.happens(bank_return)
        world.night({JULY: 150})

    assert kept.items(JULY) == written.items(JULY) == [(150, "open")]
    assert kept.of(JULY).kept_fen == written.of(JULY).written_off_fen == 0


def test_bank_returns_what_is_due() -> None:
    """A returned item waits for a mended account; nights leave it alone, also while the answer is unknown."""
    world = paid(150)
    world.happens(bank_return)

    for due in (exactly(150), UNKNOWN, between(100, None)):
        world.night({JULY: due})
        assert world.changes == []

    world.happens(mend_account)
    world.night({JULY: 150})
    assert world.items(JULY) == [(150, "open")]


def test_unknown_while_in_a_batch() -> None:
    """An item that is no longer certain leaves its batch and waits."""
    world = World()
    world.night({JULY: 150})
    world.happens(freeze)
    unit = unit_of(world.claimed(JULY, UNKNOWN))

    settlement = settle(unit)

    assert [type(change) for change in settlement.changes] == [HoldItem]
    assert [item.state for item in settlement.leaving_batches] == [ItemState.IN_BATCH]


def test_partly_certain() -> None:
    """What is certain may be paid, the rest waits and returns when it is known."""
    world = World()
    world.night({JULY: 180})

    world.night({JULY: between(150, None)})
    split = world.items(JULY)
    world.night({JULY: 180})

    assert split == [(150, "open"), (30, "on_hold")]
    assert [type(change) for change in world.changes] == [ReleaseItem]
    assert world.items(JULY) == [(150, "open"), (30, "open")]


@pytest.mark.parametrize(
    ("partial", "items"),
    [
        pytest.param("hold", [(150, "on_hold")], id="it-waits"),
        pytest.param("pay", [(150, "open")], id="unless-the-rule-pays-what-is-certain"),
    ],
)
def test_met_with_an_amount_still_open(partial: str, items: list[tuple[int, str]]) -> None:
    """The smallest possible amount is made into an item."""
    world = World(partial="pay" if partial == "pay" else "hold")

    world.night({JULY: between(150, 350, is_open=True)})

    assert world.items(JULY) == items


def test_unknown_while_a_case_is_open() -> None:
    """The case stays as it is: it is withdrawn only by what is certainly due."""
    world = paid(150)
    world.night({JULY: 0})

    world.night({JULY: UNKNOWN})

    assert world.changes == []


def test_suspected_renumbering() -> None:
    """Every item waits until a person has confirmed the identity."""
    world = World()
    seen = []

    for suspected in (False, True, False):
        world.night_together(unit_of(world.claimed(JULY, 150, suspected=suspected)))
        seen.append(world.items(JULY))

    assert seen == [[(150, "open")], [(150, "on_hold")], [(150, "open")]]


def test_merged_subjects_both_paid() -> None:
    """The due is computed once; the case is on the number that no longer is."""
    world = World()
    world.night({"former": 150, "present": 150})
    world.happens(pay)

    world.night_together(merged_unit(world.claimed("present", 150), [world.of("former")]))

    assert world.cases() == {"former": 150}


def test_merged_subjects_one_claimed_from_and_one_to_be_paid() -> None:
    """Nothing is claimed from somebody who is about to be paid: what is left of the item is the difference."""
    world = World()
    world.night({"former": 150})
    world.happens(pay)
    world.night({"former": 50})
    world.night({"present": 150})

    world.night_together(merged_unit(world.claimed("present", 200), [world.of("former")]))

    assert world.cases() == {}
    assert world.items("former") == [(150, "paid")]
    assert world.items("present") == [(50, "open")]


def test_bank_returns_on_two_members_at_once() -> None:
    """What came back on a claim belongs to that claim, so no claim is left on money that nobody got."""
    returned = Item("i1", "first", 1, 1, ItemKind.REGULAR, ItemState.RETURNED)
    gone = Item("i2", "second", 1, 1, ItemKind.REGULAR, ItemState.PAID)
    first = replace(obligation("first"), items=(returned,), case_open_fen=1)
    second = replace(obligation("second"), items=(gone,))
    unit = NettingUnit("u", (Member(first, 0), Member(second, 0)), Due(0, 0))

    assert settle(unit).changes == (
        CancelItem(returned),
        Posting("first", Account.CASE, 1, 0),
        Posting("second", Account.CASE, 0, 1),
    )


def test_bank_returns_on_one_member_while_another_waits() -> None:
    """A claim is extinguished by its own money before anybody else's."""
    returned = Item("i1", "first", 1, 1, ItemKind.REGULAR, ItemState.RETURNED)
    waits = Item("i2", "second", 1, 1, ItemKind.REGULAR, ItemState.ON_HOLD)
    first = replace(obligation("first"), items=(returned,), case_open_fen=1)
    second = replace(obligation("second"), items=(waits,))
    unit = NettingUnit("u", (Member(first, 0), Member(second, 0)), Due(0, 1))

    assert settle(unit).changes == (CancelItem(returned), Posting("first", Account.CASE, 1, 0))


def test_what_is_not_certain_is_passed_on() -> None:
    """One member is not owed by its own rule any more: what it has not paid goes to the one that lacks it."""
    world = World()
    world.night({"withdrawn": 70, "mate": 30})
    members = (Member(world.of("withdrawn"), 0, certain_fen=0), Member(world.of("mate"), 7_000, certain_fen=7_000))

    world.night_together(NettingUnit("u", members, Due(7_000, 7_000)))

    assert world.items("withdrawn") == []
    assert world.items("mate") == [(30, "open"), (40, "open")]


def test_what_is_certain_is_paid_before_what_is_not() -> None:
    """Both wait for the same sum, and only one is certain of it: that one is paid, the other waits."""
    world = World()
    world.night({"open": 70, "sure": 30})
    members = (Member(world.of("open"), 0, certain_fen=0), Member(world.of("sure"), 6_000, certain_fen=6_000))

    world.night_together(NettingUnit("u", members, Due(6_000, 10_000)))

    assert world.items("open") == [(40, "on_hold")]
    assert world.items("sure") == [(30, "open"), (30, "open")]


def test_a_loser_that_is_still_owed_by_its_own_rule_keeps_what_it_has() -> None:
    """Who wins may change again: money that is not paid moves no more than the sum asks for."""
    world = World()
    world.night({"loser": 30})
    members = (Member(world.of("loser"), 0, certain_fen=3_000), Member(world.of("winner"), 5_000, certain_fen=5_000))

    world.night_together(NettingUnit("u", members, Due(5_000, 5_000)))

    assert world.items("loser") == [(30, "open")]
    assert world.items("winner") == [(20, "open")]


def test_losers_are_claimed_from_before_winners() -> None:
    """Both are above their share: who should have nothing gives first, though older."""
    world = World()
    world.night({"loser": 100, "winner": 100})
    world.happens(pay)
    members = (Member(world.of("loser"), 0), Member(world.of("winner"), 5_000))

    world.night_together(NettingUnit("u", members, Due(5_000, 12_000)))

    assert world.cases() == {"loser": 80}
