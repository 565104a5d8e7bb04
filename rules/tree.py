"""The typed tree: what a condition or an amount means, after every name is bound and every type checked.

Nodes are immutable and equal when they mean the same: a label and its code, `x == true` and `x`, `≥` and `>=`
give one tree. What only helps to word a node (labels, units, the author's spelling) does not count.

Numbers are exact rationals; amounts of money are yuan here, whatever unit a frame holds them in.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from core.edges import DayFunction
from core.values import FactType, ValueType

ComparisonSign = Literal["==", "!=", "<", "<=", ">", ">="]
ArithmeticSign = Literal["+", "-", "*", "/"]
RoundingMode = Literal["down", "up", "half_up"]
Extreme = Literal["min", "max"]


class Kind(StrEnum):
    """What kind of value a node gives; the words stand in messages."""

    TRUTH = "a condition"
    NUMBER = "a number"
    DATE = "a day"
    TEXT = "a text"
    REGION = "a region"
    INDUSTRY = "an industry code"


KIND_OF: dict[ValueType, Kind] = {
    ValueType.BOOL: Kind.TRUTH,
    ValueType.INTEGER: Kind.NUMBER,
    ValueType.DECIMAL: Kind.NUMBER,
    ValueType.MONEY: Kind.NUMBER,
    ValueType.DATE: Kind.DATE,
    ValueType.TEXT: Kind.TEXT,
    ValueType.REGION: Kind.REGION,
    ValueType.INDUSTRY: Kind.INDUSTRY,
}


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of the tree."""

    @property
    def kind(self) -> Kind:
        """Say what kind of value it gives; a condition unless a node says otherwise."""
        return Kind.TRUTH


@dataclass(frozen=True, slots=True)
class Fact(Node):
    """The value of an attribute on the day asked about; unknown where the profile has null."""

    code: str
    type: FactType
    label: str = field(default="", compare=False)
    unit: str | None = field(default=None, compare=False)

    @property
    def kind(self) -> Kind:
        """Say what kind of value it gives."""
        return KIND_OF[self.type.type]


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """A named value of the version: transparent, kept for its name."""

    name: str
    value: Node

    @property
    def kind(self) -> Kind:
        """Say what kind of value it gives."""
        return self.value.kind


@dataclass(frozen=True, slots=True)
class Truth(Node):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A constant number, exact."""

    value: Fraction
    written: str = field(default="", compare=False)

    @property
    def kind(self) -> Kind:
        """Say what kind of value it gives."""
        return Kind.NUMBER


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A constant text."""

    value: str

    @property
    def kind(self) -> Kind:
        """Say what kind of value it gives."""
        return Kind.TEXT


@dataclass(frozen=True, slots=True)
class Date(Node):
    """A constant day."""

    value: dt.date

    @property
    def kind(self) -> Kind:
        """Say what kind of value it gives."""
        return Kind.DATE


@dataclass(frozen=True, slots=True)
class Day(Node):
    """The day asked about."""

    @property
    def kind(self) -> Kind:
        """Say what kind of value it gives."""
        return Kind.DATE


@dataclass(frozen=True, slots=True)
class Shifted(Node):
    """A day so many days later."""

    day: Node
    days: int

    @property
    def kind(self) -> Kind:
        """Say what kind of value it gives."""
        return Kind.DATE


@dataclass(frozen=True, slots=True)
class Not(Node):
    """True where the operand is false; unknown stays unknown."""

    operand: Node


