"""免申就绪度 in a terminal: how many policies are ready, then each of them, then what a data steward does first."""

from collections import Counter
from collections.abc import Callable, Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from core.money import yuan_text
from engine.readiness import ReadinessReport, WorkItem
from pages.terminal.data import FRESHNESS_WORDS
from pages.terminal.printing import plain_table
from pages.words import as_written
from rules.readiness import (
    NEEDED,
    TEXTUAL,
    Counted,
    FactReadiness,
    Hindrance,
    Obstacle,
    Readiness,
    Role,
    SourceReadiness,
    Verdict,
)
from rules.version import Lane

VERDICT_WORDS = {
    Verdict.AUTOMATIC: ("一步式", "green"),
    Verdict.CONFIRM: ("确认式", "cyan"),
    Verdict.GUIDED: ("快申快享", "yellow"),
    Verdict.NOT_YET: ("尚不具备", "red"),
}
LANE_WORDS = {Lane.AUTOMATIC: "一步式", Lane.CONFIRM: "确认式", Lane.GUIDED: "快申快享", Lane.INFORM: "告知"}
_ROLES = {Role.FIRST: "首选", Role.FURTHER: "备选", Role.RELATION: "关系"}
_ABSENT = {"True": "是", "False": "否", "unknown": "不能推断"}
OBSTACLE_WORDS = {
    Obstacle.NEVER: "从未送达",
    Obstacle.STALE: "已过期",
    Obstacle.OFTEN_OPEN: "多数待核",
    Obstacle.INCOMPLETE: "不完整",
    Obstacle.REGIONS: "缺地区",
    Obstacle.SOMETIMES_OPEN: "部分待核",
    Obstacle.WHOM: "受益对象不明",
    Obstacle.BASIS: "依据待核实",
    Obstacle.AMOUNT: "标准未定",
    Obstacle.EXPIRED: "文件已到期",
}
_LIFTS = {
    Obstacle.NEVER: "请{owner}送达{label}",
    Obstacle.STALE: "请{owner}更新{label}",
    Obstacle.OFTEN_OPEN: "请{owner}补全{label}中的该项数据",
    Obstacle.INCOMPLETE: "请{owner}重送完整的{label}，或确认该文件无误",
    Obstacle.REGIONS: "请{owner}补送{label}所缺地区",
    Obstacle.SOMETIMES_OPEN: "请{owner}补全{label}中的该项数据",
    Obstacle.WHOM: "写明以数据可判定的条件",
    Obstacle.BASIS: "与原文核对后，在 basis 处写 verified",
    Obstacle.AMOUNT: "写明发放标准 tariff",
    Obstacle.EXPIRED: "续期或废止",
}


def readiness_page(report: ReadinessReport, *, has_details: bool) -> RenderableType:
    """Return the summary, the policies and the work list; with details, every fact of every policy."""
    parts: list[RenderableType] = [_summary(report), _policies(report.policies)]
    if report.work:
        parts += [_work(report.work), Text("金额为一个周期的上限；符合与否补数后才知道", style="dim")]
    if has_details:
        parts += [part for each in report.policies for part in _details(each)]
    return Group(*parts)


def verdict_text(readiness: Readiness) -> Text:
    """Return which lane a version is ready for; marked where that falls short of the one that it declares."""
    words, style = VERDICT_WORDS[readiness.verdict]
    return Text(words if readiness.is_ready else f"{words} ✗", style=style if readiness.is_ready else "red")


def hindrance_counts(readiness: Readiness, words: Callable[..., str] = as_written) -> str:
    """Return what stands in the way, in short: how many resources have which obstacle, then what the document lacks."""
    found = {(each.obstacle, each.resource) for each in readiness.holding}
    counts = Counter(obstacle for obstacle, _ in found)
    said = {obstacle: words(OBSTACLE_WORDS[obstacle]) for obstacle in Obstacle if counts[obstacle]}
    parts = [
        text if obstacle in TEXTUAL else words("数据%(obstacle)s %(count)s", obstacle=text, count=counts[obstacle])
        for obstacle, text in said.items()
    ]
    return "，".join(parts) or "·"


def readiness_line(readiness: Readiness) -> Text:
    """Return one line: the verdict, what the version declares, and what stands in the way."""
    words, style = VERDICT_WORDS[readiness.verdict]
    line = Text.assemble("免申就绪度：", (words, style), f"（所定方式：{LANE_WORDS[readiness.lane]}）")
    reasons = _reasons(readiness.holding)
    return line.append(f"；{reasons}") if reasons else line


