"""A version's terms in plain Chinese: periods, time limits, pay days, what is paid back and what adds up.

For guides and officers; the arithmetic itself stands in `docs/semantics.md`.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from core.days import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, PeriodKind
from core.ledger import Cause
from rules.version import Arrears, Cap, Exclusion, FundingLine, MonthsBack, Pay, Terms, WrittenVersion

PERIOD_WORDS: Mapping[PeriodKind, str] = {
    PeriodKind.MONTH: "按月", PeriodKind.QUARTER: "按季度", PeriodKind.YEAR: "按年",
    PeriodKind.ONCE: "一次性", PeriodKind.EVENT: "按次", PeriodKind.DECLARED: "按期",
}  # fmt: skip
EACH_WORDS: Mapping[PeriodKind, str] = {
    PeriodKind.MONTH: "每月", PeriodKind.QUARTER: "每季度", PeriodKind.YEAR: "每年",
    PeriodKind.ONCE: "一次性", PeriodKind.EVENT: "每次", PeriodKind.DECLARED: "每期",
}  # fmt: skip
_UNITS: Mapping[PeriodKind, str] = {
    PeriodKind.MONTH: "个月", PeriodKind.QUARTER: "个季度", PeriodKind.YEAR: "年",
    PeriodKind.ONCE: "期", PeriodKind.EVENT: "期", PeriodKind.DECLARED: "期",
}  # fmt: skip
_CURRENT: Mapping[PeriodKind, str] = {
    PeriodKind.MONTH: "当月", PeriodKind.QUARTER: "当季", PeriodKind.YEAR: "当年",
    PeriodKind.ONCE: "有效期内", PeriodKind.EVENT: "有效期内", PeriodKind.DECLARED: "当期",
}  # fmt: skip
_MODES: Mapping[str, str] = {
    "highest": "就高享受一项", "priority": "按规定次序享受一项", "stack": "可以同时享受", "at_most": "最多同时享受{n}项",
    "apart": "每{n}个月内享受一次",
}  # fmt: skip
_SPANS: Mapping[str, str] = {"period": "同一期内", "year": "同一年度内", "lifetime": "终身", "event": "每一次"}
_CAUSES: Mapping[Cause, str] = {
    Cause.RULE: "因规则后公布的", Cause.HOLD: "此前数据待核的", Cause.DELIVERY: "因部门迟报或者更正的"
}  # fmt: skip
_LAST_OF_MONTH = 31


class TermLine(NamedTuple):
    """One thing that the terms fix: what it is about, and a sentence about it."""

    about: str
    words: str


def term_words(written: WrittenVersion, relations: Mapping[str, str]) -> tuple[TermLine, ...]:
    """Return the terms of a version, in the order in which people ask about them; `relations` gives labels by code."""
    return tuple(_terms(written.terms, written, relations))


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
    after = {None: "", "quarter": "；每季度应发的结转下一季度发放", "year": "；当年应发的结转下一年度发放"}[pay.after]
    return f"{words}{advance}{first}{after}；遇银行不营业顺延"


def exclusion_words(exclusion: Exclusion, relations: Mapping[str, str]) -> str:
    """Return how a benefit adds up with others of its group."""
    mode = _MODES[exclusion.mode].format(n=exclusion.at_most or exclusion.months)
    shared = f"，同一“{relations.get(exclusion.per, exclusion.per)}”合并计算" if exclusion.per else ""
    rank = f"（本项次序{exclusion.priority}）" if exclusion.priority is not None else ""
    return f"与“{exclusion.group}”同组的其他待遇，{_SPANS[exclusion.span]}{mode}{rank}{shared}"


def cap_words(cap: Cap, relations: Mapping[str, str]) -> str:
    """Return the ceiling that a benefit shares with others of its pool."""
    per = {"subject": "", "version": "，每一版本分别计算"}.get(
        cap.per, f"，同一“{relations.get(cap.per, cap.per)}”合并计算"
    )
    return f"“{cap.pool}”{_SPANS[cap.span]}合计不超过{cap.amount}元{per}"


def _terms(terms: Terms, written: WrittenVersion, relations: Mapping[str, str]) -> Iterator[TermLine]:
    yield from _counting(terms)
    through = f"至{written.valid_through}（含当日）" if written.valid_through else "起，直至另行公布"
    yield TermLine("条文效期", f"{written.valid_from}{through}")
    if terms.version_by:
        facts = "当日适用的版本和最新的情况认定，补差额" if terms.facts else "当日的情况和当日适用的版本认定"
        yield TermLine("认定日", f"按“{terms.version_by}”{facts}")
    if written.benefit == "cash":
        yield from _paying(terms, written, relations)
        yield from _money(terms)
    yield from _before_money(terms)
    yield from _late(terms, written)
    yield from _shared(terms, written, relations)
    if terms.duration:
        counted = {"calendar": "自首次符合起连续计算", "paid": "只计实际发放的月份"}[terms.duration.counts]
        more = f"，延长{terms.duration.extended_by}个月" if terms.duration.extended_by else ""
        yield TermLine("期限", f"最多{terms.duration.months}个月{more}，{counted}")
    if terms.continues:
        yield TermLine("停止执行后", "停止前已享受的，条件不变时继续享受")
    if terms.deferred:
        yield TermLine("到期日", f"每期结束后{terms.deferred.months}个月")
    if terms.least is not None:
        yield TermLine("起付", f"应发不足{terms.least}元的不发放")
    if terms.partial == "pay":
        yield TermLine("金额未定", "先按可以确定的部分发放")
    yield from _overpaid(terms)
    if terms.rounding != "half_up" or str(terms.round_to) != "0.01":
        how = {"half_up": "四舍五入", "up": "向上取整", "down": "向下取整"}[terms.rounding]
        yield TermLine("金额取整", f"{how}到{terms.round_to}元")


def _overpaid(terms: Terms) -> Iterator[TermLine]:
    """Give what becomes of money that turns out not to be due."""
    if terms.overpaid == "keep":
        yield TermLine("已发金额", "标准调整后已发的不追回")
    if terms.offset:
        others = "".join(f"、{each}" for each in terms.offset.from_)
        share = terms.offset.share
        yield TermLine("多发抵扣", f"经决定，可从以后发放的本项{others}中抵扣，每笔不超过应发金额的{share}")


def _counting(terms: Terms) -> Iterator[TermLine]:
    """Give how time is cut, which days count, and what part of an amount a period has."""
    current = _CURRENT[terms.period]
    counts = {
        "first_day": "第一天",
        "last_day": "最后一天",
        "any_day": "任何一天",
        "census_day": "统计日",
        "each_day": "每一天",
    }[terms.counts]
    named = f"（{terms.calendar}）" if terms.calendar else ""
    yield TermLine("计发周期", f"{PERIOD_WORDS[terms.period]}{named}；{current}{counts}符合全部条件即计发")
    if terms.starts:
        yield TermLine("起算日", f"各期自各自的“{terms.starts}”当日起算；所在月份没有该日的，为当月最后一天")
    if terms.amount_for:
        yield TermLine("分期", "标准为全年金额，各期均分到分，除不尽的由当年靠前的各期各多一分")


def _paying(terms: Terms, written: WrittenVersion, relations: Mapping[str, str]) -> Iterator[TermLine]:
    """Give on which days, by whom and to whom is paid."""
    yield TermLine("发放日", pay_words(terms.pay))
    yield TermLine("拨付单位", terms.payer or written.owner)
    if terms.payee:
        who = relations.get(terms.payee.relation, terms.payee.relation)
        otherwise = "确无此人的发给本人" if terms.payee.otherwise == "subject" else "没有的暂不发放"
        yield TermLine("收款人", f"由“{who}”代收；{otherwise}；有两人以上或者待核的暂不发放")


def _money(terms: Terms) -> Iterator[TermLine]:
    """Give out of which purses is paid, and what becomes of payments that the year's money does not cover."""
    if terms.funding:
        yield TermLine("资金来源", "；".join(map(_purse_words, terms.funding)))
    if terms.pot:
        at_end = {
            "wait": "未付的按次序等候，有钱时补发",
            "stop_new": "已经享受的在先，首次享受的等候",
            "pay_on": "继续发放，超出部分列示",
        }[terms.pot.at_end]
        known = {"period": "应发期早的", "discovered": "认定早的"}
        order = "，再".join(known.get(word, f"“{word}”小的") for word in terms.pot.order)
        yield TermLine("当年资金不足时", f"{at_end}；次序：先{order}" if order else at_end)


