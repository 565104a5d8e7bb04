"""Reads, checks and runs the rule versions of a case, against the sample catalogue."""

from pathlib import Path
from typing import Any

from core.findings import Finding
from rules.checks import check_version
from rules.codes import RuleCode
from rules.examples import run_examples
from rules.neighbours import check_neighbours
from rules.netting_terms import check_together
from rules.reading import read_readable
from rules.solving import NO_STEPS
from tests.rules.samples import CATALOGUE

COVERAGE = {RuleCode.UNTRIED_THRESHOLD, RuleCode.NEVER_MISSING}


def probe(folder: Path, settings: dict[str, Any]) -> str:
    """Return everything that is wrong with the versions in a folder.

    The smallest input tries hardly anything: what its examples leave untried is told only in the cases about that.
    """
    versions, findings = read_readable(folder / "policies", CATALOGUE)
    limits = NO_STEPS if settings.get("no_steps") else None
    findings += [each for version in versions for each in (*check_version(version, limits), *run_examples(version))]
    findings += [*check_neighbours(versions), *check_together(versions)]
    return "\n".join(str(each) for each in findings if _is_told(each, settings["code"]))


def _is_told(finding: Finding, code: str) -> bool:
    return finding.code not in COVERAGE or finding.code.value == code


PROBES = {"rule": probe}
