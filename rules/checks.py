"""What a version must be before anyone may submit it; its examples are run by `rules.examples`."""

from core.findings import Finding
from rules.absence import check_absence
from rules.bound import RuleVersion
from rules.brackets import check_brackets
from rules.characters import check_characters
from rules.codes import RuleCode
from rules.coverage import check_coverage
from rules.idle_parts import check_parts
from rules.label_words import check_labels
from rules.passages import Faults
from rules.payouts import check_payouts
from rules.proofs import prove_version
from rules.sense import check_sense
from rules.solving import Limits
from rules.summary_words import check_summary
from rules.tried import tried_cases
from rules.units import check_units

UNVERIFIED = frozenset({"K", "K-low"})
"""How certain a figure is that only serves as an example."""


def check_version(version: RuleVersion, limits: Limits | None = None) -> list[Finding]:
    """Return everything that keeps a version from being submitted, and warnings.

    `limits` bound each question to the solver; what is not decided within them is a warning.
    """
    faults = Faults(version.script)
    _check_presence(version, faults)
    check_units(version, faults)
    check_labels(version, faults)
    check_summary(version, faults)
    check_characters(version.text, faults)
    check_brackets(version, faults)
    check_sense(version, faults)
    tried = tried_cases(version)
    prove_version(version, tried, faults, limits)
    _check_backdate(version, faults)
    if not any(each.is_error for each in faults.findings):  # of what is wrong as a whole, no part is worth naming
        check_parts(version, tried, faults, limits)
    check_absence(version, faults, limits)
    check_payouts(version, tried, faults, limits)
    check_coverage(version, tried, faults, limits)
    return [*version.warnings, *faults.findings, *unverified(version)]


def unverified(version: RuleVersion) -> list[Finding]:
    """Return a warning for each figure that is only known, or unsure, and that no officer has verified.

    Whoever publishes makes errors of them: such a version is an example.
    """
    faults = Faults(version.script)
    for index, basis in enumerate(version.written.basis):
        if basis.certainty in UNVERIFIED and basis.verified is None:
            message = f"the basis `{basis.article or basis.doc}` is tagged {basis.certainty}: nobody has verified it"
            remedy = "compare it with the original and write `verified: {by: …, on: …, against: …}` beside it"
            faults.add(RuleCode.UNVERIFIED, message, "basis", index, remedy=remedy, warn=True)
    return faults.findings


def _check_presence(version: RuleVersion, faults: Faults) -> None:
    written = version.written
    if not written.basis:
        remedy = "name the document that the rule carries out"
        faults.add(RuleCode.NO_BASIS, "the version names no document", "basis", remedy=remedy)
    if not written.examples:
        remedy = "write one for each threshold: just below, at, just above; and one with each fact missing"
        faults.add(RuleCode.NO_EXAMPLES, "the version has no examples", "examples", remedy=remedy)
    if written.benefit == "cash" and not written.tariff:
        remedy = "write at least one line with an `amount`"
        faults.add(RuleCode.NO_TARIFF, "a cash benefit has a tariff", "benefit", remedy=remedy)


def _check_backdate(version: RuleVersion, faults: Faults) -> None:
    if version.backdate is None or version.written.terms.backdate is None:
        return
    for index, word in enumerate(version.written.terms.backdate.reads):
        attribute = version.vocabulary.attribute(word)
        if attribute is None or attribute.code not in version.attributes:
            message = f"no criterion and no amount reads `{word}`"
            faults.add(
                RuleCode.BAD_REFERENCE, message, "terms", "backdate", "reads", index, remedy="leave it out", warn=True
            )
