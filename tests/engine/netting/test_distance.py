"""Events that are paid only so many months apart."""

import datetime as dt
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.days import add_months
from engine.netting.distance import Dated, apart


def event(day: str, least: int = 5, most: int | None = 5, *, is_paid: bool = False) -> Dated:
    """Return an event with what it would come to."""
    return Dated(dt.date.fromisoformat(day), least, most, is_paid)


@pytest.mark.parametrize(
    ("events", "wins", "most"),
    [
        pytest.param([event("2025-03-10"), event("2026-03-09"), event("2026-03-10")], [True, False, True], 10, id="to-the-day"),
        pytest.param([event("2025-09-01"), event("2025-03-10")], [False, True], 5, id="the-oldest-first"),
        pytest.param([event("2025-03-10"), event("2025-09-01", is_paid=True)], [False, True], 5, id="who-is-paid-stays"),
        pytest.param([event("2025-03-10", 0), event("2025-09-01")], [False, False], 10, id="an-open-one-keeps-its-time"),
        pytest.param([event("2025-03-10", 0, 0), event("2025-09-01")], [False, True], 5, id="nothing-due-keeps-nothing"),
        pytest.param([event("2025-03-10", 0, None)], [False], None, id="no-limit"),
    ],
)  # fmt: skip
def test_which_are_paid(events: list[Dated], wins: list[bool], most: int | None) -> None:
    """One in any twelve months."""
    assert apart(events, 12) == (wins, most)


EVENTS = st.builds(
    lambda month, least, more, is_paid: Dated(add_months(dt.date(2024, 1, 15), month), least, least + more, is_paid),
    st.integers(0, 30),
    st.sampled_from([0, 2]),
    st.sampled_from([0, 0, 1]),
    st.booleans(),
)


@given(st.lists(EVENTS, max_size=4), st.integers(1, 14))
def test_every_possibility_lies_within(events: list[Dated], months: int) -> None:
    """What is certain is paid however the open ones turn out, and no more than the most comes of it."""
    wins, most = apart(events, months)
    least = sum(each.least_fen for each, is_paid in zip(events, wins, strict=True) if is_paid)

    for amounts in product(*(range(each.least_fen, (each.most_fen or 0) + 1) for each in events)):
        known = [Dated(each.day, fen, fen, each.is_paid) for each, fen in zip(events, amounts, strict=True)]
        certain, _ = apart(known, months)
        total = sum(each.least_fen for each, is_paid in zip(known, certain, strict=True) if is_paid)
        assert least <= total
        assert most is not None
        assert total <= most
        assert all(is_paid for is_paid, was in zip(certain, wins, strict=True) if was)
