"""Tree → plain Python functions of one profile, for pages, explanations and what-if.

Facts are as frames hold them: money in whole fen, decimals as whole numbers at their scale, null as None.
Conditions give True, False or None; numbers give exact values.
"""

import datetime as dt
import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import singledispatch
from typing import Any

from core.money import round_half_up
from rules.counts import count
from rules.sizes import SIZE_CLASSES, UNSIZED, SizeClass, SizeRow
from rules.thresholds import APPLY, FLIPPED, whole_bound
from rules.tree import (
    All,
    Arithmetic,
    Choice,
    Compare,
    Count,
    Date,
    Day,
    DaysBetween,
    Extremum,
    Fact,
    InIndustry,
    Kind,
    Negative,
    Node,
    Not,
    Number,
    OneOf,
    Parameter,
    Rounded,
    RoundingMode,
    Shifted,
    Some,
    Text,
    Truth,
    Within,
    bare,
)

Value = bool | int | str | dt.date | None
Facts = Mapping[str, Value]
"""Attribute code → value as a frame holds it; a code that is left out is unknown."""

Closure = Callable[[Facts, dt.date], Any]
"""Gives a value, or None for unknown."""


@singledispatch
def closure(node: Node) -> Closure:
    """Return a node as a function of the facts and the day asked about."""
    raise AssertionError(node)


@closure.register
def _(node: Truth | Text) -> Closure:
    value = node.value
    return lambda _facts, _day: value


@closure.register
def _(node: Number) -> Closure:
    value = _whole_if_whole(node.value)
    return lambda _facts, _day: value


@closure.register
def _(node: Date) -> Closure:
    number = node.value.toordinal()
    return lambda _facts, _day: number


@closure.register
def _(_: Day) -> Closure:
    return lambda _facts, day: day.toordinal()


@closure.register
def _(node: Parameter) -> Closure:
    return closure(node.value)


@closure.register
def _(node: Fact) -> Closure:
    code, denominator = node.code, node.type.denominator
    if node.kind is Kind.DATE:
        return lambda facts, _day: None if (value := facts.get(code)) is None else value.toordinal()  # type: ignore[union-attr]  # a day: the catalogue says so
    if denominator == 1:
        return lambda facts, _day: facts.get(code)
    return lambda facts, _day: None if (value := facts.get(code)) is None else Fraction(value, denominator)  # type: ignore[arg-type]  # a whole number


@closure.register
def _(node: Shifted) -> Closure:
    of, days = closure(node.day), node.days
    return lambda facts, day: None if (value := of(facts, day)) is None else value + days


@closure.register
def _(node: Not) -> Closure:
    of = closure(node.operand)
    return lambda facts, day: None if (value := of(facts, day)) is None else not value


@closure.register
def _(node: All | Some) -> Closure:
    operands = [closure(operand) for operand in node.operands]
    decisive = isinstance(node, Some)

    def kleene(facts: Facts, day: dt.date) -> bool | None:
        result: bool | None = not decisive
        for operand in operands:
            value: bool | None = operand(facts, day)
            if value is decisive:
                return decisive
            if value is None:
                result = None
        return result

    return kleene


@closure.register
def _(node: Compare) -> Closure:
    if isinstance(node.left, Fact) and isinstance(number := bare(node.right), Number):
        return _compare_fact(node.left, node, number.value)
    if isinstance(number := bare(node.left), Number) and isinstance(node.right, Fact):
        return _compare_fact(node.right, Compare(FLIPPED[node.sign], node.right, node.left), number.value)
    return _strict(APPLY[node.sign], node.left, node.right)


def _compare_fact(fact: Fact, node: Compare, bound: Fraction) -> Closure:
    """Compare a stored whole number with a whole bound: no fraction is built."""
    code, apply = fact.code, APPLY[node.sign]
    whole = whole_bound(node.sign, bound, fact.type.denominator)
    if whole is None:
        never = node.sign == "!="
        return lambda facts, _day: None if facts.get(code) is None else never
    return lambda facts, _day: None if (value := facts.get(code)) is None else apply(value, whole)


@closure.register
def _(node: OneOf) -> Closure:
    options = frozenset(closure(option)({}, dt.date.min) for option in node.options)
    if isinstance(sized := bare(node.value), SizeClass):
        return _one_of_sizes(sized, options)
    of = closure(node.value)
    return lambda facts, day: None if (value := of(facts, day)) is None else value in options


@closure.register
def _(node: SizeClass) -> Closure:
    possible = possible_sizes(node)

    def size(facts: Facts, day: dt.date) -> str | None:
        sizes = possible(facts, day)
        return min(sizes) if len(sizes) == 1 else None

    return size


def _one_of_sizes(node: SizeClass, options: frozenset[str]) -> Closure:
    """Ask whether an enterprise is of some classes: known as soon as all that remain possible say the same."""
    possible = possible_sizes(node)

    def one_of(facts: Facts, day: dt.date) -> bool | None:
        sizes = possible(facts, day)
        return None if not sizes.isdisjoint(options) and sizes - options else sizes <= options

    return one_of


