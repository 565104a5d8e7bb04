"""The functions of the language, each with how it is called and what it makes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from core.edges import DayFunction
from core.findings import nearest_help
from rules.areas import BadCodeError, in_industry, within
from rules.codes import RuleCode
from rules.operands import MistakeError, Operand, expect_all
from rules.sizes import size_class
from rules.sums import positive_constant
from rules.tree import Count, Day, Extreme, Extremum, Fact, Kind, Node, Rounded, RoundingMode, bare

Make = Callable[[tuple[Operand, ...]], Node]


@dataclass(frozen=True, slots=True)
class Function:
    """A function: how it is called, how many arguments it takes, what it makes of them."""

    usage: str
    least: int
    most: int
    make: Make


def call(name: str, arguments: tuple[Operand, ...]) -> Node:
    """Return what a function makes of its arguments.

    Fails: `MistakeError` for an unknown name, a wrong count or wrong kinds.
    """
    function = FUNCTIONS.get(name)
    if function is None:
        raise MistakeError(
            RuleCode.UNKNOWN_FUNCTION, f"unknown function `{name}`", nearest_help(name, FUNCTIONS, "function")
        )
    if not function.least <= len(arguments) <= function.most:
        raise MistakeError(
            RuleCode.WRONG_ARGUMENTS,
            f"`{name}` does not take {len(arguments)} argument{'s' * (len(arguments) != 1)}",
            f"write `{function.usage}`",
        )
    return function.make(arguments)


_MANY = 100  # arguments of a function that takes any number


def _within(arguments: tuple[Operand, ...]) -> Node:
    return _coded(Kind.REGION, within, arguments)


def _industry_in(arguments: tuple[Operand, ...]) -> Node:
    return _coded(Kind.INDUSTRY, in_industry, arguments)


def _size_class(arguments: tuple[Operand, ...]) -> Node:
    industry, *figures = arguments
    industry.expect(Kind.INDUSTRY)
    expect_all(figures, Kind.NUMBER)
    staff, revenue, assets = (figure.node for figure in figures)
    return size_class(bare(industry.node), staff, revenue, assets)


def _coded(kind: Kind, make: Callable[[Node, tuple[str, ...]], Node], arguments: tuple[Operand, ...]) -> Node:
    value, *codes = arguments
    value.expect(kind)
    words = []
    for code in codes:
        if code.text is None:
            raise MistakeError(RuleCode.WRONG_ARGUMENTS, f"expected a code in quotation marks, found `{code.words}`")
        words.append(code.text)
    try:
        return make(bare(value.node), tuple(words))
    except BadCodeError as fault:
        raise MistakeError(RuleCode.BAD_CODE, fault.message, fault.remedy) from None


def _counting(function: DayFunction) -> Make:
    def make(arguments: tuple[Operand, ...]) -> Node:
        (since,) = arguments
        since.expect(Kind.DATE)
        fact = bare(since.node)
        if not isinstance(fact, Fact):
            raise MistakeError(
                RuleCode.WRONG_ARGUMENTS,
                f"`{function}` counts from an attribute, found `{since.words}`",
                f"write `{FUNCTIONS[function].usage}`",
            )
        return Count(function, fact)

    return make


def _extremum(extreme: Extreme) -> Make:
    def make(arguments: tuple[Operand, ...]) -> Node:
        expect_all(arguments, Kind.NUMBER)
        return Extremum(extreme, tuple(argument.node for argument in arguments))

    return make


def _rounded(mode: RoundingMode) -> Make:
    def make(arguments: tuple[Operand, ...]) -> Node:
        value, unit = arguments
        expect_all(arguments, Kind.NUMBER)
        return Rounded(mode, value.node, positive_constant(unit, "the unit to round to"))

    return make


FUNCTIONS: dict[str, Function] = {
    "within": Function('within(region, "310118")', 2, _MANY, _within),
    "industry_in": Function('industry_in(code, "C13-C43", "7010")', 2, _MANY, _industry_in),
    "size_class": Function("size_class(industry, staff, revenue, assets)", 4, 4, _size_class),
    **{
        name: Function(f"{name}(day attribute)", 1, 1, _counting(name))
        for name in get_args(DayFunction)
        if name != "day"
    },
    "day": Function("day()", 0, 0, lambda _: Day()),
    "min": Function("min(x, y)", 2, _MANY, _extremum("min")),
    "max": Function("max(x, y)", 2, _MANY, _extremum("max")),
    **{f"round_{mode}": Function(f"round_{mode}(x, unit)", 2, 2, _rounded(mode)) for mode in get_args(RoundingMode)},
}
