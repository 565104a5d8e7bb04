"""Tree → terms of the solver, exact: the reader of the tree that proofs are made with.

A condition is two terms, where it certainly holds and where it certainly fails, because even with every fact known it
may be unknown: a region coarser than the question, a division by zero. Numbers are pairs of whole numbers.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce, singledispatch
from math import lcm

from rules.sizes import SIZE_CLASSES, UNSIZED, SizeClass, SizeRow
from rules.solver_logic import Term, both, chosen, either, no, size, whole_part
from rules.solver_world import Moment, World
from rules.tariff import AMOUNT_MAX_FEN, BoundLine, Rounding
from rules.thresholds import APPLY
from rules.tree import (
    All,
    Arithmetic,
    Choice,
    Compare,
    ComparisonSign,
    Count,
    Date,
    Day,
    DaysBetween,
    Extreme,
    Extremum,
    Fact,
    InIndustry,
    Kind,
    Negative,
    Node,
    Not,
    Number,
    OneOf,
    Parameter,
    Rounded,
    RoundingMode,
    Shifted,
    Some,
    Text,
    Truth,
    Within,
    bare,
)

_LETTERS = "ABCDEFGHIJKLMNOPQRST"


@dataclass(frozen=True, slots=True)
class Planes:
    """A condition: where it holds and where it fails; elsewhere it is unknown."""

    holds: Term
    fails: Term

    @property
    def opposite(self) -> "Planes":
        """Return the condition's opposite."""
        return Planes(self.fails, self.holds)


