"""Units: 元 is not compared with 万元, nor a percentage with a ratio.

A unit is what the catalogue says of a fact. What is multiplied or divided has none that could be known, for a factor
may carry a unit of its own; where nothing is known, nothing is said.
"""

from collections.abc import Iterator
from fractions import Fraction
from functools import singledispatch

from core.values import ValueType
from rules.bound import RuleVersion
from rules.codes import RuleCode
from rules.comparisons import constant_text
from rules.passages import Faults, Key
from rules.spelling import spelt
from rules.tree import (
    Arithmetic,
    Choice,
    Compare,
    Count,
    DaysBetween,
    Extremum,
    Fact,
    Kind,
    Negative,
    Node,
    Number,
    OneOf,
    Parameter,
    Rounded,
    bare,
    walk,
)

YUAN = "元"
_YUAN = {YUAN: 1, "千元": 1_000, "万元": 10_000, "百万元": 1_000_000, "亿元": 100_000_000}
_LARGE_SIGNS = ("万", "亿")
_SHARES = {"%": 100, "‰": 1_000}
_SAME = {"日": "天", "岁": "年", "周岁": "年", "月": "个月", "％": "%", "百分比": "%", "万": "万元", "圆": YUAN}
_MEASURES = frozenset({*_YUAN, *_SHARES, "天", "周", "个月", "年", "人", "户", "次", "件", "平方米", "亩", "吨"})
"""Units that are certainly different from each other."""

Mistake = tuple[str, str]
"""What is wrong, and what to do about it."""


def check_units(version: RuleVersion, faults: Faults) -> None:
    """Record comparisons, sums and amounts whose units do not fit."""
    amounts: list[tuple[Node, tuple[Key, ...]]] = [
        (line.amount, ("tariff", index, "amount")) for index, line in enumerate(version.lines)
    ]
    for node, keys in (*version.conditions(), *amounts):
        found = dict.fromkeys(mistake for part in walk(node) for mistake in _check(part))
        for message, remedy in found:
            faults.add(RuleCode.WRONG_UNIT, message, *keys, remedy=remedy)
    for node, keys in amounts:
        unit = unit_of(node)
        if unit in _MEASURES and unit != YUAN:
            message = f"the amount is in {unit}: amounts are in yuan"
            faults.add(RuleCode.WRONG_UNIT, message, *keys, remedy=f"multiply it, so that it is in {YUAN}")


def yuan_in(unit: str) -> int | None:
    """Return how many yuan a unit of money is, or None for another unit."""
    return _YUAN.get(unit)


@singledispatch
def unit_of(_: Node) -> str | None:
    """Return the unit of a number, or None where it is not known or has none."""
    return None


@unit_of.register
def _(node: Fact) -> str | None:
    if node.type.type is ValueType.MONEY:
        return YUAN
    return _SAME.get(node.unit, node.unit) if node.unit else None


@unit_of.register
def _(node: Parameter) -> str | None:
    return unit_of(node.value)


@unit_of.register
def _(node: Count) -> str | None:
    return "个月" if node.function == "full_months" else "年"


@unit_of.register
def _(_: DaysBetween) -> str | None:
    return "天"


@unit_of.register
def _(node: Negative | Rounded) -> str | None:
    return unit_of(node.operand)


@unit_of.register
def _(node: Arithmetic) -> str | None:
    return _shared(node.left, node.right) if node.sign in {"+", "-"} else None


@unit_of.register
def _(node: Extremum) -> str | None:
    return _shared(*node.operands)


@unit_of.register
def _(node: Choice) -> str | None:
    return _shared(node.then, node.otherwise)


def _shared(*nodes: Node) -> str | None:
    """Return the unit of all parts that have one, if it is the same."""
    units = {unit for node in nodes if (unit := unit_of(node)) is not None}
    return units.pop() if len(units) == 1 else None


@singledispatch
def _check(_: Node) -> Iterator[Mistake]:
    """Give what is wrong with the units of a node's parts beside each other: what, and the remedy."""
    return iter(())


@_check.register
def _(node: Compare) -> Iterator[Mistake]:
    if node.left.kind is Kind.NUMBER:
        yield from _together(node.left, node.right)
        yield from _with_constant(node.left, node.right)
        yield from _with_constant(node.right, node.left)


@_check.register
def _(node: OneOf) -> Iterator[Mistake]:
    for option in node.options:
        yield from _with_constant(node.value, option)


@_check.register
def _(node: Arithmetic) -> Iterator[Mistake]:
    if node.sign in {"+", "-"}:
        yield from _together(node.left, node.right)


@_check.register
def _(node: Extremum) -> Iterator[Mistake]:
    for operand in node.operands[1:]:
        yield from _together(node.operands[0], operand)


@_check.register
def _(node: Choice) -> Iterator[Mistake]:
    yield from _together(node.then, node.otherwise)


def _together(left: Node, right: Node) -> Iterator[Mistake]:
    """Give the mistake of two parts with different units."""
    one, other = unit_of(left), unit_of(right)
    if one is None or other is None or one == other or not {one, other} <= _MEASURES:
        return
    remedy = "compare, or add, what has the same unit"
    if one in _YUAN and other in _YUAN:
        factor = Fraction(_YUAN[one], _YUAN[other])
        remedy = f"bring both to one unit: 1 {one} is {constant_text(factor)} {other}"
    yield f"`{spelt(left)}` is in {one} and `{spelt(right)}` in {other}", remedy


def _with_constant(side: Node, constant: Node) -> Iterator[Mistake]:
    """Give the mistake of a threshold that was written in another unit than the fact is held in."""
    number, unit = bare(constant), unit_of(side)
    if unit is None or not isinstance(number, Number):
        return
    words, value = number.written, constant_text(number.value)
    if unit in _YUAN and unit != YUAN and words.endswith(_LARGE_SIGNS):
        plain = constant_text(number.value / _YUAN[unit])
        yield (
            f"`{spelt(side)}` is held in {unit}, and {words} {unit} are not {words} {YUAN}",
            f"write {plain} for {words} {YUAN}, or {value} if {words} {unit} are meant",
        )
    if unit in _SHARES and words.endswith(tuple(_SHARES)):
        plain = constant_text(number.value * _SHARES[unit])
        yield f"`{spelt(side)}` is held in {unit}, so that {words} of it is {value} {unit}", f"write {plain}"
