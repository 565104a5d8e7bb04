"""A rule version into force: its text is kept for ever, and an activation says on which days it stands.

Nights read only what was published here; a file in `policies/` that nobody published changes nothing.
"""

import datetime as dt
from dataclasses import dataclass

from core.errors import RuleError
from core.findings import Finding, nearest_help
from engine.deployment import Deployment
from rules.bound import RuleVersion
from rules.checks import check_version
from rules.codes import RuleCode
from rules.examples import run_examples
from rules.reading import read_policies
from rules.standing import Activation
from store.activations import activate, activations_known_at, publish_version


@dataclass(frozen=True, slots=True)
class Standing:
    """On which days a version is to stand; None takes what its author wrote."""

    valid_from: dt.date | None = None
    valid_through: dt.date | None = None
    clears: bool = False


def proof_findings(version: RuleVersion) -> list[Finding]:
    """Return everything that checks and worked examples have to say about a version."""
    return [*check_version(version), *run_examples(version)]


def publish(deployment: Deployment, version: RuleVersion, standing: Standing, *, by: str) -> Activation:
    """Publish a version whose checks and examples pass, and let it stand.

    Fails: RuleError where they do not, or where the last day lies before the first; RefusedError where it was
           published with another text.
    """
    written = version.written
    valid_from = standing.valid_from or written.valid_from
    valid_through = standing.valid_through or written.valid_through
    if valid_through is not None and valid_through < valid_from:
        message = f"the last day {valid_through} lies before the first, {valid_from}"
        raise RuleError.one(RuleCode.DAYS_ORDER, f"{version.policy} {version.version}", message, "give `--through` too")
    faults = [finding for finding in proof_findings(version) if finding.is_error]
    if faults:
        raise RuleError(faults)
    with deployment.store.writing() as tx:
        publish_version(
            tx,
            version.text,
            policy=version.policy,
            version=version.version,
            fingerprint=version.fingerprint,
            days=(written.valid_from, written.valid_through),
            by=by,
        )
        return activate(
            tx,
            version.policy,
            version.version,
            valid_from=valid_from,
            valid_through=valid_through,
            clears=standing.clears,
            by=by,
        )


def repeal(deployment: Deployment, policy: str, *, valid_from: dt.date, by: str) -> Activation:
    """End a policy from a day on: nothing is due on its days, whatever stood there."""
    with deployment.store.writing() as tx:
        return activate(tx, policy, None, valid_from=valid_from, valid_through=None, clears=True, by=by)


def publish_or_repeal(
    deployment: Deployment, policy: str, version: int | None, standing: Standing, *, by: str
) -> Activation:
    """Publish one version of a policy as its file stands; None repeals the policy, and then a first day is needed.

    Fails: RuleError where the version is not there or its proofs fail, or where a repeal names no day.
    """
    if version is not None:
        return publish(deployment, chosen_versions(deployment, policy, version)[0], standing, by=by)
    chosen_versions(deployment, policy, None)
    if standing.valid_from is None:
        help_line = "name a version, or give `--repeal --from DAY`"
        raise RuleError.one(RuleCode.NOTHING_TO_PUBLISH, policy, "neither a version nor the day of a repeal", help_line)
    return repeal(deployment, policy, valid_from=standing.valid_from, by=by)


def chosen_versions(deployment: Deployment, policy: str | None, version: int | None) -> list[RuleVersion]:
    """Return the versions in the workspace's files: all, those of one policy, or one of them.

    Fails: RuleError where a file has faults, or where there is no such policy or version.
    """
    every = read_policies(deployment.workspace.policies, deployment.catalogue)
    own = [each for each in every if policy in {None, each.policy}]
    if policy is not None and not own:
        help_line = nearest_help(policy, {each.policy for each in every}, "policy")
        raise RuleError.one(RuleCode.UNKNOWN_POLICY, "policies", f"unknown policy `{policy}`", help_line)
    chosen = [each for each in own if version in {None, each.version}]
    if not chosen:
        known = ", ".join(str(each.version) for each in own)
        raise RuleError.one(RuleCode.UNKNOWN_VERSION, f"policies/{policy}", f"no version {version}", f"known: {known}")
    return chosen


def all_activations(deployment: Deployment) -> tuple[Activation, ...]:
    """Return every activation made so far."""
    with deployment.store.reading() as rx:
        return activations_known_at(rx, deployment.clock.now())
