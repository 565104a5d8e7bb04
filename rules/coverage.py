"""What a version's examples have not tried: each threshold just below, at and just above, and each fact missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from core.values import ValueType
from rules.bound import RuleVersion
from rules.closures import Facts, Value, closure
from rules.codes import RuleCode
from rules.comparisons import EQUALITIES
from rules.operands import MistakeError, constant_number
from rules.passages import Faults, Key
from rules.solving import Answer, Limits, Questions, days_of
from rules.spelling import spelt
from rules.thresholds import FLIPPED
from rules.tree import (
    All,
    Arithmetic,
    Compare,
    Count,
    Day,
    DaysBetween,
    Fact,
    Kind,
    Negative,
    Node,
    Number,
    Shifted,
    bare,
    facts_of,
    walk,
)
from rules.version import Example
from rules.written_facts import stored_value

_NEAR = Fraction(1, 4)  # of a threshold that is no whole number: 23 of 30 people are the next to a fifth fewer
_WHOLE = frozenset({ValueType.INTEGER})


@dataclass(frozen=True, slots=True)
class Threshold:
    """One comparison with an order, where it stands, and the conditions of being just below, at and just above it."""

    node: Compare
    keys: tuple[Key, ...]
    sides: dict[str, Node]


def check_coverage(version: RuleVersion, faults: Faults, limits: Limits | None = None) -> None:
    """Record thresholds that no example tries, with values to add, and facts that no example misses."""
    examples = version.written.examples
    if not examples:
        return  # that there are none is said already
    cases = [(_known(version, example), example.day) for example in examples]
    for threshold in _thresholds(version):
        tried = {
            name
            for name, holds in ((name, closure(node)) for name, node in threshold.sides.items())
            if any(holds(facts, day) is True for facts, day in cases)
        }
        missed = [name for name in threshold.sides if name not in tried]
        if missed:
            _report(version, threshold, missed, faults, limits)
    _check_missing(version, faults)


def _known(version: RuleVersion, example: Example) -> Facts:
    """Return an example's facts; those that are wrong are reported elsewhere and left out here."""
    facts: dict[str, Value] = {}
    for word, value in example.facts.items():
        attribute = version.vocabulary.attribute(word)
        if attribute is not None:
            try:
                facts[attribute.code] = stored_value(word, value, attribute.fact_type)
            except MistakeError:
                continue
    return facts


def _thresholds(version: RuleVersion) -> Iterator[Threshold]:
    """Give every comparison with an order once, where it stands first; the side with facts on the left."""
    seen: set[Node] = set()
    for node, keys in version.conditions():
        compared = (part for part in walk(node) if isinstance(part, Compare) and part.sign not in EQUALITIES)
        for part in compared:
            turned = part if facts_of(part.left) else Compare(FLIPPED[part.sign], part.right, part.left)
            border = Compare("==", turned.left, turned.right)
            if facts_of(part) and border not in seen:
                seen.add(border)
                yield Threshold(part, keys, _sides(turned))


def _sides(node: Compare) -> dict[str, Node]:
    """Return the conditions of lying below, at and above; near, on the side on which the answer changes.

    A count is at its threshold for a whole year or month: that stands for above too.
    """
    left, right = node.left, node.right
    below, above = Compare("<", left, right), Compare(">", left, right)
    if isinstance(bare(left), Count):
        above = Compare(">=", left, right)
    if node.sign in {">=", "<"}:
        return {
            "just below": All((below, Compare(">=", left, _moved(left, right, -1)))),
            "at": Compare("==", left, right),
            "above": above,
        }
    return {
        "below": below,
        "at": Compare("==", left, right),
        "just above": All((Compare(">", left, right), Compare("<=", left, _moved(left, right, 1)))),
    }


def _moved(left: Node, right: Node, direction: int) -> Node:
    """Return what still counts as near a threshold: a day, a whole, or a quarter away."""
    if right.kind is Kind.DATE:
        return Shifted(right, direction)
    if _is_whole(left) and _is_whole(right):
        return Arithmetic("+", right, Number(Fraction(direction)))
    constant = constant_number(right)
    if constant is None:
        return Arithmetic("*", right, Number(1 + direction * _NEAR))
    return Number(constant + direction * (abs(constant) * _NEAR or Fraction(1)))


def _is_whole(node: Node) -> bool:
    """Say whether a side can only be a whole number."""
    match bare(node):
        case Fact(type=fact_type):
            return fact_type.type in _WHOLE
        case Count() | DaysBetween():
            return True
        case Number(value=value):
            return value.denominator == 1
        case Arithmetic(sign=sign, left=left, right=right):
            return sign != "/" and _is_whole(left) and _is_whole(right)
        case Negative(operand=operand):
            return _is_whole(operand)
        case _:
            return False


def _report(
    version: RuleVersion, threshold: Threshold, missed: Sequence[str], faults: Faults, limits: Limits | None
) -> None:
    """Record what is not tried and can be, with values; those who meet all criteria are looked for first."""
    criteria = {criterion.id: criterion.node for criterion in version.criteria}
    sides = {f"{name} it": node for name, node in threshold.sides.items()}
    questions = Questions(criteria | sides, vocabulary=version.vocabulary, days=days_of(version), limits=limits)
    others = [identifier for identifier, node in criteria.items() if threshold.node not in walk(node)]
    found: list[str] = []
    wanted: list[str] = []
    for name in missed:
        search = questions.find([*others, f"{name} it"], shown=True)
        if search.answer is Answer.NOBODY:
            search = questions.find([f"{name} it"], shown=True)
        if search.answer is not Answer.NOBODY:
            wanted.append(name)
            if search.witness is not None:
                values = search.witness.words(facts_of(threshold.node))
                on = f"day: {search.witness.day}, " if _asks_the_day(threshold.node) else ""
                found.append(f"{on}{', '.join(values)}")
    if wanted:
        message = f"no example lies {' or '.join(wanted)} the threshold `{spelt(threshold.node)}`"
        remedy = f"add examples with {'; '.join(found)}" if found else "add examples there"
        faults.add(RuleCode.UNTRIED_THRESHOLD, message, *threshold.keys, remedy=remedy, warn=True)


def _asks_the_day(node: Node) -> bool:
    return any(isinstance(part, Count | Day) for part in walk(node))


def _check_missing(version: RuleVersion, faults: Faults) -> None:
    """Record the facts that are known in every example, all in one finding."""
    vocabulary = version.vocabulary
    erased: set[str] = set()
    for example in version.written.examples:
        words = [word for word, value in example.facts.items() if value is None]
        for word in (*words, *(example.expect.missing or ())):
            if attribute := vocabulary.attribute(word):
                erased.add(attribute.code)
    asked = {code for node, _ in version.conditions() for code in facts_of(node)}
    asked |= {code for line in version.lines for code in facts_of(line.amount)}
    left = sorted(vocabulary.own[code].label for code in asked - erased)
    if left:
        message = f"no example misses {', '.join(f'`{label}`' for label in left)}"
        remedy = "add one for each, with the fact `null`: what does an unknown fact do?"
        faults.add(RuleCode.NEVER_MISSING, message, "examples", remedy=remedy, warn=True)
