"""Budgets in a terminal and on sheets: a pot for each line, what waits for money, and what was decided."""

import datetime as dt
from collections.abc import Iterable, Sequence

import polars as pl
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from core.money import yuan_text
from delivery.budget_xlsx import Cell
from engine.budgets import BudgetLine, BudgetView
from pages.terminal.printing import plain_table
from store.budgets import DecisionRecord
from store.money_waits import Waiting
from store.states.funds import DecisionKind, DecisionState, PotAccount

LEVEL_WORDS = {"central": "中央", "province": "省级", "city": "市级", "county": "区县级", "town": "乡镇级"}
ACCOUNT_WORDS = {
    PotAccount.GRANTED: "指标下达", PotAccount.BUDGET: "可用指标", PotAccount.RESERVED: "已占用",
    PotAccount.IN_TRANSIT: "在途", PotAccount.PAID: "已支付", PotAccount.RETURNED: "退票待处理",
    PotAccount.RECEIVABLE: "应收", PotAccount.WRITTEN_OFF: "核销", PotAccount.CARRIED: "结转",
    PotAccount.SURRENDERED: "收回上缴",
}  # fmt: skip
EVENT_WORDS = {
    "appropriated": "下达", "frozen": "批次冻结", "reissued": "重新发放", "released": "撤出批次", "exported": "发出",
    "paid": "支付成功", "returned": "支付失败", "returned_late": "事后退票", "forgone": "不再发放", "posted": "追回案件", "set_off": "抵扣",
    "lapsed": "年终收回", "carried": "年终结转",
}  # fmt: skip
DECISION_WORDS = {
    DecisionState.PROPOSED: "待确认", DecisionState.CONFIRMED: "已确认", DecisionState.WITHDRAWN: "已撤回",
}  # fmt: skip
NOT_SET = "未设"
_SHOWN = ("reserved_fen", "in_transit_fen", "paid_fen", "returned_fen", "receivable_fen", "written_off_fen")
HEADINGS = (
    "事项编码", "事项", "年度", "资金来源", "级次", "科目", "指标", "已占用", "在途", "已支付", "退票待处理", "应收",
    "核销", "结转", "收回上缴", "可用", "超支", "状态",
)  # fmt: skip
ENTRY_HEADINGS = ("事项编码", "年度", "资金来源", "序号", "自", "至", "金额", "事由", "单据", "时间")


def budget_table(view: BudgetView) -> RenderableType:
    """Return what stands in every pot, what waits, and which decisions wait for another person."""
    if not view.lines and not view.decisions and not view.waiting:
        return Text("no money was set aside, reserved or paid yet 尚无资金记录")
    table = plain_table(
        "资金 budgets（元）", "事项 年度 资金来源 指标> 已占用> 在途> 已支付> 退票> 应收> 核销> 可用> 状态"
    )
    for line in view.lines:
        pot = line.pot
        table.add_row(
            line.title,
            str(pot.year),
            _purse_words(line),
            NOT_SET if pot.appropriated_fen is None else yuan_text(pot.appropriated_fen),
            *(_money(getattr(pot, name)) for name in _SHOWN),
            NOT_SET if pot.left_fen is None else yuan_text(pot.left_fen),
            _state(line),
        )
    parts: list[RenderableType] = [table]
    titles = {line.pot.policy: line.title for line in view.lines}
    for (policy, year), fen in view.set_off.items():
        parts.append(Text(f"{titles.get(policy, policy)} {year} 已支付中抵扣 set off {yuan_text(fen)} 元", style="dim"))
    if view.waiting:
        parts.append(_waiting_table(view.waiting))
    if view.decisions:
        parts.append(_decision_table(view.decisions))
    return Group(*parts)


def decision_line(decision: DecisionRecord) -> str:
    """Return a decision as one line."""
    what = (
        "关账" if decision.kind is DecisionKind.CLOSE else f"{decision.purse} {yuan_text(decision.amount_fen or 0)} 元"
    )
    return f"{decision.decision_id}  {decision.policy}  {decision.year}  {what}  {decision.document}"


def pot_rows(lines: Iterable[BudgetLine]) -> list[Sequence[Cell]]:
    """Return pots as rows of a sheet, under `HEADINGS`."""
    return [
        (
            line.pot.policy,
            line.title,
            str(line.pot.year),
            line.pot.purse,
            LEVEL_WORDS.get(line.level or ""),
            line.account,
            NOT_SET if line.pot.appropriated_fen is None else line.pot.appropriated_fen,
            *(getattr(line.pot, name) for name in _SHOWN),
            line.pot.carried_fen,
            line.pot.surrendered_fen,
            NOT_SET if line.pot.left_fen is None else line.pot.left_fen,
            line.pot.beyond_fen or 0,
            _state(line),
        )
        for line in lines
    ]


def entry_rows(entries: pl.DataFrame) -> list[Sequence[Cell]]:
    """Return entries as rows of a sheet, under `ENTRY_HEADINGS`: the columns of `store.journal.read_entries`."""
    return [
        (
            row["policy"],
            str(row["year"]),
            row["purse"],
            str(row["number"]),
            ACCOUNT_WORDS[PotAccount(row["source"])],
            ACCOUNT_WORDS[PotAccount(row["target"])],
            row["amount_fen"],
            EVENT_WORDS.get(row["event"], row["event"]),
            row["document"],
            _instant(row["posted_at"]),
        )
        for row in entries.iter_rows(named=True)
    ]


def _state(line: BudgetLine) -> str:
    if line.is_closed:
        return "已关账"
    return f"超支 {yuan_text(line.pot.beyond_fen)}" if line.pot.beyond_fen else ""


def _purse_words(line: BudgetLine) -> str:
    account = f" {line.account}" if line.account else ""
    return f"{line.pot.purse}{account}"


def _waiting_table(waiting: Iterable[Waiting]) -> Table:
    table = plain_table("等待资金 waiting for money", "事项 笔数> 金额(元)> 应发日起")
    for each in waiting:
        table.add_row(each.policy, f"{each.count:,}", yuan_text(each.amount_fen), f"{each.since:%Y-%m-%d}")
    return table


def _decision_table(decisions: Iterable[DecisionRecord]) -> Table:
    table = plain_table("指标文件 decisions", "编号 事项 年度 内容 文号 提出 状态 确认")
    for each in decisions:
        what = "关账" if each.kind is DecisionKind.CLOSE else f"{each.purse} {yuan_text(each.amount_fen or 0)}"
        table.add_row(
            each.decision_id, each.policy, str(each.year), what, each.document, each.proposed_by, DECISION_WORDS[each.state],
            each.decided_by or "",
        )  # fmt: skip
    return table


def _money(fen: int) -> str:
    return yuan_text(fen) if fen else "·"


def _instant(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z"
