"""Comparisons of whole numbers with an exact bound, restated with a whole bound."""

import math
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


def whole_bound(sign: ComparisonSign, bound: Fraction) -> int | None:
    """Return k such that `n sign bound` equals `n sign k` for every whole n; None if n never equals the bound."""
    match sign:
        case ">=" | "<":
            return math.ceil(bound)
        case ">" | "<=":
            return math.floor(bound)
        case "==" | "!=":
            return bound.numerator if bound.denominator == 1 else None


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
