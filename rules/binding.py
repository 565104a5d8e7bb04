"""Syntax → typed tree: every name bound to the catalogue or to a parameter, every operand checked.

A fault is recorded where it is seen, and whatever contains it is left alone: one slip, one finding.
"""

from collections.abc import Callable, Mapping
from functools import singledispatchmethod

from core.errors import RuleError
from core.findings import Finding
from rules import syntax as words
from rules.codes import RuleCode
from rules.comparisons import compare, one_of
from rules.functions import call
from rules.operands import MistakeError, Operand
from rules.parsing import parse_expression
from rules.passages import Passage
from rules.sums import arithmetic, negative
from rules.syntax import Syntax, line_of
from rules.tree import (
    All,
    Choice,
    Date,
    Kind,
    Node,
    Not,
    Number,
    Parameter,
    Some,
    Text,
    Truth,
)
from rules.vocabulary import Vocabulary


class Binder:
    """Binds the expressions of one version; `findings` collects what is wrong with them."""

    def __init__(self, vocabulary: Vocabulary, parameters: Mapping[str, Passage]) -> None:
        self.findings: list[Finding] = []
        self._vocabulary = vocabulary
        self._parameters = parameters
        self._bound: dict[str, Node | None] = {}
        self._open: list[str] = []  # parameters whose expressions are being bound, outermost first

    def bind(self, passage: Passage, kind: Kind | None = None) -> Node | None:
        """Return the typed tree of an expression, of the kind asked for; None where there are findings."""
        try:
            tree = parse_expression(passage)
        except RuleError as error:
            self.findings.extend(error.findings)
            return None
        node = _Reading(self, passage).bind(tree)
        if node is not None and kind is not None:
            try:
                Operand(node, tree).expect(kind)
            except MistakeError as mistake:
                self.record(mistake, passage)
                return None
        return node

    def record(self, mistake: MistakeError, passage: Passage, line: int = 0) -> None:
        """Turn a mistake into a finding."""
        self.findings.append(Finding(mistake.code, passage.place(line), mistake.message, mistake.remedy))

    def parameter(self, name: str) -> Node | None:
        """Return a parameter's tree, bound on first use; None where it is faulty.

        Fails: `MistakeError` where it is needed to find its own value.
        """
        if name in self._open:
            chain = " → ".join([*self._open[self._open.index(name) :], name])
            raise MistakeError(
                RuleCode.PARAMETER_CYCLE, f"the parameter `{name}` needs itself: {chain}", "give one of them a number"
            )
        if name not in self._bound:
            self._open.append(name)
            node = self.bind(self._parameters[name])
            self._open.pop()
            self._bound[name] = None if node is None else Parameter(name, node)
        return self._bound[name]

    @property
    def parameters_bound(self) -> frozenset[str]:
        """Return the parameters that something has needed so far."""
        return frozenset(self._bound)

    def name(self, word: str) -> Node | None:
        """Return what a name stands for; None where that is faulty.

        Fails: `MistakeError` for a name that stands for nothing here.
        """
        if word in self._parameters:
            return self.parameter(word)
        fact = self._vocabulary.fact(word)
        if fact is not None:
            return fact
        foreign = self._vocabulary.foreign.get(word)
        if foreign is not None:
            raise MistakeError(
                RuleCode.OTHER_SUBJECT,
                f"`{word}` is a fact about another kind of subject: {foreign.subject}",
                "draw it over a relation in the catalogue (`via`)",
            )
        raise MistakeError(RuleCode.UNKNOWN_NAME, f"unknown name `{word}`", self._vocabulary.remedy(word))


