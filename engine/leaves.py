"""Conditions asked of a frame: for each, where it holds and where it is known at all, as bits that are never null.

A column is made ready once, however many conditions ask for it: what is unknown becomes a number below all others, and a
text the number of its value. A condition is then one comparison of numbers, or what was looked up for each value. Only
conditions about more than one fact are asked as expressions. A few rows are asked one by one, by closures.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, NamedTuple, Protocol, Self, TypeVar

import polars as pl
from polars import selectors as cs

from engine.codings import LISTS, Coding, everywhere, known_everywhere, listed, text_of
from rules.closures import Closure, closure
from rules.operands import constant_number
from rules.polars_expressions import DAY, condition
from rules.thresholds import whole_bound
from rules.tree import Compare, Date, Fact, Node, Number, bare, facts_of

FEW_ROWS = 20_000
"""Below, a condition on what a text begins with is asked of every row: finding its values would cost more than it spares."""

SINGLY = 60
"""Up to so many rows are asked one by one, by plain Python: an operation on a whole column has a price of its own."""

_EPOCH = dt.date(1970, 1, 1)
_FROM = frozenset({">=", ">", "=="})
_SIGNED, _UNSIGNED = (pl.Int8(), pl.Int16(), pl.Int32(), pl.Int64()), (pl.UInt8(), pl.UInt16(), pl.UInt32())

RANGES: Mapping[pl.DataType, tuple[int, int]] = {
    **dict(zip(_SIGNED, [(-(1 << bits - 1), (1 << bits - 1) - 1) for bits in (8, 16, 32, 64)], strict=True)),
    **dict(zip(_UNSIGNED, [(0, (1 << bits) - 1) for bits in (8, 16, 32)], strict=True)),
    pl.Date(): (-(1 << 31), (1 << 31) - 1),
}
"""The least and the largest number that a column of each type holds."""


class Bits(Protocol):
    """One bit for each row: a series, or the digits of a whole number, which goes on beyond the rows, and means nothing there."""

    def __and__(self, other: Self) -> Self:
        """Return where both are."""

    def __or__(self, other: Self) -> Self:
        """Return where one is."""

    def __invert__(self) -> Self:
        """Return where it is not."""


B = TypeVar("B", bound=Bits)


class Answer(NamedTuple, Generic[B]):
    """Where a condition holds, and where it is known, None being everywhere; it holds only where it is known."""

    holds: B
    known: B | None

    @property
    def fails(self) -> B:
        """Return where it is known not to hold."""
        return ~self.holds if self.known is None else self.known & ~self.holds


class Bound(NamedTuple):
    """A number that a column is compared with: at least that, or equal to it; None where no whole number equals it."""

    is_equal: bool
    value: int | None


@dataclass(frozen=True)
class Leaves:
    """Conditions by number, sorted by how they are asked, by the code of the fact that they are about; `every` has them all."""

    bounds: Mapping[str, Mapping[int, Bound]]
    truths: Mapping[str, int]
    texts: Mapping[str, Mapping[int, Node]]
    others: Mapping[int, Node]
    every: Mapping[int, Node]
    few_rows: int = FEW_ROWS
    _codings: dict[str, Coding] = field(default_factory=dict)  # as last needed

    @classmethod
    def of(cls, leaves: Mapping[int, Node], few_rows: int = FEW_ROWS) -> Self:
        """Sort conditions by how they are asked."""
        bounds, texts = dict[str, dict[int, Bound]](), dict[str, dict[int, Node]]()
        truths, others = dict[str, int](), dict[int, Node]()
        for number, leaf in leaves.items():
            if (bounded := bound_of(leaf)) is not None:
                bounds.setdefault(bounded[0], {})[number] = bounded[1]
            elif isinstance(leaf, Fact):
                truths[leaf.code] = number
            elif (code := text_of(leaf)) is not None:
                texts.setdefault(code, {})[number] = leaf
            else:
                others[number] = leaf
        return cls(bounds, truths, texts, others, leaves, few_rows)

    def answers_singly(self, profiles: pl.DataFrame) -> Iterator[tuple[int, Answer[int]]]:
        """Ask every condition of one row after the other."""
        rows = list(profiles.select(DAY, *self._codes).iter_rows(named=True))
        for number, ask in self._closures.items():
            holds = known = 0
            for place, row in enumerate(rows):
                said = ask(row, row[DAY])
                holds |= (said is True) << place
                known |= (said is not None) << place
            yield number, Answer(holds, known)

    def answers(self, profiles: pl.DataFrame) -> Iterator[tuple[int, Answer[pl.Series]]]:
        """Ask every condition of every row; those about one fact one after the other."""
        codings, others = dict[str, Coding](), dict(self.others)
        for code, own in self.texts.items():
            if (coding := self._coding(profiles[code], own)) is not None:
                codings[code] = coding
            else:
                others |= own
        types = {code: _held(profiles[code].dtype) for code in (*self.bounds, *codings)}
        exprs = [*self._made_ready(types, codings), *_where_known(profiles, (*self.bounds, *self.truths, *codings))]
        ready = {column.name: column for column in profiles.select(exprs)}
        for code, bounds in self.bounds.items():
            known = ready.get(f":{code}")
            for number, bound in bounds.items():
                yield number, Answer(_compared(ready[code], RANGES[types[code]], bound, known), known)
        for code, number in self.truths.items():
            yield number, Answer(ready[code], ready.get(f":{code}"))
        for code, coding in codings.items():
            known = ready.get(f":{code}")
            for number, (holds, own_known) in coding.answers(code, ready).items():
                yield number, Answer(holds, known if own_known is None else own_known)
        yield from _asked_as_expressions(profiles, others)

    def _made_ready(self, types: Mapping[str, pl.DataType], codings: Mapping[str, Coding]) -> Iterator[pl.Expr]:
        for code in self.bounds:
            whole = pl.col(code).cast(pl.Int64) if types[code] == pl.Int64 else pl.col(code).to_physical()
            yield known_everywhere(whole, RANGES[types[code]][0])
        for code in self.truths:
            yield known_everywhere(pl.col(code), otherwise=False)
        for code, coding in codings.items():
            yield from coding.made_ready(code, types[code])

    def _coding(self, column: pl.Series, own: Mapping[int, Node]) -> Coding | None:
        """Return what the values of a text say; None where it is not worth finding them."""
        if isinstance(column.dtype, pl.Enum):
            enum = column.dtype
        elif column.name in self._listed:
            enum = self._listed[column.name]
        elif len(column) < self.few_rows:
            return None
        else:
            enum = pl.Enum(column.unique().drop_nulls().cast(pl.String))
        kept = self._codings.get(column.name)
        if kept is None or kept.enum != enum:
            kept = self._codings[column.name] = Coding.of(column.name, enum, own)
        return kept

    @cached_property
    def _codes(self) -> Sequence[str]:
        return sorted(facts_of(*self.every.values()))

    @cached_property
    def _closures(self) -> Mapping[int, Closure]:
        return {number: closure(leaf) for number, leaf in self.every.items()}

    @cached_property
    def _listed(self) -> Mapping[str, pl.Enum]:
        """Return the values that conditions list, of texts that all of them list values of."""
        return {
            code: pl.Enum(sorted(frozenset[str]().union(*map(listed, own.values()))))
            for code, own in self.texts.items()
            if all(isinstance(leaf, LISTS) for leaf in own.values())
        }


def bound_of(leaf: Node) -> tuple[str, Bound] | None:
    """Return what a whole number or a day is compared with, where that is the same for everyone; else None."""
    if not isinstance(leaf, Compare) or leaf.sign not in _FROM or not isinstance(fact := bare(leaf.left), Fact):
        return None
    match bare(leaf.right):
        case Date(value=day):
            value: int | None = (day - _EPOCH).days
        case Number(value=number):
            value = whole_bound(leaf.sign, number, fact.type.denominator)
        case other if (constant := constant_number(other)) is not None:
            value = whole_bound(leaf.sign, constant, fact.type.denominator)
        case _:
            return None
    return fact.code, Bound(leaf.sign == "==", None if value is None else value + (leaf.sign == ">"))


def as_rules_read(profiles: pl.DataFrame) -> pl.DataFrame:
    """Return profiles with texts and numbers in the types that expressions of rules expect."""
    return profiles.with_columns((cs.enum() | cs.categorical()).cast(pl.String), cs.integer().cast(pl.Int64))


def _held(dtype: pl.DataType) -> pl.DataType:
    """Return the type as which a column is compared: its own, or that of all amounts where there are wider ones."""
    return pl.Int64() if dtype.is_integer() and dtype not in RANGES else dtype


def _where_known(profiles: pl.DataFrame, codes: Iterable[str]) -> Iterator[pl.Expr]:
    for code in codes:
        if profiles[code].null_count():
            yield pl.col(code).is_not_null().alias(f":{code}")


def _compared(column: pl.Series, numbers: tuple[int, int], bound: Bound, known: pl.Series | None) -> pl.Series:
    """Compare a column whose unknowns are the least of the numbers that it may hold."""
    least, most = numbers
    value = bound.value
    if value is None or value > most or (bound.is_equal and value < least):
        return everywhere(len(column), value=False)
    found = column == value if bound.is_equal else column >= max(value, least)
    return found & known if value <= least and known is not None else found


def _asked_as_expressions(
    profiles: pl.DataFrame, leaves: Mapping[int, Node]
) -> Iterator[tuple[int, Answer[pl.Series]]]:
    if not leaves:
        return
    read = as_rules_read(profiles.select(DAY, *sorted(facts_of(*leaves.values()))))
    said = read.select(DAY, **{str(number): condition(leaf) for number, leaf in leaves.items()})
    asked = pl.exclude(DAY)
    holds, known = said.select(known_everywhere(asked, otherwise=False)), said.select(asked.is_not_null())
    for name in holds.columns:
        yield int(name), Answer(holds[name], known[name] if said[name].null_count() else None)
