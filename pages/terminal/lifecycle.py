"""Rule versions on their way into force, in a terminal: what waits to be signed, and everything that was ever done."""

import datetime as dt
from collections.abc import Iterable, Mapping

from rich.console import Group, RenderableType
from rich.text import Text

from core.clock import CIVIL_ZONE
from core.money import yuan_text
from engine.lifecycle.history import PolicyHistory
from engine.lifecycle.suspending import Moved
from engine.report import PolicyTally
from pages.terminal.nights import policy_table
from pages.terminal.printing import plain_table
from store.activation_steps import ActivationRecord
from store.proposals import Proposal, ProposedActivation
from store.states.rules import ActivationState, VersionState


def proposal_detail(proposal: Proposal, activations: Iterable[ProposedActivation]) -> RenderableType:
    """Return what whoever signs puts into force, and the fingerprint that they sign."""
    table = plain_table("待审批", "事项 版本> 自 至 说明")
    for each in activations:
        table.add_row(
            each.policy,
            "废止" if each.version is None else str(each.version),
            str(each.valid_from),
            "—" if each.valid_through is None else str(each.valid_through),
            "；".join(remarks(each)) or "—",
        )
    who = f"拟定 {proposal.authored_by} · 提交 {proposal.submitted_by} · 指纹 {proposal.fingerprint}"
    return Group(table, Text(who, style="dim"))


def suspension_detail(moved: Moved, *, is_dry_run: bool) -> RenderableType:
    """Return what somebody stopped, or let go on, and what waits."""
    title = f"{moved.policy} 试算，未写入 dry run" if is_dry_run else moved.policy
    table = plain_table(title, "启用 版本> 自 至 原状态 现状态 暂停起算日")
    for record in moved.activations:
        made, step = record.activation, record.steps[-1]
        table.add_row(
            record.activation_id,
            "废止" if made.version is None else str(made.version),
            str(made.valid_from),
            "—" if made.valid_through is None else str(made.valid_through),
            STATE_WORDS[step.source],
            STATE_WORDS[step.target],
            str(step.suspended_from or "—"),
        )
    waiting, is_stopped = moved.waiting, moved.activations[-1].suspension is not None
    items = f"待拨付 {waiting.item_count:,} 笔 {yuan_text(waiting.amount_fen)} 元"
    said = [f"{items}；未送出的批次 {waiting.batch_count} 个 {yuan_text(waiting.batch_fen)} 元"]
    if is_stopped:
        said.append(
            "暂停期间不新开、不拨付、不追回、不终止、不告知；批次在下一晚之前不得送出，下一晚起应暂缓的退出批次"
        )
        said.append(f"恢复须由另一人执行：mianshen rules resume {moved.policy} --reason …（先加 --dry-run 看效果）")
    else:
        said.append("下一晚按届时所知补算差额：不遗漏，不重复")
    return Group(table, *(Text(line, style="dim") for line in said))


def resumption_preview(tally: PolicyTally) -> RenderableType:
    """Return what the next night would come to if somebody resumed a policy now."""
    line = Text("如现在恢复，下一晚的结果如下；未写入 dry run", style="dim")
    return Group(policy_table("恢复后的下一晚", [tally]), line)


def history_detail(history: PolicyHistory) -> RenderableType:
    """Return a policy's versions, its activations, and every step that anybody took, oldest first."""
    versions = plain_table(f"{history.policy} 已发布的版本", "版本> 条文生效 发布 经办 指纹")
    for each in history.versions:
        versions.add_row(
            str(each.version),
            str(each.valid_from),
            _instant(each.published_at),
            each.published_by,
            each.fingerprint[:16],
        )
    activations = plain_table("启用", "启用 版本> 自 至 状态 说明")
    for record in history.activations:
        made = record.activation
        activations.add_row(
            record.activation_id,
            "废止" if made.version is None else str(made.version),
            str(made.valid_from),
            "—" if made.valid_through is None else str(made.valid_through),
            STATE_WORDS[record.state],
            _reach(record) or "—",
        )
    deeds = plain_table("经过", "时间 经办 事项 步骤 说明 指纹")
    for deed in history.deeds:
        source = f"{STATE_WORDS[deed.source]} → " if deed.source else ""
        deeds.add_row(
            _instant(deed.at),
            deed.by,
            deed.what,
            f"{source}{STATE_WORDS[deed.target]}",
            deed.reason or "—",
            deed.fingerprint[:16] if deed.fingerprint else "—",
        )
    return Group(versions, activations, deeds)


def _reach(record: ActivationRecord) -> str:
    said = [f"追溯至 {record.reaches_back_to}"] if record.reaches_back_to else []
    said += [f"影子运行 {record.shadow_nights} 晚"] if record.shadow_nights else []
    stopped = record.suspension
    said += [f"{stopped.taken_by} 暂停 {stopped.suspended_from} 起的各日：{stopped.reason}"] if stopped else []
    return "；".join(said)


def _instant(at: dt.datetime) -> str:
    return f"{at.astimezone(CIVIL_ZONE):%Y-%m-%d %H:%M}"


STATE_WORDS: Mapping[VersionState | ActivationState, str] = {
    VersionState.DRAFT: "草稿",
    VersionState.SUBMITTED: "已提交",
    VersionState.RETURNED: "已退回",
    VersionState.APPROVED: "已审批",
    VersionState.PUBLISHED: "已发布",
    VersionState.WITHDRAWN: "已撤回",
    ActivationState.SCHEDULED: "待启用",
    ActivationState.SHADOW: "影子运行",
    ActivationState.IN_FORCE: "执行中",
    ActivationState.SUSPENDED: "已暂停",
    ActivationState.LAPSED: "已到期",
}


def remarks(activation: ProposedActivation) -> list[str]:
    """Return what is out of the ordinary about an activation."""
    found = []
    if activation.reaches_back_to is not None:
        found.append(f"追溯至 {activation.reaches_back_to}")
    if activation.clears and activation.version is not None:
        found.append("压过此前更晚开始的启用")
    if activation.shadow_nights:
        found.append(f"先影子运行 {activation.shadow_nights} 晚")
    return found
