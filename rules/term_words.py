"""A version's terms in plain Chinese: periods, time limits, pay days, what is paid back and what adds up.

For guides and officers; the arithmetic itself stands in `docs/semantics.md`.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from core.days import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, PeriodKind
from rules.version import Exclusion, Pay, Terms, WrittenVersion

PERIOD_WORDS: Mapping[PeriodKind, str] = {
    PeriodKind.MONTH: "按月", PeriodKind.QUARTER: "按季度", PeriodKind.YEAR: "按年",
    PeriodKind.ONCE: "一次性", PeriodKind.EVENT: "按次",
}  # fmt: skip
EACH_WORDS: Mapping[PeriodKind, str] = {
    PeriodKind.MONTH: "每月", PeriodKind.QUARTER: "每季度", PeriodKind.YEAR: "每年",
    PeriodKind.ONCE: "一次性", PeriodKind.EVENT: "每次",
}  # fmt: skip
_UNITS: Mapping[PeriodKind, str] = {
    PeriodKind.MONTH: "个月", PeriodKind.QUARTER: "个季度", PeriodKind.YEAR: "年",
    PeriodKind.ONCE: "期", PeriodKind.EVENT: "期",
}  # fmt: skip
_CURRENT: Mapping[PeriodKind, str] = {
    PeriodKind.MONTH: "当月", PeriodKind.QUARTER: "当季", PeriodKind.YEAR: "当年",
    PeriodKind.ONCE: "有效期内", PeriodKind.EVENT: "有效期内",
}  # fmt: skip
_MODES: Mapping[str, str] = {
    "highest": "就高享受一项", "priority": "按规定次序享受一项", "stack": "可以同时享受", "at_most": "最多同时享受{n}项"
}  # fmt: skip
_SPANS: Mapping[str, str] = {"period": "同一期内", "year": "同一年度内", "lifetime": "终身"}
_LAST_OF_MONTH = 31


class TermLine(NamedTuple):
    """One thing that the terms fix: what it is about, and a sentence about it."""

    about: str
    words: str


def term_words(written: WrittenVersion) -> tuple[TermLine, ...]:
    """Return the terms of a version, in the order in which people ask about them."""
    return tuple(_terms(written.terms, written))


def pay_words(pay: Pay) -> str:
    """Return on which days is paid."""
    day = "最后一天" if pay.day >= _LAST_OF_MONTH else f"{pay.day}日"
    months = "、".join(f"{month}月" for month in range(pay.month, MONTHS_PER_YEAR + 1, MONTHS_PER_QUARTER))
    words = {
        "daily": "认定后进入当日批次",
        "monthly": f"每月{day}",
        "quarterly": f"{months}的{day}",
        "yearly": f"每年{pay.month}月{day}",
    }[pay.calendar]
    advance = "，预发至下一个发放日" if pay.advance else ""
    first = f"；首次发放在认定后最近一个月的{day}" if pay.first == "monthly" and pay.calendar != "monthly" else ""
    return f"{words}{advance}{first}；遇银行不营业顺延"


def exclusion_words(exclusion: Exclusion) -> str:
    """Return how a benefit adds up with others of its group."""
    mode = _MODES[exclusion.mode].format(n=exclusion.at_most)
    return f"与“{exclusion.group}”同组的其他待遇，{_SPANS[exclusion.span]}{mode}"


def _terms(terms: Terms, written: WrittenVersion) -> Iterator[TermLine]:
    unit, current = _UNITS[terms.period], _CURRENT[terms.period]
    counts = {"first_day": "第一天", "last_day": "最后一天", "any_day": "任何一天"}[terms.counts]
    yield TermLine("计发周期", f"{PERIOD_WORDS[terms.period]}；{current}{counts}符合全部条件即计发")
    through = f"至{written.valid_through}（含当日）" if written.valid_through else "起，直至另行公布"
    yield TermLine("条文效期", f"{written.valid_from}{through}")
    if written.benefit == "cash":
        yield TermLine("发放日", pay_words(terms.pay))
        yield TermLine("拨付单位", terms.payer or written.owner)
    if terms.arrears:
        yield TermLine("补发", f"首次认定的，自可以认定之日起最多向前补发{terms.arrears.months}个月")
    if terms.backdate:
        waived = {criterion.id: criterion.label for criterion in written.criteria}
        named = "、".join(f"“{waived[each]}”" for each in terms.backdate.waives)
        yield TermLine(
            "追溯", f"自{terms.backdate.from_}起向前最多{terms.backdate.months}个月，不再要求{named or '其他条件'}"
        )
    if terms.grace.periods:
        yield TermLine("数据待核期间", f"按最近一次金额继续发放，最多{terms.grace.periods}{unit}；之后暂缓，核实后补齐")
    for exclusion in written.excludes:
        yield TermLine("不重复享受", exclusion_words(exclusion))
    if terms.partial == "pay":
        yield TermLine("金额未定", "先按可以确定的部分发放")
    if terms.overpaid == "keep":
        yield TermLine("已发金额", "标准调整后已发的不追回")
    if terms.rounding != "half_up" or str(terms.round_to) != "0.01":
        how = {"half_up": "四舍五入", "up": "向上取整", "down": "向下取整"}[terms.rounding]
        yield TermLine("金额取整", f"{how}到{terms.round_to}元")
