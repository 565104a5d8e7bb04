"""What a version's examples have not tried: each threshold just below, at and just above, and each fact missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from core.values import ValueType
from rules.bound import RuleVersion
from rules.closures import closure
from rules.codes import RuleCode
from rules.comparisons import EQUALITIES
from rules.operands import constant_number
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
from rules.tried import Tried
from rules.vocabulary import Vocabulary
from rules.witnesses import Witness

_NEAR = Fraction(1, 4)  # of a threshold that is no whole number: 23 of 30 people are the next to a fifth fewer
_BELOW = frozenset({"below", "just below"})
_WHOLE = frozenset({ValueType.INTEGER})


@dataclass(frozen=True, slots=True)
class Threshold:
    """One comparison with an order, where it stands, and the conditions of being just below, at and just above it."""

    node: Compare
    keys: tuple[Key, ...]
    sides: dict[str, Node]


def check_coverage(version: RuleVersion, tried: Sequence[Tried], faults: Faults, limits: Limits | None = None) -> None:
    """Record thresholds that no example tries, with values to add, and facts that no example misses."""
    if not tried:
        return  # that there are no examples is said already
    untried = [(each, missed) for each in _thresholds(version) if (missed := _missed(each, tried, version.vocabulary))]
    if untried:
        _report(version, untried, faults, limits)
    _check_missing(version, faults)


def _missed(threshold: Threshold, tried: Sequence[Tried], vocabulary: Vocabulary) -> list[str]:
    """Return the sides on which no example lies, without those on which, by the catalogue, nobody can."""
    asked = {name: closure(node) for name, node in threshold.sides.items()}
    missed = [name for name, holds in asked.items() if not any(holds(*case) is True for case in tried)]
    return [name for name in missed if not (name in _BELOW and _is_least(threshold.node, vocabulary))]


def _is_least(node: Compare, vocabulary: Vocabulary) -> bool:
    """Say whether a threshold is as small as its fact can be: `实缴保险费 > 0`."""
    fact, number = bare(node.left), constant_number(node.right)
    if not isinstance(fact, Fact) or number is None:
        return False
    least = vocabulary.limits(fact.code).least
    return least is not None and least >= number * fact.type.denominator


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
    version: RuleVersion, untried: Sequence[tuple[Threshold, list[str]]], faults: Faults, limits: Limits | None
) -> None:
    """Record what is not tried and can be, with values; those who meet all criteria are looked for first."""
    criteria = {criterion.id: criterion.node for criterion in version.criteria}
    sides = {
        _side(place, name): threshold.sides[name]
        for place, (threshold, missed) in enumerate(untried)
        for name in missed
    }
    questions = Questions(criteria | sides, vocabulary=version.vocabulary, days=days_of(version), limits=limits)
    for place, (threshold, missed) in enumerate(untried):
        others = [identifier for identifier, node in criteria.items() if threshold.node not in walk(node)]
        found: list[str] = []
        wanted: list[str] = []
        for name in missed:
            search = questions.find([*others, _side(place, name)], shown=True)
            if search.answer is Answer.NOBODY:
                search = questions.find([_side(place, name)], shown=True)
            if search.answer is not Answer.NOBODY:
                wanted.append(name)
                found += _values(search.witness, threshold)
        if wanted:
            message = f"no example lies {' or '.join(wanted)} the threshold `{spelt(threshold.node)}`"
            remedy = f"add examples with {'; '.join(found)}" if found else "add examples there"
            faults.add(RuleCode.UNTRIED_THRESHOLD, message, *threshold.keys, remedy=remedy, warn=True)


def _side(place: int, name: str) -> str:
    """Return the name of a side among the conditions; no criterion's id has a blank."""
    return f"{name} threshold {place}"


def _values(witness: Witness | None, threshold: Threshold) -> list[str]:
    """Return what an example on a side would hold, where somebody was found."""
    if witness is None:
        return []
    on = f"day: {witness.day}, " if _asks_the_day(threshold.node) else ""
    return [f"{on}{', '.join(witness.words(facts_of(threshold.node)))}"]


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
