"""Two versions beside each other in a terminal: what it does first, then who is affected, then what changed."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text

from core.money import yuan_text
from engine.explaining.fact_words import unit_of, value_words
from pages.terminal.printing import plain_table
from rules.diff import Change, Difference, DifferenceKind
from rules.effects import Affected, Result

KIND_WORDS = {
    DifferenceKind.TEXT_ONLY: ("仅文字 text only", "green", "没有影响结果的改动"),
    DifferenceKind.NEUTRAL: ("中性 neutral", "green", "已证明 proved：事实齐全时，无人受影响"),
    DifferenceKind.WIDENING: ("放宽 widening", "yellow", "已证明 proved：事实齐全时，有人得益，无人受损"),
    DifferenceKind.NARROWING: ("收紧 narrowing", "red", "已证明 proved：事实齐全时，有人受损，无人得益"),
    DifferenceKind.MIXED: ("有宽有紧 mixed", "red", "已证明 proved：有人得益，也有人受损"),
    DifferenceKind.OPEN: ("未能判定 not decided", "yellow", "以下问题未能判定，请看试运行 plan"),
}
SECTION_WORDS = {
    "criteria": "条件",
    "parameters": "参数",
    "tariff": "标准（元）",
    "terms": "发放规则",
    "text": "说明文字",
}
_OUTCOMES = {True: "符合", False: "不符合", None: "待核"}


def difference_view(difference: Difference) -> RenderableType:
    """Return a difference as a person reads it."""
    before, after = difference.before, difference.after
    words, style, meaning = KIND_WORDS[difference.kind]
    head = Text.assemble(
        (f"{after.written.title} ", "bold"),
        f"{after.policy} 第 {before.version} 版 → 第 {after.version} 版：",
        (words, style),
    )
    parts: list[RenderableType] = [head, Text(meaning, style="dim")]
    parts += [Text(f"未判定 not decided: {question}", style="yellow") for question in difference.open]
    if difference.effect is not None:
        for label, affected in (
            ("得益举例 gains", difference.effect.gainer),
            ("受损举例 loses", difference.effect.loser),
        ):
            if affected is not None:
                parts.append(_affected(label, affected))
    for section, title in SECTION_WORDS.items():
        own = [change for change in difference.changes if change.section == section]
        if own:
            parts.append(_changes(title, own))
    if not difference.changes:
        parts.append(Text("内容相同 no differences"))
    return Group(*parts)


def _affected(label: str, affected: Affected) -> RenderableType:
    head = Text(
        f"{label}（{affected.witness.day}）：{result_words(affected.before)} → {result_words(affected.after)}",
        style="bold",
    )
    table = plain_table("", "事实 值")
    for code, fact in sorted(affected.witness.read.items(), key=lambda item: item[1].label):
        value = affected.witness.facts[code]
        table.add_row(fact.label, f"{value_words(value, fact.type)}{unit_of(fact.type, fact.unit)}")
    return Group(head, table)


def result_words(result: Result) -> str:
    """Return what a version says of somebody: the outcome, and the amount where it is met."""
    amount = "金额未定" if result.amount_fen is None else f"{yuan_text(result.amount_fen)} 元"
    return f"{_OUTCOMES[result.outcome]} {amount}" if result.outcome else _OUTCOMES[result.outcome]


def _changes(title: str, changes: Iterable[Change]) -> RenderableType:
    table = plain_table(title, "项目 改前 改后")
    for change in changes:
        before = Text("（无）", style="dim") if change.before is None else Text(change.before)
        after = Text("（删去）", style="dim") if change.after is None else Text(change.after)
        table.add_row(change.name, before, after)
    return table
