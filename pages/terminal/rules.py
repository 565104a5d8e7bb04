"""Rule versions in a terminal: what stands, what a version says in plain words, how its examples came out."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from core.days import LAST_DAY, DayRange
from engine.authoring.table_exchange import ImportedTables
from pages.terminal.lifecycle import STATE_WORDS
from pages.terminal.printing import plain_table
from rules.bound import RuleVersion
from rules.standing import Activation, standing
from rules.wording import wording
from store.activation_steps import StepTaken
from store.states.rules import VersionState

_CERTAINTY = {"S": "有原文出处", "K": "待核对原文 unverified", "K-low": "存疑 unverified", "I": "推定 inferred"}
_LANES = {"automatic": "一步式", "confirm": "确认式", "guided": "快申快享", "inform": "告知"}


_PERIODS = {"month": "按月", "quarter": "按季度", "year": "按年", "once": "一次性", "event": "按次", "calendar": "按期"}
_COUNTS = {
    "first_day": "期初日符合",
    "last_day": "期末日符合",
    "any_day": "期内任一日符合",
    "census_day": "统计日符合",
    "each_day": "按符合天数",
}


def version_table(
    versions: Iterable[RuleVersion],
    activations: Sequence[Activation],
    states: Mapping[tuple[str, int], VersionState],
    stopped: Mapping[tuple[str, int | None], dt.date],
) -> Table:
    """Return every version with its state, and the days on which it stands by these activations.

    `stopped` says from which day on a version, or under None a repeal, is suspended.
    """
    table = plain_table("规则版本", "事项 版本> 名称 主管部门 方式 条文生效 状态 启用")
    for version in versions:
        table.add_row(
            version.policy,
            str(version.version),
            version.written.title,
            version.written.owner,
            _LANES[version.written.lane.value],
            f"{version.written.valid_from}",
            STATE_WORDS[states.get((version.policy, version.version), VersionState.DRAFT)],
            _days(version, [each for each in activations if each.policy == version.policy])
            + _stopped(stopped.get((version.policy, version.version))),
        )
    return table


def _stopped(since: dt.date | None) -> Text:
    return Text("" if since is None else f"；{since} 起已暂停", style="red")


def _days(version: RuleVersion, activations: Sequence[Activation]) -> Text:
    """Return the days on which a version stands; others may have taken its place, or ended its policy."""
    if version.version not in {each.version for each in activations}:
        return Text("—", style="yellow")
    every = DayRange(min(each.valid_from for each in activations), LAST_DAY)
    stands = standing(activations, every, known_at=max(each.activated_at for each in activations))
    own = [stand.days for stand in stands if stand.version == version.version]
    if not own:
        return Text("已被取代或废止", style="yellow")
    return Text("；".join(f"{days.first} 至 {'—' if days.last == LAST_DAY else days.last}" for days in own))


def version_detail(version: RuleVersion, stopped: StepTaken | None = None) -> RenderableType:
    """Return one version in plain words: conditions, amounts, terms, and the documents it carries out; and whether it stopped."""
    written = version.written
    head = Text.assemble((f"{written.title} ", "bold"), f"{written.policy} 第 {written.version} 版 · {written.owner}")
    criteria = plain_table("条件（须全部符合）", "代码 条件 含义")
    for criterion in version.criteria:
        criteria.add_row(criterion.id, criterion.label, wording(criterion.node))
    tariff = plain_table("标准（元）", "项目 适用 金额")
    for component, lines in version.tariff.items():
        for line in lines:
            when = "其余" if line.when is None else wording(line.when)
            tariff.add_row(component, when, wording(line.amount))
    basis = plain_table("依据", "文件 条款 成文 可靠程度 出处")
    for each in written.basis:
        sure = _CERTAINTY[each.certainty]
        if each.verified:
            sure = f"{each.verified.by} {each.verified.on} 核对 {each.verified.against}"
        basis.add_row(each.doc, each.article or "—", f"{each.signed_on or '—'}", sure, each.source or "—")
    terms = Text(
        f"周期 {_PERIODS[written.terms.period.value]} · 计算 {_COUNTS[written.terms.counts]} · 方式 {_LANES[written.lane.value]} · "
        f"指纹 {version.fingerprint[:16]}",
        style="dim",
    )
    return Group(head, *_stop_words(stopped), criteria, tariff, basis, terms)


def _stop_words(stopped: StepTaken | None) -> list[Text]:
    if stopped is None:
        return []
    line = f"已暂停：{stopped.suspended_from} 起的各日不拨付、不追回、不告知（{stopped.taken_by}：{stopped.reason}）"
    return [Text(line, style="bold red")]


def import_summary(made: ImportedTables) -> RenderableType:
    """Return what a workbook changed: in words, then line by line, then where the new version stands."""
    if made.path is None:
        return Text(f"{made.before.policy} 第 {made.version} 版：没有改动，未生成新版本")
    changes = plain_table("改动", "表 原 新")
    for each in made.changes:
        changes.add_row(each.what, each.before or "—", each.after or "—")
    return Group(changes, Text(made.diff), Text(f"\n新版本 {made.path}", style="bold"))


def masking_line(coarsened: Sequence[str], moved: Sequence[str]) -> str:
    """Return what was done so that an example says nothing of anybody: labels of facts."""
    line = f"脱敏：{'、'.join(coarsened)}已粗化，结果不变" if coarsened else "脱敏：没有可识别个人的数值"
    return f"{line}；金额按粗化后的{'、'.join(moved)}重新计算" if moved else line


def example_table(counts: Iterable[tuple[RuleVersion, int, int]]) -> Table:
    """Return how many worked examples of each version pass."""
    table = plain_table("样例", "事项 版本> 样例> 通过>")
    for version, total, failed in counts:
        passed = Text(f"{total - failed}", style="red" if failed else "green")
        table.add_row(version.policy, str(version.version), str(total), passed)
    return table
