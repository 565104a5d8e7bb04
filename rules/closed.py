"""A version as plain Python over one profile: for pages, explanations, what-if and examples.

Facts are as frames hold them (`rules.closures`): money in whole fen, decimals at their scale, None for unknown.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from rules.bound import BoundCriterion, RuleVersion
from rules.closures import Closure, Facts, closure
from rules.matters import matter
from rules.shortfalls import Shortfall, shortfalls
from rules.tariff import ClosedLines, Range
from rules.tree import All, Truth, facts_of
from rules.wording import wording


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """One criterion for one profile: what it says, how it came out, and what keeps it from being met.

    `missing` are the facts that keep it unknown, `shortfalls` the parts that make it false.
    """

    id: str
    label: str
    wording: str
    actionable: bool
    remedy: str | None
    attributes: tuple[str, ...]
    result: bool | None
    missing: tuple[str, ...]
    shortfalls: tuple[Shortfall, ...]


@dataclass(frozen=True)
class ClosedVersion:
    """One version, ready to be asked about one profile at a time."""

    bound: tuple[BoundCriterion, ...]
    tariff: Mapping[str, ClosedLines]

    @cached_property
    def _closures(self) -> dict[str, Closure]:
        return {criterion.id: closure(criterion.node) for criterion in self.bound}

    @cached_property
    def _words(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        return {each.id: (wording(each.node), tuple(sorted(facts_of(each.node)))) for each in self.bound}

    @cached_property
    def _all(self) -> Closure:
        return closure(All(tuple(criterion.node for criterion in self.bound)))

    def criteria(self, facts: Facts, day: dt.date) -> dict[str, bool | None]:
        """Return how each criterion comes out, in the order written."""
        return {identifier: holds(facts, day) for identifier, holds in self._closures.items()}

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
        outcome = self.outcome(facts, day)
        if outcome is False:
            return ()
        found = set[str]()
        if outcome is None:
            found.update(*(matter(criterion.node, facts, day) for criterion in self.bound))
        found.update(*(lines.missing(facts, day) for lines in self.tariff.values()))
        return tuple(sorted(found))

    def amounts_missing(self, facts: Facts, day: dt.date) -> dict[str, tuple[str, ...]]:
        """Return, per component, the missing facts that could change its amount; sorted."""
        return {component: tuple(sorted(lines.missing(facts, day))) for component, lines in self.tariff.items()}

    def explain(self, facts: Facts, day: dt.date) -> tuple[CriterionResult, ...]:
        """Return every criterion with its words, its result and what is missing, in the order written."""
        results = self.criteria(facts, day)
        return tuple(
            CriterionResult(
                each.id,
                each.label,
                self._words[each.id][0],
                each.actionable,
                each.remedy,
                self._words[each.id][1],
                results[each.id],
                tuple(sorted(matter(each.node, facts, day))),
                shortfalls(each.node, facts, day),
            )
            for each in self.bound
        )

    def with_waived(self, waived: frozenset[str]) -> "ClosedVersion":
        """Return the same version with some criteria taken as true."""
        bound = tuple(replace(each, node=Truth(value=True)) if each.id in waived else each for each in self.bound)
        return ClosedVersion(bound, self.tariff)


def close_version(version: RuleVersion) -> ClosedVersion:
    """Return a version as plain Python."""
    return ClosedVersion(
        version.criteria,
        {component: ClosedLines(lines, version.rounding) for component, lines in version.tariff.items()},
    )
