"""What a year's money covers, in whose order."""

from random import Random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.shares import Purse
from delivery.funds import RANKS, Funds, Shortfall, short_purses, shortfall_findings

CENTRAL, COUNTY = Purse("中央", weight=3), Purse("区级", weight=2)


def lines(*amounts_fen: int) -> pl.DataFrame:
    """Return lines whose items are numbered from 0."""
    return pl.DataFrame(
        {"item_id": [f"i{number:03}" for number in range(len(amounts_fen))], "amount_fen": list(amounts_fen)},
        schema={"item_id": pl.String, "amount_fen": pl.Int64},
    )


def ranked(*order: int) -> pl.DataFrame:
    """Return the ranks of items in an order."""
    rows = [(f"i{number:03}", rank) for rank, number in enumerate(order)]
    return pl.DataFrame(rows, schema=RANKS, orient="row")


def covered(funds: Funds, of: pl.DataFrame) -> list[str]:
    """Return the items that there is money for."""
    paid, waiting = funds.covered(of)
    assert sorted([*paid["item_id"], *waiting["item_id"]]) == of["item_id"].to_list()
    return paid["item_id"].to_list()


@pytest.mark.parametrize(
    ("left_fen", "expected"),
    [(299, ["i002"]), (300, ["i000", "i002"]), (599, ["i000", "i002"]), (600, ["i000", "i001", "i002"]), (0, [])],
)
def test_the_first_ones_in_the_order_are_covered(left_fen: int, expected: list[str]) -> None:
    """To the last fen; the lines keep their own order."""
    funds = Funds((Purse("全额"),), (left_fen,), ranks=ranked(2, 0, 1))

    assert covered(funds, lines(200, 300, 100)) == expected


def test_nobody_is_overtaken() -> None:
    """A small payment behind one that has to wait waits too."""
    funds = Funds((Purse("全额"),), (100,), ranks=ranked(0, 1))

    assert covered(funds, lines(500, 50)) == []


def test_each_purse_has_to_cover_its_part() -> None:
    """Three of five of the first hundred are central: 59 are not enough for it."""
    of, order = lines(100, 100), ranked(0, 1)

    assert covered(Funds((CENTRAL, COUNTY), (59, None), ranks=order), of) == []
    assert covered(Funds((CENTRAL, COUNTY), (60, None), ranks=order), of) == ["i000"]
    assert covered(Funds((CENTRAL, COUNTY), (None, 80), ranks=order), of) == ["i000", "i001"]


def test_what_came_back_needs_no_money() -> None:
    """It is set aside already, and takes nothing from those who are new."""
    funds = Funds((Purse("全额"),), (100,), ranks=ranked(1, 0, 2), again=pl.Series(["i001"]))

    assert covered(funds, lines(100, 900, 1)) == ["i000", "i001"]
    assert funds.after(lines(100, 900)) == (0,)


def test_a_rule_that_pays_on_covers_everything() -> None:
    """The order does not matter then."""
    funds = Funds((CENTRAL, COUNTY), (0, 0), pays_on=True)

    assert covered(funds, lines(5, 5)) == ["i000", "i001"]
    assert funds.after(lines(5, 5)) == (-6, -4)
    assert short_purses(funds, funds.parts(lines(5, 5))) == ("中央", "区级")


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=20),
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.lists(st.none() | st.integers(0, 300), min_size=4, max_size=4),
    st.randoms(use_true_random=False),
)
def test_as_many_as_there_is_money_for(
    amounts: list[int], weights: list[int], left: list[int | None], chance: Random
) -> None:
    """M2: what is covered fits every purse; one more in the order would not."""
    purses = tuple(Purse(str(place), weight=weight) for place, weight in enumerate(weights))
    order = list(range(len(amounts)))
    chance.shuffle(order)
    funds, of = Funds(purses, tuple(left[: len(purses)]), ranks=ranked(*order)), lines(*amounts)

    paid, waiting = funds.covered(of)

    assert all(rest is None or rest >= 0 for rest in funds.after(paid))
    taken = [number for number in order if f"i{number:03}" in set(paid["item_id"])]
    assert order[: len(taken)] == taken
    if not waiting.is_empty():
        one_more = of.filter(pl.col("item_id").is_in([f"i{number:03}" for number in order[: len(taken) + 1]]))
        assert not funds.is_enough_for(one_more)


def test_what_is_told_of_it() -> None:
    """Who waits, for what, and what to do; what was paid beyond the budget."""
    short = [
        Shortfall("b", 2026, 1_200, 5, ("中央", "区级"), pays_on=False),
        Shortfall("a", 2025, 1, 1, ("全额",), pays_on=True),
    ]

    beyond, waiting = shortfall_findings(short)

    assert "0.01 yuan are paid beyond the budget of `全额` for 2025" in str(beyond)
    assert "1,200 items of 0.05 yuan wait for money of `中央`、`区级` for 2026" in str(waiting)
    assert waiting.count == 1_200
