"""What can be written and can hardly be meant: terms that come to nothing, days and areas beside the version's own.

A version that says so can be read, and one that was published stays readable; it is not published anew.
"""

import re
from collections.abc import Iterator

from core.days import PeriodKind
from rules.areas import check_area
from rules.bound import MONTHS, RuleVersion
from rules.codes import RuleCode
from rules.passages import Faults
from rules.tree import All, Node, Within
from rules.version import EFFORTS

_PERCENTAGE = re.compile(r"\d+(\.\d+)?%")
_WHOLE_MONTHS = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}
_FEN_PER_MONTH = 100  # measures count months as yuan


def check_sense(version: RuleVersion, faults: Faults) -> None:
    """Record what can hardly be meant."""
    _check_labels_differ(version, faults)
    _check_advance(version, faults)
    _check_duration(version, faults)
    _check_guard(version, faults)
    _check_days(version, faults)
    _check_effort(version, faults)
    _check_region(version, faults)


def _check_labels_differ(version: RuleVersion, faults: Faults) -> None:
    labels = [criterion.label for criterion in version.criteria]
    for index, label in enumerate(labels):
        if label in labels[:index]:
            message = f"`{label}` is the label of two criteria"
            remedy = "people read which one they miss: give each words of its own"
            faults.add(RuleCode.DUPLICATE_NAME, message, "criteria", index, "label", remedy=remedy)


def _check_advance(version: RuleVersion, faults: Faults) -> None:
    terms = version.written.terms
    if terms.pay.advance and terms.period in {PeriodKind.ONCE, PeriodKind.EVENT}:
        message = f"`period: {terms.period}` has no coming periods that could be paid in advance"
        faults.add(RuleCode.BAD_TERMS, message, "terms", "pay", "advance", remedy="leave `advance` out")


def _check_duration(version: RuleVersion, faults: Faults) -> None:
    months_fen, period = version.constant_measures.get(MONTHS), version.written.terms.period
    least = _WHOLE_MONTHS.get(period, 1)
    if months_fen is not None and months_fen < least * _FEN_PER_MONTH:
        message = f"a duration of {months_fen // _FEN_PER_MONTH} months is shorter than one period of {least} months"
        remedy = "nothing would ever be paid: mend `months` or `period`"
        faults.add(RuleCode.BAD_TERMS, message, "terms", "duration", "months", remedy=remedy)


def _check_guard(version: RuleVersion, faults: Faults) -> None:
    share = version.written.guard.amount_change
    if share is not None and not _PERCENTAGE.fullmatch(share):
        message = f"expected a percentage, found `{share}`"
        faults.add(RuleCode.BAD_TERMS, message, "guard", "amount_change", remedy="write `amount_change: 20%`")


def _check_days(version: RuleVersion, faults: Faults) -> None:
    """Record budgets of years for which the version is not written."""
    written = version.written
    first, last = written.valid_from, written.valid_through
    for index, budget in enumerate(written.budget):
        if budget.year < first.year or (last is not None and budget.year > last.year):
            message = (
                f"a budget of {budget.year}: the version is written for {first} through {last or 'further notice'}"
            )
            faults.add(RuleCode.DAY_OUTSIDE, message, "budget", index, remedy="mend the year", warn=True)


def _check_effort(version: RuleVersion, faults: Faults) -> None:
    """Record efforts that are none: they are numbers of what a person does."""
    effort = version.written.effort
    if effort is None:
        return
    told = [count for name in EFFORTS if (count := getattr(effort, name)) is not None]
    if not told or min(told) < 0:
        message = "an effort counts what an application asks of a person: at least one number, none below zero"
        remedy = "write `effort: {steps: 5, visits: 2, documents: 4, source: 原办事指南}`"
        faults.add(RuleCode.BAD_TERMS, message, "effort", remedy=remedy)


def _check_region(version: RuleVersion, faults: Faults) -> None:
    """Record that all criteria about regions ask for areas beside the version's own."""
    own = check_area(version.written.region)
    asked = [(index, part) for index, criterion in enumerate(version.criteria) for part in _required(criterion.node)]
    if asked and not any(_touches(part, own) for _, part in asked):
        index, part = asked[0]
        message = f"the version is for {version.written.region}, the criterion asks for {', '.join(part.areas)}"
        remedy = "mend the `region`, or the area in the criterion"
        faults.add(RuleCode.OTHER_REGION, message, "criteria", index, "when", remedy=remedy, warn=True)


def _required(node: Node) -> Iterator[Within]:
    """Give the questions about regions that have to hold by themselves."""
    if isinstance(node, Within):
        yield node
    elif isinstance(node, All):
        for operand in node.operands:
            yield from _required(operand)


def _touches(asked: Within, own: str) -> bool:
    return any(prefix.startswith(own) or own.startswith(prefix) for prefix in asked.prefixes)
