"""Two nights on the same knowledge: as things stand, and as they would stand with a change.

Both hold the policies concerned only: those that are changed, those that read the outcome of one of these as a fact, and
those that bonds tie to any of them: an exclusion group, a ceiling. All others stand behind them, for their outcomes.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from core.days import FIRST_DAY, DayRange, add_days, add_months
from core.errors import RuleError
from core.findings import nearest_help
from engine.deployment import Deployment
from engine.netting.bonds import Bond, bonds_of
from engine.night import Night, NightPolicy, night_of, policies_of, published_texts
from engine.outcomes import check_outcomes, outcomes_asked
from engine.people import Present
from engine.planning.change import Change
from profiles.catalogue import Catalogue
from rules.codes import RuleCode
from rules.standing import Stand, StandState, resumed
from store.activations import activations_known_at
from store.codes import StoreCode
from store.faults import refused
from store.opening import Reading
from store.positions import read_positions

_A_MOMENT = dt.timedelta(microseconds=1)  # a change comes after everything that is known


@dataclass(frozen=True, slots=True)
class Horizon:
    """The months that are looked at: so many, from the one that holds the day asked about."""

    day: dt.date
    months: int

    @property
    def days(self) -> DayRange:
        """Return all its days."""
        first = self.day.replace(day=1)
        return DayRange(first, add_days(add_months(first, self.months), -1))

    @property
    def names(self) -> list[str]:
        """Return its months as people write them."""
        return [f"{add_months(self.days.first, number):%Y-%m}" for number in range(self.months)]


@dataclass(frozen=True)
class Sides:
    """The published state and the proposed one; `changed` are the policies proposed, by code.

    `moved` are these and all whose criteria rest on the outcome of one. `ahead` are the changed policies by the terms that
    govern once the change stands; in `after` it is the terms of the night's date. Of positions both only say which policy
    has which periods, until `with_positions`: few plans need the ledger.
    """

    before: Night
    after: Night
    changed: tuple[str, ...]
    moved: frozenset[str]
    ahead: Mapping[str, NightPolicy]

    def policies(self, code: str) -> tuple[NightPolicy | None, NightPolicy | None]:
        """Return a policy before and after; None where it is not there."""
        return _named(self.before, code), _named(self.after, code)

    def policies_ahead(self, code: str) -> tuple[NightPolicy | None, NightPolicy | None]:
        """Return a policy before, and after by the terms that govern once the change stands."""
        before, after = self.policies(code)
        return before, self.ahead.get(code, after)

    @property
    def codes(self) -> tuple[str, ...]:
        """Return every policy concerned, by code."""
        return tuple(sorted({policy.policy for night in (self.before, self.after) for policy in night.policies}))

    @property
    def bonds(self) -> list[Bond]:
        """Return the bonds of both sides, by the terms of the night's date and by those ahead."""
        ahead = [self.ahead.get(each.policy, each) for each in self.after.policies]
        return [*bonds_of(self.before.policies), *bonds_of(self.after.policies), *bonds_of(ahead)]

    def clusters(self) -> list[tuple[str, ...]]:
        """Return the policies concerned, those together that bonds tie together on either side."""
        clusters = {code: frozenset({code}) for code in self.codes}
        for bond in self.bonds:
            joined = frozenset[str]().union(*(clusters[code] for code in bond.policies))
            clusters |= dict.fromkeys(joined, joined)
        return sorted({tuple(sorted(each)) for each in clusters.values()})

    def rests_on_moved(self, kind: str) -> bool:
        """Say whether a policy for a kind of subject reads an outcome that the change may move."""
        return any(
            outcomes_asked(night.catalogue, policy.attributes) & self.moved
            for night in (self.before, self.after)
            for policy in night.policies
            if policy.kind == kind
        )

    def ties(self, code: str) -> tuple[str, ...]:
        """Return what ties one policy to others: bonds by their names, and outcomes that it reads as facts."""
        bonds = {bond.name for bond in self.bonds if code in bond.policies}
        asked = {
            f"outcome {each}"
            for policy in self.policies(code)
            if policy is not None
            for each in outcomes_asked(self.before.catalogue, policy.attributes) & self.moved
        }
        return tuple(sorted(bonds | asked))

    def with_positions(self, rx: Reading, subjects: pl.Series | None) -> "Sides":
        """Return the same with what the ledger holds under the policies concerned, of some subjects or of all."""
        wanted = None
        if subjects is not None:
            known = set(subjects)
            former = {old for old, present in Present(self.before).ids.items() if present in known}
            wanted = sorted(known | former)
        positions = pl.concat([read_positions(rx, policy=code, subjects=wanted) for code in self.codes])
        return replace(
            self, before=replace(self.before, positions=positions), after=replace(self.after, positions=positions)
        )


