"""The audit chain in a terminal: what was done, one entry a line, and what checking it came to."""

import json
from collections.abc import Iterable, Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from core.clock import CIVIL_ZONE
from engine.explaining.state_words import ACT_WORDS
from engine.grievances.words import STATE_WORDS
from engine.overpayments.case_words import ACTION_WORDS
from pages.terminal.printing import plain_table
from store.audit_chain import FAULTS_MAX, Entry, Verdict

EVENT_WORDS: Mapping[str, str] = {
    **{f"grant.{kind}": words for kind, words in ACT_WORDS.items()},
    **{f"case.{action}": f"追回案件：{words}" for action, words in ACTION_WORDS.items()},
    **{f"grievance.{state}": f"异议投诉：{words}" for state, words in STATE_WORDS.items()},
    "case.decided": "追回案件：决定",
    "batch.file_taken": "下载付款文件",
    "batch.payees_changed": "收款人变动，退出批次",
    "batch.stop_answered": "登记银行止付答复",
    "errand.ended": "后台作业结束",
    "key.added": "添加密钥",
    "notices.decided": "处理下落不明的告知",
    "notices.preference": "订阅或退订",
    "notices.receipts": "收到送达回执",
    "question.answered": "登记答复",
    "rating.given": "评价",
    "receipt.recorded": "登记退款",
    "role.exercised": "行使角色",
    "suspicion.cleared": "核实疑点",
    "version.written": "保存草稿",
    "access.refused": "被拒绝的操作",
    "account.closed": "注销账户",
    "account.opened": "开立账户",
    "activation.in_force": "开始施行",
    "activation.lapsed": "到期失效",
    "activation.made": "启用版本",
    "activation.scheduled": "恢复待启用",
    "activation.shadow": "影子运行",
    "activation.suspended": "暂停执行",
    "bank_file.taken_in": "导入银行回单",
    "bank_line.settled": "处理回单例外",
    "batch.approved": "签批批次",
    "batch.cancelled": "撤销批次",
    "batch.closed": "批次归档",
    "batch.doubted": "批次下落不明",
    "batch.exported": "放行批次",
    "batch.handed_over": "送交银行",
    "batch.inquired": "登记查询结果",
    "batch.inquiry_confirmed": "确认查询结果",
    "batch.reconciled": "批次对账相符",
    "batch.rejected": "否决批次",
    "batch.reissued": "更正重发",
    "batch.resumed": "恢复批次",
    "batch.stopped": "停止批次",
    "budget.confirmed": "核定预算",
    "budget.proposed": "提出预算",
    "budget.withdrawn": "撤回预算",
    "data.loaded": "载入数据",
    "errand.asked": "提出后台作业",
    "facts.read": "查看对象事实",
    "night.given_up": "放弃夜间批次",
    "night.published": "发布夜间批次",
    "objection.decided": "公示异议处理",
    "objection.received": "收到公示异议",
    "portal.ended": "停用门户",
    "portal.forgotten": "清理门户答复",
    "portal.opened": "登记门户",
    "proposal.approved": "批准方案",
    "proposal.published": "公布方案",
    "proposal.returned": "退回方案",
    "proposal.submitted": "提交方案",
    "proposal.withdrawn": "撤回方案",
    "publicity.closed": "公示结束",
    "publicity.opened": "开始公示",
    "role.granted": "授予角色",
    "role.revoked": "收回角色",
    "round.decided": "核定一轮",
    "round.opened": "提出一轮",
    "sample.drawn": "抽取样本",
    "sample.judged": "样本复核",
    "session.began": "登录",
    "session.ended": "退出",
    "session.forgotten": "清理会话",
    "session.opened": "核对密码",
    "session.renewed": "更换会话",
    "session.revoked": "结束会话",
    "subjects.merged": "合并同一对象",
    "vault.opened": "打开身份库",
    "vault.rotated": "更换密钥",
    "version.published": "公布版本",
}
"""Events in Chinese; one that is not here is shown by its own name."""

_SAID_WIDTH = 80  # characters of what an entry says that a line has room for


def entry_table(entries: Iterable[Entry]) -> Table:
    """Return entries as a table; `said` is cut, the export has all of it."""
    table = plain_table("审计链", "序号> 时间 何人 事件 对象 内容")
    for entry in entries:
        said = json.dumps(entry.said, ensure_ascii=False, sort_keys=True)
        words = EVENT_WORDS.get(entry.event)
        table.add_row(
            f"{entry.sequence}",
            f"{entry.happened_at.astimezone(CIVIL_ZONE):%Y-%m-%d %H:%M:%S}",
            entry.done_by,
            Text(
                f"{words} {entry.event}" if words else entry.event,
                style="red" if entry.event.endswith("refused") else "",
            ),
            entry.about,
            said if len(said) <= _SAID_WIDTH else f"{said[:_SAID_WIDTH]}…",
        )
    return table


def verdict_lines(verdict: Verdict, anchor_count: int) -> RenderableType:
    """Return what checking came to, and what it does not prove."""
    count = f"{verdict.entry_count:,} 条 entries，末条 last {verdict.head.sequence} {verdict.head.hash}"
    parts: list[RenderableType] = [Text(f"审计链 audit chain: {count}")]
    if verdict.fault_count:
        more = f"，列出前 {FAULTS_MAX} 处" if verdict.fault_count > FAULTS_MAX else ""
        parts.append(Text(f"发现 {verdict.fault_count:,} 处问题 faults{more}", style="red"))
    elif anchor_count:
        parts.append(Text(f"完整 whole；与 {anchor_count:,} 个外存锚点相符 agrees with the anchors", style="green"))
    else:
        message = (
            "完整 whole；未给出外存锚点，不能证明末尾未被截去 without an anchor, a cut at the end is not ruled out"
        )
        parts.append(Text(message, style="yellow"))
    return Group(*parts)
