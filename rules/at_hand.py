"""Answers that need no search: among profiles that somebody has written down already, one that is asked for.

Nearly every question about a version is answered by one of its worked examples; only where none is, the solver has to
prove that nobody can be.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import NamedTuple

from core.days import DayRange
from rules.closures import Closure, Value, closure
from rules.tree import Fact, Kind, Node, facts_of, walk
from rules.tried import Tried
from rules.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Wanted:
    """How conditions are to come out: some hold, some fail, and some do not hold (fail or are unknown)."""

    holding: Sequence[str]
    failing: Sequence[str]
    lacking: Sequence[str]

    def is_met_by(self, said: Callable[[str], bool | None]) -> bool:
        """Say whether conditions come out as wanted."""
        return (
            all(said(name) is True for name in self.holding)
            and all(said(name) is False for name in self.failing)
            and not any(said(name) is True for name in self.lacking)
        )


class _Asked(NamedTuple):
    codes: frozenset[str]
    holds: Closure


@dataclass(frozen=True)
class AtHand:
    """Profiles at hand, and what some conditions say of them.

    Only what the catalogue lets a fact be, on the days asked about, is an answer.
    """

    conditions: Mapping[str, Node]
    vocabulary: Vocabulary
    days: DayRange
    tried: Sequence[Tried]
    _asked: dict[str, _Asked] = field(default_factory=dict, repr=False, compare=False)

    def has(self, wanted: Wanted) -> bool:
        """Say whether one of the profiles answers, with every fact known that the answer depends on."""
        names = (*wanted.holding, *wanted.failing, *wanted.lacking)
        codes = frozenset[str]().union(*(self._ask(name).codes for name in names))
        return any(codes <= case.facts.keys() and wanted.is_met_by(partial(self._said, case)) for case in self._cases)

    def _said(self, case: Tried, name: str) -> bool | None:
        said: bool | None = self._ask(name).holds(*case)
        return said

    def _ask(self, name: str) -> _Asked:
        """Return a condition as it is asked; made when the first question needs it."""
        if name not in self._asked:
            node = self.conditions[name]
            self._asked[name] = _Asked(facts_of(node), closure(node))
        return self._asked[name]

    @cached_property
    def _cases(self) -> list[Tried]:
        """Return the profiles with what they know and the solver would consider."""
        nodes = self.conditions.values()
        facts = {part.code: part for node in nodes for part in walk(node) if isinstance(part, Fact)}
        return [
            Tried(
                {code: each for code, each in case.facts.items() if code in facts and self._can_be(facts[code], each)},
                case.day,
            )
            for case in self.tried
            if case.day in self.days
        ]

    def _can_be(self, fact: Fact, value: Value | dt.date) -> bool:
        """Say whether a known value is one that the solver would consider."""
        match fact.kind, value:
            case _, None:
                return False
            case Kind.NUMBER, int():
                limits = self.vocabulary.limits(fact.code)
                above = limits.least is None or value >= limits.least
                below = limits.most is None or value <= limits.most
                return above and below and abs(value) <= fact.type.magnitude_max
            case Kind.TEXT, _ if fact.type.values:
                return value in fact.type.values
            case _:
                return True
