"""One plan; read this first. A change × the published state → who is moved, what it costs, what it opens.

Both sides are decided by the stages of a night on the same profiles: of the kinds and facts alone that the changed
policies read. Nothing is written, and the vault stays closed.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from core.days import DayRange
from engine.compute import Progress
from engine.deployment import Deployment
from engine.night import Night, NightPolicy
from engine.outcomes import PolicyOutcomes
from engine.people import Present
from engine.planning.answers import answers
from engine.planning.bands import Bands
from engine.planning.change import Change
from engine.planning.classify import kind_of, terms_alike
from engine.planning.effect import Plan, PolicyEffect, PolicyLedger, TiedEffect
from engine.planning.expectations import beyond_guard, budget_years
from engine.planning.fingerprint import fingerprint_of
from engine.planning.forecast import asked_days
from engine.planning.months import MonthEffect, Views, months_of
from engine.planning.moves import count_moves, moves_between
from engine.planning.plan_file import PlanFile
from engine.planning.retroactive import Profiles, ledger_effects, reaches_back
from engine.planning.sides import Horizon, Sides, days_measured, measuring_day, sides_of
from engine.planning.view import View
from engine.planning.who import dimensions_of, who_is_moved
from engine.readiness import readiness_on
from engine.units import Unit
from profiles.assemble import assemble
from rules.bound import RuleVersion
from rules.diff import DifferenceKind, compare_versions
from rules.readiness import Readiness
from store.opening import Reading
from store.suspensions import suspended_policies


@dataclass(frozen=True)
class PlanOptions:
    """What is asked of a plan: the day asked about, over how many months, in whose name."""

    day: dt.date
    months: int
    by: str


def make_plan(deployment: Deployment, change: Change, options: PlanOptions, progress: Progress) -> Plan:
    """Work out the effect of a change on everyone.

    Fails: as `engine.planning.sides.sides_of`.
    """
    known_at = deployment.clock.now()
    progress("reading the published state")
    with deployment.store.reading() as rx:
        depends_on = fingerprint_of(rx, deployment, day=options.day, known_at=known_at)
        sides = sides_of(rx, deployment, change, day=options.day, known_at=known_at)
        planning = _Planning(deployment, sides, change, Horizon(options.day, options.months), progress)
        readiness = planning.readiness()
        effects = tuple(planning.effect(rx, code, readiness.get(code)) for code in sides.changed)
        ledger = planning.ledger(rx)
        tied = planning.tied()
        stopped = suspended_policies(rx, on=options.day)
    return Plan(
        day=options.day,
        months=options.months,
        known_at=known_at,
        made_by=options.by,
        activations=change.activations,
        proofs=change.proofs,
        policies=effects,
        tied=tied,
        ledger=ledger,
        depends_on=dict(depends_on),
        suspended=tuple(planning.title_of(code) for code in sides.codes if code in stopped),
    )


def file_of(plan: Plan, change: Change) -> PlanFile:
    """Return a plan as it is kept and approved."""
    return PlanFile(
        made_by=plan.made_by,
        known_at=plan.known_at,
        day=plan.day,
        months=plan.months,
        versions=change.proposed_versions(),
        activations=change.activations,
        depends_on=plan.depends_on,
        summary=plan.as_tree(),
    )


@dataclass(frozen=True)
class _Planning:
    """One plan in the making."""

    deployment: Deployment
    sides: Sides
    change: Change
    horizon: Horizon
    progress: Progress

    @cached_property
    def _reaches_back(self) -> bool:
        return reaches_back(self.sides)

    @cached_property
    def _is_whole(self) -> bool:
        """Say whether the past is asked too: the ledger is compared, or a period before the months may change.

        Terms that govern once the change stands govern every period of the policy, also those that are over.
        """
        begins_before = any(each.valid_from < self.horizon.days.first for each in self.change.activations)
        both = [self.sides.policies_ahead(code) for code in self.sides.changed]
        has_other_terms = any(
            before is not None and after is not None and not terms_alike(before.current, after.current)
            for before, after in both
        )
        return begins_before or self._reaches_back or has_other_terms

    @property
    def _asked(self) -> DayRange:
        """Return the days from the one asked about through the last of the months."""
        return DayRange(self.horizon.day, self.horizon.days.last)

    @cached_property
    def presents(self) -> tuple[Present, Present]:
        """Return both sides by the subjects as they are known now."""
        return Present(self.sides.before), Present(self.sides.after)

    @cached_property
    def profiles(self) -> tuple[Profiles, Profiles]:
        """Return the profiles of every kind that is concerned, before and after, over all days that anything here asks.

        They are the same ones, but where a fact is an outcome that the change may move.
        """
        before, after = dict[str, pl.DataFrame](), dict[str, pl.DataFrame]()
        for kind in sorted({policy.kind for present in self.presents for policy in present.night.policies}):
            self.progress(f"assembling the profiles of everyone of the kind {kind}")
            before[kind] = self._assembled(kind, self.sides.before)
            after[kind] = self._assembled(kind, self.sides.after) if self.sides.rests_on_moved(kind) else before[kind]
        return before, after

    def _assembled(self, kind: str, night: Night) -> pl.DataFrame:
        asked = [
            (present, policy)
            for present in self.presents
            for policy in (*present.night.policies, *self.sides.ahead.values())
            if policy.kind == kind
        ]
        ranges = [*(self._days(*each) for each in asked), days_measured(self.change, self._asked)]
        versions = [version for _, policy in asked for version in policy.versions.values()]
        return assemble(
            night.catalogue,
            night.loads,
            kind=kind,
            attributes=sorted(frozenset[str]().union(*(version.attributes for version in versions))),
            days=DayRange(min(each.first for each in ranges), max(each.last for each in ranges)),
            known_at=night.known_at,
            edges=tuple(dict.fromkeys(edge for version in versions for edge in version.edges)),
            frozen_after=night.business_date,
            owned_over=Unit.of(night.catalogue, kind).owned_over,
            outcomes=PolicyOutcomes(night, night.known_at),
        ).collect()

    def _days(self, present: Present, policy: NightPolicy) -> DayRange:
        return asked_days(present, policy, self.horizon, self.sides.bonds, whole=self._is_whole)

    @cached_property
    def views(self) -> Mapping[str, Views]:
        """Return every policy that is concerned, before and after; one view of what nothing changes."""
        found = dict[str, Views]()
        for code in self.sides.codes:
            before, after = self.sides.policies_ahead(code)
            kinds = [policy.kind for policy in (before or after, after or before) if policy is not None]
            frames = [profiles[kind] for profiles, kind in zip(self.profiles, kinds, strict=True)]
            old = View(self.presents[0], before, frames[0])
            is_same = before is after and frames[0] is frames[1]
            found[code] = (old, old if is_same else View(self.presents[1], after, frames[1]))
        return found

    @cached_property
    def months(self) -> Mapping[str, tuple[MonthEffect, ...]]:
        """Return the months of every policy that is concerned."""
        found = dict[str, tuple[MonthEffect, ...]]()
        for cluster in self.sides.clusters():
            titles = "、".join(self.title_of(code) for code in cluster)
            self.progress(f"what {titles} comes to by month")
            own = {code: self.views[code] for code in cluster}
            is_related = any(bond.relation and set(bond.policies) & set(cluster) for bond in self.sides.bonds)
            found |= months_of(self.presents, own, self.horizon, self._days, is_related=is_related)
        return found

    def title_of(self, code: str) -> str:
        """Return what a policy that is concerned is called."""
        before, after = self.sides.policies(code)
        policy = after or before
        assert policy is not None  # it is concerned
        return policy.current.written.title

    def effect(self, rx: Reading, code: str, readiness: Readiness | None) -> PolicyEffect:
        """Return what the change does to one policy's subjects."""
        views, after = self.views[code], self.sides.policies_ahead(code)[1]
        assert after is not None  # it is proposed
        written = after.current.written
        self.progress(f"deciding {written.title} before and after")
        day = self._measured_on(code)
        answered = [answers(view.stretches_on(day)).collect() for view in views]
        moves = moves_between(answered[0].lazy(), answered[1].lazy())
        population = pl.concat([view.profiles["subject_id"] for view in views]).n_unique()
        counts = count_moves(moves, population)
        versions = (views[0].version_on(day), views[1].version_on(day))
        months = self.months[code]
        self.progress(f"who they are that {written.title} moves")
        who = who_is_moved(moves, views, versions, day, self._dimensions)
        return PolicyEffect(
            policy=code,
            title=written.title,
            kind=after.kind,
            lane=written.lane.value,
            benefit=written.benefit,
            period=written.terms.period.value,
            version_before=versions[0].version if versions[0] else None,
            version_after=versions[1].version if versions[1] else None,
            measured_on=day,
            change=kind_of(versions, counts, months),
            proved=_proved(*versions),
            counts=counts,
            unknown_before=answered[0].filter(pl.col("outcome") == "unknown").height,
            unknown_after=answered[1].filter(pl.col("outcome") == "unknown").height,
            months=months,
            budgets=budget_years(rx, versions[1], months, self.horizon),
            tables=who.tables,
            alike=who.alike,
            ties=self.sides.ties(code),
            beyond=tuple(beyond_guard(after, versions[1], counts, months)),
            readiness=readiness,
        )

    def tied(self) -> tuple[TiedEffect, ...]:
        """Return what the change does under policies that it does not name."""
        others = [code for code in self.sides.codes if code not in self.sides.changed]
        return tuple(TiedEffect(code, self.title_of(code), self.sides.ties(code), self.months[code]) for code in others)

    def readiness(self) -> Mapping[str, Readiness]:
        """Return how ready each proposed policy is, by the profiles that are at hand.

        It is that of the proposed version that stands on the measuring day, else of the one that begins last.
        """
        profiles = self.profiles[1]
        self.progress("how ready the policies are")
        chosen = {each.policy: each for each in sorted(self.change.versions, key=_age)}
        by_text = {each.text: each for each in self.change.versions}
        for code, newest in chosen.items():
            standing = self.views[code][1].version_on(self._measured_on(code))
            chosen[code] = newest if standing is None else by_text.get(standing.text, newest)
        found = readiness_on(self.sides.after, list(chosen.values()), profiles)
        return {each.policy: each for each in found}

    def _measured_on(self, code: str) -> dt.date:
        return measuring_day(self.sides, code, days_measured(self.change, self._asked))

    def ledger(self, rx: Reading) -> tuple[PolicyLedger, ...]:
        """Return what the next night writes more or less."""
        if not self._reaches_back:
            return ()
        found = ledger_effects(rx, self.sides, self.profiles, self.views, self.progress)
        return tuple(PolicyLedger(code, self.title_of(code), effect) for code, effect in sorted(found.items()))

    @cached_property
    def _dimensions(self) -> Sequence[Bands]:
        return dimensions_of(self.deployment)


def _age(version: RuleVersion) -> tuple[dt.date, int]:
    return version.written.valid_from, version.version


def _proved(before: RuleVersion | None, after: RuleVersion | None) -> str | None:
    """Return what a new text does to any subject there could be, as far as the solver can prove it."""
    if before is None or after is None or before.fingerprint == after.fingerprint:
        return None
    kind = compare_versions(before, after).kind
    return None if kind is DifferenceKind.OPEN else kind.value
