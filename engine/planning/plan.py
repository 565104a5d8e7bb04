"""One plan; read this first. A change × the published state → who is moved, what it costs, what it opens.

Both sides are decided by the stages of a night on the same profiles: of the kinds and facts alone that the changed
policies read. Nothing is written, and the vault stays closed.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import polars as pl

from core.days import DayRange
from core.edges import DayEdge
from core.findings import Finding, Place
from core.money import yuan_text
from engine.answers import stretches_on
from engine.codes import RunCode
from engine.compute import Progress
from engine.deployment import Deployment
from engine.match import STRETCHES
from engine.named_days import named_days, on_day, on_named_days
from engine.night import NightPolicy
from engine.people import Present
from engine.planning.answers import answers
from engine.planning.bands import Bands, groups_of
from engine.planning.breakdown import alike, band_tables, reasons_of
from engine.planning.change import Change
from engine.planning.classify import kind_of
from engine.planning.effect import BudgetYear, Plan, PolicyEffect, PolicyLedger
from engine.planning.fingerprint import fingerprint_of
from engine.planning.forecast import (
    PAYABLE,
    MonthEffect,
    asked_days,
    marks_of,
    months_between,
    payable_by_month,
    representatives,
    total_fen,
)
from engine.planning.moves import CHANGED, Move, MoveCount, count_moves, moves_between
from engine.planning.plan_file import PlanFile
from engine.planning.retroactive import ledger_effects, reaches_back
from engine.planning.sides import Horizon, Sides, bonds_tying, days_measured, measuring_day, sides_of, stands_on
from engine.units import Unit
from profiles.assemble import assemble
from profiles.dimensions import read_dimensions
from rules.bound import RuleVersion
from rules.diff import DifferenceKind, compare_versions
from store.opening import Reading
from store.positions import read_positions


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
        planning = _Planning(sides, change, Horizon(options.day, options.months), _dimensions(deployment))
        profiles = planning.profiles(progress)
        effects = tuple(planning.effect(rx, code, profiles, progress) for code in sides.changed)
        ledger = planning.ledger(rx, profiles, progress)
    return Plan(
        day=options.day,
        months=options.months,
        known_at=known_at,
        made_by=options.by,
        activations=change.activations,
        proofs=change.proofs,
        policies=effects,
        ledger=ledger,
        depends_on=dict(depends_on),
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


def _dimensions(deployment: Deployment) -> list[Bands]:
    catalogue = deployment.catalogue
    found = []
    for each in read_dimensions(deployment.workspace.catalogue, catalogue):
        attribute = catalogue.attribute_named(each.attribute)
        assert attribute is not None  # read_dimensions has made sure of it
        found.append(Bands(each, attribute))
    return found


@dataclass(frozen=True)
class _Planning:
    """One plan in the making."""

    sides: Sides
    change: Change
    horizon: Horizon
    dimensions: Sequence[Bands]

    @property
    def _is_whole(self) -> bool:
        """Say whether the past is asked too: the ledger is compared, or a period before the months changes."""
        begins_before = any(each.valid_from < self.horizon.days.first for each in self.change.activations)
        return begins_before or reaches_back(self.sides)

    def profiles(self, progress: Progress) -> dict[str, pl.DataFrame]:
        """Return the profiles of every kind that is concerned, over all days that anything here asks."""
        codes = None if reaches_back(self.sides) else set(self.sides.changed)
        by_kind: dict[str, list[tuple[Present, NightPolicy]]] = {}
        for night in (self.sides.before, self.sides.after):
            for policy in night.policies:
                if codes is None or policy.policy in codes:
                    by_kind.setdefault(policy.kind, []).append((Present(night), policy))
        found = {}
        for kind, asked in sorted(by_kind.items()):
            progress(f"assembling the profiles of everyone of the kind {kind}")
            found[kind] = self._assembled(kind, asked)
        return found

    def _assembled(self, kind: str, asked: Sequence[tuple[Present, NightPolicy]]) -> pl.DataFrame:
        night = self.sides.before
        measured = days_measured(self.change, self.horizon)
        ranges = [self._days(present, policy) for present, policy in asked]
        firsts, lasts = zip(*((each.first, each.last) for each in [*ranges, measured]), strict=True)
        versions = [version for _, policy in asked for version in policy.versions.values()]
        edges: dict[DayEdge, None] = dict.fromkeys(edge for version in versions for edge in version.edges)
        return assemble(
            night.catalogue,
            night.loads,
            kind=kind,
            attributes=sorted(frozenset[str]().union(*(version.attributes for version in versions))),
            days=DayRange(min(firsts), max(lasts)),
            known_at=night.known_at,
            edges=tuple(edges),
            frozen_after=night.business_date,
            owned_over=Unit.of(night.catalogue, kind).owned_over,
        ).collect()

    def _days(self, present: Present, policy: NightPolicy) -> DayRange:
        return asked_days(present, policy, self.horizon, whole=self._is_whole)

    def effect(self, rx: Reading, code: str, profiles: Mapping[str, pl.DataFrame], progress: Progress) -> PolicyEffect:
        """Return what the change does to one policy's subjects."""
        after = self.sides.policies(code)[1]
        assert after is not None  # it is proposed
        written = after.current.written
        progress(f"deciding {written.title} before and after")
        day = measuring_day(self.sides, code, days_measured(self.change, self.horizon))
        views = self._views(code, profiles)
        answered = [answers(view.stretches_on(day)).collect() for view in views]
        moves = moves_between(answered[0].lazy(), answered[1].lazy())
        population = pl.concat([view.profiles["subject_id"] for view in views]).n_unique()
        counts = count_moves(moves, population)
        versions = (views[0].version_on(day), views[1].version_on(day))
        progress(f"what {written.title} comes to by month")
        months = self._months(views)
        progress(f"who they are that {written.title} moves")
        moved = moves.filter(pl.col("move").is_in([move.value for move in CHANGED]))
        dimensions = [each for each in self.dimensions if each.dimension.subject == after.kind]
        groups = groups_of(self.sides.before, after.kind, dimensions, moved["subject_id"], day)
        on = (views[0].profiles_on(day), views[1].profiles_on(day))
        reasons = reasons_of(moved, on, versions, self.sides.before.catalogue)
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
            budgets=self._budgets(rx, versions[1], months),
            tables=band_tables(moved, groups, dimensions),
            alike=alike(moved, reasons, groups, dimensions),
            bonds=bonds_tying(self.sides.after, code),
            beyond=tuple(_beyond_guard(after, versions[1], counts, months)),
        )

    def _views(self, code: str, profiles: Mapping[str, pl.DataFrame]) -> tuple["_View", "_View"]:
        nights = (self.sides.before, self.sides.after)
        before, after = self.sides.policies(code)
        assert after is not None
        frames = (profiles[(before or after).kind], profiles[after.kind])
        old = _View(Present(nights[0]), before, frames[0])
        return old, _View(Present(nights[1]), after, frames[1])

    def _months(self, views: Sequence["_View"]) -> tuple[MonthEffect, ...]:
        """Return the months of both sides; people with alike histories are worked out once."""
        known = [(view.present, view.policy, view) for view in views if view.policy is not None]
        stretches = [view.stretches for _, _, view in known]
        marks = marks_of(views[0].present, [policy for _, policy, _ in known], stretches)
        weights = representatives(stretches, marks)
        payable = [PAYABLE.to_frame()] if len(known) == 1 else []
        for present, policy, view in known:
            some = view.profiles.filter(pl.col("subject_id").is_in(weights["subject_id"].implode()))
            days = self._days(present, policy)
            payable.append(payable_by_month(present, policy, some, days=days, horizon=self.horizon))
        return months_between(payable[0], payable[1], weights, self.horizon)

    def _budgets(
        self, rx: Reading, version: RuleVersion | None, months: Sequence[MonthEffect]
    ) -> tuple[BudgetYear, ...]:
        first, last = self.horizon.days.first, self.horizon.days.last
        if version is None or not version.budgets_fen:
            return ()
        own = read_positions(rx, policy=version.policy)
        found = []
        for year, budget_fen in sorted(version.budgets_fen.items()):
            if first.year <= year <= last.year:
                period = pl.col("period")
                spent = own.filter(period.str.starts_with(str(year)) & (period.str.slice(0, 7) < f"{first:%Y-%m}"))
                spent_fen = int(spent["committed_fen"].sum())
                is_whole = dt.date(year, 12, 31) <= last
                found.append(BudgetYear(year, budget_fen, spent_fen, total_fen(months, year), is_whole))
        return tuple(found)

    def ledger(self, rx: Reading, profiles: Mapping[str, pl.DataFrame], progress: Progress) -> tuple[PolicyLedger, ...]:
        """Return what the next night writes more or less."""
        found = ledger_effects(rx, self.sides, profiles, progress)
        titles = {each.policy: each.current.written.title for each in self.sides.after.policies}
        return tuple(PolicyLedger(code, titles[code], effect) for code, effect in sorted(found.items()))