def _purse_words(line: FundingLine) -> str:
    level = {"central": "中央", "province": "省级", "city": "市级", "county": "区县级", "town": "乡镇级"}[line.level]
    named = line.name if level in line.name or line.name in level else f"{line.name}（{level}）"
    account = f"，科目{line.account}" if line.account else ""
    project = f"，项目{line.project}" if line.project else ""
    return f"{named}负担{line.share}{account}{project}"


def _before_money(terms: Terms) -> Iterator[TermLine]:
    """Give what has to happen between a match and money."""
    if terms.confirmation:
        asked = terms.confirmation
        given = "意愿和收款账户" if asked.needs_account else "意愿"
        days = f"自告知次日起{asked.working_days}个工作日内答复" if asked.working_days else "本事项有效期内均可答复"
        remind = f"，第{'、'.join(map(str, asked.remind))}个工作日提醒" if asked.remind else ""
        silent = "告知已送达而逾期未答复的，视为同意" if asked.deemed else "逾期未答复的不再保留，本人可以要求重新告知"
        yield TermLine("确认", f"本人确认{given}，{days}{remind}{f'；{silent}' if asked.working_days else ''}")
    if terms.asks:
        yield TermLine(
            "补充信息", f"其他条件均符合、只缺“{terms.asks.fact}”的，请本人补充后按答复认定；部门以后提供的数据优先"
        )
    if terms.checked_by:
        yield TermLine("名单确认", f"名单由{terms.checked_by}确认后发放")
    if terms.publicity:
        yield TermLine("公示", f"姓名和号码遮掩后公示{terms.publicity.working_days}个工作日，有实名异议的查清后再发放")


