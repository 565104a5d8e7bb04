"""Random expressions as text, and random facts to ask them about."""

import datetime as dt
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from core.values import FactType, ValueType
from rules.closures import Value
from rules.reference import Known
from tests.rules.samples import ATTRIBUTES

PERSON = [each for each in ATTRIBUTES if each.subject == "person"]
TYPES: dict[str, FactType] = {each.code: each.fact_type for each in PERSON}
LABELS = {each.code: each.label for each in PERSON}

REGIONS = ["310118", "310118001", "310118001002", "310103", "310101005", "320500", "310000", "110101", "310119"]
INDUSTRIES = ["C1311", "1311", "7010", "K7010", "C", "C13", "43", "K", "6511", "5911", "59", "A0111", "J6621", "7211"]
FIRST, LAST = dt.date(1900, 1, 1), dt.date(2099, 12, 31)

days = st.dates(FIRST, LAST) | st.sampled_from([dt.date(2000, 2, 29), dt.date(2025, 2, 28), dt.date(2025, 3, 1)])


def stored(fact_type: FactType) -> st.SearchStrategy[Value]:
    """Draw a known value as a frame holds it: mostly near what rules ask, sometimes extreme."""
    match fact_type.type:
        case ValueType.BOOL:
            return st.booleans()
        case ValueType.DATE:
            return days
        case ValueType.TEXT:
            return st.sampled_from(fact_type.values or ("甲", "乙", ""))
        case ValueType.REGION:
            return st.sampled_from(REGIONS)
        case ValueType.INDUSTRY:
            return st.sampled_from(INDUSTRIES)
        case ValueType.INTEGER | ValueType.DECIMAL | ValueType.MONEY:
            near = st.integers(-3, 12).map(lambda n: n * fact_type.denominator // 2)
            extreme = fact_type.magnitude_max
            return near | st.integers(-extreme, extreme) | st.sampled_from([extreme, -extreme, 0])


known_facts: st.SearchStrategy[dict[str, Value]] = st.fixed_dictionaries({c: stored(t) for c, t in TYPES.items()})
facts: st.SearchStrategy[dict[str, Value]] = st.fixed_dictionaries({c: st.none() | stored(t) for c, t in TYPES.items()})


def as_written(held: dict[str, Value]) -> dict[str, Known]:
    """Return known facts as rules read them, by code and by label."""
    values: dict[str, Known] = {}
    for each in PERSON:
        value: Any = held[each.code]
        if each.fact_type.is_numeric:
            value = Decimal(value).scaleb(1 - len(str(each.fact_type.denominator)))
        values[each.code] = values[each.label] = value
    return values


def _names(*types: ValueType) -> st.SearchStrategy[str]:
    words = [word for each in PERSON if each.fact_type.type in types for word in (each.code, each.label)]
    return st.sampled_from(words)


def _join(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map("".join)


_literals = st.sampled_from(["0", "1", "2", "3", "0.5", "5.5%", "12", "10万", "1亿", "2.25", "300‰"])
_day_literals = days.map(lambda day: f'd"{day}"')
_day_facts = _names(ValueType.DATE)
_counts = _join(st.sampled_from(["full_years(", "full_years_by_month(", "full_months("]), _day_facts, st.just(")"))
_units = st.sampled_from(["1", "0.01", "10", "0.5", "3"])
_signs = st.sampled_from([" == ", " != ", " < ", " <= ", " > ", " >= ", " ≤ ", " ≥ ", " ≠ "])


def numbers(parts: int = 5) -> st.SearchStrategy[str]:
    """Draw a number: facts, constants, counts, and what is made of so many of them."""
    leaves = _literals | _names(ValueType.INTEGER, ValueType.DECIMAL, ValueType.MONEY) | _counts
    return st.recursive(leaves, _sums, max_leaves=parts)


def _sums(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    arithmetic = st.sampled_from([" + ", " - ", " * ", " / "])
    rounding = st.sampled_from(["round_down(", "round_up(", "round_half_up("])
    return st.one_of(
        _join(st.just("("), inner, arithmetic, inner, st.just(")")),
        _join(st.sampled_from(["min(", "max("]), inner, st.just(", "), inner, st.just(")")),
        _join(rounding, inner, st.just(", "), _units, st.just(")")),
        _join(st.just("(特困供养 ? "), inner, st.just(" : "), inner, st.just(")")),
        _join(st.just("-"), _names(ValueType.INTEGER)),
    )


def conditions(parts: int = 8) -> st.SearchStrategy[str]:
    """Draw a condition of so many parts."""
    whole = _names(ValueType.INTEGER) | _counts
    status = st.sampled_from(["有效", "冻结", "注销"])
    quoted = status.map(lambda word: f'"{word}"')
    day_values = _day_facts | _day_literals | st.just("day()")
    leaves = st.one_of(
        _names(ValueType.BOOL),
        st.sampled_from(["true", "false"]),
        _join(numbers(), _signs, numbers()),
        _join(whole, _signs, st.integers(-2, 90).map(str)),
        _join(whole, st.just(" in ["), st.integers(0, 70).map(str), st.just(", 3, 4]")),
        _join(_names(ValueType.MONEY), _signs, _literals),
        _join(st.sampled_from(["card_status", "残疾证状态"]), st.sampled_from([" == ", " != "]), quoted),
        _join(st.just("残疾证状态 in ["), quoted, st.just("、"), quoted, st.just("]")),
        st.sampled_from(
            ["残疾证状态 == 原残疾证状态", "残疾证状态 != former_status", '学校 == "甲"', "特困供养 == 工伤护理费"]
        ),
        _join(day_values, _signs, day_values),
        _join(_day_facts, st.just(" in ["), _day_literals, st.just(", "), _day_literals, st.just("]")),
        st.sampled_from(
            ['within(户籍区划, "31")', 'within(户籍区划, "310118", "310101")', "within(户籍区划，“310115”)"]
        ),
        st.sampled_from(
            ['industry_in(行业代码, "C13-C43", "7010")', 'industry_in(industry, "131")', 'industry_in(行业代码, "K")']
        ),
    )
    return st.recursive(leaves, _combinations, max_leaves=parts)


def sizes() -> st.SearchStrategy[str]:
    """Draw a question about a size class, with figures near the bounds of the table."""
    figures = st.sampled_from(
        ["家庭人数 * 50, 家庭月收入 * 1000万, 费率 * 1亿", "残疾等级 * 5, 费率 * 100万, 家庭月收入 * 2000万"]
    )
    asked = st.sampled_from(
        [
            ' == "微型"',
            ' != "大型"',
            ' in ["小型", "微型"]',
            ' in ["中型", "不划型"]',
            ' in ["大型", "微型"]',
            " == 学校",
        ]
    )
    return _join(st.just("size_class(行业代码, "), figures, st.just(")"), asked)


def _combinations(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        _join(st.just("("), inner, st.just(" and "), inner, st.just(")")),
        _join(st.just("("), inner, st.just(" or "), inner, st.just(" or "), inner, st.just(")")),
        _join(st.just("not "), inner),
        _join(st.just("("), inner, st.just(" ? "), inner, st.just(" : "), inner, st.just(")")),
    )
