"""Tree → the words of a rule file, for messages that point at a part of an expression."""

from functools import singledispatch

from rules.comparisons import constant_text
from rules.tree import (
    Arithmetic,
    Compare,
    Count,
    Date,
    Day,
    DaysBetween,
    Fact,
    Negative,
    Node,
    Number,
    Parameter,
    Shifted,
    Text,
)
from rules.wording import wording


@singledispatch
def spelt(node: Node) -> str:
    """Return a comparison or one of its sides as an author would write it; what is larger, in words."""
    return wording(node)


@spelt.register
def _(node: Fact) -> str:
    return node.label or node.code


@spelt.register
def _(node: Parameter) -> str:
    return node.name


@spelt.register
def _(node: Number) -> str:
    return node.written or constant_text(node.value)


@spelt.register
def _(node: Text) -> str:
    return f'"{node.value}"'


@spelt.register
def _(node: Date) -> str:
    return f'd"{node.value}"'


@spelt.register
def _(_: Day) -> str:
    return "day()"


@spelt.register
def _(node: Shifted) -> str:
    return f"{spelt(node.day)} {'+' if node.days >= 0 else '-'} {abs(node.days)}"


@spelt.register
def _(node: Count) -> str:
    return f"{node.function}({spelt(node.since)})"


@spelt.register
def _(node: DaysBetween) -> str:
    return f"{_inner(node.later)} - {_inner(node.earlier)}"


@spelt.register
def _(node: Arithmetic | Compare) -> str:
    return f"{_inner(node.left)} {node.sign} {_inner(node.right)}"


@spelt.register
def _(node: Negative) -> str:
    return f"-{_inner(node.operand)}"


def _inner(node: Node) -> str:
    return f"({spelt(node)})" if isinstance(node, Arithmetic | DaysBetween | Shifted) else spelt(node)
