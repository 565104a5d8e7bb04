"""Tree → Polars expressions over a profiles frame.

Every attribute is the column of its code, `day()` the column `day`. A condition is a nullable Boolean: null is
unknown. Conjunctions are n-ary, because Polars is super-quadratic in chains of `&`.
"""

from functools import reduce, singledispatch
from itertools import product

import polars as pl

from rules.ratios import Ratio, Whole
from rules.sizes import SIZE_CLASSES, UNSIZED, SizeClass, SizeRow
from rules.thresholds import APPLY
from rules.tree import (
    All,
    Arithmetic,
    Choice,
    Compare,
    Count,
    Date,
    Day,
    DaysBetween,
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
    Shifted,
    Some,
    Text,
    Truth,
    Within,
    bare,
)

DAY = "day"
_DAYS_MAX = 4_000_000  # more days than lie between years 0 and 9999
_COUNT_MAX = 130_000  # more months than lie between years 0 and 9999
_LETTERS = "ABCDEFGHIJKLMNOPQRST"
_DIVISION = 2


@singledispatch
def condition(node: Node) -> pl.Expr:
    """Return a condition as a nullable Boolean expression."""
    raise AssertionError(node)


@singledispatch
def ratio(node: Node) -> Ratio:
    """Return a number as an exact ratio of expressions.

    Fails: `TooLargeError` where an intermediate result could exceed 128 bits.
    """
    raise AssertionError(node)


@condition.register
def _(node: Truth) -> pl.Expr:
    return pl.lit(node.value, dtype=pl.Boolean)


@condition.register
def _(node: Fact) -> pl.Expr:
    return pl.col(node.code)


@condition.register
def _(node: Parameter) -> pl.Expr:
    return condition(node.value)


@condition.register
def _(node: Not) -> pl.Expr:
    return condition(node.operand).not_()


@condition.register
def _(node: All) -> pl.Expr:
    return pl.all_horizontal([condition(operand) for operand in node.operands])


@condition.register
def _(node: Some) -> pl.Expr:
    return pl.any_horizontal([condition(operand) for operand in node.operands])


@condition.register
def _(node: Compare) -> pl.Expr:
    match node.left.kind:
        case Kind.NUMBER:
            return ratio(node.left).compare(node.sign, ratio(node.right))
        case Kind.DATE if not isinstance(bare(node.left), Shifted) and not isinstance(bare(node.right), Shifted):
            return APPLY[node.sign](_date(node.left), _date(node.right))  # type: ignore[no-any-return]  # operators
        case Kind.DATE:
            return APPLY[node.sign](_day_number(node.left), _day_number(node.right))  # type: ignore[no-any-return]  # operators
        case Kind.TRUTH:
            return APPLY[node.sign](condition(node.left), condition(node.right))  # type: ignore[no-any-return]  # operators
        case _:
            return APPLY[node.sign](text(node.left), text(node.right))  # type: ignore[no-any-return]  # operators


@condition.register
def _(node: OneOf) -> pl.Expr:
    if isinstance(sized := bare(node.value), SizeClass):
        return _one_of_sizes(sized, node.options)
    match node.value.kind:
        case Kind.NUMBER:
            value = ratio(node.value)
            return pl.any_horizontal([value.compare("==", ratio(option)) for option in node.options])
        case Kind.DATE:
            return pl.any_horizontal([_date(node.value) == _date(option) for option in node.options])
        case _:
            return text(node.value).is_in(
                [option.value for option in map(bare, node.options) if isinstance(option, Text)]
            )


def _one_of_sizes(node: SizeClass, options: tuple[Node, ...]) -> pl.Expr:
    asked = sum(_BIT[option.value] for option in map(bare, options) if isinstance(option, Text))
    answers = {sizes: not sizes & ~asked for sizes in range(1, _EVERY + 1) if not (sizes & asked and sizes & ~asked)}
    return possible_sizes(node).replace_strict(answers, default=None, return_dtype=pl.Boolean)


def possible_sizes(node: SizeClass) -> pl.Expr:
    """Return the size classes that remain possible as a set of `_BIT`; never null, and never none.

    What a row reads stands in the expression once: as a set, for each size would be five times as much.
    """
    uncovered = pl.when(condition(node.covered).fill_null(value=False)).then(0).otherwise(_BIT[UNSIZED])
    rows = [
        pl.when(condition(row.inside).fill_null(value=True)).then(_row_sizes(row)).otherwise(0) for row in node.rows
    ]
    return reduce(lambda one, other: one | other, [uncovered.cast(pl.UInt8), *(row.cast(pl.UInt8) for row in rows)])


