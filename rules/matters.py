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
from collections.abc import Iterable

import polars as pl

from rules.closures import Facts, closure
from rules.polars_expressions import condition, text
from rules.sizes import SizeClass
from rules.tree import All, Choice, Fact, Node, OneOf, Some, bare, parts

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


def matter(node: Node, facts: Facts, day: dt.date) -> frozenset[str]:
    """Return the missing facts that could change what a node gives for one profile."""
    match node:
        case Fact(code=code):
            return frozenset() if facts.get(code) is not None else frozenset({code})
        case All() | Some():
            is_open = closure(node)(facts, day) is None
            return _union(matter(part, facts, day) for part in node.operands) if is_open else frozenset()
        case Choice():
            holds = closure(node.condition)(facts, day)
            branches = [node.then] * (holds is not False) + [node.otherwise] * (holds is not True)
            return _union(matter(part, facts, day) for part in (node.condition, *branches))
        case OneOf(value=value) if isinstance(sized := bare(value), SizeClass):
            is_open = closure(node)(facts, day) is None
            return _sizes_matter(sized, facts, day) if is_open else frozenset()
        case SizeClass():
            return _sizes_matter(node, facts, day) if closure(node)(facts, day) is None else frozenset()
        case _:
            return _union(matter(part, facts, day) for part in parts(node))


def _sizes_matter(node: SizeClass, facts: Facts, day: dt.date) -> frozenset[str]:
    possible = [row for row in node.rows if closure(row.inside)(facts, day) is not False]
    read = [node.covered, *(measure.value for row in possible for measure in row.measures)]
    return _union(matter(part, facts, day) for part in read)


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


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*sets)
