"""What one rule version says of one subject on one day, with every fact it read; each part is worked out when it is read.

Nothing personal is read; names and numbers stay in the vault.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from core.days import MONTHS_OF, MONTHS_PER_YEAR, Period
from core.money import part_of
from core.once import once
from engine.explaining.distance import Distance, distances
from engine.explaining.fact_words import unit_of, value_words
from engine.tally import owner_of
from profiles.asking import Fact, FactState
from profiles.catalogue import Attribute, Catalogue
from rules.answers import Answers
from rules.bound import BoundCriterion, RuleVersion
from rules.closed import ClosedVersion
from rules.closures import Value
from rules.tariff import Range
from rules.version import Basis, Lane, Terms, WrittenVersion

Outcome = Literal["met", "not_met", "unknown"]


@dataclass(frozen=True, slots=True)
class ExaminedFact:
    """One fact as people read it; `source`, `owner` and `data_date` say who told it and for which day."""

    code: str
    label: str
    words: str
    unit: str
    state: FactState
    source: str
    owner: str
    data_date: dt.date | None
    is_known: bool

    @property
    def told_by(self) -> tuple[str, str, dt.date | None]:
        """Return which department told it, in which table, for which day."""
        return self.owner, self.source, self.data_date


@dataclass(frozen=True)
class Profile:
    """The facts of one subject on one day, read by one policy after the other."""

    catalogue: Catalogue
    facts: Mapping[str, Fact]

    @once
    def values(self) -> dict[str, Value]:
        """Return the facts as rules read them."""
        return {code: fact.value for code, fact in self.facts.items()}

    @once
    def _answers(self) -> dict[dt.date, Answers]:
        return {}

    def answers(self, day: dt.date) -> Answers:
        """Return what the facts answer where rules are asked about a day, whichever rule asks."""
        found = self._answers.get(day)
        return self._answers.setdefault(day, Answers(self.values, day)) if found is None else found

    @once
    def _examined(self) -> dict[str, ExaminedFact]:
        return {}

    def examined(self, codes: Iterable[str]) -> tuple[ExaminedFact, ...]:
        """Return some facts as people read them."""
        return tuple([self._one(code) for code in codes])

    def _one(self, code: str) -> ExaminedFact:
        found = self._examined.get(code)
        if found is None:
            found = examined_fact(self.catalogue, self.catalogue.attributes[code], self.facts[code])
            self._examined[code] = found
        return found


@dataclass(frozen=True)
class ExaminedCriterion:
    """One criterion: its words, how it came out, the facts it read, and how far it is from holding."""

    bound: BoundCriterion = field(repr=False)
    closed: ClosedVersion = field(repr=False, compare=False)
    profile: Profile = field(repr=False)
    day: dt.date
    result: bool | None

    @property
    def id(self) -> str:
        """Return by what name the rule calls it."""
        return self.bound.id

    @property
    def label(self) -> str:
        """Return what it is about, in the officer's words."""
        return self.bound.label

    @property
    def actionable(self) -> bool:
        """Say whether a subject can do something about it."""
        return self.bound.actionable

    @property
    def remedy(self) -> str | None:
        """Return what a subject can do about it."""
        return self.bound.remedy

    @property
    def wording(self) -> str:
        """Return the condition in plain words."""
        return self.closed.wordings[self.bound.id]

    @once
    def facts(self) -> tuple[ExaminedFact, ...]:
        """Return the facts that it reads, in the order written."""
        return self.profile.examined(self.closed.reads[self.bound.id])

    @once
    def missing(self) -> tuple[ExaminedFact, ...]:
        """Return the missing facts that keep it unknown."""
        if self.result is not None:
            return ()
        return self.profile.examined(
            sorted(self.profile.answers(self.day).missing(self.closed.shared.condition(self.bound.node)))
        )

    @once
    def distances(self) -> tuple[Distance, ...]:
        """Return how far it is from holding, where it does not."""
        return distances(self.bound.node, self.profile.values, self.day) if self.result is False else ()


