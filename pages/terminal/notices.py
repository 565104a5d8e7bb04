"""Notices in a terminal: counts, lists, and one message with everything that is known of it."""

import datetime as dt
from collections.abc import Iterable, Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from core.clock import CIVIL_ZONE
from core.ledger import NoticeCategory
from delivery.dispatch_report import DispatchReport
from delivery.sms_text import segments
from engine.notice_desk import Shown
from pages.notice_words import KINDS
from pages.terminal.printing import plain_table
from store.inbox import KeptItem
from store.notice_history import History
from store.outbox import KeptNotice
from store.preferences import Preference
from store.receipts import Settled
from store.states.notices import InboxState, NoticeState, ReceiptState

STATES: Mapping[NoticeState, str] = {
    NoticeState.PLANNED: "待排",
    NoticeState.SUPPRESSED: "不发",
    NoticeState.QUEUED: "待发",
    NoticeState.DEFERRED: "缓发",
    NoticeState.SENDING: "发送中",
    NoticeState.ACCEPTED: "已交付",
    NoticeState.DELIVERED: "已送达",
    NoticeState.UNDELIVERABLE: "未送达",
    NoticeState.EXPIRED: "无回执",
    NoticeState.UNKNOWN: "存疑",
    NoticeState.TEMP_FAILED: "待重发",
    NoticeState.DEAD: "已放弃",
    NoticeState.CANCELLED: "已取消",
}
CATEGORIES: Mapping[NoticeCategory, str] = {
    NoticeCategory.BENEFIT: "待遇",
    NoticeCategory.ADVICE: "提示",
    NoticeCategory.PAYMENT: "发放",
    NoticeCategory.DECISION: "决定",
}
_INBOX = {InboxState.UNREAD: "未读", InboxState.READ: "已读", InboxState.ARCHIVED: "已归档"}
_RECEIPTS = {ReceiptState.WAITING: "待对应", ReceiptState.APPLIED: "已采用", ReceiptState.NOTHING_NEW: "无新内容"}


def counts_table(counts: Mapping[str, Mapping[str, int]]) -> RenderableType:
    """Return how many messages are in which state, a line for each channel."""
    states = [state for state in NoticeState if any(state in row for row in counts.values())]
    if not states:
        return Text("告知 notices: 0")
    table = plain_table("告知 notices", " ".join(["渠道", *(f"{STATES[state]}>" for state in states)]))
    for channel, row in counts.items():
        table.add_row(channel, *(f"{row[state]:,}" if state in row else "·" for state in states))
    return table


def notices_table(found: Iterable[KeptNotice]) -> Table:
    """Return messages, a line for each."""
    table = plain_table("", "消息 业务日 事项 内容 渠道 状态 次数> 说明")
    for each in found:
        notice = each.notice
        table.add_row(
            notice.notice_id,
            notice.business_date.isoformat(),
            notice.policy,
            KINDS[notice.kind],
            notice.channel,
            f"{STATES[each.state]} {each.state.value}",
            str(each.attempt_count),
            each.because or "",
        )
    return table


def notice_page(shown: Shown) -> RenderableType:
    """Return one message with its words, tries, receipts and acts."""
    history = shown.history
    kept, notice = history.kept, history.kept.notice
    mandatory = "必达 mandatory" if shown.is_mandatory else "可退订 may be declined"
    head = [
        Text(f"{notice.notice_id}  {STATES[kept.state]} {kept.state.value}", style="bold"),
        Text(f"事由 event: {notice.event}    事项 policy: {notice.policy}    对象 subject: {notice.subject_id}"),
        Text(
            f"内容 kind: {KINDS[notice.kind]} {notice.kind.value}    类别 category: {CATEGORIES[shown.category]}，{mandatory}"
        ),
        Text(
            f"渠道 channel: {notice.channel}    排定 planned: {_at(kept.planned_at)}    变动 changed: {_at(kept.changed_at)}"
        ),
    ]
    if kept.because:
        head.append(Text(f"说明 because: {kept.because}"))
    words = [Text(""), Text(shown.message.subject, style="bold"), Text(shown.message.body)]
    text = shown.message.text
    sms = Text(f"短信 text message（{len(text)} 字，{segments(text)} 段）：{text}", style="dim")
    return Group(*head, *words, sms, *_tries(history), *_receipts(history), *_acts(history))


def _tries(history: History) -> list[RenderableType]:
    table = plain_table("发送 tries", "次> 编号 经由 开始 结束 结果 说明 模板 内容摘要")
    for each in history.tries:
        together = "" if each.reference == each.message_reference else f" ↦ {each.message_reference}"
        table.add_row(
            str(each.number),
            f"{each.reference}{together}",
            each.channel or "",
            _at(each.began_at),
            _at(each.ended_at),
            each.outcome or "…",
            each.because or "",
            f"{each.template_id} {(each.template_digest or '')[:8]}",
            (each.message_digest or "")[:16],
        )
    return [table] if history.tries else []


def _receipts(history: History) -> list[RenderableType]:
    table = plain_table("回执 receipts", "编号 内容 渠道时间 收到 来源 采用")
    for each in history.receipts:
        words = (each.reference, each.outcome.value, _at(each.reported_at), _at(each.received_at), each.source)
        table.add_row(*words, _RECEIPTS[each.state])
    return [table] if history.receipts else []


def _acts(history: History) -> list[RenderableType]:
    table = plain_table("人工处理 acts", "时间 由 从 到 理由")
    for each in history.acts:
        table.add_row(_at(each.taken_at), each.taken_by, STATES[each.source], STATES[each.target], each.reason)
    return [table] if history.acts else []


def sent_line(report: DispatchReport) -> str:
    """Return what one dispatch did."""
    counts = "，".join(f"{STATES[state]} {report.counts[state]:,}" for state in NoticeState if report.counts[state])
    return counts or "没有到时候要发的告知 nothing was due"


def settled_line(settled: Settled) -> str:
    """Return what came of receipts."""
    counted = f"新收 {settled.new_count:,}，采用 {settled.applied_count:,}，无新内容 {settled.nothing_new_count:,}"
    return f"{counted}，尚无对应消息 {settled.waiting_count:,}"


def preferences_table(found: Iterable[Preference]) -> Table:
    """Return what a subject said, a line for each word, the newest last."""
    table = plain_table("", "时间 类别 意愿 由 理由")
    for each in found:
        wish = "接收" if each.is_wanted else "不接收"
        table.add_row(_at(each.recorded_at), CATEGORIES[each.category], wish, each.recorded_by, each.reason)
    return table


def inbox_table(found: Iterable[KeptItem]) -> Table:
    """Return the items of an inbox, a line for each."""
    table = plain_table("", "消息 到达 内容 事项 状态")
    for each in found:
        notice = each.notice
        title = dict(notice.values).get("title", notice.policy)
        table.add_row(notice.notice_id, _at(each.arrived_at), KINDS[notice.kind], title, _INBOX[each.state])
    return table


def _at(instant: dt.datetime | None) -> str:
    """Return an instant by the clocks of China."""
    return "" if instant is None else f"{instant.astimezone(CIVIL_ZONE):%Y-%m-%d %H:%M}"
