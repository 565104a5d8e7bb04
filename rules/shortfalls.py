"""What keeps a condition from being met: what is asked, what is held, and how far apart they are.

For the person whom it concerns and the clerk beside them; a near miss is shown with it. Nothing here decides
anything.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from core.values import ValueType
from rules.closures import Facts, closure
from rules.thresholds import OPPOSITE
from rules.tree import All, Compare, Count, DaysBetween, Fact, Kind, Node, Not, Some, bare, facts_of, walk
from rules.wording import wording

Held = Fraction | dt.date | str | bool | None
_UNITS = {"full_years": "年", "full_years_by_month": "年", "full_months": "个月"}


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One part of a condition that does not hold.

    `asked` is what would have to hold, in words; `held` and `threshold` are its two sides where it compares
    two, and `distance` lies between them where they have one: money in yuan, days in days. In a part
    that `is_alternative`, mending any one of the alternatives would do.
    """

    asked: str
    attributes: tuple[str, ...]
    held: Held = None
    threshold: Held = None
    distance: Fraction | None = None
    unit: str | None = None
    is_alternative: bool = False


def shortfalls(node: Node, facts: Facts, day: dt.date) -> tuple[Shortfall, ...]:
    """Return every part that keeps a condition from being met, in the order written; none where it is not false."""
    return tuple(_shortfalls(node, facts, day))


def _shortfalls(node: Node, facts: Facts, day: dt.date) -> Iterator[Shortfall]:
    node = bare(node)
    if closure(node)(facts, day) is not False:
        return
    match node:
        case All(operands=operands):
            for operand in operands:
                yield from _shortfalls(operand, facts, day)
        case Some(operands=operands):
            for operand in operands:
                yield from (replace(each, is_alternative=True) for each in _shortfalls(operand, facts, day))
        case Not(operand=operand) if isinstance(denied := _denied(bare(operand)), All | Some | Compare):
            yield from _shortfalls(denied, facts, day)
        case Compare():
            yield _apart(node, facts, day)
        case _:
            yield Shortfall(wording(node), tuple(sorted(facts_of(node))), held=_only_value(node, facts))


def _denied(node: Node) -> Node:
    """Return the opposite of a condition, with the `not` moved inside."""
    match node:
        case All(operands=operands):
            return Some(tuple(_denied(bare(operand)) for operand in operands))
        case Some(operands=operands):
            return All(tuple(_denied(bare(operand)) for operand in operands))
        case Compare(sign=sign, left=left, right=right):
            return Compare(OPPOSITE[sign], left, right)
        case Not(operand=operand):
            return operand
        case _:
            return Not(node)


def _apart(node: Compare, facts: Facts, day: dt.date) -> Shortfall:
    """Return a comparison of two known values, the side with facts as the one that is held."""
    sides = (node.left, node.right) if facts_of(node.left) or not facts_of(node.right) else (node.right, node.left)
    held, threshold = (closure(side)(facts, day) for side in sides)
    shortfall = Shortfall(wording(node), tuple(sorted(facts_of(node))))
    match node.left.kind:
        case Kind.NUMBER:
            distance = abs(Fraction(held) - Fraction(threshold))
            return replace(
                shortfall, held=Fraction(held), threshold=Fraction(threshold), distance=distance, unit=_unit(sides[0])
            )
        case Kind.DATE:
            days = (_day(held), _day(threshold))
            return replace(
                shortfall, held=days[0], threshold=days[1], distance=Fraction(abs(held - threshold)), unit="天"
            )
        case _:
            return replace(shortfall, held=held, threshold=threshold)


def _day(number: int) -> dt.date:
    """Return a day by its number; beyond the calendar's ends, its first or last."""
    return dt.date.fromordinal(max(1, min(dt.date.max.toordinal(), number)))


def _only_value(node: Node, facts: Facts) -> Held:
    """Return the value of the one fact that a part is about, if it is about one text or truth."""
    read = [part for part in walk(node) if isinstance(part, Fact)]
    if len(read) != 1 or not isinstance(value := facts.get(read[0].code), bool | str | int):
        return None
    return value if isinstance(value, bool | str) else Fraction(value, read[0].type.denominator)


def _unit(node: Node) -> str | None:
    """Return the unit of a side that is one fact or one count; sums have none."""
    match bare(node):
        case Fact(unit=unit, type=fact_type):
            return unit or ("元" if fact_type.type is ValueType.MONEY else None)
        case Count(function=function):
            return _UNITS[function]
        case DaysBetween():
            return "天"
        case _:
            return None
