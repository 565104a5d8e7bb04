from dataclasses import replace
from typing import Any

import pytest

from core.ledger import ITEM_TRANSITIONS, NOTHING_DUE, UNINSTRUCTED, Due, Item, ItemKind, ItemState, Obligation


def obligation(*amounts: tuple[int, ItemState], **posted: Any) -> Obligation:  # noqa: ANN401  # any posted amount
    """Return an obligation with items."""
    items = tuple(
        Item(f"i{n}", "o", n, amount, ItemKind.REGULAR, state) for n, (amount, state) in enumerate(amounts, start=1)
    )
    empty = Obligation("o", "g", "p", "s", event="", period="2025-07", component="main", items=items)
    return replace(empty, **posted)


def test_held_and_committed() -> None:
    """Semantics §5: items not cancelled less recovered; and less the open case, written off and kept (semantics §5)."""
    owed = obligation(
        (100, ItemState.PAID),
        (50, ItemState.ON_HOLD),
        (7, ItemState.CANCELLED),
        (-20, ItemState.OPEN),
        recovered_fen=10,
        case_open_fen=5,
        written_off_fen=3,
        kept_fen=2,
    )

    assert owed.held_fen == 120
    assert owed.committed_fen == 110
    assert owed.sum_fen({ItemState.PAID, ItemState.ON_HOLD}) == 150
    assert owed.sum_fen(UNINSTRUCTED) == 30
    assert obligation().committed_fen == 0


def test_transitions_are_closed() -> None:
    """Every state says where it may go; what is cancelled or set off rests for ever; nothing pays twice."""
    assert set(ITEM_TRANSITIONS) == set(ItemState)
    assert {state for state, following in ITEM_TRANSITIONS.items() if not following} == {
        ItemState.CANCELLED,
        ItemState.SET_OFF,
    }
    assert ITEM_TRANSITIONS[ItemState.PAID] == {ItemState.RETURNED}
    assert all(ItemState.CANCELLED not in ITEM_TRANSITIONS[state] for state in ItemState if state not in UNINSTRUCTED)


@pytest.mark.parametrize(
    ("due", "amount_fen", "is_held"),
    [
        (Due(100, 100), 99, False),
        (Due(100, 100), 100, True),
        (Due(100, 100), 101, False),
        (Due(100, None), 10**12, True),
        (NOTHING_DUE, 0, True),
        (NOTHING_DUE, 1, False),
    ],
)
def test_due_holds(due: Due, amount_fen: int, *, is_held: bool) -> None:
    """A due is a range; both ends belong to it."""
    assert due.holds(amount_fen) is is_held


@pytest.mark.parametrize(("least", "most"), [(-1, None), (2, 1)])
def test_an_empty_due_is_our_mistake(least: int, most: int | None) -> None:
    """Nothing can lie in it."""
    with pytest.raises(AssertionError):
        Due(least, most)
