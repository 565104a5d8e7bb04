"""Exact rational numbers as pairs of Polars expressions.

A ratio is numerator over denominator; the denominator is above zero, or null where it would be zero. Every
step keeps a bound on both, so that nothing can overflow 128 bits; what fits 64 bits is kept there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import polars as pl

from rules.thresholds import APPLY, FLIPPED, whole_bound
from rules.tree import ComparisonSign, Extreme, RoundingMode

WIDE_MAX = 2**126  # one bit of air below what Int128 holds
NARROW_MAX = 2**62  # one bit of air below what Int64 holds


class TooLargeError(ArithmeticError):
    """An exact intermediate result could exceed 128 bits."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole-number expression, a bound on its absolute value, and whether it is held in 128 bits."""

    expr: pl.Expr
    limit: int
    is_wide: bool = False

    @classmethod
    def constant(cls, value: int) -> "Whole":
        """Return a whole constant."""
        is_wide = abs(value) > NARROW_MAX
        return cls(pl.lit(value, dtype=pl.Int128 if is_wide else pl.Int64), abs(value), is_wide)

    def __mul__(self, other: "Whole | int") -> "Whole":
        if isinstance(other, int):
            return self if other == 1 else self * Whole.constant(other)
        return self._with(other, self.limit * other.limit, lambda a, b: a * b)

    def __add__(self, other: "Whole | int") -> "Whole":
        other = Whole.constant(other) if isinstance(other, int) else other
        return self._with(other, self.limit + other.limit, lambda a, b: a + b)

    def __neg__(self) -> "Whole":
        return Whole(-self.expr, self.limit, self.is_wide)

    def divided_by(self, divisor: "Whole | int") -> "Whole":
        """Return the whole part of a quotient; both are at least zero, the divisor above it."""
        if isinstance(divisor, int):
            return self._with(Whole.constant(divisor), self.limit, lambda a, b: a // b, limit=self.limit // divisor)
        return self._with(divisor, self.limit, lambda a, b: a // b)

    def absolute(self) -> "Whole":
        """Return it without its sign."""
        return Whole(self.expr.abs(), self.limit, self.is_wide)

    def sign(self) -> "Whole":
        """Return -1, 0 or 1."""
        return Whole(self.expr.sign(), 1, self.is_wide)

    def compare(self, sign: ComparisonSign, other: "Whole") -> pl.Expr:
        """Compare two whole numbers; null where either is."""
        wide = self.is_wide or other.is_wide
        return APPLY[sign](self.held(wide=wide), other.held(wide=wide))  # type: ignore[no-any-return]  # operators

    def extremum(self, extreme: Extreme, other: "Whole", *, is_known: bool) -> "Whole":
        """Return the smaller or the larger; null where either is. `is_known`: the other is null nowhere."""

        def bounded(a: pl.Expr, b: pl.Expr) -> pl.Expr:
            clipped = a.clip(upper_bound=b) if extreme == "min" else a.clip(lower_bound=b)
            return clipped if is_known else pl.when(b.is_not_null()).then(clipped)  # no bound would be no limit

        return self._with(other, max(self.limit, other.limit), bounded)

    def or_else(self, is_this: pl.Expr, other: "Whole") -> "Whole":
        """Return this where the condition holds, the other where it does not, null where it is null."""
        return self._with(
            other, max(self.limit, other.limit), lambda a, b: pl.when(is_this).then(a).when(is_this.not_()).then(b)
        )

    def _with(
        self, other: "Whole", peak: int, combine: Callable[[pl.Expr, pl.Expr], pl.Expr], *, limit: int | None = None
    ) -> "Whole":
        """Combine with another, wide enough for a result as large as `peak`."""
        if peak > WIDE_MAX:
            raise TooLargeError
        wide = self.is_wide or other.is_wide or peak > NARROW_MAX
        return Whole(combine(self.held(wide=wide), other.held(wide=wide)), peak if limit is None else limit, wide)

    def held(self, *, wide: bool) -> pl.Expr:
        """Return the expression, in 128 bits if asked."""
        return self.expr.cast(pl.Int128) if wide and not self.is_wide else self.expr


@dataclass(frozen=True, slots=True)
class Ratio:
    """An exact number per row; `constant` where it is the same for every row."""

    numerator: Whole
    denominator: Whole | int
    constant: Fraction | None = None

    @classmethod
    def of(cls, value: Fraction) -> "Ratio":
        """Return a constant."""
        if max(abs(value.numerator), value.denominator) > WIDE_MAX:
            raise TooLargeError
        return cls(Whole.constant(value.numerator), value.denominator, value)

    def __add__(self, other: "Ratio") -> "Ratio":
        left, right = _scaled(self, other)
        return Ratio(left + right, _times(self, other), _both(self, other, lambda a, b: a + b))

    def __neg__(self) -> "Ratio":
        return Ratio(-self.numerator, self.denominator, None if self.constant is None else -self.constant)

    def __sub__(self, other: "Ratio") -> "Ratio":
        return self + (-other)

    def __mul__(self, other: "Ratio") -> "Ratio":
        if self.constant is not None and other.constant is not None:
            return Ratio.of(self.constant * other.constant)
        numerator = self.numerator * other.numerator
        return Ratio(numerator, _product(self.denominator, other.denominator))

    def __truediv__(self, other: "Ratio") -> "Ratio":
        """Divide; null where the divisor is zero. A constant divisor is not zero: binding has made sure of it."""
        if other.constant is not None:
            return self * Ratio.of(1 / other.constant)
        divisor = other.numerator
        size = Whole(pl.when(divisor.expr != 0).then(divisor.expr.abs()), divisor.limit, divisor.is_wide)
        numerator = self.numerator * divisor.sign() * other.denominator
        return Ratio(numerator, _product(size, self.denominator))

    def compare(self, sign: ComparisonSign, other: "Ratio") -> pl.Expr:
        """Return the comparison as a nullable condition.

        Nulls: where either side is null, a divisor of zero included.
        """
        if self.constant is not None and other.constant is not None:
            return pl.lit(APPLY[sign](self.constant, other.constant), dtype=pl.Boolean)
        if self.constant is not None:
            return other.compare(FLIPPED[sign], self)
        if other.constant is not None and isinstance(self.denominator, int):
            return _compare_whole(self.numerator, sign, other.constant * self.denominator)
        left, right = _scaled(self, other)
        return left.compare(sign, right)

    def extremum(self, extreme: Extreme, other: "Ratio") -> "Ratio":
        """Return the smaller or the larger; null where either is null."""
        if self.constant is not None and other.constant is None:
            return other.extremum(extreme, self)
        if isinstance(self.denominator, int) and isinstance(other.denominator, int):
            left, right = _scaled(self, other)
            is_known = other.constant is not None
            return Ratio(left.extremum(extreme, right, is_known=is_known), lcm(self.denominator, other.denominator))
        return self.or_else(self.compare("<=" if extreme == "min" else ">=", other), other)

    def or_else(self, is_this: pl.Expr, other: "Ratio") -> "Ratio":
        """Return this where the condition holds, the other where it does not, null where it is null."""
        if isinstance(self.denominator, int) and isinstance(other.denominator, int):
            left, right = _scaled(self, other)
            return Ratio(left.or_else(is_this, right), lcm(self.denominator, other.denominator))
        denominator = _whole(self.denominator).or_else(is_this, _whole(other.denominator))
        return Ratio(self.numerator.or_else(is_this, other.numerator), denominator)

    def units(self, mode: RoundingMode, unit: Fraction) -> Whole:
        """Return how many whole units it is, rounded towards zero, away from it, or to the nearest (a half away)."""
        size = self.numerator.absolute() * unit.denominator
        part = _product(self.denominator, unit.numerator)
        return _divided(mode, size, part) * self.numerator.sign()

    def units_above_zero(self, mode: RoundingMode, unit: Fraction) -> Whole:
        """Return how many whole units it is, as `units`; none where it is below zero."""
        none = Whole.constant(0)
        size = self.numerator.extremum("max", none, is_known=True) * unit.denominator
        return _divided(mode, size, _product(self.denominator, unit.numerator))

    def rounded(self, mode: RoundingMode, unit: Fraction) -> "Ratio":
        """Return the multiple of the unit that `units` counts."""
        return Ratio(self.units(mode, unit) * unit.numerator, unit.denominator)


def _divided(mode: RoundingMode, size: Whole, part: Whole | int) -> Whole:
    match mode:
        case "down":
            return size.divided_by(part)
        case "up":
            return (size + _less_one(part)).divided_by(part)
        case "half_up":
            return (size * 2 + part).divided_by(_product(part, 2))


def _compare_whole(numerator: Whole, sign: ComparisonSign, bound: Fraction) -> pl.Expr:
    """Compare a column with a constant without widening it."""
    whole = whole_bound(sign, bound)
    if whole is None:
        return pl.when(numerator.expr.is_not_null()).then(pl.lit(sign == "!="))
    beyond = numerator.limit + 1  # a bound outside the column's range compares like the nearest one outside it
    return numerator.compare(sign, Whole.constant(max(-beyond, min(beyond, whole))))


def _scaled(left: Ratio, right: Ratio) -> tuple[Whole, Whole]:
    """Return both numerators over `_times`."""
    if isinstance(left.denominator, int) and isinstance(right.denominator, int):
        common = lcm(left.denominator, right.denominator)
        return left.numerator * (common // left.denominator), right.numerator * (common // right.denominator)
    return left.numerator * right.denominator, right.numerator * left.denominator


def _times(left: Ratio, right: Ratio) -> Whole | int:
    if isinstance(left.denominator, int) and isinstance(right.denominator, int):
        return lcm(left.denominator, right.denominator)
    return _product(left.denominator, right.denominator)


def _product(left: Whole | int, right: Whole | int) -> Whole | int:
    if isinstance(left, int):
        return left * right if isinstance(right, int) else right * left
    return left * right


def _whole(value: Whole | int) -> Whole:
    return Whole.constant(value) if isinstance(value, int) else value


def _less_one(value: Whole | int) -> Whole | int:
    return value - 1 if isinstance(value, int) else value + -1


def _both(left: Ratio, right: Ratio, combine: Callable[[Fraction, Fraction], Fraction]) -> Fraction | None:
    if left.constant is None or right.constant is None:
        return None
    return combine(left.constant, right.constant)
