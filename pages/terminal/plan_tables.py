"""The tables of a plan in a terminal: all policies in one, months, budgets, bands, what else is moved, the ledger."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich.table import Table
from rich.text import Text

from core.money import yuan_text
from engine.planning.breakdown import BandTable
from engine.planning.effect import PolicyEffect, PolicyLedger, TiedEffect
from engine.planning.expectations import BudgetYear
from engine.planning.months import MonthEffect
from engine.planning.moves import Move
from pages.plan_words import (
    EARLIER_WORDS,
    MOVE_WORDS,
    kind_words,
    months_hold_back,
    people_text,
    signed_yuan,
    tie_words,
)
from pages.terminal.printing import plain_table
from pages.terminal.readiness import hindrance_counts, verdict_text

RED: Final = "red"
LOSING: Final = (Move.LOST, Move.IN_DOUBT, Move.LESS)
_BANDS_SHOWN_MAX = 15  # rows of a table by dimension; the report has all


def overview(policies: Iterable[PolicyEffect], month_count: int) -> Table:
    """Return a line for each policy."""
    table = plain_table(
        "政策事项 policies",
        f"事项 变动 版本 符合前> 符合后> 新增> 失去> 待核> 每期差额(元)> {month_count}个月差额(元)> 此前(元)> 就绪度 制约",
    )
    for policy in policies:
        lost = policy.counts[Move.LOST].people
        period_fen = sum(count.difference_fen for count in policy.counts.values())
        table.add_row(
            Text(policy.title, style=RED if policy.beyond else ""),
            Text(kind_words(policy), style="" if policy.is_moved else "dim"),
            f"{policy.version_before or '无'}→{policy.version_after or '无'}",
            people_text(policy.met_before),
            people_text(policy.met_after),
            people_text(policy.counts[Move.GAINED].people),
            Text(people_text(lost), style=RED if lost else ""),
            people_text(policy.unknown_after),
            signed_yuan(period_fen),
            signed_yuan(policy.difference_fen),
            signed_yuan(policy.earlier_fen),
            "·" if policy.readiness is None else verdict_text(policy.readiness),
            "·" if policy.readiness is None else hindrance_counts(policy.readiness),
        )
    return table


def months(effects: Sequence[MonthEffect]) -> Table:
    """Return the months of one policy; what bonds take off stands beside what people get."""
    is_net = months_hold_back(effects)
    table = plain_table(
        "按月 by month" + ("（已扣除互斥、封顶或已发 net）" if is_net else ""),
        "月份 符合前> 符合后> 新增> 失去> 增加> 减少> 应享前(元)> 应享后(元)> 差额(元)>"
        + (" 抵扣前(元)> 抵扣后(元)>" if is_net else ""),
    )
    for month in (each for each in effects if not each.is_empty):
        counts = (month.met_before, month.met_after, month.gained, month.lost, month.more, month.less)
        cells = [Text(people_text(count)) for count in counts]
        for place in (3, 5):
            cells[place].stylize(RED if counts[place] else "")
        money = [yuan_text(month.before_fen), yuan_text(month.after_fen), signed_yuan(month.difference_fen)]
        if is_net:
            taken = (month.gross_before_fen - month.before_fen, month.gross_after_fen - month.after_fen)
            money += [yuan_text(fen) if fen else "·" for fen in taken]
        table.add_row(month.month or EARLIER_WORDS, *cells, *money)
    empty = sum(month.is_empty for month in effects)
    if empty:
        table.caption = f"另有 {empty} 个月没有应享的期间 months without any period"
        table.caption_justify = "left"
    return table


def budgets(years: Sequence[BudgetYear]) -> Table:
    """Return what is set aside beside what the years come to."""
    table = plain_table("预算 budget", "年度 预算(元)> 已承诺(元)> 变动后应享(元)> 结余(元)>")
    for each in years:
        year = f"{each.year}" if each.is_whole else f"{each.year}（不满全年）"
        left = Text(yuan_text(each.left_fen), style=RED if each.left_fen < 0 else "")
        table.add_row(year, yuan_text(each.budget_fen), yuan_text(each.spent_fen), yuan_text(each.due_fen), left)
    return table


def bands(by: BandTable) -> Table:
    """Return the moves of one policy by a dimension."""
    heads = " ".join(f"{MOVE_WORDS[move]}> 每期差额(元)>" for move in by.moves)
    table = plain_table(f"按{by.label}", f"{by.label} {heads}")
    for row in by.rows[:_BANDS_SHOWN_MAX]:
        cells: list[Text | str] = []
        for move, cell in zip(by.moves, row.cells, strict=True):
            cells.append(Text(people_text(cell.people), style=RED if move in LOSING and cell.people else ""))
            cells.append("—" if cell.difference_fen is None else signed_yuan(cell.difference_fen))
        table.add_row(row.label, *cells)
    if len(by.rows) > _BANDS_SHOWN_MAX:
        table.caption = f"另有 {len(by.rows) - _BANDS_SHOWN_MAX} 行，见 --html 或 --json"
        table.caption_justify = "left"
    return table


def tied(effects: Iterable[TiedEffect], month_count: int) -> Table:
    """Return what the change does under policies that it does not name."""
    table = plain_table(
        "连带影响（对象数为单月最多）what else is moved",
        f"事项 因何 新增> 失去> 增加> 减少> {month_count}个月差额(元)> 此前(元)>",
    )
    for each in effects:
        gained, lost, more, less = (
            max(getattr(month, name) for month in each.months) for name in ("gained", "lost", "more", "less")
        )
        table.add_row(
            each.title,
            "、".join(map(tie_words, each.ties)),
            people_text(gained),
            Text(people_text(lost), style=RED if lost else ""),
            people_text(more),
            Text(people_text(less), style=RED if less else ""),
            signed_yuan(each.difference_fen),
            signed_yuan(each.earlier_fen),
        )
    return table


def ledger(policies: Iterable[PolicyLedger]) -> Table:
    """Return what the next night writes more or less."""
    table = plain_table(
        "下一次运行因此多写（负数为少写）what the next night writes more",
        "事项 当期> 金额(元)> 补发> 金额(元)> 补差> 金额(元)> 取消> 金额(元)> 待追回> 金额(元)>",
    )
    for each in policies:
        effect = each.effect
        pairs = (
            (effect.regular_count, effect.regular_fen),
            (effect.arrears_count, effect.arrears_fen),
            (effect.top_up_count, effect.top_up_fen),
            (effect.cancelled_count, effect.cancelled_fen),
            (effect.case_count, effect.case_fen),
        )
        cells = [text for count, fen in pairs for text in (f"{count:,}" if count else "·", signed_yuan(fen))]
        table.add_row(each.title, *(Text(cell) for cell in cells[:-2]), *(_case(cell) for cell in cells[-2:]))
    return table


def _case(cell: str) -> Text:
    return Text(cell, style="" if cell in {"·", "0"} else RED)
