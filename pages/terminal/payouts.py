"""Payout batches in a terminal: the list that a paymaster works through, and the sheet that people approve by."""

import datetime as dt
from collections.abc import Iterable, Sequence

import polars as pl
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from core.clock import CIVIL_ZONE
from core.money import yuan_text
from delivery.accounts import PassedOver
from delivery.bank_verdicts import EXCEPTION_WORDS
from delivery.capital_amounts import yuan_capital
from engine.paying.answers import TakenIn
from engine.paying.sheets import LINES_SHOWN, BatchRow, Sheet
from pages.payout_words import (
    ATTEMPT_WORDS,
    BECAUSE_WORDS,
    FILE_WORDS,
    PASSED_OVER_WORDS,
    STATE_WORDS,
    VERDICT_WORDS,
)
from pages.terminal.printing import plain_table
from pages.terminal.suspicions import suspicion_table
from store.reconciling import BankException, Reconciliation
from store.states.paying import AttemptState, BatchState, Verdict

_NEXT = {
    BatchState.FROZEN: "mianshen payouts approve {batch} --hash {hash}",
    BatchState.IN_APPROVAL: "mianshen payouts approve {batch} --hash {hash}",
    BatchState.APPROVED: "mianshen payouts export {batch}",
    BatchState.EXPORTED: "mianshen payouts submit {batch}",
    BatchState.SUBMITTED: "mianshen payouts import FILE",
    BatchState.ACKNOWLEDGED: "mianshen payouts import FILE",
    BatchState.SETTLING: "mianshen payouts import FILE",
    BatchState.SUBMISSION_UNKNOWN: "mianshen payouts inquire {batch} --file N --found … --evidence …",
    BatchState.NOT_RECEIVED: "mianshen payouts submit {batch}",
    BatchState.STOPPED: "mianshen payouts resume {batch} --reason …",
    BatchState.STOP_REQUESTED: "mianshen payouts stop {batch} --answered yes|no --reason …",
    BatchState.STOP_CONFIRMED: "mianshen payouts reissue {batch} --reason …",
    BatchState.FILE_REJECTED: "mianshen payouts reissue {batch} --reason …",
    BatchState.SETTLED: "mianshen payouts reconcile {batch}",
    BatchState.RECONCILED: "mianshen payouts close {batch}",
}
"""What comes next, as a person types it."""
_HASH_SHOWN = 12


def batch_list(rows: Sequence[BatchRow]) -> RenderableType:
    """Return batches, one a line."""
    if not rows:
        return Text("no batch 没有批次")
    table = plain_table("发放批次 batches", "批次 事项 发放日 笔数> 金额（元）> 审批 状态")
    for row in rows:
        batch = row.batch
        table.add_row(
            batch.batch_id,
            batch.title,
            batch.pay_day.isoformat(),
            f"{batch.item_count:,}",
            yuan_text(batch.total_fen),
            f"{len(row.approvals)}/{row.needed}",
            STATE_WORDS[batch.state],
        )
    return table


def approval_sheet(sheet: Sheet) -> RenderableType:
    """Return everything about one batch, what it comes to first, what comes next last."""
    batch = sheet.row.batch
    head = Table.grid(padding=(0, 2))
    pairs = [
        ("事项", f"{batch.title}（{batch.policy}）"),
        ("拨付单位", batch.payer),
        ("发放日", batch.pay_day.isoformat()),
        ("笔数", f"{batch.item_count:,}"),
        ("金额", f"{yuan_text(batch.total_fen)} 元（{yuan_capital(batch.total_fen)}）"),
        ("内容校验值", f"{batch.content_hash[:_HASH_SHOWN]} {batch.content_hash[_HASH_SHOWN:]}"),
        ("第几次冻结", str(batch.revision)),
        ("审计链尾", f"{sheet.audit_head.sequence} {sheet.audit_head.hash[:16]}"),
    ]
    for label, value in pairs:
        head.add_row(Text(label, style="dim"), value)
    parts: list[RenderableType] = [
        Text.assemble((f"{batch.batch_id} ", "bold"), (STATE_WORDS[batch.state], _style(batch.state))),
        head,
    ]
    parts += [_purses(sheet)] if sheet.purses else []
    parts += [suspicion_table(sheet.suspicions)] if sheet.suspicions else []
    parts += [] if sheet.fallbacks.is_empty() else list(_fallbacks(sheet.fallbacks))
    parts.append(Text(f"审批 approvals：须 {sheet.row.needed} 人，已有 {len(sheet.row.approvals)} 人"))
    parts += [_approvals(sheet.row)] if sheet.row.approvals else []
    parts += _tables(sheet)
    next_step = _NEXT.get(batch.state)
    if next_step:
        words = next_step.format(batch=batch.batch_id, hash=batch.content_hash[:_HASH_SHOWN])
        parts.append(Text(f"下一步 next: {words}"))
    return Group(*parts)


def _style(state: BatchState) -> str:
    if state in {BatchState.RECONCILED, BatchState.CLOSED, BatchState.SETTLED}:
        return "green"
    is_wrong = state in {BatchState.STOPPED, BatchState.SUBMISSION_UNKNOWN, BatchState.FILE_REJECTED}
    return "red" if is_wrong else "yellow"


