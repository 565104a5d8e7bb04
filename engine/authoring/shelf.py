"""Every policy as officers find it: its versions, published or drafts, what stands today, and what waits for somebody."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.clock import civil_day
from core.days import DayRange
from core.errors import RuleError
from core.findings import Finding
from core.remits import WHOLE, Remit
from engine.deployment import Deployment
from engine.lifecycle.history import states_of_versions
from rules.reading import written_version
from rules.standing import Activation, Stand, standing
from rules.version import WrittenVersion
from store.activation_steps import StepTaken, read_activations
from store.activations import PublishedVersion, activations_known_at, published_versions
from store.opening import Reading
from store.proposals import Proposal, pending_policies, pending_proposal
from store.states.rules import VersionState


@dataclass(frozen=True, slots=True)
class ShelfVersion:
    """One version; `published` None is a draft, which stands in the file at `path`."""

    written: WrittenVersion
    state: VersionState
    path: Path | None
    published: PublishedVersion | None

    @property
    def version(self) -> int:
        """Return its number."""
        return self.written.version


@dataclass(frozen=True, slots=True)
class ShelfPolicy:
    """One policy: its versions by number, what stands today, who suspended it, and the proposal that waits."""

    policy: str
    versions: tuple[ShelfVersion, ...]
    stand: Stand | None
    suspension: StepTaken | None
    waiting: Proposal | None

    @property
    def newest(self) -> WrittenVersion:
        """Return what its newest version says."""
        return self.versions[-1].written

    @property
    def published(self) -> tuple[ShelfVersion, ...]:
        """Return the versions whose texts stand for ever."""
        return tuple(each for each in self.versions if each.published)

    @property
    def drafts(self) -> tuple[ShelfVersion, ...]:
        """Return the versions that may still be edited."""
        return tuple(each for each in self.versions if not each.published)


@dataclass(frozen=True, slots=True)
class Shelf:
    """All policies by code, and what keeps other files from being read."""

    policies: Mapping[str, ShelfPolicy]
    unreadable: tuple[Finding, ...]


def shelf_of(deployment: Deployment, *, remit: Remit = WHOLE) -> Shelf:
    """Return every policy of a remit that was published or has a file; a version's published text goes before its file's.

    Of a file that cannot be read nobody knows whose it is: that it is there is for the whole alone.
    """
    states = states_of_versions(deployment)
    found: dict[tuple[str, int], ShelfVersion] = {}
    drafts, unreadable = _drafts(deployment.workspace.policies)
    for path, written in drafts:
        key = (written.policy, written.version)
        found[key] = ShelfVersion(written, states.get(key, VersionState.DRAFT), path, None)
    with deployment.store.reading() as rx:
        for each in published_versions(rx):
            written = written_version(each.text, f"policies/{each.policy}/{each.version}.yaml")
            found[each.policy, each.version] = ShelfVersion(written, VersionState.PUBLISHED, None, each)
        by_policy = defaultdict[str, list[ShelfVersion]](list)
        for (policy, _), version in sorted(found.items()):
            by_policy[policy].append(version)
        waiting = {policy: pending_proposal(rx, policy) for policy in pending_policies(rx)}
        stands, stopped = _stands(rx, civil_day(deployment.clock.now())), _suspensions(rx)
    policies = {
        policy: ShelfPolicy(policy, tuple(own), stands.get(policy), stopped.get(policy), waiting.get(policy))
        for policy, own in by_policy.items()
        if remit.covers(policy)
    }
    return Shelf(policies, unreadable if remit.is_whole else ())


def _drafts(folder: Path) -> tuple[list[tuple[Path, WrittenVersion]], tuple[Finding, ...]]:
    """Return what the files say, and the faults of those that cannot be read."""
    read, faults = [], list[Finding]()
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder.parent).as_posix()
        try:
            read.append((path, written_version(path.read_bytes().decode("utf-8-sig", "replace"), name)))
        except RuleError as error:
            faults += error.findings
    return read, tuple(faults)


def _stands(rx: Reading, today: dt.date) -> dict[str, Stand]:
    by_policy = defaultdict[str, list[Activation]](list)
    for each in activations_known_at(rx, rx.now):
        by_policy[each.policy].append(each)
    return {policy: _today(own, today, rx.now) for policy, own in by_policy.items()}


def _today(activations: Iterable[Activation], today: dt.date, known_at: dt.datetime) -> Stand:
    (stand,) = standing(activations, DayRange(today, today), known_at=known_at)
    return stand


def _suspensions(rx: Reading) -> dict[str, StepTaken]:
    return {each.activation.policy: each.suspension for each in read_activations(rx) if each.suspension}