def _row_sizes(row: SizeRow) -> pl.Expr:
    """Return the size classes that a row leaves possible: with a figure unknown, all up to what the others reach."""
    reached = []
    for measure in row.measures:
        value = ratio(measure.value)
        levels = [value.compare(">=", Ratio.of(bound)).cast(pl.Int8) for bound in measure.bounds]
        reached.append(pl.sum_horizontal(levels, ignore_nulls=False).fill_null(_UNKNOWN_LEVEL))
    sizes = {
        levels: sum(
            _BIT[size] for size in SIZE_CLASSES[0 if _UNKNOWN_LEVEL in levels else min(levels) : min(levels) + 1]
        )
        for levels in product((*range(len(SIZE_CLASSES)), _UNKNOWN_LEVEL), repeat=len(reached))
    }
    base = _UNKNOWN_LEVEL + 1
    code = reduce(lambda one, other: one * base + other, reached)
    codes = {reduce(lambda one, other: one * base + other, levels): each for levels, each in sizes.items()}
    return code.replace_strict(codes, return_dtype=pl.UInt8)


_BIT = {size: 1 << place for place, size in enumerate((*SIZE_CLASSES, UNSIZED))}
_EVERY = sum(_BIT.values())
_UNKNOWN_LEVEL = len(SIZE_CLASSES)  # above every level, so that the least of several is that of a known figure


@condition.register
def _(node: Within) -> pl.Expr:
    region = text(node.region)
    inside = pl.any_horizontal([region.str.starts_with(prefix) for prefix in node.prefixes])
    return pl.when(region.is_in(node.coarser).not_()).then(inside) if node.coarser else inside


@condition.register
def _(node: InIndustry) -> pl.Expr:
    industry = text(node.industry)
    digits = industry.str.strip_chars_start(_LETTERS)
    by_length: dict[int, list[str]] = {}
    for prefix in node.prefixes:
        by_length.setdefault(len(prefix), []).append(prefix)
    inside = [digits.str.slice(0, length).is_in(prefixes) for length, prefixes in sorted(by_length.items())]
    if node.sections:
        inside.append(industry.is_in(node.sections))
    is_open = [digits.is_in(node.coarser)] if node.coarser else []
    if node.sections_open:
        is_open.append(industry.is_in(node.sections_open))
    found = pl.any_horizontal(inside)
    return pl.when(pl.any_horizontal(is_open).not_()).then(found) if is_open else found


@ratio.register
def _(node: Number) -> Ratio:
    return Ratio.of(node.value)


@ratio.register
def _(node: Parameter) -> Ratio:
    return ratio(node.value)


@ratio.register
def _(node: Fact) -> Ratio:
    held = pl.col(node.code).cast(pl.Int64)  # a sum of narrow columns may be wider than they are
    return Ratio(Whole(held, node.type.magnitude_max), node.type.denominator)


@ratio.register
def _(node: Count) -> Ratio:
    day, since = pl.col(DAY).dt, pl.col(node.since.code).dt
    years = (day.year() - since.year()).cast(pl.Int64)
    months = (day.month().cast(pl.Int64) - since.month().cast(pl.Int64)) + years * 12
    match node.function:
        case "full_years":
            in_year = day.month().cast(pl.Int64) * 32 + day.day()
            count = years - (in_year < since.month().cast(pl.Int64) * 32 + since.day()).cast(pl.Int64)
        case "full_years_by_month":
            count = years - (day.month() < since.month()).cast(pl.Int64)
        case _:
            count = months - (day.day() < since.day()).cast(pl.Int64)
    return Ratio(Whole(count, _COUNT_MAX), 1)


@ratio.register
def _(node: DaysBetween) -> Ratio:
    return Ratio(Whole(_day_number(node.later) - _day_number(node.earlier), 2 * _DAYS_MAX), 1)


@ratio.register
def _(node: Negative) -> Ratio:
    return -ratio(node.operand)


@ratio.register
def _(node: Arithmetic) -> Ratio:
    left, right = ratio(node.left), ratio(node.right)
    match node.sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right


@ratio.register
def _(node: Extremum) -> Ratio:
    return reduce(lambda a, b: a.extremum(node.extreme, b), map(ratio, node.operands))


@ratio.register
def _(node: Rounded) -> Ratio:
    return ratio(node.operand).rounded(node.mode, node.unit)


@ratio.register
def _(node: Choice) -> Ratio:
    return ratio(node.then).or_else(condition(node.condition), ratio(node.otherwise))


def _date(node: Node) -> pl.Expr:
    match bare(node):
        case Fact(code=code):
            return pl.col(code)
        case Day():
            return pl.col(DAY)
        case Date(value=value):
            return pl.lit(value, dtype=pl.Date)
        case other:
            raise AssertionError(other)


def _day_number(node: Node) -> pl.Expr:
    """Return a day as a count of days, so that a sum beyond the calendar's end does no harm."""
    node = bare(node)
    if isinstance(node, Shifted):
        return _day_number(node.day) + node.days
    return _date(node).to_physical().cast(pl.Int64)


def text(node: Node) -> pl.Expr:
    """Return a text as an expression; null is unknown."""
    match bare(node):
        case Fact(code=code):
            return pl.col(code)
        case Text(value=value):
            return pl.lit(value)
        case SizeClass() as sized:
            named = {bit: size for size, bit in _BIT.items()}
            return possible_sizes(sized).replace_strict(named, default=None, return_dtype=pl.String)
        case other:
            raise AssertionError(other)
