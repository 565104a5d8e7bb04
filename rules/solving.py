"""Questions about all profiles at once: is there one that …? Proved, found, or not decided within the limits.

Profiles whose facts are all known are meant; what holds of them says nothing of profiles with missing facts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import z3

from core.days import DayRange
from rules.bound import RuleVersion
from rules.closures import closure
from rules.solver_logic import Term, no
from rules.solver_terms import Planes, condition_term
from rules.solver_world import World
from rules.tree import Node
from rules.vocabulary import Vocabulary
from rules.witnesses import Witness

STEPS_MAX = 2_000_000  # the solver's own count, the same on every machine; a shipped rule's question takes some 1,000
TIME_MAX_MS = 5_000  # for a machine so slow that the steps would keep a person waiting


class Answer(StrEnum):
    """How a search ended."""

    FOUND = "found"
    NOBODY = "nobody"  # proved: there is no such profile
    OPEN = "not decided"  # neither within the limits


@dataclass(frozen=True, slots=True)
class Search:
    """What came of a search: a witness, or the names of the conditions that together leave nobody."""

    answer: Answer
    witness: Witness | None = None
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one search may take: steps of the solver, and milliseconds."""

    steps: int = STEPS_MAX
    time_ms: int = TIME_MAX_MS


NO_TIME = Limits(steps=1, time_ms=1)
"""Limits within which hardly anything is decided."""


class Questions:
    """Questions about some conditions, by their names; each is asked of all profiles on all days of a range."""

    def __init__(
        self,
        conditions: Mapping[str, Node],
        *,
        vocabulary: Vocabulary,
        days: DayRange,
        also: Iterable[Node] = (),
        limits: Limits | None = None,
    ) -> None:
        """Take the conditions; `also` are further nodes whose facts questions may speak of."""
        self.world = World([*conditions.values(), *also], vocabulary, days)
        self._conditions = conditions
        self._planes = {name: condition_term(node, self.world) for name, node in conditions.items()}
        self._solver = z3.Solver(ctx=self.world.context)
        within = limits or Limits()
        self._solver.set("rlimit", within.steps)
        self._solver.set("timeout", within.time_ms)
        self._solver.set("core.minimize", True)
        self._solver.add(self.world.bounds)

    def planes(self, name: str) -> Planes:
        """Return a condition as terms."""
        return self._planes[name]

    def find(
        self,
        holding: Sequence[str] = (),
        *,
        failing: Sequence[str] = (),
        lacking: Sequence[str] = (),
        also: Term = True,
        shown: bool = False,
    ) -> Search:
        """Search for a profile for which some conditions hold, some fail, and some do not hold (fail or are unknown).

        `also` is a further term that has to be true. A witness that is to be `shown` is made easy to read, and its
        facts fit each other; that takes more questions.
        """
        terms = {name: self._planes[name].holds for name in holding}
        terms |= {name: self._planes[name].fails for name in failing}
        terms |= {name: no(self._planes[name].holds) for name in lacking}
        self._solver.push()
        try:
            switches = {z3.Bool(f"? {name}", self.world.context): name for name in terms}
            for switch, name in switches.items():
                self._solver.add(z3.Implies(switch, terms[name], self.world.context))
            self._solver.add(also)
            if shown:
                self._solver.add(self.world.coherence)
            return self._searched(switches, _Wanted(holding, failing, lacking), shown=shown)
        finally:
            self._solver.pop()

    def _searched(self, switches: Mapping[Term, str], wanted: "_Wanted", *, shown: bool) -> Search:
        result = self._solver.check(*switches)
        if result == z3.unsat:
            core = {str(each) for each in self._solver.unsat_core()}
            return Search(Answer.NOBODY, because=tuple(name for each, name in switches.items() if str(each) in core))
        if result == z3.unknown:
            return Search(Answer.OPEN)
        model = self._plainest(list(switches)) if shown else self._solver.model()
        witness = Witness(*self.world.profile(model), self.world.facts)
        said = {
            name: closure(self._conditions[name])(witness.facts, witness.day)
            for name in (*wanted.holding, *wanted.failing, *wanted.lacking)
        }
        if not wanted.is_met_by(said):
            assert not self.world.is_exact, f"the readers of one tree disagree: {witness}"
            return Search(Answer.OPEN)
        return Search(Answer.FOUND, witness)

    def _plainest(self, switches: list[Term]) -> Term:
        """Return the model that was found, or one that is easier to read."""
        model = self._solver.model()
        kept = list(switches)
        for preference in self.world.preferences:
            if preference is not True and self._solver.check(*kept, preference) == z3.sat:
                model = self._solver.model()
                kept.append(preference)
        return model


@dataclass(frozen=True, slots=True)
class _Wanted:
    """How conditions are to come out."""

    holding: Sequence[str]
    failing: Sequence[str]
    lacking: Sequence[str]

    def is_met_by(self, said: Mapping[str, bool | None]) -> bool:
        """Say whether the plain-Python reader sees what was asked for."""
        return (
            all(said[name] is True for name in self.holding)
            and all(said[name] is False for name in self.failing)
            and not any(said[name] is True for name in self.lacking)
        )


def days_of(version: RuleVersion) -> DayRange:
    """Return the days that a version is written for; an open end is a hundred years on."""
    first, last = version.written.valid_from, version.written.valid_through
    return DayRange(first, last or first.replace(year=first.year + 100, day=1))
