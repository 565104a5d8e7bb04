from dataclasses import replace
from itertools import compress, product

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from core.ledger import Due, Item, ItemKind, ItemState
from engine.netting.difference import settle
from engine.netting.screening import DUES, LEDGER, MEMBERS, NEW_ITEMS, screen, screen_together
from engine.netting.settlement import Change, OpenItem
from engine.netting.units import Claimed, NettingUnit, unit_of
from tests.engine.small_world import obligation
from tests.laws.histories import FRESH, HISTORIES, NIGHTS, History, Night, lived

STRANGER = {
    "unit_key": "stranger",
    "obligation_id": "stranger",
    "at_least_fen": 3,
    "at_most_fen": None,
    "is_waiting": False,
    "is_period_over": True,
}


def due_row(unit: NettingUnit) -> dict[str, object]:
    """Return a unit's row in the frame of dues."""
    only = unit.members[0]
    return {
        "unit_key": unit.key,
        "obligation_id": only.obligation.obligation_id if len(unit.members) == 1 else None,
        "at_least_fen": unit.due.at_least_fen,
        "at_most_fen": unit.due.at_most_fen,
        "is_waiting": unit.payable_fen_max is None,
        "is_period_over": only.is_period_over,
    }


def ledger_row(unit: NettingUnit) -> dict[str, object]:
    """Return what a unit holds, as the store sums it up."""
    obligations = [member.obligation for member in unit.members]
    held_fen = sum(each.held_fen for each in obligations)
    sums = {
        name: sum(each.sum_fen(states) for each in obligations)
        for name, states in {
            "payable_fen": {ItemState.OPEN, ItemState.IN_BATCH},
            "on_hold_fen": {ItemState.ON_HOLD},
            "returned_fen": {ItemState.RETURNED},
        }.items()
    }
    return {
        "unit_key": unit.key,
        "held_fen": held_fen,
        "posted_fen": held_fen - unit.committed_fen,
        "last_sequence": max((item.sequence for each in obligations for item in each.items), default=0),
        **sums,
    }


def every_small_unit() -> list[NettingUnit]:
    """Return units with every mix of items, something claimed or not, and every relation to a due."""
    states = [state for state in ItemState if state is not ItemState.INSTRUCTED]  # to the ledger the same as paid
    units = []
    for present, case_fen, least, more, suspected in product(
        product([False, True], repeat=len(states)), [0, 1], [0, 1, 2, 3, 4, 9], [0, 3, None], [False, True]
    ):
        items = [
            Item(f"i{number}", "o", number, 2, ItemKind.REGULAR, state)
            for number, state in enumerate(compress(states, present), start=1)
        ]
        own = replace(obligation("o"), items=tuple(items), case_open_fen=case_fen)
        due = Due(least, None if more is None else least + more)
        if own.sum_fen({ItemState.PAID}) >= case_fen:
            units.append(unit_of(Claimed(own, due, is_first_payment_on_hold=suspected)))
    return [replace(unit, key=f"u{number}") for number, unit in enumerate(units)]


def test_screen_and_settle_come_to_settling_everything() -> None:
    """A unit is left out if nothing changes, is a row of new items if that is all, and is settled otherwise."""
    units = every_small_unit()
    dues = pl.DataFrame([due_row(unit) for unit in units], schema=DUES)
    ledger = pl.DataFrame([ledger_row(unit) for unit in units if unit.members[0].obligation.items], schema=LEDGER)

    screened = screen(dues, ledger)

    changes = {unit.key: settle(unit).changes for unit in units}
    made = {row[0]: row[1:] for row in screened.new_items.rows()}
    assert screened.new_items.schema == NEW_ITEMS
    assert screened.to_settle.to_list() == [key for key, each in changes.items() if each and key not in made]
    assert {key: [row] for key, row in made.items()} == {
        key: [_new_item_row(each) for each in changes[key]] for key in made
    }


