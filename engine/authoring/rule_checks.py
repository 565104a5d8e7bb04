"""Everything that can be said of rule files before anyone publishes them: of each version, and of all together."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.clock import civil_day
from core.collector import no_search_for_cycles
from core.errors import RuleError
from core.findings import Finding, Place, nearest_help, sort_findings
from engine.deployment import Deployment
from engine.lifecycle.publishing import all_activations, proof_findings
from rules.bound import RuleVersion
from rules.codes import RuleCode
from rules.neighbours import check_neighbours
from rules.netting_terms import check_together
from rules.reading import read_readable, read_version
from rules.same_names import check_names

FILE_ENDS = (".yaml", ".yml")
"""What tells a file from a policy's code."""


@dataclass(frozen=True, slots=True)
class RuleReport:
    """The versions that were checked, and all findings in reading order."""

    versions: Sequence[RuleVersion]
    findings: Sequence[Finding]

    @property
    def example_count(self) -> int:
        """Return how many worked examples were run."""
        return sum(len(version.written.examples) for version in self.versions)

    @property
    def fault_count(self) -> int:
        """Return how many findings keep a version from being published."""
        return sum(finding.is_error for finding in self.findings)


@no_search_for_cycles()
def check_rules(
    deployment: Deployment, targets: Collection[str] = (), checked: Callable[[RuleVersion], None] = lambda _: None
) -> RuleReport:
    """Check the versions of some policies, or in some files; no targets: everything in the workspace.

    `checked` hears of each version as soon as it is. A file that cannot be read keeps no other from being checked. Files
    are checked beside the workspace's versions; one with the number of another takes its place.
    Fails: RuleError where no policy or file is there under a name.
    """
    every, unreadable = read_readable(deployment.workspace.policies, deployment.catalogue)
    files = [target for target in targets if target.endswith(FILE_ENDS)]
    policies = set(targets) - set(files)
    _refuse_unknown(policies, every, unreadable)
    drafts: list[RuleVersion] = []
    findings = [each for each in unreadable if not targets or _is_about(each, policies)]
    for file in files:
        try:
            drafts.append(read_version(Path(file), deployment.catalogue))
        except RuleError as error:
            findings += error.findings
    replaced = {(draft.policy, draft.version) for draft in drafts}
    beside = [each for each in every if (each.policy, each.version) not in replaced]
    chosen = [*drafts, *(each for each in beside if not targets or each.policy in policies)]
    for version in chosen:
        findings += proof_findings(version)
        checked(version)
    names = {version.script.name for version in chosen}
    together = [*beside, *drafts]
    between = check_neighbours(together, all_activations(deployment), on=civil_day(deployment.clock.now()))
    findings += [each for each in (*check_together(together), *check_names(together)) if each.place.path in names]
    findings += [finding for finding in between if finding.place.path in names]
    return RuleReport(chosen, sort_findings(findings))


def _refuse_unknown(policies: Collection[str], every: Sequence[RuleVersion], unreadable: Sequence[Finding]) -> None:
    """Refuse a code that no file is about, not even one that cannot be read.

    Fails: RuleError.
    """
    known = {each.policy for each in every}
    unknown = sorted(
        policy
        for policy in policies
        if policy not in known and not any(_is_about(each, {policy}) for each in unreadable)
    )
    if unknown:
        raise RuleError(
            Finding(
                RuleCode.UNKNOWN_POLICY,
                Place("policies"),
                f"unknown policy `{each}`",
                nearest_help(each, known, "policy"),
            )
            for each in unknown
        )


def _is_about(finding: Finding, policies: Collection[str]) -> bool:
    """Say whether a finding is in a policy's folder; the file itself may be unreadable."""
    return not set(Path(finding.place.path).parts).isdisjoint(policies)
