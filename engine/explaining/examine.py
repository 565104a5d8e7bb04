"""One rule version for one subject on one day, with every fact it read and where that came from.

The same tree as a night's, run on one profile: what a page or an explanation says is what the night decided
(`tests/laws/test_examinations_agree.py`). Nothing personal is read; names and numbers stay in the vault.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from core.days import MONTHS_OF, MONTHS_PER_YEAR, DayRange, Period
from core.loads import Loads
from core.money import part_of
from engine.explaining.distance import Distance, distances
from engine.explaining.fact_words import unit_of, value_words
from engine.night import NightPolicy, published_policies
from engine.tally import owner_of
from profiles.asking import Fact, FactState
from profiles.catalogue import Attribute, Catalogue
from profiles.provenance import facts_of
from rules.bound import BoundCriterion, RuleVersion
from rules.closed import ClosedVersion, CriterionResult, close_version
from rules.closures import Value
from rules.standing import StandState
from rules.tariff import Range
from rules.tree import Fact as FactNode
from rules.tree import Node, walk
from rules.version import Basis, Lane, Terms
from store.loads import read_loads
from store.opening import Reading

Outcome = Literal["met", "not_met", "unknown"]

_FAILING_FIRST: Mapping[bool | None, int] = {False: 0, None: 1, True: 2}


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


@dataclass(frozen=True, slots=True)
class ExaminedCriterion:
    """One criterion: its words, how it came out, the facts it read, and how far it is from holding."""

    id: str
    label: str
    wording: str
    result: bool | None
    actionable: bool
    remedy: str | None
    facts: tuple[ExaminedFact, ...]
    missing: tuple[ExaminedFact, ...]
    distances: tuple[Distance, ...]


@dataclass(frozen=True, slots=True)
class Examination:
    """What one rule version says of one subject on one day.

    `period` is the one that holds the day. `criteria` are in reading order: those not met, those unknown, those met.
    `amounts` are by component, at least and at most, should the outcome be met; empty where the benefit pays nothing.
    `missing` could change the result. `event` says in words which event was examined; empty for a subject itself. While a
    policy `is_suspended`, conditions come out as ever, and nothing follows from them.
    Units: fen; None for no limit.
    """

    policy: str
    item_code: str
    title: str
    summary: str | None
    owner: str
    version: int
    basis: tuple[Basis, ...]
    lane: Lane
    benefit: str
    period: str
    day: dt.date
    outcome: Outcome
    criteria: tuple[ExaminedCriterion, ...]
    amounts: Mapping[str, Range]
    amount_facts: tuple[ExaminedFact, ...]
    missing: tuple[ExaminedFact, ...]
    event: str = ""
    is_suspended: bool = False

    @property
    def failing(self) -> tuple[ExaminedCriterion, ...]:
        """Return the criteria that a known fact keeps from holding."""
        return tuple(each for each in self.criteria if each.result is False)

    @property
    def unknown(self) -> tuple[ExaminedCriterion, ...]:
        """Return the criteria that a missing fact keeps open."""
        return tuple(each for each in self.criteria if each.result is None)

    @property
    def is_near_miss(self) -> bool:
        """Say whether exactly one criterion is not met and none unknown."""
        return len(self.failing) == 1 and not self.unknown

    @property
    def is_one_step_away(self) -> bool:
        """Say whether it is a near miss and its one criterion can be acted on: nobody is told to move house."""
        return self.is_near_miss and self.failing[0].actionable

    @property
    def is_in_own_hands(self) -> bool:
        """Say whether it is not met and everything that fails can be acted on; else a remedy would mislead."""
        return bool(self.failing) and all(each.actionable for each in self.failing)

    @property
    def amount(self) -> Range | None:
        """Return what all components come to, should the outcome be met; None where the benefit pays nothing."""
        if not self.amounts:
            return None
        mosts = [most for _, most in self.amounts.values()]
        least = sum(least for least, _ in self.amounts.values())
        known = [most for most in mosts if most is not None]
        return least, sum(known) if len(known) == len(mosts) else None

    @property
    def facts(self) -> tuple[ExaminedFact, ...]:
        """Return every fact that was read, each once."""
        read = {each.code: each for criterion in self.criteria for each in criterion.facts}
        return tuple((read | {each.code: each for each in self.amount_facts}).values())


@dataclass(frozen=True)
class Viewpoint:
    """From where subjects are looked at: the policies and the shared data of one day, as known at one instant.

    `stopped` are the policies of which what stands is suspended.
    """

    day: dt.date
    known_at: dt.datetime
    catalogue: Catalogue
    loads: Loads
    policies: tuple[NightPolicy, ...]
    stopped: frozenset[str] = frozenset()

    @classmethod
    def read(cls, rx: Reading, root: Path, catalogue: Catalogue, *, day: dt.date, known_at: dt.datetime) -> Self:
        """Read what was published and delivered by an instant.

        Fails: RuleError where a published text no longer fits the catalogue.
        """
        policies = published_policies(rx, catalogue, business_date=day, known_at=known_at)
        stopped = frozenset(policy.policy for policy in policies if policy.is_suspended)
        return cls(day, known_at, catalogue, read_loads(rx, root).known_at(known_at), policies, stopped)

    def of_kind(self, kind: str) -> tuple[NightPolicy, ...]:
        """Return the policies for a kind of subject, by code."""
        return tuple(policy for policy in self.policies if policy.kind == kind)

    @cached_property
    def closed(self) -> dict[str, ClosedVersion]:
        """Return the versions that stand on the day, by policy, as plain Python."""
        return {
            policy.policy: close_version(policy.versions[policy.version_on_date])
            for policy in self.policies
            if policy.version_on_date is not None
        }

    def facts_about(self, kind: str, subject_id: str) -> dict[str, Fact]:
        """Return every fact that the standing policies for a kind read about a subject."""
        standing = [policy.versions[policy.version_on_date] for policy in self.of_kind(kind) if policy.version_on_date]
        return facts_of(
            self.catalogue,
            self.loads,
            kind=kind,
            subject_id=subject_id,
            attributes=sorted(frozenset[str]().union(*(version.attributes for version in standing))),
            day=self.day,
            known_at=self.known_at,
            outcome_of=self.outcome_of,
        )

    def outcome_of(self, policy: str, subject_id: str, day: dt.date) -> bool | None:
        """Return whether a policy is met for a subject on a day: as `engine.outcomes` says it for everyone."""
        found = next((each for each in self.policies if each.policy == policy), None)
        if found is None:
            return None
        (stand,) = found.stands(DayRange(day, day), self.known_at)
        if stand.version is None:
            return None if stand.state in {StandState.LAPSED, StandState.SUSPENDED} else False
        version = found.versions[stand.version]
        facts = facts_of(
            self.catalogue,
            self.loads,
            kind=found.kind,
            subject_id=subject_id,
            attributes=sorted(version.attributes),
            day=day,
            known_at=self.known_at,
            outcome_of=self.outcome_of,
        )
        return close_version(version).outcome({code: fact.value for code, fact in facts.items()}, day)


def examine(
    viewpoint: Viewpoint,
    policy: NightPolicy,
    facts: Mapping[str, Fact],
    *,
    version: RuleVersion | None = None,
    day: dt.date | None = None,
) -> Examination:
    """Examine the version of a policy that stands on the day for one subject, or another version on another day.

    Expects: that one stands, and facts of `Viewpoint.facts_about` the subject, or those of the other day.
    """
    if version is None:
        assert policy.version_on_date is not None, "no version stands on the day"
        version = policy.versions[policy.version_on_date]
    is_standing = version.version == policy.version_on_date
    closed = viewpoint.closed[policy.policy] if is_standing else close_version(version)
    values = {code: fact.value for code, fact in facts.items()}
    catalogue, day, written = viewpoint.catalogue, day or viewpoint.day, version.written
    read = {
        code: examined_fact(catalogue, catalogue.attributes[code], facts[code]) for code in sorted(version.attributes)
    }
    period = _period_of(version, values, day)
    criteria = [
        _criterion(bound, result, read, distances(bound.node, values, day) if result.result is False else ())
        for bound, result in zip(version.criteria, closed.explain(values, day), strict=True)
    ]
    return Examination(
        policy=written.policy,
        item_code=written.item_code,
        title=written.title,
        summary=written.summary,
        owner=written.owner,
        version=written.version,
        basis=written.basis,
        lane=written.lane,
        benefit=written.benefit,
        period=period.name,
        day=day,
        outcome=_outcome(closed.outcome(values, day)),
        criteria=tuple(sorted(criteria, key=lambda each: _FAILING_FIRST[each.result])),
        amounts=_for_the_period(written.terms, closed.amounts(values, day), period),
        amount_facts=tuple(read[code] for code in _read_in_order(*_amount_nodes(version))),
        missing=tuple(read[code] for code in closed.missing(values, day)),
        is_suspended=policy.policy in viewpoint.stopped,
    )


def _period_of(version: RuleVersion, values: Mapping[str, Value], day: dt.date) -> Period:
    """Return the period that holds a day: the subject's own where its rule counts so, and the day is known."""
    starts = None if version.starts is None else values.get(version.starts)
    return version.timetable.of_own(day, starts) if isinstance(starts, dt.date) else version.timetable.of(day)