@dataclass  # not frozen: a page makes a hundred, and what is frozen takes five times as long to make
class Examination:
    """What one rule version says of one subject on one day; each part is worked out when somebody first reads it.

    `event` says in words which event was examined; empty for
    a subject itself. While a policy `is_suspended`, conditions come out as ever, and nothing follows from them. `owed` is what
    nobody knows of an event beside its facts, so that it cannot be met; where it `is_undated`, that is its day, and no
    condition says anything.
    """

    version_read: RuleVersion = field(repr=False)
    closed: ClosedVersion = field(repr=False, compare=False)
    profile: Profile = field(repr=False)
    day: dt.date
    is_suspended: bool = False
    event: str = ""
    owed: ExaminedFact | None = None
    is_undated: bool = False

    @property
    def written(self) -> WrittenVersion:
        """Return the version as its author wrote it."""
        return self.version_read.written

    @property
    def policy(self) -> str:
        """Return the policy's code."""
        return self.written.policy

    @property
    def item_code(self) -> str:
        """Return the code of the government's list of items."""
        return self.written.item_code

    @property
    def title(self) -> str:
        """Return what the policy is called."""
        return self.written.title

    @property
    def summary(self) -> str | None:
        """Return what it is about, where its author says so."""
        return self.written.summary

    @property
    def owner(self) -> str:
        """Return the department that answers for it."""
        return self.written.owner

    @property
    def version(self) -> int:
        """Return the number of the version."""
        return self.written.version

    @property
    def basis(self) -> tuple[Basis, ...]:
        """Return the documents that it rests on."""
        return self.written.basis

    @property
    def lane(self) -> Lane:
        """Return how a subject comes to it."""
        return self.written.lane

    @property
    def benefit(self) -> str:
        """Return in what form it is given."""
        return self.written.benefit

    @property
    def results(self) -> dict[str, bool | None]:
        """Return how each criterion comes out, by id, in the order written."""
        return {criterion.id: result for criterion, result in zip(self.closed.bound, self.held, strict=True)}

    @property
    def _answers(self) -> Answers:
        return self.profile.answers(self.day)

    @once
    def held(self) -> Sequence[bool | None]:
        """Return how each criterion comes out, in the order written."""
        return self._answers.holds(self.closed.conditions)

    @property
    def outcome(self) -> Outcome:
        """Return whether all criteria hold."""
        found = self.held
        if self.owed is not None and (False not in found or self.is_undated):
            return "unknown"
        return "not_met" if False in found else "unknown" if None in found else "met"

    @property
    def period(self) -> str:
        """Return the name of the period that holds the day: the subject's own where its rule counts so, and the day is known."""
        return self._period.name

    @once
    def _period(self) -> Period:
        version = self.version_read
        starts = None if version.starts is None else self.profile.values.get(version.starts)
        return (
            version.timetable.of_own(self.day, starts)
            if isinstance(starts, dt.date)
            else version.timetable.of(self.day)
        )

    @once
    def criteria(self) -> tuple[ExaminedCriterion, ...]:
        """Return the criteria in reading order: those not met, those unknown, those met."""
        return (*self.failing, *self.unknown, *self._of_result(result=True))

    @once
    def failing(self) -> tuple[ExaminedCriterion, ...]:
        """Return the criteria that a known fact keeps from holding."""
        return self._of_result(result=False)

    @once
    def unknown(self) -> tuple[ExaminedCriterion, ...]:
        """Return the criteria that a missing fact keeps open."""
        return self._of_result(result=None)

    def _of_result(self, *, result: bool | None) -> tuple[ExaminedCriterion, ...]:
        of_each = zip(self.closed.bound, self.held, strict=True)
        found = (each for each, own in of_each if own is result)
        return tuple(ExaminedCriterion(each, self.closed, self.profile, self.day, result) for each in found)

    @property
    def is_fixed(self) -> bool:
        """Say whether it comes to the same for everybody, should its conditions be met."""
        is_for_own_period = self.written.terms.amount_for is not None and self.version_read.starts is not None
        return not (self.closed.amounts_read or is_for_own_period)

    @once
    def amounts(self) -> Mapping[str, Range]:
        """Return at least and at most what each component comes to in the period, should the outcome be met.

        Units: fen; None for no limit. Empty where the benefit pays nothing.
        """
        answers = self._answers
        amounts = {component: answers.amount(lines) for component, lines in self.closed.tariff.items()}
        return (
            amounts
            if self.written.terms.amount_for is None
            else _for_the_period(self.written.terms, amounts, self._period)
        )

    @once
    def amount_facts(self) -> tuple[ExaminedFact, ...]:
        """Return the facts that decide the amounts, in the order written."""
        return self.profile.examined(self.closed.amounts_read)

    @once
    def missing(self) -> tuple[ExaminedFact, ...]:
        """Return the missing facts that could change the result."""
        own = self.profile.examined(self.closed.missing_of(self._answers, self.held))
        return (*own, self.owed) if self.owed is not None and self.outcome == "unknown" else own

    @once
    def failing_labels(self) -> tuple[str, ...]:
        """Return what the criteria that a known fact keeps from holding are about, in the order written."""
        of_each = zip(self.closed.bound, self.held, strict=True)
        return tuple(each.label for each, own in of_each if own is False)

    @property
    def labels(self) -> tuple[str, ...]:
        """Return what the criteria are about, in the order written."""
        return tuple(each.label for each in self.closed.bound)

    @property
    def failing_count(self) -> int:
        """Return how many criteria a known fact keeps from holding."""
        return self.held.count(False)

    @property
    def is_near_miss(self) -> bool:
        """Say whether exactly one criterion is not met and none unknown."""
        return self.failing_count == 1 and None not in self.held

    @property
    def is_one_step_away(self) -> bool:
        """Say whether it is a near miss and its one criterion can be acted on: nobody is told to move house."""
        return self.is_near_miss and self.closed.bound[self.held.index(False)].actionable

    @property
    def is_in_own_hands(self) -> bool:
        """Say whether it is not met and everything that fails can be acted on; else a remedy would mislead."""
        return bool(self.failing) and all(each.actionable for each in self.failing)

    @once
    def amount(self) -> Range | None:
        """Return what all components come to, should the outcome be met; None where the benefit pays nothing."""
        if not self.amounts:
            return None
        first, *others = amounts = list(self.amounts.values())
        if not others:  # as of nearly every policy
            return first
        mosts = [most for _, most in amounts]
        least = sum(least for least, _ in amounts)
        known = [most for most in mosts if most is not None]
        return least, sum(known) if len(known) == len(mosts) else None

    @property
    def facts(self) -> tuple[ExaminedFact, ...]:
        """Return every fact that was read, each once."""
        read = {each.code: each for criterion in self.criteria for each in criterion.facts}
        return tuple((read | {each.code: each for each in self.amount_facts}).values())


def _for_the_period(terms: Terms, amounts: Mapping[str, Range], period: Period) -> Mapping[str, Range]:
    """Return the part of yearly amounts that a period has."""
    months = MONTHS_OF[terms.period]
    place, parts = (Period.named(period.name).days.first.month - 1) // months, MONTHS_PER_YEAR // months
    return {
        name: (part_of(least, place, parts), None if most is None else part_of(most, place, parts))
        for name, (least, most) in amounts.items()
    }


def examined_fact(catalogue: Catalogue, attribute: Attribute, fact: Fact) -> ExaminedFact:
    """Return a fact as people read it, with who told it."""
    resource = catalogue.resources.get(fact.resource or "")
    return ExaminedFact(
        code=attribute.code,
        label=attribute.label,
        words=value_words(fact.value, attribute.fact_type),
        unit=unit_of(attribute.fact_type, attribute.unit) if fact.value is not None else "",
        state=fact.state,
        source=resource.label if resource else "",
        owner=resource.owner if resource else owner_of(catalogue, attribute),
        data_date=fact.data_date,
        is_known=fact.value is not None,
    )