def _late(terms: Terms, written: WrittenVersion) -> Iterator[TermLine]:
    """Give what happens for days that are known late, or not at all."""
    if terms.arrears:
        yield TermLine("补发", _arrears_words(terms.arrears))
    if terms.backdate:
        waived = {criterion.id: criterion.label for criterion in written.criteria}
        named = "、".join(f"“{waived[each]}”" for each in terms.backdate.waives)
        words = f"自{terms.backdate.from_}起向前最多{terms.backdate.months}个月，不再要求{named or '其他条件'}"
        yield TermLine("追溯", words)
    if terms.grace.periods:
        unit = _UNITS[terms.period]
        words = f"按最近一次金额继续发放，最多{terms.grace.periods}{unit}；之后暂缓，核实后补齐"
        yield TermLine("数据待核期间", words)


def _arrears_words(arrears: Arrears) -> str:
    """Return how far back a first grant reaches, cause by cause."""
    causes = (
        [] if arrears.causes is None else [(words, getattr(arrears.causes, each)) for each, words in _CAUSES.items()]
    )
    named = [f"{words}，{_back_words(months)}" for words, months in causes if months is not None]
    return f"首次认定的，自可以认定之日起{'；'.join([_back_words(arrears.months), *named])}"


def _back_words(months: MonthsBack) -> str:
    if months == "unlimited":
        return "补发不限"
    return f"最多向前补发{months}个月" if months else "只补当期，不向前补发"


def _shared(terms: Terms, written: WrittenVersion, relations: Mapping[str, str]) -> Iterator[TermLine]:
    """Give how the benefit adds up with others, and with money from elsewhere."""
    for exclusion in written.excludes:
        yield TermLine("不重复享受", exclusion_words(exclusion, relations))
    for cap in written.caps:
        yield TermLine("上限", cap_words(cap, relations))
    if terms.counts_as_paid:
        paid = terms.counts_as_paid
        words = f"{_SPANS[paid.span]}已从其他渠道得到的（{paid.amount}）从应发中扣除"
        yield TermLine("其他渠道已得", words)
