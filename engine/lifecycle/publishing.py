"""Which rule versions there are, and what keeps one from being published; `engine.lifecycle.lifecycle` publishes."""

from dataclasses import replace

from core.errors import RuleError
from core.findings import Finding, Severity, nearest_help
from engine.deployment import Deployment
from rules.bound import RuleVersion
from rules.checks import check_version
from rules.codes import RuleCode
from rules.examples import run_examples
from rules.reading import read_policies
from rules.standing import Activation, resumed
from store.activations import activations_known_at


def proof_findings(version: RuleVersion) -> list[Finding]:
    """Return everything that checks and worked examples have to say about a version."""
    return [*check_version(version), *run_examples(version)]


def publication_findings(version: RuleVersion) -> list[Finding]:
    """Return the same with figures that nobody has verified as what they then are: faults."""
    return [
        replace(each, severity=Severity.ERROR) if each.code is RuleCode.UNVERIFIED else each
        for each in proof_findings(version)
    ]


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
    """Return every activation made so far, as if nothing were suspended: for what versions say of days, not what follows."""
    with deployment.store.reading() as rx:
        return resumed(activations_known_at(rx, deployment.clock.now()))