def possible_sizes(node: SizeClass) -> Callable[[Facts, dt.date], frozenset[str]]:
    """Return the size classes that remain possible, never none."""
    covered, rows = closure(node.covered), [(closure(row.inside), _row_sizes(row)) for row in node.rows]

    def possible(facts: Facts, day: dt.date) -> frozenset[str]:
        sizes = frozenset[str]() if covered(facts, day) is True else frozenset({UNSIZED})
        return sizes.union(*(of(facts, day) for inside, of in rows if inside(facts, day) is not False))

    return possible


def _row_sizes(row: SizeRow) -> Callable[[Facts, dt.date], frozenset[str]]:
    measures = [(closure(measure.value), measure.bounds) for measure in row.measures]

    def sizes(facts: Facts, day: dt.date) -> frozenset[str]:
        values = [of(facts, day) for of, _ in measures]
        reached = [
            sum(value >= bound for bound in bounds)
            for value, (_, bounds) in zip(values, measures, strict=True)
            if value is not None
        ]
        most = min(reached, default=len(SIZE_CLASSES) - 1)
        return frozenset(SIZE_CLASSES[0 if None in values else most : most + 1])

    return sizes


@closure.register
def _(node: Within) -> Closure:
    of, prefixes, coarser = closure(node.region), node.prefixes, frozenset(node.coarser)

    def within(facts: Facts, day: dt.date) -> bool | None:
        region = of(facts, day)
        if region is None or region in coarser:
            return None
        return bool(region.startswith(prefixes))

    return within


@closure.register
def _(node: InIndustry) -> Closure:
    of, prefixes, sections = closure(node.industry), node.prefixes, node.sections
    coarser, sections_open = frozenset(node.coarser), frozenset(node.sections_open)

    def in_industry(facts: Facts, day: dt.date) -> bool | None:
        industry = of(facts, day)
        if industry is None or industry in sections_open:
            return None
        digits = industry.lstrip("ABCDEFGHIJKLMNOPQRST")
        if digits in coarser:
            return None
        return digits.startswith(prefixes) or industry in sections

    return in_industry


@closure.register
def _(node: Count) -> Closure:
    function, code = node.function, node.since.code
    return lambda facts, day: None if (since := facts.get(code)) is None else count(function, since, day)  # type: ignore[arg-type]  # a day: the catalogue says so


@closure.register
def _(node: DaysBetween) -> Closure:
    return _strict(lambda later, earlier: later - earlier, node.later, node.earlier)


@closure.register
def _(node: Arithmetic) -> Closure:
    match node.sign:
        case "+":
            return _strict(lambda a, b: a + b, node.left, node.right)
        case "-":
            return _strict(lambda a, b: a - b, node.left, node.right)
        case "*":
            return _strict(lambda a, b: a * b, node.left, node.right)
        case "/":
            return _strict(lambda a, b: None if b == 0 else _whole_if_whole(Fraction(a) / b), node.left, node.right)


@closure.register
def _(node: Negative) -> Closure:
    of = closure(node.operand)
    return lambda facts, day: None if (value := of(facts, day)) is None else -value


@closure.register
def _(node: Extremum) -> Closure:
    operands, pick = [closure(operand) for operand in node.operands], {"min": min, "max": max}[node.extreme]

    def extremum(facts: Facts, day: dt.date) -> Any:  # noqa: ANN401  # an exact number
        values = [operand(facts, day) for operand in operands]
        return None if None in values else pick(values)

    return extremum


@closure.register
def _(node: Rounded) -> Closure:
    of, mode, unit = closure(node.operand), node.mode, node.unit
    return lambda facts, day: None if (value := of(facts, day)) is None else units(value, mode, unit) * unit


@closure.register
def _(node: Choice) -> Closure:
    condition, then, otherwise = closure(node.condition), closure(node.then), closure(node.otherwise)

    def choice(facts: Facts, day: dt.date) -> Any:  # noqa: ANN401  # an exact number
        holds = condition(facts, day)
        return None if holds is None else (then if holds else otherwise)(facts, day)

    return choice


def units(value: Fraction | int, mode: RoundingMode, unit: Fraction) -> int:
    """Return how many whole units a number is, rounded towards zero, away from it, or to the nearest (a half away)."""
    size = abs(Fraction(value) / unit)
    match mode:
        case "down":
            counted = math.floor(size)
        case "up":
            counted = math.ceil(size)
        case _:
            counted = round_half_up(size)
    return counted if value >= 0 else -counted


def _strict(combine: Callable[[Any, Any], Any], left: Node, right: Node) -> Closure:
    """Combine two values; unknown where either is."""
    of_left, of_right = closure(left), closure(right)

    def combined(facts: Facts, day: dt.date) -> Any:  # noqa: ANN401  # what `combine` gives
        a = of_left(facts, day)
        if a is None:
            return None
        b = of_right(facts, day)
        return None if b is None else combine(a, b)

    return combined


def _whole_if_whole(value: Fraction) -> Fraction | int:
    return value.numerator if value.denominator == 1 else value
