"""The made-up conditions as every other engine is told them: an attribute, a sign, a value; and policies folded into its terms.

Negation is pushed to the conditions, so that an engine without unknown facts can say both where a condition holds and where
it does not: of a fact that is unknown, neither.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from rules.tree import All, Compare, Date, Fact, Node, Not, Number, OneOf, Some, Text

Policies = Mapping[str, Sequence[Node]]
Sign = Literal["in", "==", ">=", "<"]
OPPOSITE: Mapping[Sign, Sign] = {">=": "<", "<": ">="}

Term = TypeVar("Term")


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: `code` is `in` some texts, is `==` a text or yes, or is a whole number or a day `>=` or `<` another."""

    code: str
    sign: Sign
    value: tuple[str, ...] | str | bool | int | dt.date


def condition_of(node: Node) -> Condition:
    """Return a made-up condition; amounts are whole fen, as the register holds them."""
    match node:
        case Fact(code=code):
            return Condition(code, "==", value=True)
        case OneOf(value=Fact(code=code), options=options):
            return Condition(code, "in", tuple(each.value for each in options if isinstance(each, Text)))
        case Compare(sign="==", left=Fact(code=code), right=Text(value=text)):
            return Condition(code, "==", text)
        case Compare(sign=">=" | "<" as sign, left=Fact(code=code), right=Date(value=day)):
            return Condition(code, sign, day)
        case Compare(sign=">=" | "<" as sign, left=Fact(code=code, type=type_), right=Number(value=bound)):
            return Condition(code, sign, int(bound * type_.denominator))
        case _:
            raise AssertionError(node)


def conditions_in(nodes: Sequence[Node]) -> Iterator[Condition]:
    """Give the conditions that some nodes are made of, each as often as it is there."""
    for node in nodes:
        match node:
            case Not(operand=operand):
                yield from conditions_in([operand])
            case All(operands=operands) | Some(operands=operands):
                yield from conditions_in(operands)
            case _:
                yield condition_of(node)


def codes_in(asked: Policies) -> list[str]:
    """Return the attributes that policies read, in order."""
    return sorted({condition.code for nodes in asked.values() for condition in conditions_in(nodes)})


def folded(
    nodes: Sequence[Node],
    leaf: Callable[[Condition, bool], Term],
    joined: Callable[[Literal["and", "or"], list[Term]], Term],
) -> Term:
    """Return all of some nodes as a term of another engine: `leaf` gives where a condition holds, or (True) does not."""

    def term(node: Node, *, is_negated: bool) -> Term:
        match node:
            case Not(operand=operand):
                return term(operand, is_negated=not is_negated)
            case All(operands=operands) | Some(operands=operands):
                parts = [term(each, is_negated=is_negated) for each in operands]
                return joined("and" if isinstance(node, All) is not is_negated else "or", parts)
            case _:
                return leaf(condition_of(node), is_negated)

    return term(All(tuple(nodes)), is_negated=False)
