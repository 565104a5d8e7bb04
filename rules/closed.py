"""A version as plain Python over one profile: for pages, explanations, what-if and examples.

Facts are as frames hold them (`rules.closures`): money in whole fen, decimals at their scale, None for unknown.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from rules.answers import Answers, Condition, Shared
from rules.bound import BoundCriterion, RuleVersion
from rules.closures import Closure, Facts, closure
from rules.tariff import ClosedLines, Range
from rules.tree import All, Fact, Node, Truth, walk
from rules.wording import wording


@dataclass(frozen=True)
class ClosedVersion:
    """One version, ready to be asked about one profile at a time; `shared` with others, what is equal is asked once."""

    bound: tuple[BoundCriterion, ...]
    tariff: Mapping[str, ClosedLines]
    shared: Shared = field(default_factory=Shared, repr=False, compare=False)

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Return what each criterion asks, in the order written."""
        return tuple(self.shared.condition(criterion.node) for criterion in self.bound)

    @cached_property
    def wordings(self) -> dict[str, str]:
        """Return each criterion in plain words, by id."""
        return {criterion.id: wording(criterion.node) for criterion in self.bound}

    @cached_property
    def reads(self) -> dict[str, tuple[str, ...]]:
        """Return the attributes that each criterion reads, in the order written, by id."""
        return {criterion.id: _read_in_order(criterion.node) for criterion in self.bound}

    @cached_property
    def amounts_read(self) -> tuple[str, ...]:
        """Return the attributes that decide the amounts, in the order written."""
        lines = [line for component in self.tariff.values() for line in component.lines]
        return _read_in_order(*(node for line in lines for node in (line.when, line.amount) if node is not None))

    @cached_property
    def _all(self) -> Closure:
        return closure(All(tuple(criterion.node for criterion in self.bound)))

    def criteria(self, facts: Facts, day: dt.date) -> dict[str, bool | None]:
        """Return how each criterion comes out, in the order written."""
        return {
            criterion.id: condition.holds(facts, day)
            for criterion, condition in zip(self.bound, self.conditions, strict=True)
        }

    def outcome(self, facts: Facts, day: dt.date) -> bool | None:
        """Return whether all criteria hold: False if any does not, else None if any is unknown."""
        return self._all(facts, day)  # type: ignore[no-any-return]  # a condition

    def amounts(self, facts: Facts, day: dt.date) -> dict[str, Range]:
        """Return each component's amount, should the outcome be met: at least and at most, None for no limit.

        Units: fen.
        """
        return {component: lines.amount(facts, day) for component, lines in self.tariff.items()}

    def failing(self, facts: Facts, day: dt.date) -> tuple[str, ...]:
        """Return the ids of the criteria that do not hold, in the order written."""
        return tuple(identifier for identifier, holds in self.criteria(facts, day).items() if holds is False)

    def missing(self, facts: Facts, day: dt.date) -> tuple[str, ...]:
        """Return the missing facts that could change the outcome or, where it may be met, an amount; sorted."""
        answers = Answers(facts, day)
        return self.missing_of(answers, answers.holds(self.conditions))

    def missing_of(self, answers: Answers, held: Sequence[bool | None]) -> tuple[str, ...]:
        """Return the missing facts, as `missing`, by what a profile has answered; `held` is how the criteria come out."""
        if False in held:
            return ()
        found = set[str]()
        if None in held:
            for condition, result in zip(self.conditions, held, strict=True):
                if result is None:
                    found |= answers.missing(condition)
        for lines in self.tariff.values():
            found |= answers.amount_missing(lines)
        return tuple(sorted(found))

    def amounts_missing(self, facts: Facts, day: dt.date) -> dict[str, tuple[str, ...]]:
        """Return, per component, the missing facts that could change its amount; sorted."""
        return {component: tuple(sorted(lines.missing(facts, day))) for component, lines in self.tariff.items()}

    def with_waived(self, waived: frozenset[str]) -> "ClosedVersion":
        """Return the same version with some criteria taken as true."""
        bound = tuple(replace(each, node=Truth(value=True)) if each.id in waived else each for each in self.bound)
        return ClosedVersion(bound, self.tariff)


def _read_in_order(*nodes: Node) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.code for node in nodes for part in walk(node) if isinstance(part, Fact)))


def close_version(version: RuleVersion, shared: Shared | None = None) -> ClosedVersion:
    """Return a version as plain Python, sharing what is equal with others that are closed with it."""
    own = Shared() if shared is None else shared
    tariff = {component: own.lines(lines, version.rounding) for component, lines in version.tariff.items()}
    return ClosedVersion(version.criteria, tariff, own)
