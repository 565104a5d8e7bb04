"""Lists, answers and waivers in a terminal: who waits for whom, and what was recorded."""

import datetime as dt
from collections.abc import Iterable, Sequence

import polars as pl
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from core.ledger import Act, Grant, GrantState
from core.money import yuan_text
from engine.explaining.state_words import ACT_WORDS, GRANT_WORDS, OBJECTION_WORDS
from engine.lanes.lists import WaitingList
from engine.lanes.publicity import ListState
from engine.lanes.waivers import Waiver
from pages.terminal.printing import plain_table

SHOWN_MAX = 50  # lines in a terminal; the workbook has all of them


def lists_overview(lists: Iterable[WaitingList]) -> Table:
    """Return one line for each list that waits for its department."""
    table = plain_table("待部门确认的名单", "事项 名称 确认部门 人数> 金额(元)> 指纹")
    for each in lists:
        table.add_row(
            each.policy.policy,
            each.title,
            each.department,
            f"{len(each.lines):,}",
            yuan_text(each.total_fen),
            each.fingerprint[:16],
        )
    return table


def list_detail(found: WaitingList) -> RenderableType:
    """Return one list with its first lines, names masked, and the fingerprint under which it is confirmed."""
    table = plain_table(f"{found.title}（{found.department}）", "认定编号 姓名 号码 认定日 状态 标准(元)>")
    for line in found.lines[:SHOWN_MAX]:
        table.add_row(
            line.grant.grant_id,
            line.who.masked_name,
            line.who.masked_number,
            str(line.grant.discovered_on),
            GRANT_WORDS[line.grant.state],
            "待核" if line.amount_fen is None else yuan_text(line.amount_fen),
        )
    rest = len(found.lines) - SHOWN_MAX
    told = [f"共 {len(found.lines):,} 人 {yuan_text(found.total_fen)} 元 · 指纹 {found.fingerprint}"]
    if rest > 0:
        told.append(f"另有 {rest:,} 行未列出：--out 名单.xlsx 写出全部")
    return Group(table, *(Text(each, style="dim") for each in told))


def waiver_table(waivers: Sequence[Waiver]) -> RenderableType:
    """Return the register without names: the printed one has them."""
    table = plain_table("自愿放弃登记", "事项 认定编号 放弃日 理由 经办 见证 撤回日")
    for each in waivers:
        helped = "（帮办代办）" if each.given.is_assisted else ""
        table.add_row(
            each.grant.policy,
            each.grant.grant_id,
            str(each.given.acted_on),
            each.given.reason or "—",
            f"{each.given.by}{helped}",
            each.given.witness or "—",
            "—" if each.revoked is None else str(each.revoked.acted_on),
        )
    standing = sum(each.stands for each in waivers)
    return Group(table, Text(f"共 {len(waivers):,} 条，有效 {standing:,} 条", style="dim"))


def state_table(counts: pl.DataFrame) -> Table:
    """Return how many grants of each policy stand where: `policy`, `state`, `count`."""
    table = plain_table("资格认定", "事项 状态 说明 件数>")
    for policy, state, count in counts.iter_rows():
        table.add_row(policy, state, GRANT_WORDS[GrantState(state)], f"{count:,}")
    return table


def grant_detail(grant: Grant, acts: Sequence[Act]) -> RenderableType:
    """Return one grant and its acts, the oldest first."""
    table = plain_table(f"{grant.policy} {grant.grant_id}", "日期 行为 经办 理由 见证 答复期限")
    for act in acts:
        helped = "（帮办代办）" if act.is_assisted else ""
        table.add_row(
            str(act.acted_on),
            ACT_WORDS[act.kind],
            f"{act.by}{helped}",
            act.reason or "—",
            act.witness or "—",
            str(act.through or "—"),
        )
    told = f"{grant.state}（{GRANT_WORDS[grant.state]}） · 认定日 {grant.discovered_on}"
    return Group(table, Text(told, style="dim"))


def public_list_table(lists: Sequence[ListState], *, on: dt.date) -> RenderableType:
    """Return the public lists and the objections to them; who objects is not shown."""
    table = plain_table("公示名单", "名单 事项 行数> 自 至 状态 异议> 待决>")
    for each in lists:
        record = each.record
        state = (
            f"已于{record.closed_on}结束" if record.closed_on else ("期满，待结束" if each.is_over(on) else "公示中")
        )
        table.add_row(
            record.list_id,
            record.policy,
            f"{record.line_count:,}",
            str(record.opened_on),
            str(record.through),
            state,
            f"{len(each.objections):,}",
            f"{each.open_count:,}",
        )
    objections = plain_table("异议", "异议 名单 认定编号 收到 经办 结论 决定 理由")
    for one in (one for each in lists for one in each.objections):
        objections.add_row(
            one.objection_id,
            one.list_id,
            one.grant_id,
            str(one.received_on),
            one.received_by,
            OBJECTION_WORDS[one.state],
            "—" if one.decided_on is None else f"{one.decided_on} {one.decided_by}",
            one.reason or "—",
        )
    return Group(table, objections) if objections.row_count else table
