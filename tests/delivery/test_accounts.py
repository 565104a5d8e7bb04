"""Which of the accounts that departments know is paid to."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.accounts import UNRANKED, Account, Chosen, Offered, PassedOver, choose


def offered(number: str, rank: int = UNRANKED, resource: str | None = None) -> Offered:
    """Return an account that some department knows."""
    return Offered(Account(number, "工行"), resource or f"r{rank}", rank)


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
    chosen = choose(known, closed, 1)

    assert [each.number for each in chosen.accounts] == [number]
    assert (chosen.passed_over, chosen.is_closed) == (passed_over, False)


def test_nothing_falls_back_where_departments_of_one_rank_disagree() -> None:
    """That waits for a choice of its holder; the same account twice is no disagreement."""
    twice = [offered("1", 1, "a"), offered("9", 1, "b")]

    assert len(choose([*twice, LEVY], "", 1).accounts) == 2
    assert len(choose([offered("1", 1, "a"), offered("1", 1, "b")], "", 1).accounts) == 1


def test_nothing_known_and_nothing_left() -> None:
    """That nobody knows an account is not that all are closed."""
    assert choose([], "", 1) == Chosen()
    assert choose([BASIC, LEVY], "12", 1) == Chosen(is_closed=True)


def test_without_ranks_all_are_asked_at_once() -> None:
    """As before the catalogue could rank: two accounts stand in the way, and none is a fallback."""
    chosen = choose([offered("1", resource="a"), offered("2", resource="b")], "", UNRANKED)

    assert (len(chosen.accounts), chosen.passed_over) == (2, None)


KNOWN = st.lists(st.builds(offered, st.sampled_from("12345"), st.sampled_from([1, 2, 3, UNRANKED])), max_size=6)


@given(KNOWN, st.sets(st.sampled_from("12345")), st.randoms(use_true_random=False))
def test_what_is_chosen_is_open_and_of_the_first_rank_that_has_any(
    known: list[Offered], closed: set[str], chance: random.Random
) -> None:
    """Whatever the order in which departments are named: no closed account, nothing of a later rank, nothing made up."""
    chosen = choose(known, closed, 1)
    shuffled = [*known]
    chance.shuffle(shuffled)

    good = [each for each in known if each.account.number not in closed]
    ranks = {each.rank for each in good if each.account in chosen.accounts}
    assert choose(shuffled, closed, 1).accounts == chosen.accounts
    assert bool(chosen.accounts) == bool(good)
    assert not good or min(each.rank for each in good) in ranks
    assert {each.account for each in good if each.rank == min(rank.rank for rank in good)} == set(chosen.accounts)
    assert chosen.is_closed == (bool(known) and not good)
