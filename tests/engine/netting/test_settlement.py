from dataclasses import replace

import pytest

from core.ledger import Due, Item, ItemKind, ItemState
from engine.netting.settlement import (
    Account,
    CancelItem,
    Change,
    HoldItem,
    LedgerInvariantError,
    OpenItem,
    Posting,
    ReleaseItem,
    Settlement,
    apply,
)
from engine.netting.units import Claimed, unit_of
from tests.engine.small_world import obligation

OPEN = Item("i1", "o", 1, 100, ItemKind.REGULAR, ItemState.OPEN)
PAID = Item("i2", "o", 2, 100, ItemKind.REGULAR, ItemState.PAID)
WAITS = Item("i3", "o", 3, 100, ItemKind.REGULAR, ItemState.ON_HOLD)
UNIT = unit_of(Claimed(replace(obligation("o"), items=(OPEN, PAID, WAITS), version=7), Due(0, None)))


def test_every_kind_of_change() -> None:
    """Each change does what it is named for; the obligation's version rises by one for all of them."""
    new = replace(WAITS, item_id="i4", sequence=4)
    changes: tuple[Change, ...] = (
        CancelItem(OPEN),
        ReleaseItem(WAITS),
        OpenItem(new),
        *(Posting("o", account, 0, fen) for fen, account in enumerate(Account, start=1)),
    )

    own = apply(UNIT, Settlement("o", changes)).members[0].obligation

    assert [item.state for item in own.items] == ["cancelled", "paid", "open", "on_hold"]
    assert (own.case_open_fen, own.written_off_fen, own.kept_fen) == (1, 2, 3)
    assert own.version == 8


def test_nothing_to_change() -> None:
    """An empty settlement is false and leaves the unit, and its version, as it is."""
    assert not Settlement("o")
    assert apply(UNIT, Settlement("o")) == UNIT


@pytest.mark.parametrize(
    ("change", "what"),
    [
        pytest.param(CancelItem(PAID), "item `i2` may not become `cancelled`", id="not-in-the-table"),
        pytest.param(HoldItem(replace(OPEN, amount_fen=1)), "item `i1` may not become `on_hold`", id="not-as-it-stood"),
        pytest.param(OpenItem(replace(OPEN, sequence=5)), "item `i1` may not be opened", id="a-gap-in-the-sequence"),
        pytest.param(
            OpenItem(replace(OPEN, sequence=4, amount_fen=0)), "item `i1` may not be opened", id="an-item-of-nothing"
        ),
        pytest.param(
            OpenItem(replace(OPEN, sequence=4, state=ItemState.PAID)), "item `i1` may not be opened", id="born-paid"
        ),
        pytest.param(Posting("o", Account.CASE, 5, 6), "`case` may not be posted", id="posted-on-another-amount"),
        pytest.param(Posting("o", Account.KEPT, 0, -1), "`kept` may not be posted", id="less-than-nothing"),
    ],
)
def test_change_that_does_not_fit(change: Change, what: str) -> None:
    """It stops the run: the ledger is not what the settlement was made for."""
    with pytest.raises(LedgerInvariantError) as raised:
        apply(UNIT, Settlement("o", (change,)))

    assert str(raised.value) == f"obligation `o`: {what}"
