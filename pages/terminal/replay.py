"""A replay in a terminal: the verdict first, then what was compared, then every decision that differs."""

from collections.abc import Iterable
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from core.money import yuan_text
from engine.explaining.examination import Examination
from engine.explaining.state_words import OUTCOME_WORDS
from engine.replaying.replay import Replay, Verdict
from engine.replaying.replay_subject import Decided, SubjectDecision, SubjectReplay, decided
from engine.replaying.replayed import Difference, OutputState
from pages.terminal.explain import explanation
from pages.terminal.printing import plain_table

SHOWN_MOST = 20  # rows of one output; `--json` has them all

_VERDICT = {
    Verdict.EQUAL: ("一致 equal", "green"),
    Verdict.DIFFERS: ("不一致 differs", "red"),
    Verdict.REFUSED: ("无法重算 cannot be replayed", "red"),
}
OUTPUT_STATE_WORDS = {
    OutputState.SAME: "一致",
    OutputState.SAME_CONTENT: "内容一致",
    OutputState.DIFFERS: "不一致",
    OutputState.GONE: "原件已不在",
    OutputState.DAMAGED: "原件被改动",
}
OUTPUT_WORDS = {
    "outcomes": "比对结果",
    "dues": "应享",
    "units": "应付与已付",
    "items": "发放明细",
    "postings": "追回登记",
}


def replay_summary(replay: Replay) -> RenderableType:
    """Return a replay as an auditor reads it."""
    label, style = _VERDICT[replay.verdict]
    head = Text.assemble((f"{replay.business_date:%Y-%m-%d} ", "bold"), (label, style))
    engine = f"引擎 engine {replay.engine_then or '?'}"
    if replay.engine_then != replay.engine_now:
        engine += f" → {replay.engine_now}"
    parts: list[RenderableType] = [head, Text(f"{replay.run_id} · {engine}", style="dim")]
    if replay.outputs:
        table = plain_table("重算结果", "内容 结果 公布时 重算后 不同行数>")
        for each in replay.outputs:
            table.add_row(
                OUTPUT_WORDS[each.name],
                OUTPUT_STATE_WORDS[each.state],
                each.then[:12],
                each.now[:12],
                f"{each.differing_count:,}",
            )
        parts.append(table)
    for output, name in OUTPUT_WORDS.items():
        own = [each for each in replay.differences if each.output == output]
        parts += _differing(name, own)
    return Group(*parts)


def _differing(name: str, differences: list[Difference]) -> Iterable[RenderableType]:
    if not differences:
        return
    table = plain_table(f"不同的{name}", "事项 对象 周期 项 公布时 重算后")
    for each in differences[:SHOWN_MOST]:
        for place, (column, then, now) in enumerate(each.changes):
            lead = (each.policy, each.subject_id, " ".join(each.place)) if place == 0 else ("", "", "")
            table.add_row(*lead, column, _words(column, then), _words(column, now))
    yield table
    if len(differences) > SHOWN_MOST:
        yield Text(f"另有 {len(differences) - SHOWN_MOST:,} 行，见 --json", style="dim")


def _words(column: str, value: Any) -> str:  # noqa: ANN401  # a cell of a frame
    if value is None:
        return "—"
    if column == "outcome":
        return OUTCOME_WORDS[value]
    if column.endswith("_fen"):
        return yuan_text(value)
    if isinstance(value, list):
        return "、".join(map(str, value)) or "—"
    return str(value)


def subject_replay(replay: SubjectReplay) -> RenderableType:
    """Return one subject's decisions: what was published, what comes out again, and what would be decided today."""
    label, style = _VERDICT[replay.verdict]
    head = Text.assemble(
        (f"{replay.business_date:%Y-%m-%d} ", "bold"), (label, style), (f"  {replay.subject_id}", "dim")
    )
    if not replay.decisions:
        return head
    table = plain_table("当时与现在", "事项 当时的编号 公布 重算 按现在的数据")
    for each in replay.decisions:
        table.add_row(
            each.title,
            each.subject_id,
            _outcome(each.published),
            _outcome(decided(each.then)),
            "无生效版本" if each.now is None else _outcome(decided(each.now)),
        )
    parts: list[RenderableType] = [head, table]
    for each in replay.decisions:
        parts += _reasons(each)
    return Group(*parts)


def _reasons(decision: SubjectDecision) -> Iterable[RenderableType]:
    """Give the reasons of a decision that is more than a plain no, and those of today where it would be another."""
    if decision.then.outcome != "not_met" or decision.is_changed:
        yield from _titled("当时", decision.then)
    if decision.is_changed and decision.now is not None:
        yield from _titled("现在", decision.now)


def _titled(word: str, examination: Examination) -> Iterable[RenderableType]:
    yield Text(f"── {word}", style="bold cyan")
    yield explanation([examination])


def _outcome(each: Decided) -> str:
    amount = f" {yuan_text(each.amount_fen)}元" if each.amount_fen else ""
    return f"{OUTCOME_WORDS[each.outcome]}{amount}"