class _Reading:
    """Binds one expression."""

    def __init__(self, binder: Binder, passage: Passage) -> None:
        self.binder = binder
        self.passage = passage

    def bind(self, part: Syntax) -> Node | None:
        """Return the node of a part, or None where it has findings."""
        try:
            return self._bind(part)
        except MistakeError as mistake:
            self.binder.record(mistake, self.passage, line_of(part))
            return None

    @singledispatchmethod
    def _bind(self, part: Syntax) -> Node | None:
        raise AssertionError(part)

    @_bind.register
    def _(self, part: words.Name) -> Node | None:
        return self.binder.name(part.word)

    @_bind.register
    def _(self, part: words.NumberWord) -> Node | None:
        return Number(part.value, part.text)

    @_bind.register
    def _(self, part: words.TextWord) -> Node | None:
        return Text(part.value)

    @_bind.register
    def _(self, part: words.DateWord) -> Node | None:
        return Date(part.value)

    @_bind.register
    def _(self, part: words.TruthWord) -> Node | None:
        return Truth(part.value)

    @_bind.register
    def _(self, part: words.ListWord) -> Node | None:
        raise MistakeError(RuleCode.WRONG_TYPE, f"a list stands only after `in`: `{part}`")

    @_bind.register
    def _(self, part: words.Call) -> Node | None:
        return self._made(lambda *operands: call(part.function, operands), *part.arguments)

    @_bind.register
    def _(self, part: words.Logic) -> Node | None:
        return self._made(_conjunction if part.operator == "and" else _disjunction, *part.operands)

    @_bind.register
    def _(self, part: words.Unary) -> Node | None:
        return self._made(_negation if part.operator == "not" else negative, part.operand)

    @_bind.register
    def _(self, part: words.Choice) -> Node | None:
        return self._made(_choice, part.condition, part.then, part.otherwise)

    @_bind.register
    def _(self, part: words.Comparison) -> Node | None:
        return self._made(lambda left, right: compare(part.sign, left, right), part.left, part.right)

    @_bind.register
    def _(self, part: words.Arithmetic) -> Node | None:
        return self._made(lambda left, right: arithmetic(part.sign, left, right), part.left, part.right)

    @_bind.register
    def _(self, part: words.Membership) -> Node | None:
        if not isinstance(part.options, words.ListWord):
            raise MistakeError(
                RuleCode.WRONG_TYPE, f"`in` expects a list, found `{part.options}`", 'write `x in ["甲", "乙"]`'
            )
        return self._made(lambda value, *options: one_of(value, options), part.value, *part.options.items)

    def _made(self, make: Callable[..., Node], *operands: Syntax) -> Node | None:
        """Bind the operands and make a node of them, unless one of them is faulty."""
        bound = [self.bind(operand) for operand in operands]
        whole = [Operand(node, each) for node, each in zip(bound, operands, strict=True) if node is not None]
        return make(*whole) if len(whole) == len(operands) else None


def _conjunction(*operands: Operand) -> Node:
    return All(_flat(All, operands))


def _disjunction(*operands: Operand) -> Node:
    return Some(_flat(Some, operands))


def _flat(of: type[All | Some], operands: tuple[Operand, ...]) -> tuple[Node, ...]:
    """Return the operands with those of the same kind of node unpacked: `a and (b and c)` has three."""
    for operand in operands:
        operand.expect(Kind.TRUTH)
    nodes: list[Node] = []
    for operand in operands:
        nodes.extend(operand.node.operands if isinstance(operand.node, of) else [operand.node])
    return tuple(nodes)


def _negation(operand: Operand) -> Node:
    operand.expect(Kind.TRUTH)
    return operand.node.operand if isinstance(operand.node, Not) else Not(operand.node)


def _choice(condition: Operand, then: Operand, otherwise: Operand) -> Node:
    """Return a choice between numbers; between conditions it is said with `and` and `or`."""
    condition.expect(Kind.TRUTH)
    if then.kind is Kind.TRUTH:
        otherwise.expect(Kind.TRUTH)
        opposite = _negation(condition)
        return Some((All((condition.node, then.node)), All((opposite, otherwise.node))))
    then.expect(Kind.NUMBER)
    otherwise.expect(Kind.NUMBER)
    return Choice(condition.node, then.node, otherwise.node)
