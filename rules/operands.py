"""Typed parts on their way into a node, and what an author may have got wrong about them."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from rules.closures import closure
from rules.codes import RuleCode
from rules.syntax import Syntax, inner
from rules.tree import Kind, Node, Text, bare, is_constant


class MistakeError(Exception):
    """What is wrong with an expression; binding turns it into a finding with its place."""

    def __init__(self, code: RuleCode, message: str, remedy: str | None = None) -> None:
        """Keep what is wrong and what to do."""
        super().__init__(message)
        self.code, self.message, self.remedy = code, message, remedy


@dataclass(frozen=True, slots=True)
class Operand:
    """A bound part and the author's words for it."""

    node: Node
    syntax: Syntax

    @property
    def words(self) -> str:
        """Return the author's words."""
        return str(self.syntax)

    @property
    def inner(self) -> str:
        """Return the author's words as they stand inside a larger expression."""
        return inner(self.syntax)

    @property
    def kind(self) -> Kind:
        """Say what kind of value it gives."""
        return self.node.kind

    def expect(self, kind: Kind, remedy: str | None = None) -> None:
        """Refuse a value of another kind."""
        if self.kind is kind:
            return
        if remedy is None and kind is Kind.TRUTH:
            remedy = f"compare it with something: `{self.words} == …`"
        message = f"expected {kind.value}, found {self.kind.value}: `{self.words}`"
        raise MistakeError(RuleCode.WRONG_TYPE, message, remedy)

    @property
    def text(self) -> str | None:
        """Return the text, if it is a constant one."""
        node = bare(self.node)
        return node.value if isinstance(node, Text) else None

    @property
    def number(self) -> Fraction | None:
        """Return the number, if it is the same for everyone."""
        return constant_number(self.node)


def constant_number(node: Node) -> Fraction | None:
    """Return the value of a number that is the same for everyone, else None."""
    if node.kind is not Kind.NUMBER or not is_constant(node):
        return None
    value = closure(node)({}, dt.date.min)
    return None if value is None else Fraction(value)


def expect_all(operands: Iterable[Operand], kind: Kind) -> None:
    """Refuse any operand of another kind."""
    for operand in operands:
        operand.expect(kind)
