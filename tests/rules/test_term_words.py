"""Every term that a version may have is told in words."""

from typing import Literal

import pytest

from rules.term_words import exclusion_words, pay_words, term_words
from rules.version import Confirmation, Deferred, Exclusion, Pay, PayeeTerm, Question, Terms
from tests.rules.samples import version

PLAIN = "terms:\n  period: month\n  pay: {calendar: monthly, day: 15}\n"

POOL = "caps: [{pool: 两项补贴, amount: 5000, span: year}]\n"

TOLD = {
    "period": "period: year",
    "counts": "counts: last_day",
    "arrears": "arrears: {months: 3}",
    "backdate": "backdate: {from: 发证日期, months: 3, waives: [resident]}",
    "grace": "grace: {periods: 2}",
    "pay": "pay: {calendar: yearly, month: 6, day: 30}",
    "payer": "payer: 区财政局",
    "partial": "partial: pay",
    "overpaid": "overpaid: keep",
    "rounding": "rounding: down",
    "round_to": "round_to: 10",
    "counts_as_paid": "counts_as_paid: {amount: 家庭月收入, span: year}",
    "duration": "duration: {months: 36, counts: paid}",
    "least": "least: 10",
    "version_by": "version_by: 发证日期",
    "facts": "facts: latest",
    "continues": "continues: true",
    "amount_for": "amount_for: year",
    "funding": "funding: [{name: 区级, level: county, share: 100%}]",
    "pot": "pot: {at_end: pay_on}",
    "offset": "offset: {share: 1/2}",
    "checked_by": "checked_by: 区残联",
    "publicity": "publicity: {working_days: 5}",
}


BESIDE = {
    "calendar": "school_terms",
    "deferred": Deferred(months=6),
    "starts": "发证日期",
    "confirmation": Confirmation(working_days=10, deemed=True),
    "asks": Question(fact="发证日期", writes="answers"),
}
"""Terms that go with others alone: a declared calendar, a benefit that is put off, a criterion that reads the day, a lane."""


def words_of(*changed: str) -> list[str]:
    """Return what is told of the sample version with some terms changed."""
    terms = {"period": "period: month", "pay": "pay: {calendar: monthly, day: 15}"} | {
        each.partition(":")[0]: each for each in changed
    }
    lines = "".join(f"  {each}\n" for each in terms.values())
    return [f"{line.about}：{line.words}" for line in term_words(version((PLAIN, f"terms:\n{lines}")).written, {})]


@pytest.mark.parametrize("name", sorted(Terms.model_fields.keys() - {"line", "payee", *BESIDE}))
def test_every_term_changes_the_words(name: str) -> None:
    """Whoever adds a term adds its words: a guide that leaves one out misleads."""
    beside = {"version_by": ["period: once"], "facts": ["period: once", TOLD["version_by"]]}.get(
        name, ["period: month"]
    )

    assert words_of(*beside, TOLD[name]) != words_of(*beside)


def test_arrears_are_told_cause_by_cause() -> None:
    """Each cause with its own limit; one that is not named has the limit of all."""
    (told,) = (
        each
        for each in words_of("period: month", "arrears: {months: 3, causes: {rule: 0, hold: unlimited}}")
        if each.startswith("补发：")
    )

    assert told == (
        "补发：首次认定的，自可以认定之日起最多向前补发3个月；因规则后公布的，只补当期，不向前补发；此前数据待核的，补发不限"
    )


@pytest.mark.parametrize(("otherwise", "words"), [("hold", "没有的暂不发放"), ("subject", "确无此人的发给本人")])
def test_who_receives_is_told(otherwise: Literal["hold", "subject"], words: str) -> None:
    """By the relation's label, with what becomes of those who have nobody."""
    plain = version().written
    payee = PayeeTerm(relation="guardian", otherwise=otherwise)
    changed = plain.model_copy(update={"terms": plain.terms.model_copy(update={"payee": payee})})

    (told,) = (line.words for line in term_words(changed, {"guardian": "监护人"}) if line.about == "收款人")
    assert told == f"由“监护人”代收；{words}；有两人以上或者待核的暂不发放"


@pytest.mark.parametrize("name", sorted(BESIDE))
def test_terms_that_go_with_others_change_the_words(name: str) -> None:
    """They are told like the rest."""
    written = version().written
    changed = written.model_copy(update={"terms": written.terms.model_copy(update={name: BESIDE[name]})})

    assert term_words(changed, {}) != term_words(written, {})


def test_terms_are_told_in_the_order_people_ask() -> None:
    """When it counts, from when it stands, when it is paid and by whom; then the special cases."""
    assert words_of(TOLD["arrears"], TOLD["grace"]) == [
        "计发周期：按月；当月任何一天符合全部条件即计发",
        "条文效期：2025-07-01起，直至另行公布",
        "发放日：每月15日；遇银行不营业顺延",
        "拨付单位：区残联",
        "补发：首次认定的，自可以认定之日起最多向前补发3个月",
        "数据待核期间：按最近一次金额继续发放，最多2个月；之后暂缓，核实后补齐",
    ]


@pytest.mark.parametrize(
    ("pay", "words"),
    [
        (Pay(calendar="quarterly", month=1, day=15, first="monthly", advance=True),
         "1月、4月、7月、10月的15日，预发至下一个发放日；首次发放在认定后最近一个月的15日；遇银行不营业顺延"),
        (Pay(calendar="monthly", day=31), "每月最后一天；遇银行不营业顺延"),
        (Pay(calendar="daily"), "认定后进入当日批次；遇银行不营业顺延"),
    ],
)  # fmt: skip
def test_pay_days(pay: Pay, words: str) -> None:
    """A quarterly calendar names its months."""
    assert pay_words(pay) == words


def test_what_does_not_add_up() -> None:
    """The group, the span and how many."""
    exclusion = Exclusion(group="护理类津贴", mode="at_most", span="year", at_most=2)
    changed = version(
        (
            "examples:",
            "excludes: [{group: 护理类津贴, mode: at_most, span: year, at_most: 2}]\n" + POOL + "examples:",
        )
    )

    assert changed.written.excludes[0].model_dump() == exclusion.model_dump()
    told = [line.words for line in term_words(changed.written, {"household": "家庭"}) if line.about == "不重复享受"]
    assert told == ["与“护理类津贴”同组的其他待遇，同一年度内最多同时享受2项"]
    assert "“两项补贴”同一年度内合计不超过5000元" in [line.words for line in term_words(changed.written, {})]


def test_who_shares_a_relation_shares_the_group() -> None:
    """The relation goes by its label."""
    shared = Exclusion(group="取暖", mode="priority", span="year", per="household", priority=1)

    words = exclusion_words(shared, {"household": "家庭"})

    assert words == "与“取暖”同组的其他待遇，同一年度内按规定次序享受一项（本项次序1），同一“家庭”合并计算"
