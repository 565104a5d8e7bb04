"""What one version does beside another: who gains and who loses, proved for all profiles whose facts are all known.

Outcomes and amounts of a day are compared, on the days for which the newer version is written. What the terms make of
them over time (grace, arrears, pay days, netting) is not put to the solver: a plan shows it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from rules.bound import RuleVersion
from rules.closed import close_version
from rules.solver_logic import Term, both, either, no
from rules.solver_terms import Exact, amount_term
from rules.solving import Answer, Limits, Questions, Search, days_of
from rules.tree import All
from rules.witnesses import Witness

BEFORE, AFTER = "before", "after"


class Direction(StrEnum):
    """What is asked about."""

    GAINS = "gains"
    LOSES = "loses"


@dataclass(frozen=True, slots=True)
class Result:
    """What a version says of a profile; the amount in fen, None where it is open or nothing is due."""

    outcome: bool | None
    amount_fen: int | None


@dataclass(frozen=True, slots=True)
class Affected:
    """Somebody for whom the versions differ: the profile, and what each version says of it."""

    witness: Witness
    before: Result
    after: Result


@dataclass(frozen=True, slots=True)
class Effect:
    """Whether somebody gains and somebody loses (None: not decided within the limits), with a witness of each."""

    gains: bool | None
    loses: bool | None
    gainer: Affected | None = None
    loser: Affected | None = None


def compare_effects(before: RuleVersion, after: RuleVersion, limits: Limits | None = None) -> Effect:
    """Return who gains and who loses where one version takes the place of another.

    Who becomes entitled, or is entitled to a larger amount or at last to a known one, gains.
    """
    pair = _Pair(before, after, limits)
    gains, loses = pair.search(Direction.GAINS), pair.search(Direction.LOSES)
    return Effect(
        _is_somebody(gains),
        _is_somebody(loses),
        pair.affected(gains),
        pair.affected(loses),
    )


def _is_somebody(search: Search) -> bool | None:
    return None if search.answer is Answer.OPEN else search.answer is Answer.FOUND


class _Pair:
    """Two versions before the solver."""

    def __init__(self, before: RuleVersion, after: RuleVersion, limits: Limits | None) -> None:
        self.before, self.after = before, after
        conditions = {
            name: All(tuple(criterion.node for criterion in version.criteria))
            for name, version in ((BEFORE, before), (AFTER, after))
        }
        lines = [line for version in (before, after) for line in version.lines]
        self.questions = Questions(
            conditions,
            vocabulary=after.vocabulary,
            days=days_of(after),
            also=[node for line in lines for node in (line.when, line.amount) if node is not None],
            limits=limits,
        )

    def search(self, direction: Direction) -> Search:
        """Search for somebody who gains, or loses."""
        less, more = (BEFORE, AFTER) if direction is Direction.GAINS else (AFTER, BEFORE)
        entitled = self.questions.find([more], lacking=[less], shown=True)
        if entitled.answer is Answer.FOUND:
            return entitled
        amounts = {BEFORE: self._total(self.before), AFTER: self._total(self.after)}
        paid = self.questions.find([BEFORE, AFTER], also=_is_more(amounts[less], amounts[more]), shown=True)
        return paid if paid.answer is not Answer.NOBODY else entitled

    def _total(self, version: RuleVersion) -> Exact:
        amounts = [amount_term(lines, version.rounding, self.questions.world) for lines in version.tariff.values()]
        return Exact(sum((each.numerator for each in amounts), 0), 1, both(*(each.known for each in amounts)))

    def affected(self, search: Search) -> Affected | None:
        """Return the witness of a search with what both versions say of it."""
        if search.witness is None:
            return None
        return Affected(search.witness, _said(self.before, search.witness), _said(self.after, search.witness))


def _is_more(less: Exact, more: Exact) -> Term:
    return either(both(less.known, more.known, more.numerator > less.numerator), both(no(less.known), more.known))


def _said(version: RuleVersion, witness: Witness) -> Result:
    closed = close_version(version)
    outcome = closed.outcome(witness.facts, witness.day)
    return Result(outcome, _total_fen(closed.amounts(witness.facts, witness.day).values()) if outcome else None)


def _total_fen(ranges: Iterable[tuple[int, int | None]]) -> int | None:
    every = list(ranges)
    return sum(least for least, _ in every) if all(least == most for least, most in every) else None