@dataclass(frozen=True, slots=True)
class Exact:
    """A number: whole numerator and divisor, which is above zero where the number is known."""

    numerator: Term
    divisor: Term = 1
    known: Term = True

    def beside(self, other: "Exact") -> tuple[Term, Term, Term]:
        """Return both numerators over one divisor, and that divisor."""
        if isinstance(self.divisor, int) and isinstance(other.divisor, int):
            common = lcm(self.divisor, other.divisor)
            return self.numerator * (common // self.divisor), other.numerator * (common // other.divisor), common
        common = self.divisor * other.divisor
        return self.numerator * other.divisor, other.numerator * self.divisor, common

    def compared(self, sign: ComparisonSign, other: "Exact") -> Planes:
        """Return a comparison."""
        left, right, _ = self.beside(other)
        holds, known = APPLY[sign](left, right), both(self.known, other.known)
        return Planes(both(known, holds), both(known, no(holds)))


@singledispatch
def condition_term(node: Node, world: World) -> Planes:
    """Return a condition as terms; what is not known to the solver is a free variable."""
    free = world.free_truth(node)
    return Planes(free, no(free))


@singledispatch
def number_term(node: Node, world: World) -> Exact:
    """Return a number as terms; what is not known to the solver is a free variable."""
    return Exact(world.free_number(node))


def amount_term(lines: tuple[BoundLine, ...], rounding: Rounding, world: World) -> Exact:
    """Return the amount of a component, in fen; known where a line certainly applies first and its amount is known."""
    fen: Term = 0
    known: Term = False
    for line in reversed(lines):
        of_line = _fen(number_term(line.amount, world), rounding)
        if line.when is None:
            fen, known = of_line.numerator, of_line.known
            continue
        applies = condition_term(line.when, world)
        fen = chosen(applies.holds, of_line.numerator, fen)
        known = either(both(applies.holds, of_line.known), both(applies.fails, known))
    return Exact(fen, 1, known)


def _fen(yuan: Exact, rounding: Rounding) -> Exact:
    counted = _units(yuan, rounding.mode, rounding.unit)
    fen = chosen(counted < 0, 0, counted) * rounding.unit_fen
    return Exact(fen, 1, both(yuan.known, fen <= AMOUNT_MAX_FEN))


@condition_term.register
def _(node: Truth, _: World) -> Planes:
    return Planes(node.value, not node.value)


@condition_term.register
def _(node: Fact, world: World) -> Planes:
    truth = world.truth(node.code)
    return Planes(truth, no(truth))


@condition_term.register
def _(node: Parameter, world: World) -> Planes:
    return condition_term(node.value, world)


@condition_term.register
def _(node: Not, world: World) -> Planes:
    return condition_term(node.operand, world).opposite


@condition_term.register
def _(node: All, world: World) -> Planes:
    operands = [condition_term(operand, world) for operand in node.operands]
    return Planes(both(*(each.holds for each in operands)), either(*(each.fails for each in operands)))


@condition_term.register
def _(node: Some, world: World) -> Planes:
    operands = [condition_term(operand, world) for operand in node.operands]
    return Planes(either(*(each.holds for each in operands)), both(*(each.fails for each in operands)))


@condition_term.register
def _(node: Compare, world: World) -> Planes:
    match node.left.kind:
        case Kind.NUMBER:
            return number_term(node.left, world).compared(node.sign, number_term(node.right, world))
        case Kind.DATE:
            return _days_compared(node.sign, node.left, node.right, world)
        case Kind.TRUTH:
            return _truths_compared(node, world)
        case _:
            return _certain(APPLY[node.sign](_text(node.left, world), _text(node.right, world)))


@condition_term.register
def _(node: OneOf, world: World) -> Planes:
    if isinstance(sized := bare(node.value), SizeClass):
        return _one_of_sizes(
            sized, {option.value for option in map(bare, node.options) if isinstance(option, Text)}, world
        )
    each = [condition_term(Compare("==", node.value, option), world) for option in node.options]
    return Planes(either(*(one.holds for one in each)), both(*(one.fails for one in each)))


@condition_term.register
def _(node: Within, world: World) -> Planes:
    region = bare(node.region)
    assert isinstance(region, Fact)
    inside = world.one_of_codes(region.code, lambda code: code.startswith(node.prefixes))
    is_open = world.one_of_codes(region.code, lambda code: code in node.coarser)
    return Planes(both(inside, no(is_open)), both(no(inside), no(is_open)))


@condition_term.register
def _(node: InIndustry, world: World) -> Planes:
    industry = bare(node.industry)
    assert isinstance(industry, Fact)

    def has(code: str) -> bool:
        return code.lstrip(_LETTERS).startswith(node.prefixes) or code in node.sections

    def is_coarse(code: str) -> bool:
        return code in node.sections_open or code.lstrip(_LETTERS) in node.coarser

    inside = world.one_of_codes(industry.code, has)
    is_open = world.one_of_codes(industry.code, is_coarse)
    return Planes(both(inside, no(is_open)), both(no(inside), no(is_open)))


@number_term.register
def _(node: Number, _: World) -> Exact:
    return Exact(node.value.numerator, node.value.denominator)


@number_term.register
def _(node: Parameter, world: World) -> Exact:
    return number_term(node.value, world)


@number_term.register
def _(node: Fact, world: World) -> Exact:
    return Exact(world.number(node.code), node.type.denominator)


@number_term.register
def _(node: Count, world: World) -> Exact:
    since, day = world.moment(node.since.code), world.today
    years = day.year - since.year
    match node.function:
        case "full_years":
            in_year = day.month * 31 + day.day < since.month * 31 + since.day
            return Exact(years - chosen(in_year, 1, 0))
        case "full_years_by_month":
            return Exact(years - chosen(day.month < since.month, 1, 0))
        case "full_months":
            return Exact(years * 12 + day.month - since.month - chosen(day.day < since.day, 1, 0))
        case _:
            return Exact(world.free_number(node))


@number_term.register
def _(node: DaysBetween, world: World) -> Exact:
    return Exact(_ordinal(node.later, world) - _ordinal(node.earlier, world))


@number_term.register
def _(node: Negative, world: World) -> Exact:
    of = number_term(node.operand, world)
    return Exact(-of.numerator, of.divisor, of.known)


@number_term.register
def _(node: Arithmetic, world: World) -> Exact:
    left, right = number_term(node.left, world), number_term(node.right, world)
    known = both(left.known, right.known)
    match node.sign:
        case "*":
            return Exact(left.numerator * right.numerator, left.divisor * right.divisor, known)
        case "/":
            sign = chosen(right.numerator < 0, -1, 1) if isinstance(right.numerator, int) else None
            over, under = left.numerator * right.divisor, left.divisor * size(right.numerator)
            over = over * sign if sign else chosen(right.numerator < 0, -over, over)
            return Exact(over, under, both(known, no(right.numerator == 0)))
        case _:
            first, second, common = left.beside(right)
            return Exact(first + second if node.sign == "+" else first - second, common, known)


@number_term.register
def _(node: Extremum, world: World) -> Exact:
    return reduce(lambda a, b: _outer(a, b, node.extreme), (number_term(each, world) for each in node.operands))


@number_term.register
def _(node: Rounded, world: World) -> Exact:
    of = number_term(node.operand, world)
    return Exact(_units(of, node.mode, node.unit) * node.unit.numerator, node.unit.denominator, of.known)


@number_term.register
def _(node: Choice, world: World) -> Exact:
    condition = condition_term(node.condition, world)
    then, otherwise = number_term(node.then, world), number_term(node.otherwise, world)
    known = either(both(condition.holds, then.known), both(condition.fails, otherwise.known))
    if isinstance(then.divisor, int) and isinstance(otherwise.divisor, int):
        first, second, common = then.beside(otherwise)
        return Exact(chosen(condition.holds, first, second), common, known)
    numerator = chosen(condition.holds, then.numerator, otherwise.numerator)
    return Exact(numerator, chosen(condition.holds, then.divisor, otherwise.divisor), known)


def _certain(holds: Term) -> Planes:
    return Planes(holds, no(holds))


def _one_of_sizes(node: SizeClass, options: Collection[str], world: World) -> Planes:
    """Ask whether an enterprise is of some classes: known as soon as all that remain possible say the same."""
    possible: dict[str, list[Term]] = {UNSIZED: [no(condition_term(node.covered, world).holds)]}
    for row in node.rows:
        may_be_in = no(condition_term(row.inside, world).fails)
        for size_class, term in _row_sizes(row, world).items():
            possible.setdefault(size_class, []).append(both(may_be_in, term))
    inside = [either(*terms) for size_class, terms in possible.items() if size_class in options]
    outside = [either(*terms) for size_class, terms in possible.items() if size_class not in options]
    return Planes(both(*(no(each) for each in outside)), both(*(no(each) for each in inside)))


def _row_sizes(row: SizeRow, world: World) -> dict[str, Term]:
    """Return where each class remains possible by the figures of a row: the highest that all of them reach."""
    figures = [number_term(measure.value, world) for measure in row.measures]
    is_open = either(*(no(figure.known) for figure in figures))
    reaches: list[Term] = [True]
    for step in range(len(SIZE_CLASSES) - 1):
        reached = [
            either(no(figure.known), figure.compared(">=", Exact(bound.numerator, bound.denominator)).holds)
            for figure, measure in zip(figures, row.measures, strict=True)
            for bound in measure.bounds[step : step + 1]
        ]
        reaches.append(both(reaches[-1], *reached))
    higher = [*reaches[1:], False]
    return {
        size_class: both(reach, either(is_open, no(next_reach)))
        for size_class, reach, next_reach in zip(SIZE_CLASSES, reaches, higher, strict=True)
    }


def _truths_compared(node: Compare, world: World) -> Planes:
    left, right = condition_term(node.left, world), condition_term(node.right, world)
    same = either(both(left.holds, right.holds), both(left.fails, right.fails))
    other = either(both(left.holds, right.fails), both(left.fails, right.holds))
    return Planes(same, other) if node.sign == "==" else Planes(other, same)


def _days_compared(sign: ComparisonSign, left: Node, right: Node, world: World) -> Planes:
    apply: Callable[[Term, Term], Term] = APPLY[sign]
    if isinstance(bare(left), Shifted) or isinstance(bare(right), Shifted):
        return _certain(apply(_ordinal(left, world), _ordinal(right, world)))
    return _certain(apply(_moment(left, world).place, _moment(right, world).place))


def _moment(node: Node, world: World) -> Moment:
    match bare(node):
        case Fact(code=code):
            return world.moment(code)
        case Date(value=value):
            return Moment.of(value)
        case Day():
            return world.today
        case other:
            return world.free_moment(other)


def _ordinal(node: Node, world: World) -> Term:
    node = bare(node)
    if isinstance(node, Shifted):
        return _ordinal(node.day, world) + node.days
    if isinstance(node, Date):
        return node.value.toordinal()
    return _moment(node, world).ordinal


def _text(node: Node, world: World) -> Term:
    match bare(node):
        case Fact(code=code):
            return world.text(code)
        case Text(value=value):
            return world.text_number(value)
        case other:
            return world.free_number(other)


def _outer(a: Exact, b: Exact, extreme: Extreme) -> Exact:
    first, second, common = a.beside(b)
    is_first = first >= second if extreme == "max" else first <= second
    return Exact(chosen(is_first, first, second), common, both(a.known, b.known))


def _units(of: Exact, mode: RoundingMode, unit: Fraction) -> Term:
    """Return how many whole units a number is, rounded towards zero, away from it, or to the nearest."""
    over, under = size(of.numerator) * unit.denominator, of.divisor * unit.numerator
    added = {"down": (0, 1), "up": (under - 1, 1), "half_up": (over + under, 2)}
    more, times = added[mode]
    counted = whole_part(over + more, under * times)
    return chosen(of.numerator < 0, -counted, counted)
