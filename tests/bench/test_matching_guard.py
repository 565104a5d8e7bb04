"""Matching does not become dearer unseen: CPU seconds beside Polars by hand, never the wall, and what is shared, in exact numbers."""

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from statistics import median

import polars as pl
import pytest

from core.values import FactType, ValueType
from engine.planes import MET, Matcher
from rules.planes import Step
from rules.tree import All, Compare, Date, Fact, Node, Not, Number, OneOf, Some, Text, canonical, walk
from tests.bench.one_match import met_by_hand
from tests.bench.shapes import SHAPES, policies, profiles

SHAPE, SUBJECTS = SHAPES["usual"], 100_000
ROUNDS = 5
AT_MOST = 0.85  # of what it takes by hand: the matcher takes half; asking each policy by itself takes more than all

AMOUNT, LISTED = Fact("amount", FactType(ValueType.MONEY)), Fact("text", FactType(ValueType.TEXT))
TEXT = OneOf(LISTED, (Text("a"), Text("b")))
ENOUGH, TOO_LITTLE = (Compare(sign, AMOUNT, Number(Fraction(100))) for sign in (">=", "<"))
EARLY = Compare("<", Fact("date", FactType(ValueType.DATE)), Date(dt.date(2026, 9, 1)))
YES = Fact("truth", FactType(ValueType.BOOL))


@pytest.fixture(scope="module")
def asked() -> dict[str, list[Node]]:
    """Return 286 made-up policies."""
    return policies(SHAPE)


@pytest.fixture(scope="module")
def register() -> pl.DataFrame:
    """Return made-up subjects with their facts."""
    return profiles(SHAPE, 0, SUBJECTS)


def cpu_against_by_hand(work: Callable[[], object], by_hand: Callable[[], object]) -> float:
    """Return the median over interleaved rounds of what some work takes, by what it takes by hand; all threads count."""
    ratios = []
    for _ in range(ROUNDS):
        marks = [time.process_time()]
        for each in (work, by_hand):
            each()
            marks.append(time.process_time())
        ratios.append((marks[1] - marks[0]) / (marks[2] - marks[1]))
    return median(ratios)


def counted(asked: dict[str, Sequence[Node]]) -> tuple[int, Counter[Step]]:
    """Return how many conditions are asked, and how many planes are made in which way, where it is asked who is met."""
    facts = {"amount": pl.Int64, "text": pl.String, "date": pl.Date, "truth": pl.Boolean, "day": pl.Date}
    matcher = Matcher.of(asked)
    matcher.match(pl.DataFrame(schema=facts), (MET,))
    return len(matcher.planes.leaves), Counter(matcher.planes[number].step for number in range(len(matcher.planes)))


@pytest.mark.parametrize("count", [1, 10_000, SUBJECTS])
def test_all_together_cost_less_than_by_hand(asked: dict[str, list[Node]], register: pl.DataFrame, count: int) -> None:
    """286 policies on one subject, some or many, planning included, take less than by hand, and give the same."""
    register = register.head(count)
    assert (
        Matcher.of(asked)
        .match(register, (MET,))
        .equals(met_by_hand(register.lazy(), asked).drop("subject_id").fill_null(value=False))
    )

    ratio = cpu_against_by_hand(
        lambda: Matcher.of(asked).match(register, (MET,)), lambda: met_by_hand(register.lazy(), asked)
    )

    assert ratio < AT_MOST


def test_each_by_itself_costs_too_much(asked: dict[str, list[Node]], register: pl.DataFrame) -> None:
    """A matcher that falls back to asking each policy by itself does not pass."""
    plain = Matcher.of(asked, is_plain=True)

    ratio = cpu_against_by_hand(
        lambda: plain.match(register.head(SUBJECTS // 4), (MET,)),
        lambda: met_by_hand(register.head(SUBJECTS // 4).lazy(), asked),
    )

    assert ratio > AT_MOST


def test_each_condition_is_asked_once(asked: dict[str, list[Node]]) -> None:
    """However many policies share a condition: as many leaves as there are different ones, `<` being no other than `>=`."""
    matcher = Matcher.of(asked)
    matcher.match(profiles(SHAPE, 0, 1), (MET,))

    nodes = [node for own in asked.values() for criterion in own for node in walk(criterion)]
    said = {
        (canonical(node).replace("<", ">="), node.kind)
        for node in nodes
        if isinstance(node, Compare | OneOf) or (isinstance(node, Fact) and node.code.startswith("truth"))
    }
    assert len(matcher.planes.leaves) == len(said)


def test_what_says_the_same_is_made_once() -> None:
    """Turned round, taken together, told by its opposite, negated from outside: four conditions, and one plane for what is said."""
    same: dict[str, Sequence[Node]] = {
        "as it is": [TEXT, ENOUGH],
        "turned round": [ENOUGH, TEXT],
        "as one criterion": [All((TEXT, ENOUGH))],
        "by the opposite": [TEXT, Not(TOO_LITTLE)],
        "negated from outside": [Not(Some((TOO_LITTLE, Not(TEXT))))],
    }
    others: dict[str, Sequence[Node]] = {"or": [Some((TEXT, TOO_LITTLE))], "three": [EARLY, TEXT, YES]}

    assert counted(same) == (2, {Step.TRUE: 2, Step.BOTH: 1})
    assert counted({**same, **others}) == (4, {Step.TRUE: 3, Step.FALSE: 2, Step.BOTH: 2, Step.EITHER: 1})
