"""What somebody proposes: rule versions from files with the days they are to stand, and retirements, all proved first."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import RuleError, RunError
from core.findings import Finding
from engine.planning.codes import PlanCode
from engine.planning.plan_file import ProposedActivation, ProposedVersion
from profiles.catalogue import Catalogue
from rules.bound import RuleVersion
from rules.checks import check_version
from rules.codes import RuleCode
from rules.examples import run_examples
from rules.reading import read_version
from rules.standing import Activation


@dataclass(frozen=True, slots=True)
class ProposedDays:
    """On which days what is proposed is to stand; None takes what the author of a version wrote.

    For `shadow_nights` nights it is only computed.
    """

    valid_from: dt.date | None = None
    valid_through: dt.date | None = None
    clears: bool = False
    shadow_nights: int = 0


@dataclass(frozen=True, slots=True)
class Proof:
    """One version's examples and checks: all of them pass, `warnings` are what is left to say."""

    policy: str
    title: str
    version: int
    example_count: int
    warnings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What is proposed; each version and each retirement has one activation."""

    versions: tuple[RuleVersion, ...]
    activations: tuple[ProposedActivation, ...]
    proofs: tuple[Proof, ...]

    @property
    def policies(self) -> tuple[str, ...]:
        """Return the policies that are changed, by code."""
        return tuple(sorted({each.policy for each in self.activations}))

    def activated(self, at: dt.datetime) -> list[Activation]:
        """Return the activations as they would be, made at an instant."""
        return [
            Activation(
                each.policy,
                each.version,
                each.valid_from,
                each.valid_through,
                at,
                clears=each.clears or each.version is None,
            )
            for each in self.activations
        ]

    def proposed_versions(self) -> tuple[ProposedVersion, ...]:
        """Return the versions as a plan file keeps them."""
        return tuple(
            ProposedVersion(
                policy=each.policy,
                version=each.version,
                text=each.text,
                fingerprint=each.fingerprint,
                results_fingerprint=each.results_fingerprint,
            )
            for each in self.versions
        )


def read_change(
    catalogue: Catalogue,
    files: Sequence[Path],
    *,
    retired: Collection[str] = (),
    days: ProposedDays | None = None,
    proved: Callable[[Proof], None] = lambda _: None,
) -> Change:
    """Read what is proposed, and prove it; `proved` hears of each version as soon as it is.

    Fails: RuleError where a file has faults, or its checks or examples fail; RunError where nothing is proposed, or
           something twice.
    """
    days = days or ProposedDays()
    versions = _read(files, catalogue)
    activations = [*(_activation(version, days) for version in versions), *_retirements(retired, days)]
    if not activations:
        help_line = "name a rule file, or a policy with `--retire POLICY --from DAY`"
        raise RunError.one(PlanCode.NOTHING_PROPOSED, "plan", "nothing is proposed", help_line)
    _refuse_twice(activations)
    return Change(tuple(versions), tuple(activations), tuple(proofs_of(versions, proved)))


def _read(files: Iterable[Path], catalogue: Catalogue) -> list[RuleVersion]:
    versions: list[RuleVersion] = []
    findings: list[Finding] = []
    for path in files:
        try:
            versions.append(read_version(path, catalogue))
        except RuleError as error:
            findings.extend(error.findings)
    if findings:
        raise RuleError(findings)
    return versions


def _activation(version: RuleVersion, days: ProposedDays) -> ProposedActivation:
    valid_from = days.valid_from or version.written.valid_from
    valid_through = days.valid_through or version.written.valid_through
    if valid_through is not None and valid_through < valid_from:
        message = f"the last day {valid_through} lies before the first, {valid_from}"
        place = f"{version.policy} {version.version}"
        raise RuleError.one(RuleCode.DAYS_ORDER, place, message, "give `--from` or `--through` too")
    return ProposedActivation(
        policy=version.policy,
        version=version.version,
        valid_from=valid_from,
        valid_through=valid_through,
        clears=days.clears,
        shadow_nights=days.shadow_nights,
    )


def _retirements(retired: Collection[str], days: ProposedDays) -> Iterator[ProposedActivation]:
    for policy in sorted(set(retired)):
        if days.valid_from is None:
            message = "a retirement needs its first day"
            raise RunError.one(PlanCode.NOTHING_PROPOSED, policy, message, "give `--from DAY`")
        yield ProposedActivation(policy=policy, version=None, valid_from=days.valid_from, clears=True)


def _refuse_twice(activations: Sequence[ProposedActivation]) -> None:
    """Refuse two activations of one policy from the same day: nobody could tell which stands.

    Fails: RunError.
    """
    keys = [(each.policy, each.valid_from) for each in activations]
    for policy, valid_from in keys:
        if keys.count((policy, valid_from)) > 1:
            message = f"two changes of the policy begin on {valid_from}"
            raise RunError.one(PlanCode.SAME_TWICE, policy, message, "plan one of them, or give them other days")


def proofs_of(versions: Sequence[RuleVersion], proved: Callable[[Proof], None] = lambda _: None) -> list[Proof]:
    """Run checks and worked examples of every version; `proved` hears of each that has no fault.

    Fails: RuleError with everything that fails, of all of them.
    """
    proofs, faults = [], list[Finding]()
    for version in versions:
        findings = [*check_version(version), *run_examples(version)]
        wrong = [each for each in findings if each.is_error]
        warnings = tuple(each for each in findings if not each.is_error)
        written = version.written
        proof = Proof(version.policy, written.title, version.version, len(written.examples), warnings)
        if not wrong:
            proved(proof)
        faults += wrong
        proofs.append(proof)
    if faults:
        raise RuleError(faults)
    return proofs
