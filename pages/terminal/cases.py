"""Overpayment cases in a terminal: a list of what each waits for, and one case with everything that was done on it."""

import datetime as dt
from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from core.clock import CIVIL_ZONE
from core.money import yuan_text
from core.roles import NIGHT
from delivery.period_words import period_words
from engine.overpayments.case_words import ACTION_WORDS, RELIEF_WORDS, STATE_WORDS, waiting_words
from engine.overpayments.recovering import Recovered
from engine.overpayments.views import CaseLine, CaseView
from pages.terminal.printing import plain_table
from store.case_reliefs import Relief
from store.states.cases import ReliefState


def case_list(lines: Sequence[CaseLine]) -> RenderableType:
    """Return cases as a table, and what they come to."""
    if not lines:
        return Text("没有案件 no case")
    table = plain_table("追回案件 overpayment cases", "案件 事项 对象 所属期 待追回(元)> 状态 下一步 逾期(元)>")
    for line in lines:
        case = line.case
        table.add_row(
            case.case_id,
            line.title,
            case.subject_id,
            period_words(case.period),
            yuan_text(case.amount_fen),
            _state(line),
            waiting_words(line),
            yuan_text(line.overdue_fen) if line.overdue_fen else "·",
        )
    total_fen, overdue_fen = sum(line.case.amount_fen for line in lines), sum(line.overdue_fen for line in lines)
    said = f"{len(lines):,} 件，待追回 {yuan_text(total_fen)} 元，逾期 {yuan_text(overdue_fen)} 元"
    return Group(table, Text(said, style="dim"))


def _state(line: CaseLine) -> str:
    return f"{STATE_WORDS[line.case.state]} {line.case.state}"


def case_detail(view: CaseView, contact: str | None) -> RenderableType:
    """Return one case: what it comes to, what it waits for, and what was done; `contact` where somebody opened it."""
    line, case = view.line, view.line.case
    head = Text.assemble(
        (f"{case.case_id} ", "bold"), f"{line.title} · {case.subject_id} · {period_words(case.period)}"
    )
    sums = (
        f"多发 {yuan_text(case.claimed_fen)} = 待追回 {yuan_text(case.amount_fen)} + 已追回 {yuan_text(case.recovered_fen)}"
        f" + 已核销或减免 {yuan_text(case.written_off_fen)} + 准予保留 {yuan_text(case.kept_fen)}（元）"
    )
    parts: list[RenderableType] = [head, Text(sums), Text(f"{_state(line)}；{waiting_words(line)}")]
    if case.object_through is not None:
        parts.append(Text(f"已告知 {yuan_text(case.told_fen or 0)} 元，异议期至 {case.object_through}"))
    if contact is not None:
        parts.append(Text(f"联系人：{contact}"))
    elif view.has_contact:
        parts.append(Text("已登记联系人；加 --contact 查看，查看会留下记录", style="dim"))
    parts += [_instalments(view)] if view.instalments else []
    parts += [_receipts(view)] if view.receipts else []
    parts += [] if view.set_offs.is_empty() else [_set_offs(view)]
    parts += [_reliefs(view.reliefs)] if view.reliefs else []
    return Group(*parts, _steps(view))


def _instalments(view: CaseView) -> RenderableType:
    table = plain_table("分期", "期 应还日 应还(元)> 未还(元)> 说明")
    for each in view.instalments:
        said = "逾期" if each.is_overdue else "未还" if each.open_fen else "已还或已冲减"
        own = each.instalment
        table.add_row(str(own.number), str(own.due_on), yuan_text(own.amount_fen), yuan_text(each.open_fen), said)
    return table


def _set_offs(view: CaseView) -> RenderableType:
    table = plain_table("从发放中抵扣 set off", "发放日 事项 所属期 抵扣(元)> 发放明细")
    for day, policy, period, fen, item_id in view.set_offs.select(
        "pay_day", "policy", "period", "amount_fen", "item_id"
    ).iter_rows():
        table.add_row(str(day), policy, period_words(period), yuan_text(fen), item_id)
    return table


def _receipts(view: CaseView) -> RenderableType:
    table = plain_table("退回款项", "银行流水号 到账日 本案(元)> 全笔(元)> 登记")
    for each in view.receipts:
        table.add_row(
            each.receipt.reference,
            str(each.receipt.received_on),
            yuan_text(each.amount_fen),
            yuan_text(each.receipt.amount_fen),
            f"{each.recorded_by} {_instant(each.recorded_at)}",
        )
    return table


_RELIEF_STATE: Mapping[ReliefState, str] = {
    ReliefState.ASKED: "待批准",
    ReliefState.GRANTED: "已批准",
    ReliefState.REFUSED: "不批准",
}


def _reliefs(reliefs: Sequence[Relief]) -> RenderableType:
    table = plain_table("减免、核销与保留", "类别 金额(元)> 提出 理由 依据 结果 批准")
    for each in reliefs:
        said = [f"{one.said_by} {'同意' if one.is_granted else f'不同意：{one.reason}'}" for one in each.verdicts]
        lacking = f"；还需 {each.approvals_lacking} 人" if each.state is ReliefState.ASKED else ""
        table.add_row(
            RELIEF_WORDS[each.kind],
            yuan_text(each.amount_fen),
            f"{each.asked_by} {_instant(each.asked_at)}",
            each.reason,
            each.basis,
            _RELIEF_STATE[each.state] + lacking,
            "；".join(said) or "—",
        )
    return table


def _steps(view: CaseView) -> RenderableType:
    table = plain_table("经过", "时间 经办 事项 状态 余额(元)> 说明 依据")
    case = view.line.case
    first = view.steps[0].source if view.steps else case.state
    table.add_row(_instant(case.opened_at), NIGHT, "发现多发", STATE_WORDS[first], "·", "—", "—")
    for step in view.steps:
        on = f"（{step.acted_on}）" if step.acted_on else ""
        table.add_row(
            _instant(step.taken_at),
            step.taken_by,
            f"{ACTION_WORDS[step.action]}{on}",
            STATE_WORDS[step.target],
            yuan_text(step.amount_fen),
            step.reason or "—",
            step.basis or "—",
        )
    return table


def recovered_lines(recovered: Recovered) -> RenderableType:
    """Return what came of a receipt, case by case."""
    parts: list[RenderableType] = []
    if recovered.is_repeated:
        parts.append(Text("该流水号此前已登记，未重复入账 known already, nothing is posted twice", style="yellow"))
    cases = {case.case_id: case for case in recovered.cases}
    for share in recovered.shares:
        case = cases[share.case_id]
        parts.append(
            Text(
                f"{share.case_id}  收回 {yuan_text(share.amount_fen)} 元，尚待追回 {yuan_text(case.amount_fen)} 元，"
                f"{STATE_WORDS[case.state]} {case.state}"
            )
        )
    if recovered.beyond_fen:
        said = f"其中 {yuan_text(recovered.beyond_fen)} 元超出待追回数；应享的部分由下一晚补发 paid out again where due"
        parts.append(Text(said, style="yellow"))
    return Group(*parts)


def _instant(at: dt.datetime) -> str:
    return f"{at.astimezone(CIVIL_ZONE):%Y-%m-%d %H:%M}"
