"""How far a criterion is from holding, where that can be said simply: one number or day against a limit.

Nothing is said of alternatives: whether to come nearer by the one way or the other is not ours to choose.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.money import round_half_up
from core.values import ValueType
from delivery.period_words import day_words
from engine.explaining.fact_words import unit_of
from rules.closures import Facts, closure
from rules.thresholds import FLIPPED, whole_bound
from rules.tree import (
    All,
    Compare,
    ComparisonSign,
    Count,
    DaysBetween,
    Fact,
    Kind,
    Node,
    Not,
    Number,
    Some,
    bare,
    is_constant,
)
from rules.wording import wording

_OPPOSITE: dict[ComparisonSign, ComparisonSign] = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_NUMBER_SIGNS: dict[ComparisonSign, str] = {">=": "不低于", ">": "高于", "<=": "不高于", "<": "低于"}
_DAY_SIGNS: dict[ComparisonSign, str] = {">=": "不早于", ">": "晚于", "<=": "不晚于", "<": "早于"}
_LEAST = frozenset({">", ">="})
_COUNT_UNITS = {"full_years": "年", "full_years_by_month": "年", "full_months": "个月"}
_DAYS_COUNTED_MAX = 730  # two years
_DAYS_OF_FOUR_YEARS = 1461
_YUAN = "元"
_PLACES = 4  # of a number without end
_FEN_PLACES = _PERCENT_PLACES = 2


@dataclass(frozen=True, slots=True)
class Distance:
    """What is held, what is asked, and what lies between, each with its unit."""

    what: str
    held: str
    limit: str
    gap: str


def distances(node: Node, facts: Facts, day: dt.date) -> tuple[Distance, ...]:
    """Return the distances of the comparisons that keep a criterion from holding, in the order written.

    Expects: that the criterion does not hold.
    """
    return tuple(
        _measured(compare, facts, day) for compare in _failing(node, facts, day) if compare.sign not in {"==", "!="}
    )


def _failing(node: Node, facts: Facts, day: dt.date) -> Iterator[Compare]:
    """Give the comparisons all of which have to come true, and have not."""
    said = _without_not(node)
    if isinstance(said, All):
        for operand in said.operands:
            yield from _failing(operand, facts, day)
    elif isinstance(said, Compare) and said.left.kind in {Kind.NUMBER, Kind.DATE}:
        turned = Compare(FLIPPED[said.sign], said.right, said.left) if is_constant(said.left) else said
        if closure(turned)(facts, day) is False:
            yield turned


def _without_not(node: Node) -> Node:
    """Return a condition said without a `not` in front, where it can be."""
    said = bare(node)
    if not isinstance(said, Not):
        return said
    match bare(said.operand):
        case Compare() as inner:
            return Compare(_OPPOSITE[inner.sign], inner.left, inner.right)
        case Some() as inner:
            return All(tuple(Not(each) for each in inner.operands))
        case Not() as inner:
            return _without_not(inner.operand)
        case _:
            return said


def _measured(compare: Compare, facts: Facts, day: dt.date) -> Distance:
    held, limit = closure(compare.left)(facts, day), closure(compare.right)(facts, day)
    is_least = compare.sign in _LEAST
    what = wording(compare.left)
    if compare.left.kind is Kind.DATE:
        gap = f"{'早' if is_least else '晚'}了{_span_words(abs(limit - held) + (compare.sign in {'<', '>'}))}"
        return Distance(what, _day(held), f"{_DAY_SIGNS[compare.sign]}{_day(limit)}", gap)
    scale = _scale_of(compare)
    held, limit = Fraction(held), Fraction(limit)
    between = abs(scale.nearest(compare.sign, limit) - held)
    gap = f"{'还差' if is_least else '超出'}{scale.share_words(between)}" if between else "恰在界线上"
    return Distance(what, scale.words(held), f"{_NUMBER_SIGNS[compare.sign]}{scale.words(limit)}", gap)


@dataclass(frozen=True, slots=True)
class _Scale:
    """In which unit a comparison is read; values are whole multiples of 1/`denominator`, or anything where None."""

    unit: str
    denominator: int | None = None
    places: int = _PLACES
    is_percent: bool = False

    def nearest(self, sign: ComparisonSign, limit: Fraction) -> Fraction:
        """Return the nearest value that would do; the limit itself where there is none nearest."""
        if self.denominator is None:
            return limit
        whole = whole_bound(sign, limit, self.denominator)
        assert whole is not None, "only == and != may have no whole bound"
        return Fraction(whole + (sign == ">") - (sign == "<"), self.denominator)

    def words(self, value: Fraction) -> str:
        """Return a value with its unit; 约 where it is rounded."""
        shown = value * 100 if self.is_percent else value
        rounded = Decimal(round_half_up(shown * 10**self.places)).scaleb(-self.places)
        text = f"{rounded:,f}" if self.unit == _YUAN else _without_zeros(f"{rounded:f}")
        return f"{'' if Fraction(rounded) == shown else '约'}{text}{self.unit}"

    def share_words(self, difference: Fraction) -> str:
        """Return a difference with its unit; that of percentages is in points."""
        words = self.words(difference)
        return f"{words.removesuffix('%')}个百分点" if self.is_percent else words


def _scale_of(compare: Compare) -> _Scale:
    match bare(compare.left), bare(compare.right):
        case Fact() as fact, _:
            places = _FEN_PLACES if fact.type.type is ValueType.MONEY else fact.type.scale
            return _Scale(unit_of(fact.type, fact.unit), fact.type.denominator, places)
        case Count() as count, _:
            return _Scale(_COUNT_UNITS[count.function], 1)
        case DaysBetween(), _:
            return _Scale("天", 1)
        case _, Number() as number if number.written.endswith(("%", "％")):
            return _Scale("%", places=_PERCENT_PLACES, is_percent=True)
        case _:
            return _Scale("")


def _without_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _span_words(days: int) -> str:
    """Return a number of days; in years where nobody would count the days."""
    return f"{days}天" if days < _DAYS_COUNTED_MAX else f"约{round_half_up(Fraction(days * 4, _DAYS_OF_FOUR_YEARS))}年"


def _day(number: int) -> str:
    return day_words(dt.date.fromordinal(number))