@dataclass(frozen=True)
class _View:
    """One policy as it stands on one side, and everyone's profiles; `policy` None: it is not there."""

    present: Present
    policy: NightPolicy | None
    profiles: pl.DataFrame

    @cached_property
    def stretches(self) -> pl.DataFrame:
        """Return the stretches on which somebody is met or unknown, over all days of the profiles."""
        if self.policy is None or self.profiles.is_empty():
            return STRETCHES.to_frame()
        first, last = self.profiles.select(pl.col("day").min(), pl.col("through").max()).row(0)
        night = self.present.night
        return stretches_on(night, self.policy, self.profiles, DayRange(first, last), known_at=night.known_at)

    @property
    def _anchor(self) -> str | None:
        return None if self.policy is None else self.policy.current.version_by

    def stretches_on(self, day: dt.date) -> pl.LazyFrame:
        """Return the stretches of a day; of units that are decided on a day of their own, theirs."""
        stretches = self.stretches.lazy()
        return stretches if self._anchor else on_day(stretches, day)

    def profiles_on(self, day: dt.date) -> pl.LazyFrame:
        """Return everyone's profile on a day; of units that are decided on a day of their own, on theirs."""
        date, frame = self.present.night.business_date, self.profiles.lazy()
        if self._anchor is None:
            return on_day(frame, day)
        assert self.policy is not None
        return on_named_days(frame, named_days(frame, self._anchor, date), date, self.policy.terms.facts)

    def version_on(self, day: dt.date) -> RuleVersion | None:
        """Return the version that stands on a day, or None."""
        number = stands_on(self.policy, DayRange(day, day), self.present.night.known_at)[0].version
        if self.policy is None or number is None:
            return None
        return self.policy.versions[number]


