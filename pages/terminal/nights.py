"""A night in a terminal: one line per policy, then batches, then missing facts."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from core.money import yuan_text
from engine.report import BatchTally, NightReport, NightState, PolicyTally
from pages.terminal.printing import plain_table

_STATE = {
    NightState.PUBLISHED: ("已发布 published", "green"),
    NightState.DRY_RUN: ("试算，未写入 dry run, nothing written", "yellow"),
    NightState.STOPPED: ("已停下，待人工确认 stopped for a person", "red"),
}


def night_summary(report: NightReport) -> RenderableType:
    """Return a night as a person reads it: one line per policy, then batches, then missing facts."""
    label, style = _STATE[report.state]
    head = Text.assemble((f"{report.business_date:%Y-%m-%d} ", "bold"), (label, style))
    parts: list[RenderableType] = [head, policy_table("政策事项", report.policies)]
    if report.shadows:
        parts.append(policy_table("影子运行（只测算，不告知、不发放 nothing leaves）", report.shadows))
    if report.batches:
        parts.append(_batches(report.batches))
    missing = _missing(report.policies)
    if missing.row_count:
        parts.append(missing)
    parts.append(
        Text(f"告知 notices: {report.notice_count}    清单 manifest: {report.manifest_hash[:16]}", style="dim")
    )
    return Group(*parts)


def _count(value: int) -> str:
    return f"{value:,}" if value else "·"


def _money(fen: int) -> str:
    return yuan_text(fen) if fen else "·"


def policy_table(title: str, tallies: Iterable[PolicyTally]) -> Table:
    """Return one line of counts and money per policy; of one that is suspended, everyone is decided and nothing follows."""
    table = plain_table(
        title, "事项 符合> 不符合> 待核> 新增> 终止> 变动> 挂起> 当期应享(元)> 新开(元)> 取消(元)> 待追回(元)>"
    )
    for tally in tallies:
        table.add_row(
            f"{tally.title}（已暂停）" if tally.is_suspended else tally.title,
            *(
                _count(value)
                for value in (
                    tally.met_count, tally.not_met_count, tally.unknown_count, tally.new_count, tally.ended_count,
                    tally.changed_count, tally.held_count,
                )
            ),
            *(_money(fen) for fen in (tally.due_fen, tally.opened_fen, tally.cancelled_fen, tally.case_fen)),
        )  # fmt: skip
    return table


def _batches(batches: Iterable[BatchTally]) -> Table:
    table = plain_table("拨付批次（已冻结 frozen）", "批次 事项 支付方 发放日 笔数> 金额(元)> 内容校验")
    for batch in batches:
        table.add_row(
            batch.batch_id, batch.policy, batch.payer, f"{batch.pay_day:%Y-%m-%d}", _count(batch.item_count),
            yuan_text(batch.total_fen), batch.content_hash[:12],
        )  # fmt: skip
    return table


def _missing(tallies: Iterable[PolicyTally]) -> Table:
    table = plain_table("待核原因", "事项 缺少 责任部门 对象数>")
    for tally in tallies:
        for fact in tally.missing:
            table.add_row(tally.title, fact.label, fact.owner, _count(fact.subject_count))
    return table
