"""Reads, checks and runs the rule versions of a case, against the sample catalogue."""

from pathlib import Path
from typing import Any

import rules
from core.findings import Finding
from profiles.catalogue_reading import read_catalogue
from rules.checks import check_version
from rules.codes import RuleCode
from rules.examples import run_examples
from rules.neighbours import check_neighbours
from rules.netting_terms import check_together
from rules.reading import read_readable
from rules.same_names import check_names
from rules.solving import NO_STEPS
from tests.rules.samples import CATALOGUE

OF_THEIR_OWN = {RuleCode.UNTRIED_THRESHOLD, RuleCode.NEVER_MISSING, RuleCode.DUPLICATE_NAME}
LIBRARY = Path(rules.__file__).parent / "library" / "catalogue"


def probe(folder: Path, settings: dict[str, Any]) -> str:
    """Return everything that is wrong with the versions in a folder.

    The smallest input tries hardly anything, and has the names of others: that is told only in the cases about it. With
    `catalogue = "library"` the shipped vocabulary is read, which says where facts come from.
    """
    catalogue = read_catalogue(LIBRARY) if settings.get("catalogue") == "library" else CATALOGUE
    versions, findings = read_readable(folder / "policies", catalogue)
    limits = NO_STEPS if settings.get("no_steps") else None
    findings += [each for version in versions for each in (*check_version(version, limits), *run_examples(version))]
    findings += [*check_neighbours(versions), *check_together(versions), *check_names(versions)]
    return "\n".join(str(each) for each in findings if _is_told(each, settings["code"]))


def _is_told(finding: Finding, code: str) -> bool:
    return finding.code not in OF_THEIR_OWN or finding.code.value == code


PROBES = {"rule": probe}
