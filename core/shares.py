"""One sum over several purses by fixed shares: exact to the fen, and the same however often it is asked.

Think of the fen of a batch as numbered from 0 in the order of its lines: `parts` says how many of the first so many belong
to each purse. What one line gives to each is a difference of two such answers, so that the lines add up to the batch,
and a line that comes back gives back exactly what it took.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import polars as pl

WEIGHT_MAX = 1_000_000
"""The finest share: parts of a million. Thirds and per mille are far within; more digits are a slip."""


@dataclass(frozen=True, slots=True)
class Purse:
    """Whose money pays a part; the parts of several purses are in the proportion of their weights."""

    name: str
    level: str | None = None
    account: str | None = None  # 支出功能分类科目
    project: str | None = None  # 项目编码
    weight: int = 1


ONE_PURSE = Purse("全额")
"""What pays where a rule names no purses."""


def weights_of(shares: Sequence[Fraction]) -> tuple[int, ...]:
    """Return shares as whole numbers that are in the same proportion.

    Expects: shares above zero that come to 1.
    """
    whole = lcm(*(share.denominator for share in shares))
    return tuple(int(share * whole) for share in shares)


def parts(first_fen: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Return how many of the first so many fen belong to each purse, in the order of the weights.

    Rounds: half up to the fen for each purse in turn, out of what those before it leave; the last has the rest. Of
            up to three purses each is within a fen of its exact share, of more within half a fen for each further one;
            none shrinks as the sum grows.
    """
    found, rest, whole = [], first_fen, sum(weights)
    for weight in weights[:-1]:
        part = (2 * rest * weight + whole) // (2 * whole)
        found.append(part)
        rest, whole = rest - part, whole - weight
    return (*found, rest)


def parts_expr(first_fen: pl.Expr, weights: Sequence[int]) -> tuple[pl.Expr, ...]:
    """Return `parts` of a column, one expression of Int64 for each purse."""
    found, whole = [], sum(weights)
    rest = first_fen.cast(pl.Int128)  # fen times weights may exceed 64 bits
    for weight in weights[:-1]:
        part = (2 * rest * weight + whole) // (2 * whole)
        found.append(part.cast(pl.Int64))
        rest, whole = rest - part, whole - weight
    return (*found, rest.cast(pl.Int64))
