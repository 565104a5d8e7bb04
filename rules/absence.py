"""Who meets a version for want of a record: `残疾等级 <= 2` holds for a level of 0, which stands for having no card.

A number that no record can have says that there is none. A comparison with an order does not know that; where nothing
else asks for the record, those without one are met.
"""

from collections.abc import Iterator
from fractions import Fraction

from rules.bound import RuleVersion
from rules.codes import RuleCode
from rules.comparisons import EQUALITIES, constant_text
from rules.operands import constant_number
from rules.passages import Faults, Key
from rules.solving import Limits, Questions, days_of
from rules.spelling import spelt
from rules.thresholds import APPLY, FLIPPED
from rules.tree import Compare, Fact, bare, walk
from rules.vocabulary import Vocabulary

_IT = "the comparison"


def check_absence(version: RuleVersion, faults: Faults, limits: Limits | None = None) -> None:
    """Record comparisons by which somebody without a record meets all criteria."""
    for node, fact, absent, keys in _comparisons(version):
        conditions = {criterion.id: criterion.node for criterion in version.criteria} | {_IT: node}
        questions = Questions(conditions, vocabulary=version.vocabulary, days=days_of(version), limits=limits)
        is_absent = questions.world.number(fact.code) == absent
        search = questions.find(list(conditions), also=is_absent, shown=True)
        if search.witness is not None:
            label, number = fact.label or fact.code, constant_text(Fraction(absent, fact.type.denominator))
            message = f"`{spelt(node)}` holds for who has no record, as `{label}` is then {number}: {search.witness}"
            remedy = f"ask for the record too, or for `{label} != {number}`"
            faults.add(RuleCode.ABSENT_MEETS, message, *keys, remedy=remedy, warn=True)


def _comparisons(version: RuleVersion) -> Iterator[tuple[Compare, Fact, int, tuple[Key, ...]]]:
    """Give the comparisons with an order that hold for the number that says that there is no record."""
    for node, keys in version.conditions():
        compared = (part for part in walk(node) if isinstance(part, Compare) and part.sign not in EQUALITIES)
        for part in compared:
            absent = _absent_that_holds(part, version.vocabulary)
            if absent is not None:
                yield part, *absent, keys


def _absent_that_holds(node: Compare, vocabulary: Vocabulary) -> tuple[Fact, int] | None:
    side, bound, sign = bare(node.left), constant_number(node.right), node.sign
    if bound is None:
        side, bound, sign = bare(node.right), constant_number(node.left), FLIPPED[sign]
    hangs = vocabulary.row(side.code) if isinstance(side, Fact) and bound is not None else None
    if not isinstance(side, Fact) or bound is None or hangs is None or not isinstance(hangs.absent, int):
        return None
    least, most = hangs.limits
    is_no_value = (least is not None and hangs.absent < least) or (most is not None and hangs.absent > most)
    holds = APPLY[sign](hangs.absent, bound * side.type.denominator)
    return (side, hangs.absent) if is_no_value and holds else None
