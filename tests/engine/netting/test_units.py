import pytest

from core.ledger import Due
from engine.netting.units import Claimed, Member, NettingUnit, merged_unit, unit_key
from tests.engine.small_world import obligation


def test_survivor_of_a_merge() -> None:
    """The unit is named for it, and the whole due is its share."""
    unit = merged_unit(Claimed(obligation("present"), Due(5, 7)), [obligation("former")])

    assert unit.key == "present"
    assert [(each.obligation.obligation_id, each.share_fen) for each in unit.members] == [("former", 0), ("present", 5)]


@pytest.mark.parametrize(
    ("due", "is_suspected", "payable_fen_max"),
    [
        pytest.param(Due(5, 5), False, 5, id="known"),
        pytest.param(Due(5, 9), False, 5, id="what-is-certain"),
        pytest.param(Due(5, 9, is_open=True), False, None, id="amount-still-open"),
        pytest.param(Due(5, 5), True, None, id="suspected-renumbering"),
    ],
)
def test_what_may_be_paid(due: Due, is_suspected: bool, payable_fen_max: int | None) -> None:  # a table
    """No more than what is certain, and nothing of an amount still open or for somebody perhaps renumbered."""
    unit = merged_unit(Claimed(obligation(), due, is_first_payment_on_hold=is_suspected), ())

    assert unit.payable_fen_max == payable_fen_max


def test_shares_that_are_not_the_due() -> None:
    """Such a unit could not be settled, so it cannot be made."""
    with pytest.raises(AssertionError):
        NettingUnit("u", (Member(obligation(), 4),), Due(5, 5))


def test_keys() -> None:
    """Parts are told apart, so no two units share a key."""
    assert unit_key("group", "s", "2025") == unit_key("group", "s", "2025")
    assert (
        len({unit_key("group", "s", "2025"), unit_key("group", "s2", "025"), unit_key("group", "s", "20", "25")}) == 3
    )
