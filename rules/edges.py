"""On which days a version's answers may change though no fact does.

A comparison of one count, or of the day asked about, with a constant or a fact changes on days that can be
named. What cannot be analysed is given as "at every change", which costs time and never an answer.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TypeVar

from core.edges import DayEdge
from rules.operands import constant_number
from rules.thresholds import FLIPPED, crossings
from rules.tree import (
    Compare,
    ComparisonSign,
    Count,
    Date,
    Day,
    DaysBetween,
    Fact,
    Kind,
    Node,
    OneOf,
    Shifted,
    bare,
    parts,
)

EVERY_DAY = DayEdge("day")
_Item = TypeVar("_Item", int, dt.date)


def day_edges(nodes: Iterable[Node]) -> tuple[DayEdge, ...]:
    """Return the edges of some trees: each function of each attribute once, in a fixed order."""
    found = [edge for node in nodes for edge in _edges(node)]
    if EVERY_DAY in found:
        found = [edge for edge in found if edge.function != "day"] + [EVERY_DAY]
    by_function: dict[tuple[str, str], list[DayEdge]] = {}
    for edge in found:
        by_function.setdefault((edge.function, edge.attribute or ""), []).append(edge)
    return tuple(_merged(edges) for _, edges in sorted(by_function.items()))


def _merged(edges: list[DayEdge]) -> DayEdge:
    thresholds = _union([edge.thresholds for edge in edges])
    days = _union([edge.days for edge in edges])
    return DayEdge(edges[0].function, edges[0].attribute, thresholds, days)


def _union(given: list[tuple[_Item, ...] | None]) -> tuple[_Item, ...] | None:
    known = [each for each in given if each is not None]
    return tuple(sorted({item for each in known for item in each})) if len(known) == len(given) else None


def _edges(node: Node) -> Iterator[DayEdge]:
    match bare(node):
        case Compare(sign=sign, left=left, right=right):
            yield from _compared(sign, left, right)
        case OneOf(value=value, options=options):
            for option in options:
                yield from _compared("==", value, option)
        case Count(function=function, since=since):
            yield DayEdge(function, since.code)
        case Day():
            yield EVERY_DAY
        case other:
            for part in parts(other):
                yield from _edges(part)


def _compared(sign: ComparisonSign, left: Node, right: Node) -> Iterator[DayEdge]:
    """Give the edges of a comparison, or those of its sides where it cannot be analysed."""
    named = _named(sign, left, right)
    if named is None:
        named = _named(FLIPPED[sign], right, left)
    if named is None:
        named = [*_edges(left), *_edges(right)]
    yield from named


def _named(sign: ComparisonSign, left: Node, right: Node) -> list[DayEdge] | None:
    """Return the edges of a comparison whose left side moves with the day; None if it is none that is known."""
    left = bare(left)
    if left.kind is Kind.DATE:
        (moving, shift), (fixed, fixed_shift) = _day_and_shift(left), _day_and_shift(right)
        return _from_day(sign, fixed, Fraction(fixed_shift - shift)) if isinstance(moving, Day) else None
    bound = constant_number(right)
    if bound is None:
        return None
    if isinstance(left, Count):
        return [DayEdge(left.function, left.since.code, crossings(sign, bound))]
    if not isinstance(left, DaysBetween):
        return None
    (later, later_shift), (earlier, earlier_shift) = _day_and_shift(left.later), _day_and_shift(left.earlier)
    offset = earlier_shift - later_shift
    if isinstance(later, Day):
        return _from_day(sign, earlier, bound + offset)
    if isinstance(earlier, Day):
        return _from_day(FLIPPED[sign], later, -(bound + offset))
    return None


def _day_and_shift(node: Node) -> tuple[Node, int]:
    inner = bare(node)
    if not isinstance(inner, Shifted):
        return inner, 0
    base, shift = _day_and_shift(inner.day)
    return base, shift + inner.days


def _from_day(sign: ComparisonSign, fixed: Node, offset: Fraction) -> list[DayEdge] | None:
    """Return the edges of `day() sign fixed + offset`."""
    match fixed:
        case Day():
            return []
        case Date(value=value):
            numbers = crossings(sign, value.toordinal() + offset)
            days = [dt.date.fromordinal(n) for n in numbers if 1 <= n <= dt.date.max.toordinal()]
            return [DayEdge("day", days=tuple(days))]
        case Fact(code=code):
            first = crossings(sign, offset)[:1]  # an edge stands for the day and the one after it
            shift = tuple(n - (sign in {">", "<="}) for n in first)
            return [DayEdge("day", code, shift)] if shift else []
        case _:
            return None