def _summary(report: ReadinessReport) -> Text:
    counts = Counter(each.verdict for each in report.policies)
    text = Text.assemble((f"{report.on:%Y-%m-%d} 免申就绪度", "bold"), f"  {len(report.policies)} 项：")
    for place, (verdict, (words, style)) in enumerate(VERDICT_WORDS.items()):
        text.append("，" if place else "").append(f"{words} {counts[verdict]}", style=style)
    short = sum(not each.is_ready for each in report.policies)
    text.append(f"；达不到所定方式 {short}" if short else "；均达到所定方式")
    of_data = sum(each.data_verdict.rank > NEEDED[each.lane].rank for each in report.policies)
    return text.append(f"，其中因数据 {of_data}") if of_data else text


def _policies(policies: Iterable[Readiness]) -> Table:
    table = plain_table("政策事项", "事项 版 主管部门 所定方式 就绪度 数据就绪 数据有缺 文本 制约")
    for each in policies:
        data = [found for found in each.hindrances if found.obstacle not in TEXTUAL]
        words, style = VERDICT_WORDS[each.verdict]
        table.add_row(
            each.title,
            str(each.version),
            each.owner,
            Text(LANE_WORDS[each.lane], style="" if each.is_ready else "red"),
            Text(words, style=style),
            Text(VERDICT_WORDS[each.data_verdict][0], style=VERDICT_WORDS[each.data_verdict][1]),
            f"{len({found.fact for found in data})}/{len(each.facts)}" if data else "·",
            "、".join(OBSTACLE_WORDS[found.obstacle] for found in each.hindrances if found.obstacle in TEXTUAL)
            or "明确",
            _reasons(found for found in each.holding if found.obstacle not in TEXTUAL) or "·",
        )
    return table


def _reasons(hindrances: Iterable[Hindrance]) -> str:
    """Return what stands in the way, each resource with its obstacle once."""
    said = dict.fromkeys(f"{each.resource or '文件'} {OBSTACLE_WORDS[each.obstacle]}" for each in hindrances)
    return "，".join(said)


def _work(work: Iterable[WorkItem]) -> Table:
    table = plain_table(
        "先办什么（单凭该资源即可核定）", "资源 名称 数源部门 状态 对象> 结果> 金额上限(元)> 提升政策> 共同制约>"
    )
    for each in work:
        limit = yuan_text(each.most_fen) if each.most_fen else "·"
        if each.unlimited_count:
            limit += f" 另{each.unlimited_count:,}笔未定"
        table.add_row(
            each.resource,
            each.label,
            each.owner,
            "有空值" if each.obstacle is None else OBSTACLE_WORDS[each.obstacle],
            *(f"{count:,}" for count in (each.subject_count, each.outcome_count)),
            limit,
            f"{each.lifted_count:,}",
            f"{each.shared_count:,}",
        )
    return table


def _details(readiness: Readiness) -> Iterable[RenderableType]:
    yield Text(f"\n{readiness.title}  {readiness.policy} 第{readiness.version}版", style="bold")
    yield readiness_line(readiness)
    table = plain_table("所用数据", "数据 来源 数源部门 次序 数据日 有效至 时限 状态 完整 疑点> 未在册 已知")
    for fact in readiness.facts:
        for place, source in enumerate(fact.sources):
            lead = (
                fact.label,
                *_source_cells(source),
                _ABSENT.get(fact.when_absent, fact.when_absent),
                _known(fact.counted),
            )
            table.add_row(*(lead if place == 0 else ("", *_source_cells(source), "", "")))
    yield table
    for each in readiness.holding:
        yield Text.assemble(
            "  ", (OBSTACLE_WORDS[each.obstacle], VERDICT_WORDS[each.limit][1]), f"  {_lift(readiness, each)}"
        )


def _source_cells(source: SourceReadiness) -> tuple[str | Text, ...]:
    words, style = FRESHNESS_WORDS[source.freshness]
    never = source.data_date is None
    return (
        f"{source.label} {source.resource}",
        source.owner,
        _ROLES[source.role],
        "—" if source.data_date is None else f"{source.data_date:%Y-%m-%d}",
        "—" if source.fresh_through is None else f"{source.fresh_through:%Y-%m-%d}",
        f"{source.fresh_days}天",
        Text(words, style=style),
        "—" if never else "是" if source.is_complete else "否",
        f"{source.quarantined_count:,}" if source.quarantined_count else "·",
    )


def _known(counted: Counted | None) -> str:
    """Return of how many subjects a fact is known, and how many that may be entitled wait for it."""
    if counted is None or not counted.subject_count:
        return "—"
    share = f"{counted.known_count / counted.subject_count:.1%}"
    return f"{share}，{counted.open_count:,}/{counted.candidate_count:,}待核" if counted.open_count else share


def _lift(readiness: Readiness, hindrance: Hindrance) -> str:
    fact: FactReadiness | None = next((each for each in readiness.facts if each.code == hindrance.fact), None)
    source = next((each for each in fact.sources if each.resource == hindrance.resource), None) if fact else None
    if fact is None or source is None:
        return _LIFTS[hindrance.obstacle]
    return f"{fact.label}：{_LIFTS[hindrance.obstacle].format(owner=source.owner, label=source.label)}"
