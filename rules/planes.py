"""Conditions of many rules as planes: where each is true and where it is false, every one of them two-valued.

Kleene's three values are two planes: negation swaps them, `and` is true where all are and false where any is, `or` the
other way round. So no plane is ever unknown, negation stands at the leaves alone, and what several rules ask is one
plane, however they write it.
"""

from collections.abc import Hashable, Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from rules.thresholds import OPPOSITE
from rules.tree import All, Compare, Date, Fact, Node, Not, Number, OneOf, Some, Text, Truth, bare, canonical


class Step(StrEnum):
    """How a plane comes about: from a leaf, or from other planes."""

    TRUE = "true"  # where the leaf holds
    FALSE = "false"  # where the leaf does not hold
    BOTH = "both"  # where all of the others are
    EITHER = "either"  # where one of the others is
    NOT = "not"  # where the other is not


class Plane(NamedTuple):
    """One plane: its step, and the numbers of the planes, or of the one leaf, that it is made of, in order."""

    step: Step
    parts: tuple[int, ...]


_ASKED_AS_OPPOSITE = frozenset({"!=", "<", "<="})  # of two opposites one is the leaf


class Planes:
    """A growing table of planes; each is known by its number, and none is there twice.

    INVARIANT: what a plane is made of has a smaller number.
    """

    def __init__(self) -> None:
        self.leaves: list[Node] = []
        self._planes: list[Plane] = []
        self._numbers: dict[Plane, int] = {}
        self._leaf_numbers: dict[Hashable, int] = {}

    def __len__(self) -> int:
        return len(self._planes)

    def __getitem__(self, number: int) -> Plane:
        return self._planes[number]

    def needed_for(self, wanted: Iterable[int]) -> list[int]:
        """Return the planes that some are made of, and those themselves, in an order in which they can be made."""
        found, waiting = set[int](), list(wanted)
        while waiting:
            number = waiting.pop()
            if number in found:
                continue
            found.add(number)
            plane = self._planes[number]
            if plane.step not in {Step.TRUE, Step.FALSE}:
                waiting += plane.parts
        return sorted(found)

    def true(self, node: Node) -> int:
        """Return where a condition is true."""
        return self._plane_of(node, wanted=True)

    def false(self, node: Node) -> int:
        """Return where a condition is false."""
        return self._plane_of(node, wanted=False)

    def both(self, numbers: Sequence[int]) -> int:
        """Return where all of some planes are; everywhere where there are none."""
        return self._joined(Step.BOTH, numbers)

    def either(self, numbers: Sequence[int]) -> int:
        """Return where one of some planes is; nowhere where there are none."""
        return self._joined(Step.EITHER, numbers)

    def complement(self, number: int) -> int:
        """Return where a plane is not."""
        plane = self._planes[number]
        return plane.parts[0] if plane.step is Step.NOT else self._number(Plane(Step.NOT, (number,)))

    def _plane_of(self, node: Node, *, wanted: bool) -> int:
        match bare(node):
            case Truth(value=value):
                return self.both([]) if value is wanted else self.either([])
            case Not(operand=operand):
                return self._plane_of(operand, wanted=not wanted)
            case All() | Some() as joined:
                parts = [self._plane_of(each, wanted=wanted) for each in _operands(joined)]
                return self.both(parts) if isinstance(joined, All) is wanted else self.either(parts)
            case Compare(sign=sign, left=left, right=right) if sign in _ASKED_AS_OPPOSITE:
                return self._asked(Compare(OPPOSITE[sign], left, right), wanted=not wanted)
            case leaf:
                return self._asked(leaf, wanted=wanted)

    def _asked(self, leaf: Node, *, wanted: bool) -> int:
        return self._number(Plane(Step.TRUE if wanted else Step.FALSE, (self._leaf(leaf),)))

    def _joined(self, step: Step, numbers: Sequence[int]) -> int:
        opposite = Step.EITHER if step is Step.BOTH else Step.BOTH
        parts = set(numbers)
        parts.discard(self._numbers.get(Plane(step, ()), -1))  # counts for nothing here
        if self._numbers.get(nothing := Plane(opposite, ()), -1) in parts:
            return self._number(nothing)
        return min(parts) if len(parts) == 1 else self._number(Plane(step, tuple(sorted(parts))))

    def _leaf(self, node: Node) -> int:
        """Return the number of a leaf; what means the same is one, with parameters or without."""
        number = self._leaf_numbers.setdefault(_meaning(node), len(self.leaves))
        if number == len(self.leaves):
            self.leaves.append(node)
        return number

    def _number(self, plane: Plane) -> int:
        number = self._numbers.setdefault(plane, len(self._planes))
        if number == len(self._planes):
            self._planes.append(plane)
        return number


def _operands(joint: All | Some) -> list[Node]:
    """Return what a condition joins, what it joins in the same way within it taken apart."""
    found = list[Node]()
    for operand in map(bare, joint.operands):
        if isinstance(operand, All | Some) and type(operand) is type(joint):
            found += _operands(operand)
        else:
            found.append(operand)
    return found


def _meaning(leaf: Node) -> Hashable:
    """Return what is equal for leaves that mean the same: their words; of a fact beside constants its parts, for they are cheaper.

    INVARIANT: of all conditions in a table, a code has one type.
    """
    match leaf:
        case Fact(code=code):
            return code
        case Compare(sign=sign, left=left, right=right) if isinstance(fact := bare(left), Fact):
            match bare(right):
                case Number(value=number):
                    return sign, fact.code, number.numerator, number.denominator
                case Text(value=value) | Date(value=value):
                    return sign, fact.code, value
                case _:
                    pass
        case OneOf(value=value, options=options) if isinstance(fact := bare(value), Fact):
            texts = [each.value for each in map(bare, options) if isinstance(each, Text)]
            if len(texts) == len(options):
                return fact.code, *texts
        case _:
            pass
    return canonical(leaf)
