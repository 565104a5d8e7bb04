"""Rule versions on their way into force, in a terminal: what waits to be signed, and everything that was ever done."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text

from pages.terminal import plain_table
from store.proposals import Proposal, ProposedActivation


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
