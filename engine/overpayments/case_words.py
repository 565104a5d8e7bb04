"""Overpayment cases in the words of officers, on screens and in workbooks."""

from collections.abc import Mapping

from core.money import yuan_text
from engine.overpayments.views import CaseLine, Waiting
from store.states.cases import CaseAction, CaseState, ReliefKind

STATE_WORDS: Mapping[CaseState, str] = {
    CaseState.OPENED: "待告知",
    CaseState.NOTIFIED: "已告知",
    CaseState.APPEALED: "有异议",
    CaseState.CONFIRMED: "已确认",
    CaseState.COLLECTING: "追回中",
    CaseState.RECOVERED: "已追回",
    CaseState.PARTLY_RECOVERED: "部分追回",
    CaseState.WRITTEN_OFF: "已核销",
    CaseState.KEPT: "准予保留",
    CaseState.WITHDRAWN: "已撤销",
}

ACTION_WORDS: Mapping[CaseAction, str] = {
    CaseAction.RAISED: "金额增加",
    CaseAction.LOWERED: "金额减少",
    CaseAction.NOTIFIED: "告知",
    CaseAction.OBJECTED: "提出异议",
    CaseAction.CONFIRMED: "决定：确认",
    CaseAction.REOPENED: "决定：核实更正后重新核定",
    CaseAction.RECEIVED: "收到退款",
    CaseAction.PLANNED: "约定分期",
    CaseAction.SET_OFF: "决定抵扣",
    CaseAction.KEPT_BACK: "从发放中抵扣",
    CaseAction.ASKED: "申请减免、核销或保留",
    CaseAction.GRANTED: "同意",
    CaseAction.REFUSED: "不同意",
    CaseAction.NOTED: "登记联系人",
}

RELIEF_WORDS: Mapping[ReliefKind, str] = {
    ReliefKind.WAIVER: "困难减免",
    ReliefKind.WRITE_OFF: "核销",
    ReliefKind.KEEP: "准予保留",
}

_WAITING: Mapping[Waiting, str] = {
    Waiting.TELL: "待告知",
    Waiting.OBJECTION: "异议期至 {through}",
    Waiting.DECIDE: "待另一人决定",
    Waiting.COLLECT: "待追回",
    Waiting.SET_OFF: "从以后的发放中抵扣",
    Waiting.INSTALMENT: "下期应还日 {through}",
    Waiting.OVERDUE: "自 {through} 逾期",
    Waiting.NOTHING: "—",
}


def waiting_words(line: CaseLine) -> str:
    """Return what a case waits for, and what is asked to be given up of it."""
    said = _WAITING[line.waiting].format(through=line.through)
    if line.asked is None or line.waiting is Waiting.NOTHING:
        return said
    asked = f"{RELIEF_WORDS[line.asked.kind]} {yuan_text(line.asked.amount_fen)} 元待批准"
    return f"{said}；{asked}（还需 {line.asked.approvals_lacking} 人）"
