"""Reads, checks and runs the rule versions of a case, against the sample catalogue."""

from pathlib import Path
from typing import Any

from core.errors import RuleError
from rules.checks import check_version
from rules.examples import run_examples
from rules.netting_terms import check_together
from rules.reading import read_policies
from tests.rules.samples import CATALOGUE


def probe(folder: Path, _: dict[str, Any]) -> str:
    """Return everything that is wrong with the versions in a folder."""
    try:
        versions = read_policies(folder / "policies", CATALOGUE)
    except RuleError as error:
        return str(error)
    findings = [finding for version in versions for finding in (*check_version(version), *run_examples(version))]
    return "\n".join(map(str, [*findings, *check_together(versions)]))


PROBES = {"rule": probe}