def _purses(sheet: Sheet) -> RenderableType:
    table = plain_table("资金来源 funding", "年度 资金来源 金额（元）>")
    for part in sheet.purses:
        table.add_row(str(part.year), part.purse, yuan_text(part.amount_fen))
    return table


def _fallbacks(lines: pl.DataFrame) -> Iterable[RenderableType]:
    """Give how many lines go to which kind of fallback account, then the first of them."""
    title = "付至后备账户 paid to a fallback account"
    sums = plain_table(title, "账户类别 原因 笔数> 金额（元）>")
    grouped = lines.group_by("kind", "passed_over").agg(pl.len().alias("count"), pl.col("amount_fen").sum())
    for kind, because, count, fen in grouped.sort("kind", "passed_over").iter_rows():
        sums.add_row(kind, PASSED_OVER_WORDS[PassedOver(because)], f"{count:,}", yuan_text(fen))
    yield sums
    shown = plain_table("", "参考号 账户类别 账号 金额（元）>")
    for reference, kind, account, _, fen in lines.head(LINES_SHOWN).iter_rows():
        shown.add_row(reference, kind, account, yuan_text(fen))
    yield shown


def _approvals(row: BatchRow) -> RenderableType:
    table = plain_table("", "审批人 时间 有效至")
    for each in row.approvals:
        table.add_row(each.approved_by, _moment(each.approved_at), _moment(each.expires_at))
    return table


def _tables(sheet: Sheet) -> Iterable[RenderableType]:
    standings = plain_table("各笔 payments", "情况 笔数> 金额（元）>")
    for each in sheet.standings:
        standings.add_row(ATTEMPT_WORDS[each.state], f"{each.count:,}", yuan_text(each.total_fen))
    yield standings
    if sheet.files:
        yield from _at_the_bank(sheet)
    if not sheet.steps:
        return
    steps = plain_table("经过 steps", "时间 由 至 理由")
    for step in sheet.steps:
        steps.add_row(_moment(step.taken_at), step.taken_by or "系统", STATE_WORDS[step.target], step.reason or "")
    yield steps


def _at_the_bank(sheet: Sheet) -> Iterable[RenderableType]:
    files = plain_table("文件 files", "序号> 文件 笔数> 金额（元）> 校验值 情况")
    for file in sheet.files:
        words = (file.name, f"{file.count:,}", yuan_text(file.total_fen), file.sha256[:16], FILE_WORDS[file.state])
        files.add_row(str(file.number), *words)
    yield files
    if not sheet.unclear.is_empty():
        lines = plain_table("退回与不明 came back, or in doubt", "参考号 文件> 金额（元）> 情况")
        for reference, state, amount_fen, number in sheet.unclear.iter_rows():
            lines.add_row(reference, str(number or ""), yuan_text(amount_fen), ATTEMPT_WORDS[AttemptState(state)])
        yield lines
    if sheet.inquiries:
        said = plain_table("查询 inquiries", "序号> 关于 结论 依据 由 确认")
        for told in sheet.inquiries:
            about = told.reference or f"文件 {told.file_number}"
            words = (about, told.found, told.evidence, told.stated_by, told.confirmed_by or "待确认")
            said.add_row(str(told.number), *words)
        yield said
    yield comparison(sheet.compared)


def comparison(compared: Reconciliation) -> RenderableType:
    """Return a batch beside what the account's statements show."""
    table = plain_table("对账 reconciliation", "项目 笔数> 金额（元）>")
    table.add_row("账内已到账 held as paid", f"{compared.paid_count:,}", yuan_text(compared.paid_fen))
    table.add_row("对账单已列 in statements", f"{compared.shown_count:,}", yuan_text(compared.shown_fen))
    table.add_row("账内有、对账单无 missing there", f"{compared.unshown_count:,}", "")
    table.add_row("对账单有、账内无 missing here", f"{compared.unheld_count:,}", "")
    table.add_row("待核 exceptions", f"{len(compared.exceptions):,}", "")
    return table


def exception_list(found: Sequence[BankException]) -> RenderableType:
    """Return the lines of the bank's that wait for a person."""
    if not found:
        return Text("nothing waits 没有待核的行")
    table = plain_table("待核的银行回单行 exceptions", "编号 文件 行> 参考号 金额（元）> 原因 批次")
    for each in found:
        amount = "" if each.amount_fen is None else yuan_text(each.amount_fen)
        because = f"{BECAUSE_WORDS[each.because]} {EXCEPTION_WORDS[each.because]}"
        key = f"{each.bank_file_id}:{each.line}"
        table.add_row(key, each.file_name, str(each.line), each.reference or "", amount, because, each.batch_id or "")
    return table


def taken_in(taken: TakenIn) -> RenderableType:
    """Return what became of a file of the bank's."""
    record = taken.record
    counts = [f"{VERDICT_WORDS[each]} {record.counts[each]:,}" for each in Verdict if record.counts.get(each)]
    head = f"{record.name}: {record.line_count:,} lines 行"
    if taken.is_repeat:
        return Text(f"{head}; taken in before, on {_moment(record.imported_at)}: nothing moved 此前已导入，没有变化")
    return Text("; ".join([head, *counts]))


def _moment(instant: dt.datetime) -> str:
    return instant.astimezone(CIVIL_ZONE).strftime("%Y-%m-%d %H:%M")
