"""Parts of a condition that change nothing: an alternative that is never true or adds nobody, a demand that all meet.

`残疾等级 in [1, 2] or 残疾等级 == 2` and `类别 != "智力" or 类别 != "精神"` read well and were meant otherwise.
Only what is proved is said; a part that is not decided is passed over.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from rules.at_hand import Wanted
from rules.bound import RuleVersion
from rules.codes import RuleCode
from rules.comparisons import constant_text
from rules.operands import constant_number
from rules.passages import Faults, Key
from rules.solving import Answer, Limits, Questions, days_of
from rules.spelling import spelt
from rules.tree import All, Fact, Node, Not, OneOf, Some, bare, facts_of, walk
from rules.tried import Tried


@dataclass(frozen=True, slots=True)
class Part:
    """One part among those beside it, and the keys of the expression that it stands in."""

    node: Node
    beside: tuple[Node, ...]
    is_alternative: bool
    keys: tuple[Key, ...]


def check_parts(version: RuleVersion, tried: Sequence[Tried], faults: Faults, limits: Limits | None = None) -> None:
    """Record the parts of conditions that change nothing."""
    _check_lists(version, faults)
    every = (part for node, keys in version.conditions() for part in _parts(node, keys))
    parts = [part for part in dict.fromkeys(every) if not _is_free(part)]
    nodes = dict.fromkeys(
        node for part in parts for node in (part.node, *part.beside, Not(part.node), Not(All(part.beside)))
    )
    names = {node: f"part {place}" for place, node in enumerate(nodes)}
    questions = Questions(
        {name: node for node, name in names.items()},
        vocabulary=version.vocabulary,
        days=days_of(version),
        tried=tried,
        limits=limits,
    )
    for part in parts:
        if all(
            questions.find(each.holding, failing=each.failing, lacking=each.lacking).answer is Answer.NOBODY
            for each in _differences(part, names)
        ):
            message = f"`{spelt(part.node)}` changes nothing: {_WHY[part.is_alternative]}"
            remedy = "leave it out, or see what was meant: `and` for `or`, another value, a bracket"
            faults.add(RuleCode.IDLE_PART, message, *part.keys, remedy=remedy, warn=True)


def _check_lists(version: RuleVersion, faults: Faults) -> None:
    """Record the numbers in lists that a fact never is, by what its columns can hold; of texts the binder says so."""
    for node, keys in version.conditions():
        for fact, number in _listed(node):
            if not _is_within(version, fact, number):
                message = f"`{fact.label}` is never {constant_text(number)}, which changes nothing in the list"
                remedy = "leave it out, or see which number was meant"
                faults.add(RuleCode.IDLE_PART, message, *keys, remedy=remedy, warn=True)


def _listed(node: Node) -> Iterator[tuple[Fact, Fraction]]:
    """Give the facts that are looked up in lists of numbers, with each of the numbers."""
    for each in walk(node):
        if isinstance(each, OneOf) and isinstance(fact := bare(each.value), Fact):
            yield from ((fact, number) for number in map(constant_number, each.options) if number is not None)


def _is_within(version: RuleVersion, fact: Fact, number: Fraction) -> bool:
    least, most = version.vocabulary.limits(fact.code)
    stored = number * fact.type.denominator
    return (least is None or stored >= least) and (most is None or stored <= most)


def _is_free(part: Part) -> bool:
    """Say whether a part is a fact that is true or false, whatever those beside it are: it certainly changes something."""
    node = part.node.operand if isinstance(part.node, Not) else part.node
    return isinstance(node, Fact) and node.code not in facts_of(*part.beside)


_WHY = {
    True: "whoever it holds for meets another alternative too, or nobody does",
    False: "it holds for everyone who meets the parts beside it",
}


def _differences(part: Part, names: Mapping[Node, str]) -> Iterator[Wanted]:
    """Give for whom the condition would come out otherwise without the part: as questions, the likelier first.

    A demand that keeps a division by zero from being asked turns what would be unknown into no, which counts.
    """
    own, beside = names[part.node], [names[node] for node in part.beside]
    denied = names[Not(part.node)]
    if part.is_alternative:
        yield Wanted(holding=[own], failing=[], lacking=beside)
        yield Wanted(holding=[], failing=beside, lacking=[own, denied])
    else:
        yield Wanted(holding=beside, failing=[], lacking=[own])
        yield Wanted(holding=[], failing=[own], lacking=[names[Not(All(part.beside))]])


def _parts(node: Node, keys: tuple[Key, ...]) -> Iterator[Part]:
    match node:
        case All(operands=operands) | Some(operands=operands):
            for place, operand in enumerate(operands):
                yield Part(operand, (*operands[:place], *operands[place + 1 :]), isinstance(node, Some), keys)
                yield from _parts(operand, keys)
        case Not(operand=operand):
            yield from _parts(operand, keys)
        case _:
            return
