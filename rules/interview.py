"""The interview that makes the first version of a policy: it asks, checks each answer, and shows what it came to.

Conditions are asked as fact, comparison, value, or taken as an expression after `=`; every one is bound to the catalogue
before the next is asked. Cases are then made for every threshold, condition and fact, and the officer says whether what
the rule makes of them is what the document means.
"""

import datetime as dt
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from core.findings import Code, Finding, Place
from core.languages import Language, in_language
from core.yaml_editing import Item
from core.yaml_text import Scalar
from profiles.catalogue import Catalogue
from rules.areas import BadCodeError, check_area
from rules.authoring_codes import AuthoringCode
from rules.binding import Binder
from rules.codes import RuleCode
from rules.conversation import Ask, Talk, Tell, ask, choice, maybe, same, words
from rules.draft_text import Draft, DraftCriterion, DraftLine, draft_text
from rules.entry_faults import AnswerError
from rules.example_writing import appended
from rules.interview_conditions import ConditionWords, ask_condition
from rules.interview_examples import confirmed_examples
from rules.passages import Passage, Script
from rules.polars_expressions import condition, ratio
from rules.ratios import TooLargeError
from rules.reading import parse_version
from rules.table_cells import CellError, entered
from rules.tree import Kind, Node
from rules.version import Number
from rules.vocabulary import Vocabulary

POLICY_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_BENEFITS = {"cash": "资金", "reduction": "减免", "voucher": "券", "service": "服务"}
_LANES = {
    "automatic": "一步式，直接拨付",
    "confirm": "确认式，确认意愿和账户",
    "guided": "快申快享，回答一个问题",
    "inform": "只告知",
}
_PERIODS = {"month": "按月", "quarter": "按季度", "year": "按年", "once": "一次性"}
_CALENDARS = {"monthly": "每月", "quarterly": "每季度", "yearly": "每年", "daily": "每日"}
_CERTAINTIES = {"S": "有原文出处", "K": "待核对原文", "I": "据原文推定"}
_DAY_MOST, _MONTH_MOST = 31, {"quarterly": 3, "yearly": 12}


@dataclass(frozen=True, slots=True)
class Setting:
    """What an interview starts from: the vocabulary, the workspace's region, and the policies there are already."""

    catalogue: Catalogue
    region: str
    taken: Collection[str]


@dataclass(frozen=True, slots=True)
class Interviewed:
    """What an interview came to: a policy's code and the text of its first version."""

    policy: str
    text: str


def interview(setting: Setting) -> Talk[Interviewed]:
    """Ask for everything that a first version needs, and return its text with examples."""
    draft = Draft()
    yield Tell("回答下面的问题，最后才写文件；随时按 Ctrl-C 放弃。〔 〕内为直接回车时的取值。")
    yield from _head(draft, setting)
    yield from _basis(draft)
    vocabulary = Vocabulary.of(setting.catalogue, draft.subject, ())
    yield from _criteria(draft, vocabulary)
    if draft.benefit == "cash":
        yield from _tariff(draft, vocabulary)
    yield from _terms(draft)
    text = draft_text(draft)
    version = parse_version(text, setting.catalogue, f"policies/{draft.policy}/1.yaml")
    items: list[Item] = yield from confirmed_examples(version)
    return Interviewed(draft.policy, appended(text, items) if items else text)


def _head(draft: Draft, setting: Setting) -> Talk[None]:
    draft.title = yield from words("事项名称", "与文件一致，例如 重度残疾人护理补贴")
    draft.policy = yield from ask(
        Ask("事项代码", "小写字母、数字和连字符，例如 disability-nursing"), _free_code(setting.taken)
    )
    draft.item_code = yield from words("实施清单编码", "例如 310118-CL-0007")
    kinds = {kind.code: kind.label for kind in setting.catalogue.kinds.values()}
    draft.subject = yield from choice("对象", kinds)
    draft.region = yield from ask(Ask("地区", "行政区划代码", setting.region), _area)
    draft.owner = yield from words("主管部门", "例如 区残联")
    draft.summary = yield from maybe("一句话说明", same)
    draft.valid_from = yield from ask(Ask("施行日期", "例如 2025-07-01"), _day)
    draft.valid_through = yield from maybe("有效期至", _day_after(draft.valid_from), "含当日，可空")
    draft.benefit = yield from choice("享受形式", _BENEFITS, "cash")
    draft.lane = yield from choice("兑付方式", _LANES, "automatic")
    draft.notes |= {
        "subject": kinds[draft.subject], "benefit": _BENEFITS[draft.benefit], "lane": _LANES[draft.lane],
        "valid_from": "首日和末日都含当日",
    }  # fmt: skip


def _basis(draft: Draft) -> Talk[None]:
    yield Tell("\n依据：逐份输入；没有了直接回车。")
    while True:
        doc = yield from (words("文号或文件名") if not draft.basis else maybe("下一份文件", same))
        if not doc:
            return
        article = yield from maybe("条款", same)
        signed_on = yield from maybe("成文日期", _day)
        certainty = yield from choice("可靠程度", _CERTAINTIES, "K")
        source = (yield from words("原文出处", "网址或档案号")) if certainty == "S" else None
        draft.basis.append(
            {"doc": doc, "article": article, "signed_on": signed_on, "certainty": certainty, "source": source}
        )


