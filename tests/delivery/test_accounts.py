"""Which of the accounts that departments know is paid to."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.accounts import OFFERED, UNRANKED, PassedOver, choose


@dataclass(frozen=True)
class Offered:
    """An account that some department knows."""

    number: str
    rank: int = UNRANKED
    resource: str = "r"


@dataclass(frozen=True)
class Chosen:
    """What is chosen for one subject."""

    numbers: tuple[str, ...] = ()
    resource: str | None = None
    passed_over: str | None = None
    is_closed: bool = False


def offered(number: str, rank: int = UNRANKED, resource: str | None = None) -> Offered:
    """Return an account that some department knows."""
    return Offered(number, rank, resource or f"r{rank}")


def chosen(known: Sequence[Offered], closed: Collection[str] = (), first: int = 1, *others: Offered) -> Chosen:
    """Return what is chosen for a subject, beside another one that has its own accounts."""
    rows = [
        (subject_id, each.number, "工行", each.resource, each.rank, first, each.number in closed)
        for subject_id, offers in (("s1", known), ("s2", others))
        for each in offers
    ]
    found = choose(pl.DataFrame(rows, OFFERED, orient="row")).filter(pl.col("subject_id") == "s1")
    if found.is_empty():
        return Chosen()
    _, accounts, resource, passed_over, is_closed = found.row(0)
    return Chosen(tuple(each["number"] for each in accounts), resource, passed_over, is_closed)


BASIC, LEVY, OTHER = offered("1", 1), offered("2", 2), offered("3")


@pytest.mark.parametrize(
    ("known", "closed", "number", "passed_over"),
    [
        ([BASIC, LEVY, OTHER], "", "1", None),
        ([LEVY, OTHER], "", "2", PassedOver.MISSING),
        ([OTHER], "", "3", PassedOver.MISSING),
        ([BASIC, LEVY], "1", "2", PassedOver.CLOSED),
        ([BASIC, LEVY, OTHER], "12", "3", PassedOver.CLOSED),
        ([BASIC, offered("4", 1, "other")], "4", "1", None),  # of two that disagree one is gone
    ],
)
def test_departments_are_asked_in_their_order(
    known: list[Offered], closed: str, number: str, passed_over: PassedOver | None
) -> None:
    """The first that knows an account which is not closed; why the first of all is not taken is told."""
    found = chosen(known, closed)

    assert (found.numbers, found.passed_over, found.is_closed) == ((number,), passed_over, False)


def test_nothing_falls_back_where_departments_of_one_rank_disagree() -> None:
    """That waits for a choice of its holder; the same account twice is no disagreement."""
    twice = [offered("1", 1, "a"), offered("9", 1, "b")]

    assert chosen([*twice, LEVY]).numbers == ("1", "9")
    assert chosen([offered("1", 1, "b"), offered("1", 1, "a")]) == Chosen(("1",), "a")


def test_nothing_known_and_nothing_left() -> None:
    """That nobody knows an account is not that all are closed."""
    assert chosen([]) == Chosen()
    assert chosen([BASIC, LEVY], "12") == Chosen(is_closed=True)


def test_without_ranks_all_are_asked_at_once() -> None:
    """As before the catalogue could rank: two accounts stand in the way, and none is a fallback."""
    found = chosen([offered("1", resource="a"), offered("2", resource="b")], first=UNRANKED)

    assert (len(found.numbers), found.passed_over) == (2, None)


KNOWN = st.lists(st.builds(offered, st.sampled_from("12345"), st.sampled_from([1, 2, 3, UNRANKED])), max_size=6)


@given(KNOWN, st.sets(st.sampled_from("12345")), st.randoms(use_true_random=False))
def test_what_is_chosen_is_open_and_of_the_first_rank_that_has_any(
    known: list[Offered], closed: set[str], chance: random.Random
) -> None:
    """Whatever the order in which departments are named: no closed account, nothing of a later rank, nothing made up."""
    found = chosen(known, closed)
    shuffled = [*known]
    chance.shuffle(shuffled)

    good = [each for each in known if each.number not in closed]
    ranks = {each.rank for each in good if each.number in found.numbers}
    assert chosen(shuffled, closed, 1, BASIC, LEVY) == found
    assert bool(found.numbers) == bool(good)
    assert not good or min(each.rank for each in good) in ranks
    assert {each.number for each in good if each.rank == min(rank.rank for rank in good)} == set(found.numbers)
    assert found.is_closed == (bool(known) and not good)
