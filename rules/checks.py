"""What a version must be before anyone may submit it, as far as reading alone can tell.

Emptiness, implication and gaps between tiers need a solver and are not looked for here; examples are run by
`rules.examples`.
"""

import datetime as dt

from core.findings import Finding
from rules.bound import RuleVersion
from rules.closures import closure
from rules.codes import RuleCode
from rules.passages import Faults
from rules.tree import Day, Node, walk

UNVERIFIED = frozenset({"K", "K-low"})
"""How certain a figure is that only serves as an example."""


def check_version(version: RuleVersion) -> list[Finding]:
    """Return everything that keeps a version from being submitted, and warnings."""
    faults = Faults(version.script)
    _check_sources(version, faults)
    _check_criteria(version, faults)
    _check_tariff(version, faults)
    _check_backdate(version, faults)
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


def always(condition: Node) -> bool | None:
    """Return how a condition comes out whatever the facts and the day, or None where it depends on them.

    With every fact unknown, Kleene's logic still answers what no fact can change.
    """
    if any(isinstance(part, Day) for part in walk(condition)):
        return None
    return closure(condition)({}, dt.date.min)  # type: ignore[no-any-return]  # a condition


def _check_sources(version: RuleVersion, faults: Faults) -> None:
    if not version.written.basis:
        remedy = "name the document that the rule carries out"
        faults.add(RuleCode.NO_BASIS, "the version names no document", "basis", remedy=remedy)
    if not version.written.examples:
        remedy = "write one for each threshold: just below, at, just above; and one with each fact missing"
        faults.add(RuleCode.NO_EXAMPLES, "the version has no examples", "examples", remedy=remedy)


def _check_criteria(version: RuleVersion, faults: Faults) -> None:
    for index, criterion in enumerate(version.criteria):
        result = always(criterion.node)
        if result is not None:
            message = f"the criterion `{criterion.id}` is {'always' if result else 'never'} true"
            remedy = "leave it out" if result else "nobody could ever be entitled: mend the condition"
            faults.add(RuleCode.CONSTANT_CRITERION, message, "criteria", index, "when", remedy=remedy)


def _check_tariff(version: RuleVersion, faults: Faults) -> None:
    written = version.written
    if written.benefit == "cash" and not written.tariff:
        remedy = "write at least one line with an `amount`"
        faults.add(RuleCode.NO_TARIFF, "a cash benefit has a tariff", "benefit", remedy=remedy)
    positions: dict[str, int] = {}
    stopped: dict[str, int] = {}  # component → the line that takes everyone who reaches it
    for index, line in enumerate(written.tariff):
        nth = positions.get(line.component, 0)
        positions[line.component] = nth + 1
        when = version.tariff[line.component][nth].when
        earlier = [each.when for each in version.tariff[line.component][:nth]]
        remedy = "the first line that applies is taken: put the narrower one first"
        if line.component in stopped:
            message = f"line {index + 1} is never reached: line {stopped[line.component] + 1} takes everyone"
            faults.add(RuleCode.UNREACHABLE_LINE, message, "tariff", index, remedy=remedy)
        elif when is not None and (when in earlier or always(when) is False):
            message = f"line {index + 1} is never reached: its condition is taken before, or never true"
            faults.add(RuleCode.UNREACHABLE_LINE, message, "tariff", index, remedy=remedy)
        elif when is None or always(when) is True:
            stopped[line.component] = index


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