def _criteria(draft: Draft, vocabulary: Vocabulary) -> Talk[None]:
    yield Tell(
        "\n条件：须全部符合，按文件的顺序。先写数据要素的名称（？列出全部），或以 = 开头直接写算式；没有了直接回车。"
    )
    bind = _binder(vocabulary, Kind.TRUTH)
    while True:
        found = yield from ask_condition(
            f"条件{len(draft.criteria) + 1}", vocabulary, bind, is_optional=bool(draft.criteria)
        )
        if found is None:
            return
        label = yield from words("条件名称", default=found.wording)
        article = yield from maybe("条款", same)
        remedy = yield from maybe("未达到怎么办", same, "本人无法改变的直接回车")
        draft.criteria.append(DraftCriterion(_identifier(draft, found), label, found.when, article, remedy))


def _tariff(draft: Draft, vocabulary: Vocabulary) -> Talk[None]:
    yield Tell("\n标准：自上而下适用第一条。只有一个标准的，适用情形直接回车。金额可写 350、5%、25万或算式。")
    bind, number = _binder(vocabulary, Kind.TRUTH), _binder(vocabulary, Kind.NUMBER)
    while True:
        nothing_more = "直接回车：其余所有情形" if draft.tariff else "直接回车：所有符合条件的"
        found = yield from ask_condition(f"第{len(draft.tariff) + 1}档适用情形", vocabulary, bind, hint=nothing_more)
        more = "" if found is not None or not draft.tariff else "，没有其余情形的直接回车"
        amount = yield from ask(Ask("金额", f"元，每期{more}"), _amount(number, is_optional=bool(more)))
        if amount is None:
            return
        article = yield from maybe("条款", same)
        draft.tariff.append(DraftLine(None if found is None else found.when, amount, article))
        if found is None:
            return


def _terms(draft: Draft) -> Talk[None]:
    yield Tell("\n计发与发放")
    draft.period = yield from choice("周期", _PERIODS, "month")
    draft.arrears = yield from maybe("首次认定最多向前补发几个月", _count(0), "直接回车：不限")
    draft.grace = yield from maybe("数据待核期间照发几期", _count(0), "直接回车：不照发")
    calendar = yield from choice("发放", _CALENDARS, "monthly")
    draft.pay = {"calendar": calendar}
    if calendar in _MONTH_MOST:
        most = _MONTH_MOST[calendar]
        draft.pay["month"] = yield from ask(Ask("第几个月", f"1 至 {most}", "1"), _count(1, most))
    if calendar != "daily":
        draft.pay["day"] = yield from ask(Ask("发放日", "1 至 31；31 为当月最后一天", "15"), _count(1, _DAY_MOST))
    office = yield from maybe("咨询部门", same)
    if office:
        phone = yield from maybe("咨询电话", same)
        draft.contact = {"office": office, "phone": phone}


def _identifier(draft: Draft, found: ConditionWords) -> str:
    """Return a name for a condition that no other has."""
    taken = {each.id for each in draft.criteria}
    wanted = found.attribute.code if found.attribute is not None else "condition"
    return next(name for name in (wanted, *(f"{wanted}_{n}" for n in range(2, len(taken) + 3))) if name not in taken)


def _binder(vocabulary: Vocabulary, kind: Kind) -> Callable[[str], Node]:
    """Return what binds an expression to the vocabulary."""

    def bind(text: str) -> Node:
        binder = Binder(vocabulary, {})
        node = binder.bind(Passage(text, Script("", "")), kind)
        if node is None:
            fault = binder.findings[0]
            raise _refusal(fault.message, fault.help, fault.code)
        try:
            ratio(node) if kind is Kind.NUMBER else condition(node)
        except TooLargeError:
            raise AnswerError("精确结果可能超出 128 位", "少用几个数据要素相乘、相除") from None
        return node

    return bind


def _amount(bind: Callable[[str], Node], *, is_optional: bool) -> Callable[[str], Scalar]:
    def read(line: str) -> Scalar:
        if not line and is_optional:
            return None
        try:
            amount: Number = entered(line, "")
        except CellError as fault:
            raise _refusal(fault.message, fault.remedy, AuthoringCode.TABLE_CELL) from None
        bind(str(amount))
        return amount

    return read


def _free_code(taken: Collection[str]) -> Callable[[str], str]:
    def read(line: str) -> str:
        if not POLICY_CODE.fullmatch(line):
            raise AnswerError(f"“{line}”不能作代码", "用小写字母、数字和连字符，例如 disability-nursing")
        if line in taken:
            remedy = "修改它请做下一版本：mianshen rules export 和 import，或复制最新的文件"
            raise AnswerError(f"已有代码为“{line}”的事项", remedy)
        return line

    return read


def _area(line: str) -> str:
    try:
        check_area(line)
    except BadCodeError as fault:
        raise _refusal(fault.message, fault.remedy, RuleCode.BAD_CODE) from None
    return line


def _refusal(message: str, remedy: str | None, code: Code) -> AnswerError:
    """Return a fault in the language of the conversation."""
    said = in_language(Finding(code, Place(""), message, remedy), Language.CHINESE)
    return AnswerError(said.message, said.help)


def _day(line: str) -> dt.date:
    try:
        return dt.date.fromisoformat(line)
    except ValueError:
        raise AnswerError(f"“{line}”不是日期", "写成 2025-07-01") from None


def _day_after(first: dt.date) -> Callable[[str], dt.date]:
    def read(line: str) -> dt.date:
        if (day := _day(line)) < first:
            raise AnswerError(f"{day} 早于 {first}", "首日和末日都含当日")
        return day

    return read


def _count(least: int, most: int = 1_200) -> Callable[[str], int]:
    def read(line: str) -> int:
        if not (line.isascii() and line.isdecimal()) or not least <= int(line) <= most:
            raise AnswerError(f"应为 {least} 至 {most} 的整数，写的是“{line}”")
        return int(line)

    return read
