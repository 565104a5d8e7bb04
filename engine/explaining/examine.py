"""From where subjects are looked at, and one rule version examined for one of them.

The same tree as a night's, run on one profile: what a page or an explanation says is what the night decided
(`tests/laws/test_examinations_agree.py`).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final, Self

from core.days import DayRange
from core.loads import Loads
from engine.explaining.examination import Examination, Profile
from engine.explaining.outline import Outline
from engine.night import NightPolicy, published_policies
from profiles.catalogue import Catalogue
from profiles.known import Known
from profiles.provenance import facts_of
from rules.answers import Shared
from rules.bound import RuleVersion
from rules.closed import ClosedVersion, close_version
from rules.standing import StandState
from rules.together import Bits, Together, Verdict
from store.loads import read_loads
from store.opening import Reading

_ONCE: Final = ("known", "closed", "_read", "_by_kind", "_over_events", "_boards")


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

    def stopping(self, policies: frozenset[str]) -> Self:
        """Return the same view with other policies suspended."""
        made = replace(self, stopped=policies)
        vars(made).update({name: getattr(self, name) for name in _ONCE})  # worked out once
        return made

    @cached_property
    def known(self) -> Known:
        """Return the shared data, ready to be asked about one subject after the other."""
        return Known.at(self.catalogue, self.loads, self.known_at)

    @cached_property
    def _by_kind(self) -> dict[str, tuple[NightPolicy, ...]]:
        found: defaultdict[str, list[NightPolicy]] = defaultdict(list)
        for policy in self.policies:
            found[policy.kind].append(policy)
        return {kind: tuple(own) for kind, own in found.items()}

    @cached_property
    def _over_events(self) -> dict[str, tuple[NightPolicy, ...]]:
        found: defaultdict[str, list[NightPolicy]] = defaultdict(list)
        for policy in self.policies:
            over = self.catalogue.kinds[policy.kind].of
            if over:
                found[self.catalogue.relations[over].other].append(policy)
        return {kind: tuple(own) for kind, own in found.items()}

    def over_events(self, kind: str) -> tuple[NightPolicy, ...]:
        """Return the policies that decide on events which belong to subjects of a kind, by code."""
        return self._over_events.get(kind, ())

    def of_kind(self, kind: str) -> tuple[NightPolicy, ...]:
        """Return the policies for a kind of subject, by code."""
        return self._by_kind.get(kind, ())

    @cached_property
    def closed(self) -> dict[str, ClosedVersion]:
        """Return the versions that stand on the day, by policy, as plain Python."""
        shared = Shared()
        return {
            policy.policy: close_version(policy.versions[policy.version_on_date], shared)
            for policy in self.policies
            if policy.version_on_date is not None
        }

    def asked(self, kind: str, profile: Profile) -> Verdict:
        """Return what the standing policies for a kind come to for one of them, by the bits of `standing`.

        Expects: `profile_of` the subject.
        """
        return self._boards[kind].together.asked(profile.answers(self.day))

    def standing(self, kind: str) -> Sequence["Standing"]:
        """Return the policies for a kind of which a version stands on the day, by code."""
        return self._boards[kind].standing

    def past(self, kind: str) -> Sequence[Outline]:
        """Return the policies for a kind of which no version stands on the day, by code."""
        return self._boards[kind].past

    @cached_property
    def _boards(self) -> "defaultdict[str, _Board]":
        """Return the policies for each kind, ready to be asked together."""
        found = defaultdict[str, _Board](lambda: _Board((), (), Together(())))
        nobody = Profile(self.catalogue, {})
        for kind, policies in self._by_kind.items():
            own = [each for each in policies if each.policy in self.closed]
            together = Together([self.closed[each.policy] for each in own])
            standing = [
                Standing(Outline.of(each, seen := examine(self, each, nobody)), bits, seen.version_read, seen.closed)
                for each, bits in zip(own, together.bits, strict=True)
            ]
            past = [Outline.named(each) for each in policies if each.policy not in self.closed]
            found[kind] = _Board(standing, past, together)
        return found

    @cached_property
    def _read(self) -> dict[str, tuple[str, ...]]:
        """Return the attributes that the standing policies for each kind read."""
        read: defaultdict[str, set[str]] = defaultdict(set)
        for policy in self.policies:
            if policy.version_on_date is not None:
                read[policy.kind] |= policy.versions[policy.version_on_date].attributes
        return {kind: tuple(sorted(codes)) for kind, codes in read.items()}

    def profile_of(self, kind: str, subject_id: str) -> Profile:
        """Return every fact that the standing policies for a kind read about a subject."""
        return self.profile(kind, subject_id, self._read.get(kind, ()), self.day)

    def profile(self, kind: str, subject_id: str, attributes: Iterable[str], day: dt.date) -> Profile:
        """Return some facts about a subject on a day."""
        facts = facts_of(
            self.known,
            kind=kind,
            subject_id=subject_id,
            attributes=sorted(attributes),
            day=day,
            outcome_of=self.outcome_of,
        )
        return Profile(self.catalogue, facts)

    def outcome_of(self, policy: str, subject_id: str, day: dt.date) -> bool | None:
        """Return whether a policy is met for a subject on a day: as `engine.outcomes` says it for everyone."""
        found = next((each for each in self.policies if each.policy == policy), None)
        if found is None:
            return None
        (stand,) = found.stands(DayRange(day, day), self.known_at)
        if stand.version is None:
            return None if stand.state in {StandState.LAPSED, StandState.SUSPENDED} else False
        version = found.versions[stand.version]
        profile = self.profile(found.kind, subject_id, version.attributes, day)
        return close_version(version).outcome(profile.values, day)


def examine(
    viewpoint: Viewpoint,
    policy: NightPolicy,
    profile: Profile,
    *,
    version: RuleVersion | None = None,
    day: dt.date | None = None,
) -> Examination:
    """Examine the version of a policy that stands on the day for one subject, or another version on another day.

    Expects: that one stands, and `Viewpoint.profile_of` the subject, or that of the other day.
    """
    is_standing = version is None or version.version == policy.version_on_date
    if version is None:
        assert policy.version_on_date is not None, "no version stands on the day"
        version = policy.versions[policy.version_on_date]
    closed = viewpoint.closed[policy.policy] if is_standing else close_version(version)
    own = day or viewpoint.day
    return Examination(version, closed, profile, own, policy.policy in viewpoint.stopped)


@dataclass(frozen=True, slots=True)
class Standing:
    """A policy of which a version stands, as a page lists it, and which bits of a `Verdict` are its own."""

    outline: Outline
    bits: Bits
    version: RuleVersion
    closed: ClosedVersion

    @property
    def policy(self) -> str:
        """Return the policy's code."""
        return self.outline.policy


@dataclass(frozen=True, slots=True)
class _Board:
    standing: Sequence[Standing]
    past: Sequence[Outline]
    together: Together
