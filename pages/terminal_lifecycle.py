"""Rule versions on their way into force, in a terminal: what waits to be signed, and everything that was ever done."""

import datetime as dt
from collections.abc import Iterable, Mapping

from rich.console import Group, RenderableType
from rich.text import Text

from core.clock import CIVIL_ZONE
from engine.lifecycle.history import PolicyHistory
from pages.terminal import plain_table
from store.activation_steps import ActivationRecord
from store.proposals import Proposal, ProposedActivation
from store.states import ActivationState, VersionState


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
    activations = plain_table("启用", "版本> 自 至 状态 说明")
    for record in history.activations:
        made = record.activation
        activations.add_row(
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