def _for_the_period(terms: Terms, amounts: Mapping[str, Range], period: Period) -> Mapping[str, Range]:
    """Return amounts of a period, of which a yearly amount has a part."""
    if terms.amount_for is None:
        return amounts
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


def _criterion(
    bound: BoundCriterion,
    result: CriterionResult,
    read: Mapping[str, ExaminedFact],
    apart: tuple[Distance, ...],
) -> ExaminedCriterion:
    return ExaminedCriterion(
        id=result.id,
        label=result.label,
        wording=result.wording,
        result=result.result,
        actionable=result.actionable,
        remedy=result.remedy,
        facts=tuple(read[code] for code in _read_in_order(bound.node)),
        missing=tuple(read[code] for code in result.missing),
        distances=apart,
    )


def _read_in_order(*nodes: Node) -> tuple[str, ...]:
    """Return the codes of the attributes that nodes read, in the order written."""
    return tuple(dict.fromkeys(part.code for node in nodes for part in walk(node) if isinstance(part, FactNode)))


def _amount_nodes(version: RuleVersion) -> list[Node]:
    lines = [line for lines in version.tariff.values() for line in lines]
    return [node for line in lines for node in (line.when, line.amount) if node is not None]


def _outcome(holds: bool | None) -> Outcome:  # noqa: FBT001  # a three-valued truth
    return "unknown" if holds is None else "met" if holds else "not_met"
