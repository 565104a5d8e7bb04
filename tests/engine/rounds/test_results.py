import datetime as dt
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rounds.results import RATIO_SCALE, Entrant, Placed, first_come, in_ratio, ranked


def scored(name: str, *scores: int | None, group: str = "", is_sure: bool = True) -> Entrant:
    """Return somebody who is ranked."""
    return Entrant(name, is_sure, group, tuple(None if each is None else Fraction(each) for each in scores))


def asks(name: str, fen: int | None, day: int = 1, *, is_sure: bool = True) -> Entrant:
    """Return somebody who asks for money on a day of March."""
    return Entrant(name, is_sure, wanted_fen=fen, came_on=dt.date(2025, 3, day))


def ranks(placed: list[Placed]) -> dict[str, int | None]:
    """Return ranks by subject."""
    return {each.subject_id: each.rank for each in placed}


def test_the_best_of_several_lists_counts_within_each_group() -> None:
    """Xiaoshan: in each group the top by volume and by ratio; who is first in either is first."""
    entrants = [
        scored("big", 900, 3, group="large"),
        scored("keen", 100, 20, group="large"),
        scored("middling", 500, 5, group="large"),
        scored("small", 10, 1, group="small"),
    ]

    assert ranks(ranked(entrants, 1)) == {"big": 1, "keen": 1, "small": 1}
    assert ranks(ranked(entrants)) == {"big": 1, "keen": 1, "middling": 2, "small": 1}


def test_ties_share_a_rank() -> None:
    """Two of the same score are both in; the next is behind both."""
    assert ranks(ranked([scored("a", 5), scored("b", 5), scored("c", 4)], 2)) == {"a": 1, "b": 1}


def test_who_is_not_known_keeps_a_place_free() -> None:
    """An unknown score may be the largest: who would be second is third, and the unknown one has no rank yet."""
    entrants = [scored("a", 9), scored("b", 5), scored("c", None), scored("d", 7, is_sure=False)]

    assert ranks(ranked(entrants)) == {"a": 2, "b": 4, "c": None, "d": None}


SCORES = st.lists(st.none() | st.integers(0, 3), min_size=2, max_size=4)


@given(SCORES, st.integers(1, 3))
def test_who_is_in_stays_in_however_it_turns_out(scores: list[int | None], top: int) -> None:
    """Whatever the unknown scores are, those who have a rank within the top are within it then too."""
    names = "abcd"[: len(scores)]
    now = [each for each in ranked([scored(*each) for each in zip(names, scores, strict=True)], top) if each.rank]

    for known in product(*([score] if score is not None else range(4) for score in scores)):
        later = ranks(ranked([scored(*each) for each in zip(names, known, strict=True)], top))
        assert {each.subject_id for each in now} <= later.keys()


def test_a_ratio_is_the_budget_over_everything_asked_for() -> None:
    """Shenzhen district: 10 million over 40 million is a quarter, at most 5 million each."""
    entrants = [asks("a", 3_000_000_000), asks("b", 1_000_000_000)]

    placed = in_ratio(entrants, 1_000_000_000, most_fen=500_000_000)

    assert [(each.ratio, each.amount_fen) for each in placed] == [
        (Fraction(1, 4), 500_000_000),
        (Fraction(1, 4), 250_000_000),
    ]


def test_a_budget_for_everybody_is_paid_in_full() -> None:
    """No ratio is above the one declared."""
    assert [each.amount_fen for each in in_ratio([asks("a", 100)], 1000, ratio_most=Fraction(1, 2))] == [50]
    assert in_ratio([], 1000) == []


@given(st.lists(st.tuples(st.none() | st.integers(0, 10**12), st.booleans()), max_size=6), st.integers(0, 10**12))
def test_parts_never_exceed_the_budget(asked: list[tuple[int | None, bool]], budget_fen: int) -> None:
    """Rounded down, unknown ones counted in, everything given is within the budget, by one ratio."""
    entrants = [asks(f"s{index}", fen, is_sure=is_sure) for index, (fen, is_sure) in enumerate(asked)]

    placed = in_ratio(entrants, budget_fen)

    assert sum(each.amount_fen or 0 for each in placed) <= budget_fen
    assert len({each.ratio for each in placed if each.ratio is not None}) <= 1
    assert all(each.ratio is None or (each.ratio * 10**RATIO_SCALE).denominator == 1 for each in placed)


@pytest.mark.parametrize(
    ("entrants", "given_fen"),
    [
        pytest.param([asks("b", 60, 2), asks("a", 60, 1)], {"a": 60, "b": 40}, id="the-last-gets-what-is-left"),
        pytest.param([asks("a", 100, 1), asks("b", 1, 2)], {"a": 100}, id="nothing-is-left"),
        pytest.param([asks("a", None, 1), asks("b", 1, 2)], {"a": None}, id="an-unknown-sum-may-take-all"),
        pytest.param(
            [asks("a", 70, 1, is_sure=False), asks("b", 60, 2)], {"a": None, "b": 30}, id="who-may-take-part-is-served"
        ),
    ],
)
def test_first_come_first_served(entrants: list[Entrant], given_fen: dict[str, int | None]) -> None:
    """A pot of 100: by day, not by the order in which they were delivered."""
    assert {each.subject_id: each.amount_fen for each in first_come(entrants, 100)} == given_fen


def test_a_quota_is_a_number_of_places() -> None:
    """Whoever comes after it is left out; of one day the order of ids decides."""
    entrants = [asks("c", 5, 1), asks("b", 5, 1), asks("a", 5, 2)]

    assert ranks(first_come(entrants, None, quota=2)) == {"b": 1, "c": 2}
