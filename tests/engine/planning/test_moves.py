"""Everybody makes one move, and the moves add up to who is met before and after."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.planning.answers import ANSWERS
from engine.planning.moves import KEPT, Move, count_moves, moves_between

DAY = dt.date(2025, 7, 1)

Answer = tuple[str, int, int | None]

answers = st.one_of(
    st.tuples(st.just("met"), st.integers(0, 3), st.integers(3, 4) | st.none()),
    st.just(("unknown", 0, None)),
)
sides = st.dictionaries(st.sampled_from("abcdefgh"), answers)


def frame(side: dict[str, Answer]) -> pl.LazyFrame:
    """Return answers by subject."""
    rows = [(who, DAY, DAY, *answer, 1) for who, answer in sorted(side.items())]
    return pl.LazyFrame(rows, schema=ANSWERS, orient="row")


@given(sides, sides)
def test_the_moves_add_up(before: dict[str, Answer], after: dict[str, Answer]) -> None:
    """Newly met and kept are all who are met after; lost, in doubt and kept all who were before; everyone is one."""
    counts = {move: count.people for move, count in count_moves(moves_between(frame(before), frame(after)), 8).items()}

    kept = sum(counts[move] for move in KEPT)
    assert kept + counts[Move.GAINED] == sum(answer[0] == "met" for answer in after.values())
    assert kept + counts[Move.LOST] + counts[Move.IN_DOUBT] == sum(answer[0] == "met" for answer in before.values())
    assert sum(counts.values()) == 8


@given(sides)
def test_nothing_changed_is_no_move(side: dict[str, Answer]) -> None:
    """The same answer on both sides, unknown amounts among them, is the same."""
    moves = moves_between(frame(side), frame(side))

    assert set(moves["move"]) <= {Move.SAME, Move.NEITHER}


@pytest.mark.parametrize(
    ("before", "after", "move"),
    [
        pytest.param(("met", 1, 1), ("met", 2, 2), Move.MORE, id="more"),
        pytest.param(("met", 2, 2), ("met", 1, 1), Move.LESS, id="less"),
        pytest.param(("met", 1, 1), ("met", 1, 2), Move.OPEN, id="an-amount-becomes-open"),
        pytest.param(("met", 1, None), ("met", 2, None), Move.OPEN, id="an-open-amount-is-another"),
        pytest.param(("met", 1, 1), None, Move.LOST, id="lost"),
        pytest.param(("met", 1, 1), ("unknown", 0, None), Move.IN_DOUBT, id="in-doubt"),
        pytest.param(None, ("met", 1, 1), Move.GAINED, id="gained"),
        pytest.param(("unknown", 0, None), ("met", 1, 1), Move.GAINED, id="gained-from-unknown"),
        pytest.param(None, ("unknown", 0, None), Move.NEWLY_UNKNOWN, id="newly-unknown"),
        pytest.param(("unknown", 0, None), None, Move.NO_LONGER_UNKNOWN, id="no-longer-unknown"),
        pytest.param(("unknown", 0, None), ("unknown", 0, None), Move.NEITHER, id="unknown-both-times"),
    ],
)
def test_one_move(before: Answer | None, after: Answer | None, move: Move) -> None:
    """What one answer after another is called."""
    moves = moves_between(frame({"a": before} if before else {}), frame({"a": after} if after else {}))

    assert moves["move"].to_list() == [move]
