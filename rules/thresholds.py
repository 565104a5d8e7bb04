"""Comparisons of whole numbers with an exact bound, restated with a whole bound."""

from collections.abc import Callable
from fractions import Fraction
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from rules.tree import ComparisonSign

APPLY: dict[ComparisonSign, Callable[[Any, Any], Any]] = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
"""What each sign does, to numbers, to days and to Polars expressions alike."""

FLIPPED: dict[ComparisonSign, ComparisonSign] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""The sign that says the same with the sides exchanged."""

OPPOSITE: dict[ComparisonSign, ComparisonSign] = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
"""The sign that says the opposite."""


def whole_bound(sign: ComparisonSign, bound: Fraction, times: int = 1) -> int | None:
    """Return k such that `n sign bound × times` equals `n sign k` for every whole n; None if n never equals that."""
    whole, rest = divmod(bound.numerator * times, bound.denominator)
    match sign:
        case ">=" | "<":
            return whole + (rest > 0)
        case ">" | "<=":
            return whole
        case "==" | "!=":
            return None if rest else whole


def crossings(sign: ComparisonSign, bound: Fraction) -> tuple[int, ...]:
    """Return the whole numbers n at which the comparison may change as a growing whole number goes from n - 1 to n."""
    whole = whole_bound(sign, bound)
    if whole is None:
        return ()
    match sign:
        case ">=" | "<":
            return (whole,)
        case ">" | "<=":
            return (whole + 1,)
        case "==" | "!=":
            return (whole, whole + 1)
