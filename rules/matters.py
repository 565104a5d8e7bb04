"""Which missing facts could change a result.

A fact matters where it is missing and the result is unknown because of it: `false and unknown` is false
whatever the fact is, so there it does not matter. Both readings follow one definition, node by node:

    fact                 itself, where it is missing
    and, or              what matters to an operand, where the whole is unknown
    size class           what matters to the industry, and to the figures of each row that it leaves open, where unknown
    a ? b : c            what matters to the condition, and to each branch that the condition leaves open
    everything else      what matters to any part

Many facts hang on the same few conditions, some of them large. In Polars each condition is therefore a field of one
struct, computed once (`Asked`), and where a fact matters is said of those fields alone.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Final

import polars as pl

from rules.closures import Facts, closure
from rules.polars_expressions import condition, text
from rules.sizes import SizeClass
from rules.tree import All, Choice, Fact, Node, OneOf, Some, bare, facts_of, parts

Matters = dict[str, pl.Expr | None]
"""Attribute code → where it matters if it is missing, never null; None is everywhere. Reads fields of `Asked` alone."""


class Asked:
    """Conditions on a frame, each computed once, however many places speak of it."""

    def __init__(self) -> None:
        self._fields: dict[str, pl.Expr] = {}

    def field(self, condition: pl.Expr) -> pl.Expr:
        """Return a condition as places speak of it."""
        name = str(len(self._fields))
        self._fields[name] = condition.alias(name)
        return pl.field(name)

    def told(self, answer: pl.Expr) -> pl.Expr:
        """Return an answer that speaks of fields as an expression over the frame."""
        asked = pl.struct(list(self._fields.values()))
        return asked.struct.with_fields(answer.alias(_ANSWER)).struct.field(_ANSWER)


_ANSWER = "answer"
_NONE: Final = frozenset[str]()


Mattering = Callable[[Facts, dt.date], frozenset[str]]
"""Gives the missing facts that could change what a node gives for one profile."""


def matter(node: Node, facts: Facts, day: dt.date) -> frozenset[str]:
    """Return the missing facts that could change what a node gives for one profile."""
    return mattering(node)(facts, day)


def mattering(node: Node) -> Mattering:
    """Return which missing facts could change what a node gives, as a function of the facts and the day asked about."""
    match node:
        case Fact(code=code):
            own = frozenset({code})
            return lambda facts, _day: _NONE if facts.get(code) is not None else own
        case All() | Some():
            return _where_open(node, _gathered(node.operands))
        case Choice():
            return _choice(node)
        case OneOf(value=value) if isinstance(sized := bare(value), SizeClass):
            return _where_open(node, _sizes(sized))
        case SizeClass():
            return _where_open(node, _sizes(node))
        case _:
            return _gathered(parts(node))


def _where_open(node: Node, of: Mattering) -> Mattering:
    holds = closure(node)
    return lambda facts, day: of(facts, day) if holds(facts, day) is None else _NONE


def _choice(node: Choice) -> Mattering:
    holds, of_condition = closure(node.condition), mattering(node.condition)
    then, otherwise = mattering(node.then), mattering(node.otherwise)

    def choice(facts: Facts, day: dt.date) -> frozenset[str]:
        result = holds(facts, day)
        found = of_condition(facts, day)
        if result is not False:
            found |= then(facts, day)
        return found if result is True else found | otherwise(facts, day)

    return choice


def _sizes(node: SizeClass) -> Mattering:
    covered = mattering(node.covered)
    rows = [(closure(row.inside), _gathered(measure.value for measure in row.measures)) for row in node.rows]

    def sizes(facts: Facts, day: dt.date) -> frozenset[str]:
        possible = (of(facts, day) for inside, of in rows if inside(facts, day) is not False)
        return covered(facts, day).union(*possible)

    return sizes


def _gathered(nodes: Iterable[Node]) -> Mattering:
    """Return what matters to any of some nodes."""
    every = [mattering(each) for each in nodes if facts_of(each)]
    if len(every) == 1:
        return every[0]
    return lambda facts, day: _NONE.union(*[of(facts, day) for of in every])


def where_matters(node: Node, asked: Asked) -> Matters:
    """Return, for each attribute a node reads, where it matters if it is missing."""
    match node:
        case Fact(code=code):
            return {code: None}
        case All() | Some():
            is_open = asked.field(condition(node).is_null())
            return where(is_open, either(where_matters(part, asked) for part in node.operands))
        case Choice():
            holds = asked.field(condition(node.condition))
            then = where(holds.fill_null(value=True), where_matters(node.then, asked))
            otherwise = where(holds.not_().fill_null(value=True), where_matters(node.otherwise, asked))
            return either([where_matters(node.condition, asked), then, otherwise])
        case OneOf(value=value) if isinstance(sized := bare(value), SizeClass):
            return where(asked.field(condition(node).is_null()), _where_sizes_matter(sized, asked))
        case SizeClass():
            return where(asked.field(text(node).is_null()), _where_sizes_matter(node, asked))
        case _:
            return either(where_matters(part, asked) for part in parts(node))


def _where_sizes_matter(node: SizeClass, asked: Asked) -> Matters:
    figures = [
        where(
            asked.field(condition(row.inside).fill_null(value=True)),
            either(where_matters(each.value, asked) for each in row.measures),
        )
        for row in node.rows
    ]
    return either([where_matters(node.covered, asked), *figures])


def either(places: Iterable[Matters]) -> Matters:
    """Return where an attribute matters to any of some parts."""
    gathered: dict[str, list[pl.Expr | None]] = {}
    for place in places:
        for code, expr in place.items():
            gathered.setdefault(code, []).append(expr)
    return {code: _any(exprs) for code, exprs in gathered.items()}


def where(holds: pl.Expr, places: Matters) -> Matters:
    """Return where an attribute matters and a condition, never null, holds."""
    return {code: holds if expr is None else holds & expr for code, expr in places.items()}


def missing_where(places: Matters, asked: Asked) -> dict[str, pl.Expr]:
    """Return where each attribute is missing and matters, by code in order; never null."""
    missing = {code: asked.field(pl.col(code).is_null()) for code in sorted(places)}
    return {code: is_null if (expr := places[code]) is None else is_null & expr for code, is_null in missing.items()}


def _any(exprs: list[pl.Expr | None]) -> pl.Expr | None:
    known = [expr for expr in exprs if expr is not None]
    if len(known) < len(exprs):
        return None
    return known[0] if len(known) == 1 else pl.any_horizontal(known)
