from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ledger import Due
from engine.netting.groups import Contender, Mode, capped_unit, group_unit
from engine.netting.units import Claimed, NettingUnit
from tests.engine.small_world import World, between, exactly, obligation, pay

A, B, C = "A", "B", "C"
UNKNOWN = Due(0, None)


def group(mode: Mode, dues: list[Due], *, count: int = 1) -> NettingUnit:
    """Return the unit of a group of fresh obligations."""
    contenders = [Contender((Claimed(obligation(name), due),)) for name, due in zip("ABC", dues, strict=False)]
    return group_unit("u", mode, contenders, count)


def shares(unit: NettingUnit) -> list[int]:
    """Return the members' shares in fen."""
    return [member.share_fen for member in unit.members]


@pytest.mark.parametrize(
    ("mode", "dues", "due", "shared"),
    [
        pytest.param("highest", [Due(5, 5), Due(9, 9)], Due(9, 9), [0, 9], id="highest"),
        pytest.param("highest", [Due(5, 5), UNKNOWN], Due(5, None), [5, 0], id="highest-one-unknown"),
        pytest.param("highest", [UNKNOWN, UNKNOWN], Due(0, None), [0, 0], id="highest-nothing-known"),
        pytest.param("highest", [Due(5, 9), Due(7, 8)], Due(7, 9), [0, 7], id="highest-ranges"),
        pytest.param("highest", [Due(5, 5), Due(5, 5)], Due(5, 5), [5, 0], id="highest-tie-nobody-incumbent"),
        pytest.param("at_most", [Due(5, 5), Due(9, 9), Due(7, 7)], Due(16, 16), [0, 9, 7], id="at-most-two"),
        pytest.param("at_most", [Due(5, 5), Due(9, 9), UNKNOWN], Due(14, None), [5, 9, 0], id="at-most-two-unknown"),
        pytest.param("priority", [Due(5, 5), Due(9, 9)], Due(5, 5), [5, 0], id="priority"),
        pytest.param("priority", [Due(0, 0), Due(9, 9)], Due(9, 9), [0, 9], id="priority-first-not-met"),
        pytest.param("priority", [Due(0, 6), Due(9, 9)], Due(0, 9), [0, 0], id="priority-first-unknown"),
        pytest.param("priority", [Due(5, 6), UNKNOWN], Due(5, 6), [5, 0], id="priority-second-does-not-matter"),
        pytest.param("priority", [Due(0, 0), Due(0, 0)], Due(0, 0), [0, 0], id="priority-nobody"),
    ],
)
def test_due_of_a_group(mode: Mode, dues: list[Due], due: Due, shared: list[int]) -> None:
    """What is certain is on the shares of those who surely win."""
    unit = group(mode, dues, count=2 if mode == "at_most" else 1)

    assert unit.due == due
    assert shares(unit) == shared


def result(mode: Mode, amounts: tuple[int, ...], count: int) -> int:
    """Return what a group comes to where every amount is known."""
    if mode == "priority":
        return next((fen for fen in amounts if fen), 0)
    return sum(sorted(amounts)[-count:])


RANGES = st.builds(lambda least, more: Due(least, least + more), st.integers(0, 3), st.integers(0, 3))


@given(st.sampled_from(["highest", "at_most", "priority"]), st.lists(RANGES, min_size=1, max_size=3))
def test_due_of_a_group_holds_every_possibility(mode: Mode, dues: list[Due]) -> None:
    """The range runs from the smallest result over all possibilities to the largest.

    Where who comes first is not certain, nothing is: amounts may be anything above 0, in fractions of what is
    tried here, so the smallest may lie above the range's lower end.
    """
    count = 2 if mode == "at_most" else 1
    possible = product(*(range(due.at_least_fen, (due.at_most_fen or 0) + 1) for due in dues))
    results = [result(mode, amounts, count) for amounts in possible]

    due = group(mode, dues, count=count).due

    assert due.at_most_fen == max(results)
    assert due.at_least_fen <= min(results)
    assert mode == "priority" or due.at_least_fen == min(results)


WIDENINGS = st.lists(st.tuples(st.integers(0, 3), st.none() | st.integers(0, 3)), min_size=3, max_size=3)