def _proved(before: RuleVersion | None, after: RuleVersion | None) -> str | None:
    """Return what a new text does to any subject there could be, as far as the solver can prove it."""
    if before is None or after is None or before.fingerprint == after.fingerprint:
        return None
    kind = compare_versions(before, after).kind
    return None if kind is DifferenceKind.OPEN else kind.value


def _beyond_guard(
    policy: NightPolicy,
    version: RuleVersion | None,
    counts: Mapping[Move, MoveCount],
    months: Sequence[MonthEffect],
) -> list[Finding]:
    """Return what goes beyond what the author of the new version expects of a night."""
    if version is None:
        return []
    guard, place, found = version.written.guard, Place(policy.policy), []
    met = sum(counts[move].people for move in (Move.SAME, Move.MORE, Move.LESS, Move.OPEN, Move.GAINED))
    if guard.count is not None and not guard.count[0] <= met <= guard.count[1]:
        low, high = guard.count
        message = f"expected {low:,} to {high:,} subjects to be met, found {met:,}"
        found.append(Finding(RunCode.GUARD_COUNT, place, message, "mend the rule, or the `guard` it declares"))
    dated = [each for each in months if each.month is not None]
    before, after = sum(each.before_fen for each in dated), sum(each.after_fen for each in dated)
    if guard.amount_change is not None and before:
        share = Fraction(guard.amount_change.rstrip("%")) / 100
        if abs(after - before) > before * share:
            message = (
                f"expected the amount due to change by at most {guard.amount_change}, "
                f"found {yuan_text(before)} before and {yuan_text(after)} after"
            )
            found.append(Finding(RunCode.GUARD_AMOUNT, place, message, "mend the rule, or the `guard` it declares"))
    return found
