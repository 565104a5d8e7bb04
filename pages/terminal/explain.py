"""An explanation in a terminal: per policy the outcome, then its criteria, those not met and unknown first."""

from collections.abc import Iterable

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from core.money import yuan_text
from engine.explaining.examination import Examination, ExaminedCriterion, ExaminedFact
from engine.explaining.state_words import FACT_STATE_WORDS, LANE_WORDS, OUTCOME_WORDS
from profiles.asking import FactState
from rules.tariff import Range

_OUTCOME_STYLE = {"met": "green", "not_met": "red", "unknown": "yellow"}
_MARK: dict[bool | None, tuple[str, str, str]] = {
    False: ("✗", "不符合", "red"),
    None: ("?", "待核", "yellow"),
    True: ("✓", "符合", "green"),
}


def explanation(examinations: Iterable[Examination]) -> RenderableType:
    """Return examinations as an officer reads them in a terminal, one policy under the other."""
    return Group(*(part for each in examinations for part in (_one(each), Text())))


def _one(examination: Examination) -> RenderableType:
    head = Text.assemble(
        (examination.title, "bold"),
        f"  {examination.event}" if examination.event else "",
        "  ",
        (OUTCOME_WORDS[examination.outcome], f"bold {_OUTCOME_STYLE[examination.outcome]}"),
        ("  差一步" if examination.is_one_step_away and not examination.is_suspended else "", "yellow"),
        ("  已暂停执行" if examination.is_suspended else "", "bold red"),
    )
    owner = f"{examination.policy} 第{examination.version}版 · {examination.owner} · {LANE_WORDS[examination.lane]}"
    parts: list[RenderableType] = [head, Text(f"{owner} · 比对日 {examination.day:%Y-%m-%d}", style="dim")]
    parts += [Text(words) for words in _said(examination)]
    parts += [
        _indented(part)
        for each in examination.criteria
        for part in _criterion(each, has_remedy=examination.is_in_own_hands)
    ]
    return Group(*parts)


def _said(examination: Examination) -> Iterable[str]:
    """Give the sentences that come before the criteria: the amount, and who owes what is missing."""
    amount = examination.amount
    if examination.is_suspended:
        yield "恢复执行前不新开、不拨付、不追回；以下只说明条件是否符合"
    elif amount is not None and (amount[1] is not None or examination.outcome != "not_met"):
        condition = "" if examination.outcome == "met" else "（如符合条件）"
        yield f"金额{condition}：{amount_words(amount)}"
    for fact in examination.missing:
        yield f"缺少：{fact.label}，应由{fact.owner}提供（{FACT_STATE_WORDS[fact.state]}）"


def _indented(part: RenderableType) -> Padding:
    return Padding(part, (0, 0, 0, 2), expand=False)


def amount_words(amount: Range) -> str:
    """Return an amount that may still be open, in yuan."""
    least, most = amount
    if most is None:
        return f"至少{yuan_text(least)}元，待核定" if least else "待核定"
    return f"{yuan_text(least)}元" if least == most else f"{yuan_text(least)}元至{yuan_text(most)}元"


def _criterion(criterion: ExaminedCriterion, *, has_remedy: bool) -> Iterable[RenderableType]:
    mark, words, style = _MARK[criterion.result]
    yield Text.assemble((f"{mark} {words}  ", style), criterion.label)
    if criterion.result is True:
        for words in _brief(criterion.facts):
            yield _indented(Text(words, style="dim"))
        return
    yield _indented(Text(criterion.wording, style="dim"))
    for apart in criterion.distances:
        yield _indented(Text(f"{apart.what}：现为{apart.held}，要求{apart.limit}，{apart.gap}"))
    if criterion.facts:
        yield _indented(_facts(criterion.facts))
    if criterion.result is False and criterion.remedy and has_remedy:
        yield _indented(Text(f"怎么办：{criterion.remedy}", style="cyan"))


def _brief(facts: Iterable[ExaminedFact]) -> Iterable[str]:
    """Give one line for all facts that the same department told for the same day."""
    told: dict[str, list[str]] = {}
    for fact in facts:
        state = "" if fact.state is FactState.KNOWN else f"（{FACT_STATE_WORDS[fact.state]}）"
        told.setdefault(_source(fact), []).append(f"{fact.label} {fact.words}{fact.unit}{state}")
    for source, words in told.items():
        yield f"{'；'.join(words)} — {source}"


def _source(fact: ExaminedFact) -> str:
    return f"{fact.owner} {fact.data_date:%Y-%m-%d}" if fact.data_date else fact.owner


def _facts(facts: Iterable[ExaminedFact]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="dim")
    for name in ("数据", "现值", "来源", "数源部门", "数据时点", "状态"):
        table.add_column(name, overflow="fold")
    for fact in facts:
        table.add_row(
            fact.label,
            f"{fact.words}{fact.unit}",
            fact.source or "—",
            fact.owner,
            f"{fact.data_date:%Y-%m-%d}" if fact.data_date else "—",
            FACT_STATE_WORDS[fact.state],
        )
    return table
