"""Made-up registers and policies of several shapes, for measuring the matcher beside others; the seeds are fixed.

A shape says how many policies there are, how often they ask for one of several texts, and how much is unknown, and has a seed. The facts
are those of an enterprise: codes with few or thousands of values, amounts, days, yes and no.
"""

import datetime as dt
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from core.values import FactType, ValueType
from engine.planes import MET, Matcher
from rules.tree import All, Compare, ComparisonSign, Date, Fact, Node, Not, Number, OneOf, Some, Text

SEED = 20260915
CHUNK_ROWS = 250_000
DAY = dt.date(2026, 9, 1)
CONDITIONS = 400

_TEXT_SIZES = (4, 4, 5, 6, 6, 6, 7, 8, 9, 10, 12, 20, 25, 30, 31, 40, 97, 300, 1380, 2800)
_NUMBERS, _DATES, _TRUTHS = 20, 7, 9
_POOL = 20_000
_TEXT, _FEN = FactType(ValueType.TEXT), FactType(ValueType.MONEY)
_DATE, _TRUTH = FactType(ValueType.DATE), FactType(ValueType.BOOL)


@dataclass(frozen=True, slots=True)
class Shape:
    """How many policies; of their conditions the share that asks for one of several texts; the share of facts unknown; a seed."""

    name: str
    policy_count: int = 286
    list_share: float = 0.28
    unknown_share: float = 0.05
    seed: int = SEED


SHAPES: Mapping[str, Shape] = {
    each.name: each
    for each in (
        Shape("usual"),
        Shape("few lists", list_share=0.05),
        Shape("many lists", list_share=0.6),
        Shape("mostly unknown", unknown_share=0.7),
        Shape("another seed", seed=SEED + 1),
        Shape("10 policies", policy_count=10),
        Shape("100 policies", policy_count=100),
        Shape("1,000 policies", policy_count=1_000),
        Shape("2,000 policies", policy_count=2_000),
    )
}


def texts() -> dict[str, list[str]]:
    """Return the values of each text."""
    return {
        f"text_{place}": [f"T{place:02d}-{value:04d}" for value in range(size)]
        for place, size in enumerate(_TEXT_SIZES)
    }