@dataclass(frozen=True, slots=True)
class All(Node):
    """Kleene's `and`: false if any operand is false, else unknown if any is unknown."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Some(Node):
    """Kleene's `or`: true if any operand is true, else unknown if any is unknown."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """Two values of one kind compared; unknown if either is unknown. Only numbers and days have an order."""

    sign: ComparisonSign
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class OneOf(Node):
    """A value is one of some constants."""

    value: Node
    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Within(Node):
    """A region lies in one of some areas; unknown where its code is coarser than the areas.

    `areas` are as written; `prefixes` are what their codes begin with, retired codes included; `coarser`
    are the codes of larger areas that hold them.
    """

    region: Node
    areas: tuple[str, ...] = field(compare=False)
    prefixes: tuple[str, ...]
    coarser: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InIndustry(Node):
    """An industry code lies in one of some classes; unknown where it is coarser than the classes.

    `classes` are as written; `prefixes` are digits that codes begin with, after their letter; `coarser` are
    codes too short to tell; `sections` and `sections_open` are letters that stand alone and lie inside, or
    partly inside.
    """

    industry: Node
    classes: tuple[str, ...] = field(compare=False)
    prefixes: tuple[str, ...]
    coarser: tuple[str, ...]
    sections: tuple[str, ...]
    sections_open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Count(Node):
    """Whole years or months from a day fact to the day asked about; negative before it."""

    function: DayFunction
    since: Fact

    @property
    def kind(self) -> Kind:
        """Say what kind of value it gives."""
        return Kind.NUMBER


@dataclass(frozen=True, slots=True)
class DaysBetween(Node):
    """The number of days from `earlier` to `later`."""

    later: Node
    earlier: Node

    @property
    def kind(self) -> Kind:
        """Say what kind of value it gives."""
        return Kind.NUMBER


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """Two numbers combined, exactly; a divisor of zero gives unknown."""

    sign: ArithmeticSign
    left: Node
    right: Node

    @property
    def kind(self) -> Kind:
        """Say what kind of value it gives."""
        return Kind.NUMBER


@dataclass(frozen=True, slots=True)
class Negative(Node):
    """A number with its sign turned."""

    operand: Node

    @property
    def kind(self) -> Kind:
        """Say what kind of value it gives."""
        return Kind.NUMBER


@dataclass(frozen=True, slots=True)
class Extremum(Node):
    """The smallest or the largest of some numbers; unknown if any is unknown."""

    extreme: Extreme
    operands: tuple[Node, ...]

    @property
    def kind(self) -> Kind:
        """Say what kind of value it gives."""
        return Kind.NUMBER


@dataclass(frozen=True, slots=True)
class Rounded(Node):
    """A number made a multiple of `unit`: towards zero, away from it, or to the nearest (a half away)."""

    mode: RoundingMode
    operand: Node
    unit: Fraction

    @property
    def kind(self) -> Kind:
        """Say what kind of value it gives."""
        return Kind.NUMBER


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """One number or another; unknown where the condition is unknown."""

    condition: Node
    then: Node
    otherwise: Node

    @property
    def kind(self) -> Kind:
        """Say what kind of value it gives."""
        return self.then.kind


def parts(node: Node) -> Iterator[Node]:
    """Give the nodes directly inside a node, in order."""
    for name in node.__dataclass_fields__:
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from (item for item in value if isinstance(item, Node))


def walk(node: Node) -> Iterator[Node]:
    """Give a node and everything inside it, outermost first."""
    yield node
    for part in parts(node):
        yield from walk(part)


def facts_of(*nodes: Node) -> frozenset[str]:
    """Return the codes of the attributes that the nodes read."""
    return frozenset(part.code for node in nodes for part in walk(node) if isinstance(part, Fact))


def is_constant(node: Node) -> bool:
    """Say whether a node gives the same for everyone on every day."""
    return not any(isinstance(part, Fact | Day) for part in walk(node))


def bare(node: Node) -> Node:
    """Return what a parameter stands for; other nodes as they are."""
    while isinstance(node, Parameter):
        node = node.value
    return node


def canonical(node: Node) -> str:
    """Return a text that is equal for equal trees and differs for others: what fingerprints are made of."""
    if isinstance(node, Fact):
        return f"(Fact {node.code} {node.type.type.value} {node.type.scale})"
    if isinstance(node, Parameter):
        return canonical(node.value)
    said = " ".join(_spell(getattr(node, each.name)) for each in dataclasses.fields(node) if each.compare)
    return f"({type(node).__name__} {said})"


def _spell(value: object) -> str:
    if isinstance(value, Node):
        return canonical(value)
    if isinstance(value, tuple):
        return f"[{' '.join(map(_spell, value))}]"
    return repr(value) if isinstance(value, str) else str(value)
