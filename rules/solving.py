"""Questions about all profiles at once: is there one that …? Proved, found, or not decided within the limits.

Profiles whose facts are all known are meant; what holds of them says nothing of profiles with missing facts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import z3

from core.days import DayRange
from rules.at_hand import AtHand, Wanted
from rules.bound import RuleVersion
from rules.closures import closure
from rules.solver_logic import Term, no
from rules.solver_terms import Planes, condition_term
from rules.solver_world import World
from rules.tree import Node
from rules.tried import Tried
from rules.vocabulary import Vocabulary
from rules.witnesses import Witness

STEPS_MAX = 2_000_000  # of one question: a second or two; a shipped rule's question takes some 1,000
STEPS_TOGETHER_MAX = 20_000_000  # of all questions about one version, so that nobody waits for a minute


class Answer(StrEnum):
    """How a search ended."""

    FOUND = "found"
    NOBODY = "nobody"  # proved: there is no such profile
    OPEN = "not decided"  # neither within the limits


@dataclass(frozen=True, slots=True)
class Search:
    """What came of a search: a witness where one is to be shown, or the names of conditions that together leave nobody."""

    answer: Answer
    witness: Witness | None = None
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How many steps one question may take, and all of one version together.

    Steps are the solver's own count, the same on every machine: what is decided within them depends on the question
    alone. No clock takes part, or the same files would be found right by a fast machine and open by a slow one.
    """

    steps: int = STEPS_MAX
    together: int = STEPS_TOGETHER_MAX


NO_STEPS = Limits(steps=1)
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
        tried: Sequence[Tried] = (),
        limits: Limits | None = None,
    ) -> None:
        """Take the conditions; `also` are further nodes whose facts questions may speak of.

        `tried` are profiles at hand: where one of them is an answer, nothing is searched for.
        """
        self._conditions = conditions
        self._vocabulary = vocabulary
        self._days = days
        self._also = tuple(also)
        self._limits = limits or Limits()
        self._at_hand = AtHand(conditions, vocabulary, days, tried)
        self._planes: dict[str, Planes] = {}
        self._steps_taken = 0  # of the context's own, which no other questions share

    @cached_property
    def world(self) -> World:
        """Return the variables for all conditions; made when the first question needs them."""
        return World([*self._conditions.values(), *self._also], self._vocabulary, self._days)

    def _plane(self, name: str) -> Planes:
        """Return a condition as terms; made when the first question needs it."""
        if name not in self._planes:
            self._planes[name] = condition_term(self._conditions[name], self.world)
        return self._planes[name]

    @cached_property
    def _solver(self) -> Term:
        solver = z3.Solver(ctx=self.world.context)
        solver.set("core.minimize", True)
        solver.add(self.world.bounds)
        return solver

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
        wanted = Wanted(holding, failing, lacking)
        if not shown and also is True and self._at_hand.has(wanted):
            return Search(Answer.FOUND)
        terms = {name: self._plane(name).holds for name in holding}
        terms |= {name: self._plane(name).fails for name in failing}
        terms |= {name: no(self._plane(name).holds) for name in lacking}
        self._solver.push()
        try:
            switches = {z3.Bool(f"? {name}", self.world.context): name for name in terms}
            for switch, name in switches.items():
                self._solver.add(z3.Implies(switch, terms[name], self.world.context))
            self._solver.add(also)
            if shown:
                self._solver.add(self.world.coherence)
            return self._searched(switches, wanted, shown=shown)
        finally:
            self._solver.pop()

    def _searched(self, switches: Mapping[Term, str], wanted: Wanted, *, shown: bool) -> Search:
        result = self._checked(*switches)
        if result == z3.unsat:
            core = {str(each) for each in self._solver.unsat_core()}
            return Search(Answer.NOBODY, because=tuple(name for each, name in switches.items() if str(each) in core))
        if result == z3.unknown:
            return Search(Answer.OPEN)
        model = self._plainest(list(switches)) if shown else self._solver.model()
        witness = Witness(*self.world.profile(model), self.world.facts)
        if not wanted.is_met_by(lambda name: closure(self._conditions[name])(witness.facts, witness.day)):
            assert not self.world.is_exact, f"the readers of one tree disagree: {witness}"
            return Search(Answer.OPEN)
        return Search(Answer.FOUND, witness)

    def _checked(self, *terms: Term) -> Term:
        """Ask the solver within what is left of the limits; without any, nothing is decided."""
        left = self._limits.together - self._steps_taken
        if left <= 0:
            return z3.unknown
        self._solver.set("rlimit", min(self._limits.steps, left))
        result = self._solver.check(*terms)
        self._steps_taken = int(self._solver.statistics().get_key_value("rlimit count"))
        return result

    def _plainest(self, switches: list[Term]) -> Term:
        """Return the model that was found, or one that is easier to read."""
        model = self._solver.model()
        kept = list(switches)
        for preference in self.world.preferences:
            if preference is not True and self._checked(*kept, preference) == z3.sat:
                model = self._solver.model()
                kept.append(preference)
        return model


def days_of(version: RuleVersion) -> DayRange:
    """Return the days that a version is written for; an open end is a hundred years on."""
    first, last = version.written.valid_from, version.written.valid_through
    return DayRange(first, last or first.replace(year=first.year + 100, day=1))