@given(st.lists(st.tuples(FRESH, HISTORIES, NIGHTS), max_size=2))
def test_screen_and_settle_agree_after_any_history(
    lives: list[tuple[NettingUnit, History, Night]],
) -> None:
    """Also where several obligations are one unit, and whatever happened to them before."""
    units = [
        replace(night.over(lived(unit, history)), key=f"u{number}")
        for number, (unit, history, night) in enumerate(lives)
    ]

    screened = screen(
        pl.DataFrame([due_row(unit) for unit in units], schema=DUES),
        pl.DataFrame([ledger_row(unit) for unit in units], schema=LEDGER),
    )

    changing = {unit.key for unit in units if settle(unit)}
    assert {*screened.new_items["unit_key"], *screened.to_settle} == changing


def member_rows(unit: NettingUnit) -> list[dict[str, object]]:
    """Return the rows of a unit's members."""
    return [
        ledger_row(replace(unit, members=(each,), due=Due(each.share_fen, None)))
        | {
            "obligation_id": each.obligation.obligation_id,
            "share_fen": each.share_fen,
            "unit_least_fen": unit.due.at_least_fen,
            "unit_most_fen": unit.due.at_most_fen,
            "unit_is_waiting": unit.payable_fen_max is None,
            "is_period_over": each.is_period_over,
            "is_merged": False,
        }
        for each in unit.members
    ]


def certain(unit: NettingUnit, mores: list[int | None]) -> NettingUnit:
    """Return a unit whose members surely owe by their own rules so much more than their shares; None: nobody asks."""
    members = [
        replace(each, certain_fen=None if more is None else each.share_fen + more)
        for each, more in zip(unit.members, mores, strict=False)
    ]
    return replace(unit, members=tuple(members))


MORES = st.lists(st.sampled_from([None, 0, 0, 1, 3]), min_size=3, max_size=3)


@given(st.lists(st.tuples(FRESH, HISTORIES, NIGHTS, MORES), max_size=2))
def test_screen_and_settle_agree_on_members(
    lives: list[tuple[NettingUnit, History, Night, list[int | None]]],
) -> None:
    """Obligations that are compared together: no unit that changes is left out, and what members lack is theirs."""
    units = [
        replace(certain(night.over(lived(unit, history)), mores), key=f"u{number}")
        for number, (unit, history, night, mores) in enumerate(lives)
    ]

    screened = screen_together(pl.DataFrame([row for unit in units for row in member_rows(unit)], schema=MEMBERS))

    changes = {unit.key: settle(unit).changes for unit in units}
    made = {key: list[tuple[object, ...]]() for key in screened.new_items["unit_key"]}
    for row in screened.new_items.rows():
        made[row[0]].append(row[1:])
    assert {*made, *screened.to_settle} >= {key for key, each in changes.items() if each}
    assert {key: sorted(rows) for key, rows in made.items()} == {
        key: sorted(_new_item_row(each) for each in changes[key]) for key in made
    }


def _new_item_row(change: Change) -> tuple[object, ...]:
    assert isinstance(change, OpenItem)
    item = change.item
    return (item.obligation_id, item.sequence, item.amount_fen, item.kind, item.state)


def test_new_units_need_no_settling() -> None:
    """The plain case, a first item, is made on the frame; what is not certain or not due makes none."""
    dues = pl.DataFrame(
        [
            STRANGER,
            STRANGER | {"unit_key": "waits", "is_waiting": True, "is_period_over": False},
            STRANGER | {"unit_key": "unknown", "at_least_fen": 0},
            STRANGER | {"unit_key": "group", "obligation_id": None},
        ],
        schema=DUES,
    )

    screened = screen(dues, LEDGER.to_frame())

    assert screened.new_items.rows() == [
        ("stranger", "stranger", 1, 3, "arrears", "open"),
        ("waits", "stranger", 1, 3, "regular", "on_hold"),
    ]
    assert screened.to_settle.to_list() == ["group"]