@given(st.sampled_from(["highest", "at_most", "priority"]), st.lists(RANGES, min_size=1, max_size=3), WIDENINGS)
def test_knowing_less_of_members(mode: Mode, dues: list[Due], widenings: list[tuple[int, int | None]]) -> None:
    """It only widens what is due to the group."""
    wider = [
        Due(max(0, due.at_least_fen - less), None if more is None else (due.at_most_fen or 0) + more)
        for due, (less, more) in zip(dues, widenings, strict=False)
    ]

    narrow, wide = group(mode, dues, count=2).due, group(mode, wider, count=2).due

    assert wide.at_least_fen <= narrow.at_least_fen
    assert wide.at_most_fen is None or wide.at_most_fen >= (narrow.at_most_fen or 0)


def test_tie_keeps_the_incumbent() -> None:
    """B was paid; A reaches the same amount: nothing changes hands, and what is added is added on B."""
    world = World()
    world.night({B: 150})
    world.happens(pay)

    world.night_together(
        group_unit("u", "highest", [Contender((world.claimed(A, 180),)), Contender((world.claimed(B, 180),))])
    )

    assert world.items(A) == []
    assert world.items(B) == [(150, "paid"), (30, "open")]


def test_highest_over_a_year() -> None:
    """A paid 300 by March; B's months come to more only in June, and then only the difference is paid."""
    world = World()
    spring, early_summer = ("2025-01", "2025-02", "2025-03"), ("2025-04", "2025-05", "2025-06")
    world.night({f"A-{month}": 100 for month in spring})
    world.happens(pay)
    first = Contender(tuple(world.claimed(f"A-{month}", 100) for month in spring))

    seen = []
    for count in (1, 2, 3):
        second = Contender(tuple(world.claimed(f"B-{month}", 150) for month in early_summer[:count]))
        world.night_together(group_unit("u", "highest", [first, second]))
        seen.append(world.items(f"B-{early_summer[count - 1]}"))

    assert seen == [[], [], [(150, "open")]]


@pytest.mark.parametrize(
    ("first", "second", "items"),
    [
        pytest.param(exactly(180), between(100, 300, is_open=True), [(180, "open")], id="winner-is-certain"),
        pytest.param(exactly(80), between(100, 300, is_open=True), [], id="winner-waits-for-its-amount"),
    ],
)
def test_group_waits_with_its_winner(first: Due, second: Due, items: list[tuple[int, str]]) -> None:
    """An open amount makes the group wait only where the member it belongs to would be paid."""
    world = World()

    world.night_together(
        group_unit("u", "highest", [Contender((world.claimed(A, first),)), Contender((world.claimed(B, second),))])
    )

    assert world.items(A) == items
    assert [state for _, state in world.items(B)] in ([], ["on_hold"])


def test_group_waits_for_a_person_with_its_winner() -> None:
    """A suspected renumbering of the one who would be paid puts the group's items on hold; of another it does not."""
    world = World()
    suspected, other = (world.claimed(name, 150, suspected=name == A) for name in (A, B))

    waits = group_unit("u", "priority", [Contender((suspected,)), Contender((other,))])
    does_not = group_unit("u", "priority", [Contender((other,)), Contender((suspected,))])

    assert waits.payable_fen_max is None
    assert does_not.payable_fen_max == 15_000


def test_members_stand_by_period() -> None:
    """Newest first means the latest period first, whoever it belongs to."""
    first = Contender(tuple(Claimed(obligation(f"A{month}", period=month)) for month in ("2025-01", "2025-03")))
    second = Contender(tuple(Claimed(obligation(f"B{month}", period=month)) for month in ("2025-02", "2025-03")))

    unit = group_unit("u", "highest", [first, second])

    names = [member.obligation.obligation_id for member in unit.members]
    assert names == ["A2025-01", "B2025-02", "A2025-03", "B2025-03"]


def test_cap_that_is_not_reached() -> None:
    """Every event gets its own due."""
    unit = capped_unit("u", [Claimed(obligation(A), Due(4, 4)), Claimed(obligation(B), Due(5, 5))], 10)

    assert unit.due == Due(9, 9)
    assert shares(unit) == [4, 5]


def test_cap_used_up_with_an_unknown_event() -> None:
    """Earlier events come first; an unknown one may take all that is left, no more."""
    unit = capped_unit("u", [Claimed(obligation(A), Due(4, 4)), Claimed(obligation(B), UNKNOWN)], 10)
    over = capped_unit("u", [Claimed(obligation(A), Due(8, 8)), Claimed(obligation(B), Due(5, 5))], 10)

    assert unit.due == Due(4, 10)
    assert over.due == Due(10, 10)
    assert shares(over) == [8, 2]
