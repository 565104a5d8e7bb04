"""Amounts: the first line that applies, per component, as a range where facts are missing.

a line certainly applies first      its amount; an unknown amount is (0, no limit)
conditions are unknown              the range over every line that may be the first to apply
it may be that no line applies      (0, no limit): no tariff is not a tariff of zero
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import polars as pl

from core.money import FEN_PER_YUAN
from rules.closures import Closure, Facts, closure, units
from rules.matters import Asked, Mattering, Matters, either, mattering, where, where_matters
from rules.polars_expressions import condition, ratio
from rules.tree import Node, RoundingMode

AMOUNT_MAX_FEN = 10**15  # ten trillion yuan: no single due is near it, and sums of dues stay within 64 bits

Range = tuple[int, int | None]
"""At least and at most, in fen; None is no limit."""


@dataclass(frozen=True, slots=True)
class Rounding:
    """How an exact amount becomes money: once, to a multiple of `unit` yuan; what comes to less than `least_fen` is 0."""

    mode: RoundingMode
    unit: Fraction
    least_fen: int = 0

    @property
    def unit_fen(self) -> int:
        """Return the unit in fen."""
        return int(self.unit * FEN_PER_YUAN)

    def fen(self, yuan: Fraction | int | None) -> int | None:
        """Return an amount in fen.

        Rounds: once, as the rule says; below zero, and below the smallest payout, is zero.
        Nulls:  an unknown amount, or one beyond `AMOUNT_MAX_FEN`, is unknown.
        """
        if yuan is None:
            return None
        fen = max(0, units(yuan, self.mode, self.unit) * self.unit_fen)
        if fen < self.least_fen:
            return 0
        return fen if fen <= AMOUNT_MAX_FEN else None

    def fen_expr(self, amount: Node) -> pl.Expr:
        """Return an amount as Int64 fen; as `fen`."""
        count = ratio(amount).units_above_zero(self.mode, self.unit).expr
        most = AMOUNT_MAX_FEN // self.unit_fen
        too_little = -(-self.least_fen // self.unit_fen)
        paid = pl.when(count < too_little).then(0).otherwise(count) if too_little > 1 else count
        return pl.when(paid <= most).then(paid).cast(pl.Int64) * self.unit_fen


FEN = Rounding("half_up", Fraction(1, FEN_PER_YUAN))
"""To the fen, half up: what holds where a rule says nothing."""


@dataclass(frozen=True, slots=True)
class BoundLine:
    """One line of the tariff; `when` is None where it applies to everyone who reaches it. The amount is in yuan."""

    when: Node | None
    amount: Node


@dataclass(frozen=True, slots=True)
class Amounts:
    """The amount of one component, per row, should the outcome be met.

    Units: Int64 fen.
    Nulls: `at_least` is never null; null in `at_most` is no limit.
    """

    at_least: pl.Expr
    at_most: pl.Expr
    lines: tuple[BoundLine, ...]

    def where_matters(self, asked: Asked) -> Matters:
        """Return, for each attribute that the lines read, where it could change the amount if it is missing."""
        is_range = asked.field((self.at_least != self.at_most).fill_null(value=True))
        certain: list[pl.Expr] = []
        matters: list[Matters] = []
        for line in self.lines:
            applies = asked.field(_applies(line))
            possible = applies.fill_null(value=True)
            of_when = {} if line.when is None else where_matters(line.when, asked)
            if certain:
                reached = pl.any_horizontal(certain).not_()
                possible, of_when = reached & possible, where(reached, of_when)
            matters += [of_when, where(possible, where_matters(line.amount, asked))]
            certain.append(applies.fill_null(value=False))
        return where(is_range, either(matters))


def compile_lines(lines: tuple[BoundLine, ...], rounding: Rounding) -> Amounts:
    """Return the amount of a component as expressions."""
    certain: list[pl.Expr] = []  # where an earlier line certainly applies
    leasts: list[pl.Expr] = []
    mosts: list[pl.Expr] = []
    is_open: list[pl.Expr] = []  # where there is no upper limit
    for line in lines:
        amount = rounding.fen_expr(line.amount)
        applies = _applies(line)
        possible = applies.fill_null(value=True)
        if certain:
            possible = pl.any_horizontal(certain).not_() & possible
        leasts.append(pl.when(possible).then(amount.fill_null(0)))
        mosts.append(pl.when(possible).then(amount))
        is_open.append(possible & amount.is_null())
        certain.append(applies.fill_null(value=False))
    no_certain = pl.any_horizontal(certain).not_()
    at_least = pl.when(no_certain).then(pl.lit(0, dtype=pl.Int64)).otherwise(pl.min_horizontal(leasts))
    at_most = pl.when(pl.any_horizontal([no_certain, *is_open]).not_()).then(pl.max_horizontal(mosts))
    return Amounts(at_least, at_most, lines)


def _applies(line: BoundLine) -> pl.Expr:
    return pl.lit(value=True) if line.when is None else condition(line.when)


class ClosedLines:
    """The amount of a component for one profile."""

    def __init__(self, lines: tuple[BoundLine, ...], rounding: Rounding) -> None:
        self.lines = lines
        self._rounding = rounding
        self._closed: list[tuple[Closure | None, Closure]] = [
            (None if line.when is None else closure(line.when), closure(line.amount)) for line in lines
        ]

    @cached_property
    def _mattering(self) -> list[tuple[Mattering | None, Mattering]]:
        return [(None if line.when is None else mattering(line.when), mattering(line.amount)) for line in self.lines]

    def amount(self, facts: Facts, day: dt.date) -> Range:
        """Return the range of the amount, should the outcome be met."""
        possible, is_certain = self._possible(facts, day)
        amounts = [self._rounding.fen(self._closed[index][1](facts, day)) for index in possible]
        if not is_certain:
            return 0, None
        known = [fen for fen in amounts if fen is not None]
        return (min(known), max(known)) if len(known) == len(amounts) else (0, None)

    def missing(self, facts: Facts, day: dt.date) -> frozenset[str]:
        """Return the missing facts that could change the amount."""
        at_least, at_most = self.amount(facts, day)
        if at_least == at_most:
            return frozenset()
        return frozenset[str]().union(*self._matters(facts, day))

    def _matters(self, facts: Facts, day: dt.date) -> Iterator[frozenset[str]]:
        possible, _ = self._possible(facts, day)
        for index, (of_when, of_amount) in enumerate(self._mattering):
            when = self._closed[index][0]
            if index in possible:
                yield of_amount(facts, day)
            if of_when is not None:
                yield of_when(facts, day)
            if when is None or when(facts, day) is True:
                return

    def _possible(self, facts: Facts, day: dt.date) -> tuple[list[int], bool]:
        """Return which lines may be the first that applies, and whether one certainly does."""
        possible = []
        for index, (when, _) in enumerate(self._closed):
            applies = True if when is None else when(facts, day)
            if applies is not False:
                possible.append(index)
            if applies is True:
                return possible, True
        return possible, False
