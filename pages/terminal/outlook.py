"""The outlook in a terminal: per policy, who starts, ends, changes or runs out, month by month; nobody by name."""

from collections.abc import Mapping
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.planning.outlook import Outlook, PolicyOutlook
from engine.planning.turns import Turn
from pages.plan_words import HIDDEN_NOTE, people_text
from pages.terminal.printing import plain_table

TURN_WORDS: Final[Mapping[Turn, str]] = {
    Turn.STARTS: "开始符合",
    Turn.ENDS: "不再符合",
    Turn.EXPIRES: "证件等到期",
    Turn.MORE: "金额增加",
    Turn.LESS: "金额减少",
    Turn.UNKNOWN: "转为待核",
}
_LOSING = (Turn.ENDS, Turn.EXPIRES, Turn.LESS)


def outlook_tables(outlook: Outlook) -> RenderableType:
    """Return the outlook as an officer reads it; a policy under which nothing turns has a line."""
    head = Text.assemble(
        (f"展望 outlook {outlook.day}，{outlook.months} 个月", "bold"), "（按今日所知事实，仅时间推移）"
    )
    moving = [policy for policy in outlook.policies if any(total != 0 for total in policy.totals.values())]
    still = [policy.title for policy in outlook.policies if policy not in moving]
    parts: list[RenderableType] = [head, *(_table(policy) for policy in moving)]
    if still:
        parts.append(Text(f"无变化 nothing turns: {'、'.join(still)}", style="dim"))
    if any(count is None for policy in moving for count in policy.totals.values()) or _is_hidden(outlook):
        parts.append(Text(HIDDEN_NOTE, style="dim"))
    parts.append(Text("名单 the list: --out FILE.parquet（仅编码，不含姓名 opaque ids only）", style="dim"))
    return Group(*parts)


def _is_hidden(outlook: Outlook) -> bool:
    return any(
        count is None for policy in outlook.policies for month in policy.months.values() for count in month.values()
    )


def _table(policy: PolicyOutlook) -> Table:
    turns = [turn for turn in Turn if policy.totals[turn] != 0]
    table = plain_table(policy.title, "月份 " + " ".join(f"{TURN_WORDS[turn]}>" for turn in turns))
    for month, counts in policy.months.items():
        table.add_row(month, *(_cell(turn, counts[turn]) for turn in turns))
    table.add_row("合计", *(_cell(turn, policy.totals[turn]) for turn in turns))
    return table


def _cell(turn: Turn, count: int | None) -> Text:
    return Text(people_text(count), style="red" if turn in _LOSING and count else "")
