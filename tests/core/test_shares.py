"""One sum over several purses."""

from fractions import Fraction
from itertools import accumulate, pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.shares import WEIGHT_MAX, parts, parts_expr, weights_of

WEIGHTS = st.lists(st.integers(1, WEIGHT_MAX // 6), min_size=1, max_size=5)
FEN = st.integers(0, 10**13)  # a hundred billion yuan


@pytest.mark.parametrize(
    ("first_fen", "shares", "expected"),
    [
        (100, ["60%", "20%", "20%"], (60, 20, 20)),
        (1, ["50%", "50%"], (1, 0)),  # half up
        (2, ["1/3", "1/3", "1/3"], (1, 1, 0)),
        (100, ["1/3", "1/3", "1/3"], (33, 34, 33)),
        (0, ["60%", "40%"], (0, 0)),
        (99, ["100%"], (99,)),
    ],
)
def test_parts_of_a_sum(first_fen: int, shares: list[str], expected: tuple[int, ...]) -> None:
    """Half up to the fen, one purse after the other; the last has the rest."""
    exact = [Fraction(share.rstrip("%")) / (100 if share.endswith("%") else 1) for share in shares]

    assert parts(first_fen, weights_of(exact)) == expected


@given(FEN, WEIGHTS)
def test_parts_are_exact_to_the_fen(first_fen: int, weights: list[int]) -> None:
    """They come to the sum; none is further from its exact share than half a fen for each purse beside it."""
    found = parts(first_fen, weights)

    assert sum(found) == first_fen
    assert all(
        abs(part - Fraction(first_fen * each, sum(weights))) <= Fraction(len(weights) - 1, 2)
        for part, each in zip(found, weights, strict=True)
    )


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=30), WEIGHTS)
def test_lines_have_whole_parts_of_their_own(amounts: list[int], weights: list[int]) -> None:
    """What each line gives to each purse is nothing or more, comes to its amount, and the lines come to the batch."""
    reached = [parts(each, weights) for each in accumulate(amounts, initial=0)]

    lines = [[after - before for before, after in zip(*each, strict=True)] for each in pairwise(reached)]

    assert [sum(line) for line in lines] == amounts
    assert min(min(line) for line in lines) >= 0
    assert tuple(map(sum, zip(*lines, strict=True))) == parts(sum(amounts), weights)


@given(st.lists(FEN, min_size=1, max_size=20), WEIGHTS)
def test_a_column_is_parted_as_a_number_is(sums: list[int], weights: list[int]) -> None:
    """Frames and plain numbers agree, also beyond 64 bits."""
    columns = [part.alias(str(place)) for place, part in enumerate(parts_expr(pl.col("fen"), weights))]

    found = pl.DataFrame({"fen": sums}).select(columns)

    assert found.rows() == [parts(each, weights) for each in sums]