def profiles(shape: Shape, first: int, count: int, *, is_coded: bool = False) -> pl.DataFrame:
    """Return some subjects with their facts, for one day; texts as codes on request. The same call gives the same."""
    draws = random.Random(f"{shape.seed} {first}")  # noqa: S311  # a benchmark is no secret
    columns: dict[str, pl.Series] = {"subject_id": pl.int_range(first, first + count, eager=True).cast(pl.String)}
    for code, values in texts().items():
        pool = [each for rank, each in enumerate(values, start=1) for _ in range(1 + _POOL // (rank * len(values)))]
        dtype = pl.Enum(values) if is_coded else pl.String()
        columns[code] = _drawn(pl.Series(pool, dtype=dtype), count, shape, draws)
    for place in range(_NUMBERS):
        pool_of_amounts = [round(draws.lognormvariate(10 + place % 7, 1.5)) for _ in range(_POOL)]
        columns[f"number_{place}"] = _drawn(pl.Series(pool_of_amounts, dtype=pl.Int64), count, shape, draws)
    for place in range(_DATES):
        days = pl.Series([draws.randrange(7_000, 20_600) for _ in range(_POOL)], dtype=pl.Int32)
        columns[f"date_{place}"] = _drawn(days.cast(pl.Date), count, shape, draws)
    for place in range(_TRUTHS):
        columns[f"truth_{place}"] = _drawn(pl.Series([True, True, True, *[False] * 7]), count, shape, draws)
    return pl.DataFrame(columns).with_columns(day=pl.lit(DAY))


def _drawn(pool: pl.Series, count: int, shape: Shape, draws: random.Random) -> pl.Series:
    """Draw from a pool of values, each as likely as it is often there; the shape says how many are unknown."""
    values = pool.sample(count, with_replacement=True, seed=draws.randrange(1 << 30))
    share = round(shape.unknown_share * 100)
    is_known = pl.Series([False] * share + [True] * (100 - share)).sample(
        count, with_replacement=True, seed=draws.randrange(1 << 30)
    )
    return values.to_frame("own").select(pl.when(pl.lit(is_known)).then("own"))["own"]


def policies(shape: Shape) -> dict[str, list[Node]]:
    """Return policies by name, each with its criteria: three to ten conditions, some joined by or, some negated."""
    draws = random.Random(f"{shape.seed} policies")  # noqa: S311  # a benchmark is no secret
    known = _conditions(shape, draws)
    likely = [each for rank, each in enumerate(known, start=1) for _ in range(math.ceil(40 / rank**0.6))]
    sample = profiles(shape, 0, _SAMPLE)
    found: list[list[Node]] = []
    while len(found) < shape.policy_count:
        drawn = [_drawn_criteria(likely, draws) for _ in range(shape.policy_count)]
        met = Matcher.of({str(place): own for place, own in enumerate(drawn)}).match(sample, (MET,)).mean().row(0)
        found += [own for own, share in zip(drawn, met, strict=True) if share <= _MET_AT_MOST]
    return {f"p{number:04d}": own for number, own in enumerate(found[: shape.policy_count])}


def _drawn_criteria(likely: Sequence[Node], draws: random.Random) -> list[Node]:
    asked = list(dict.fromkeys(draws.choices(likely, k=draws.randint(3, 10))))
    return _criteria(asked, draws.choice([0.1, 0.3, 0.6]), draws)


def _criteria(asked: list[Node], or_share: float, draws: random.Random) -> list[Node]:
    criteria: list[Node] = []
    while asked:
        if len(asked) > 1 and draws.random() < or_share:
            criteria.append(Some(tuple(asked.pop() for _ in range(min(len(asked), draws.randint(2, 3))))))
        elif draws.random() < _NEGATED:
            criteria.append(Not(asked.pop()))
        else:
            criteria.append(asked.pop())
    half = len(criteria) // 2
    if half > 1 and draws.random() < _EITHER_HALF:
        return [Some((All(tuple(criteria[:half])), All(tuple(criteria[half:]))))]
    return criteria


def _conditions(shape: Shape, draws: random.Random) -> Sequence[Node]:
    other = (1 - shape.list_share) / sum(_OTHERS)
    shares = [shape.list_share, *(share * other for share in _OTHERS)]
    words = texts()
    asking = draws.choices(_ASKING, weights=shares, k=CONDITIONS)
    return list(dict.fromkeys(ask(words, draws) for ask in asking))


def _one_of(words: Mapping[str, list[str]], draws: random.Random) -> Node:
    code = draws.choice(list(words))
    values = words[code]
    width = min(draws.choice([2, 3, 5, 8, 20, 60]), len(values) - 1)
    picked = draws.sample(values[: 4 * width], width)
    return OneOf(Fact(code, _TEXT), tuple(Text(value) for value in sorted(picked)))


def _one_text(words: Mapping[str, list[str]], draws: random.Random) -> Node:
    code = draws.choice(list(words))
    return Compare("==", Fact(code, _TEXT), Text(draws.choice(words[code][:6])))


def _amount(_: Mapping[str, list[str]], draws: random.Random) -> Node:
    place = draws.randrange(_NUMBERS)
    bound = Fraction(round(draws.lognormvariate(10 + place % 7, 1.5)), _FEN.denominator)
    return Compare(draws.choice(_ORDER), Fact(f"number_{place}", _FEN), Number(bound))


def _day(_: Mapping[str, list[str]], draws: random.Random) -> Node:
    bound = dt.date(1970, 1, 1) + dt.timedelta(days=draws.randrange(9_000, 20_000))
    return Compare(draws.choice(_ORDER), Fact(f"date_{draws.randrange(_DATES)}", _DATE), Date(bound))


def _yes(_: Mapping[str, list[str]], draws: random.Random) -> Node:
    return Fact(f"truth_{draws.randrange(_TRUTHS)}", _TRUTH)


_ASKING = (_one_of, _one_text, _amount, _day, _yes)
_OTHERS = (0.12, 0.52, 0.12, 0.10)  # what is not a list: one text, an amount, a day, yes or no
_ORDER: Sequence[ComparisonSign] = (">=", "<")
_NEGATED, _EITHER_HALF = 0.15, 0.3
_SAMPLE, _MET_AT_MOST = 4_000, 0.1  # few benefits are for everybody
