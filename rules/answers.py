"""What one profile says on one day to many versions: a condition or an amount that several of them share is worked out once.

Versions that are closed together (`Shared`) have one object for what means the same in them; `Answers` remembers by that object.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from rules.closures import Closure, Facts, closure
from rules.matters import Mattering, mattering
from rules.tariff import BoundLine, ClosedLines, Range, Rounding
from rules.tree import Node

_NOT_ASKED: Final = object()


class Condition:
    """A condition as plain Python; it is told from others as an object, which is quick."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.holds: Closure = closure(node)

    @cached_property
    def missing(self) -> Mattering:
        """Return what gives the missing facts that could change how it comes out."""
        return mattering(self.node)


@dataclass(frozen=True, slots=True)
class Shared:
    """The conditions and amounts of versions that are closed together; of equal ones there is one."""

    _conditions: dict[Node, Condition] = field(default_factory=dict, repr=False)
    _lines: dict[tuple[tuple[BoundLine, ...], Rounding], ClosedLines] = field(default_factory=dict, repr=False)

    def condition(self, node: Node) -> Condition:
        """Return a condition, or the equal one that is there."""
        found = self._conditions.get(node)
        return self._conditions.setdefault(node, Condition(node)) if found is None else found

    def lines(self, lines: tuple[BoundLine, ...], rounding: Rounding) -> ClosedLines:
        """Return the lines of a component, or the equal ones that are there."""
        found = self._lines.get((lines, rounding))
        return self._lines.setdefault((lines, rounding), ClosedLines(lines, rounding)) if found is None else found


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of one profile on one day, each kept once it was worked out."""

    facts: Facts = field(repr=False)
    day: dt.date
    _held: dict[Condition, bool | None] = field(default_factory=dict, repr=False)
    _missing: dict[Condition, frozenset[str]] = field(default_factory=dict, repr=False)
    _amounts: dict[ClosedLines, Range] = field(default_factory=dict, repr=False)
    _open: dict[ClosedLines, frozenset[str]] = field(default_factory=dict, repr=False)

    def holds(self, conditions: Iterable[Condition]) -> list[bool | None]:
        """Return how conditions come out, in their order."""
        held = self._held
        results = []
        for condition in conditions:
            result = held.get(condition, _NOT_ASKED)
            if result is _NOT_ASKED:
                result = held[condition] = condition.holds(self.facts, self.day)
            results.append(result)
        return results  # type: ignore[return-value]  # the mark of what was not asked never comes out

    def missing(self, condition: Condition) -> frozenset[str]:
        """Return the missing facts that could change how a condition comes out."""
        found = self._missing.get(condition)
        if found is None:
            found = self._missing[condition] = condition.missing(self.facts, self.day)
        return found

    def amount(self, lines: ClosedLines) -> Range:
        """Return the amount of a component, should the outcome be met: at least and at most, None for no limit."""
        found = self._amounts.get(lines)
        if found is None:
            found = self._amounts[lines] = lines.amount(self.facts, self.day)
        return found

    def amount_missing(self, lines: ClosedLines) -> frozenset[str]:
        """Return the missing facts that could change the amount of a component."""
        found = self._open.get(lines)
        if found is None:
            found = self._open[lines] = lines.missing(self.facts, self.day)
        return found