def sides_of(rx: Reading, deployment: Deployment, change: Change, *, day: dt.date, known_at: dt.datetime) -> Sides:
    """Return the state before and after a change, both as if nothing were suspended: what a version does is looked at.

    Fails: RuleError where a policy to be retired was never published, or a published text no longer fits the catalogue;
           RefusedError where a version was published already with another text; RunError where outcomes would rest on
           themselves.
    """
    texts = published_texts(rx)
    activations = resumed(activations_known_at(rx, known_at))
    _refuse_strangers(change, texts)
    published = policies_of(texts, activations, deployment.catalogue, on=day, known_at=known_at)
    for version in change.versions:
        texts.setdefault(version.policy, {})[version.version] = version.text
    at = known_at + _A_MOMENT
    proposed = [*(each for each in activations if each.policy in change.policies), *change.activated(at)]
    parsed = [*change.versions, *(version for policy in published for version in policy.versions.values())]
    changed = policies_of(texts, proposed, deployment.catalogue, on=day, known_at=at, parsed=parsed)
    unchanged = tuple(each for each in published if each.policy not in change.policies)
    everything = tuple(sorted((*unchanged, *changed), key=lambda each: each.policy))
    check_outcomes(deployment.catalogue, everything)
    moved = _moved(deployment.catalogue, [*published, *changed], set(change.policies))
    ahead = _ahead(published, changed, change, day, at)
    concerned = _tied([published, everything, [ahead.get(each.policy, each) for each in everything]], moved)
    root = deployment.workspace.root
    own, behind = _parted(published, concerned)
    before = night_of(rx, root, deployment.catalogue, own, business_date=day, known_at=known_at, only=concerned)
    after, others = _parted(everything, concerned)
    return Sides(
        replace(before, behind=behind),
        replace(before, policies=after, behind=others, known_at=at),
        change.policies,
        frozenset(moved),
        ahead,
    )


def _ahead(
    published: Sequence[NightPolicy], changed: Sequence[NightPolicy], change: Change, day: dt.date, at: dt.datetime
) -> dict[str, NightPolicy]:
    """Return the changed policies by the terms of the version that stands on the first day that differs."""
    before, found = {each.policy: each for each in published}, dict[str, NightPolicy]()
    days = days_measured(change, DayRange(day, day))
    for policy in changed:
        on = first_difference((before.get(policy.policy), policy), day, days, at)
        number = policy.stands(DayRange(on, on), at)[0].version or policy.current.version
        is_same = number == policy.current.version
        found[policy.policy] = policy if is_same else replace(policy, current=policy.versions[number])
    return found


def _parted(
    policies: tuple[NightPolicy, ...], concerned: Collection[str]
) -> tuple[tuple[NightPolicy, ...], tuple[NightPolicy, ...]]:
    """Return the policies concerned, and the others."""
    return (
        tuple(each for each in policies if each.policy in concerned),
        tuple(each for each in policies if each.policy not in concerned),
    )


def _refuse_strangers(change: Change, texts: Mapping[str, Mapping[int, str]]) -> None:
    for activation in change.activations:
        if activation.version is None and activation.policy not in texts:
            help_line = nearest_help(activation.policy, texts, "policy")
            message = f"no published policy is called `{activation.policy}`"
            raise RuleError.one(RuleCode.UNKNOWN_POLICY, "--retire", message, help_line)
    for version in change.versions:
        own = texts.get(version.policy, {})
        if own.get(version.version, version.text) != version.text:
            raise refused(
                StoreCode.ACTIVATION_CLASH,
                version.policy,
                f"version {version.version} is published already, with another text",
                f"propose the change as version {max(own) + 1}; a published version is never edited",
            )


def _moved(catalogue: Catalogue, policies: Sequence[NightPolicy], changed: set[str]) -> set[str]:
    """Return the changed policies, and those whose criteria rest on the outcome of one, over however many others."""
    moved = set(changed)
    while True:
        further = {each.policy for each in policies if outcomes_asked(catalogue, each.attributes) & moved} - moved
        if not further:
            return moved
        moved |= further


def _tied(states: Sequence[Sequence[NightPolicy]], moved: Collection[str]) -> set[str]:
    """Return some policies and all that bonds tie to them in some state, over however many others."""
    tied, bonds = set(moved), [bond for policies in states for bond in bonds_of(policies)]
    while True:
        further = {code for bond in bonds if tied & set(bond.policies) for code in bond.policies} - tied
        if not further:
            return tied
        tied |= further


def _named(night: Night, code: str) -> NightPolicy | None:
    return next((policy for policy in night.policies if policy.policy == code), None)


def stands_on(policy: NightPolicy | None, days: DayRange, known_at: dt.datetime) -> tuple[Stand, ...]:
    """Return what stands of a policy on days; one that is not there has not begun."""
    return (Stand(days, StandState.NOT_BEGUN),) if policy is None else policy.stands(days, known_at)


def measuring_day(sides: Sides, code: str, days: DayRange) -> dt.date:
    """Return the day on which before and after are laid side by side."""
    return first_difference(sides.policies(code), sides.before.business_date, days, sides.after.known_at)


def first_difference(
    policies: tuple[NightPolicy | None, NightPolicy | None], day: dt.date, days: DayRange, known_at: dt.datetime
) -> dt.date:
    """Return the first day, from one on, on which another version stands; else the last such day before it.

    Where nothing changes, it is the day itself.
    """
    before, after = (stands_on(policy, days, known_at) for policy in policies)
    differing = [days for days in _pieces(before, after) if days is not None]
    ahead = [max(each.first, day) for each in differing if each.last >= day]
    behind = [each.last for each in differing if each.last < day]
    return min(ahead, default=None) or max(behind, default=day)


def _pieces(before: tuple[Stand, ...], after: tuple[Stand, ...]) -> list[DayRange | None]:
    """Return the days on which two states differ, piece by piece."""
    return [
        one.days.overlap(other.days)
        for one in before
        for other in after
        if (one.state, one.version) != (other.state, other.version)
    ]


def days_measured(change: Change, asked: DayRange) -> DayRange:
    """Return the days among which the measuring day is looked for: a change may begin or end outside those asked about."""
    firsts = [max(each.valid_from, FIRST_DAY) for each in change.activations]
    return DayRange(min([asked.first, *firsts]), max([asked.last, *firsts]))
