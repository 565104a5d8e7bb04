"""A plan in a terminal: proofs, the summary, a tree, then tables; red for people who lose and for money beyond its band.

Ends with what to do next.
"""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from core.money import yuan_text
from engine.planning.breakdown import Alike, BandTable
from engine.planning.change import Proof
from engine.planning.effect import BudgetYear, Plan, PolicyEffect, PolicyLedger
from engine.planning.moves import Move
from pages.plan_words import (
    CHANGE_WORDS,
    EARLIER_WORDS,
    HIDDEN_NOTE,
    MOVE_WORDS,
    OTHER_REASONS,
    activation_words,
    people_text,
    signed_yuan,
)
from pages.terminal import plain_table

_RED = "red"
_LOSING = (Move.LOST, Move.IN_DOUBT, Move.LESS)
_IN_TREE = tuple(move for move in Move if move is not Move.NEITHER)
_BANDS_SHOWN_MAX = 15  # rows of a table by dimension; the report has all


def proof_lines(proofs: Iterable[Proof]) -> RenderableType:
    """Return the first thing an officer reads: how checks and examples came out."""
    lines = []
    for proof in proofs:
        checks = f"检查有 {len(proof.warnings)} 条提醒" if proof.warnings else "检查通过 checks clean"
        count = proof.example_count
        line = Text(f"{proof.title} 第 {proof.version} 版：样例 examples {count}/{count}，{checks}")
        lines.append(line)
    return Group(*lines)


def plan_summary(plan: Plan) -> RenderableType:
    """Return a plan as an officer reads it."""
    parts: list[RenderableType] = [_headline(plan), *(_tree(plan, each) for each in plan.policies)]
    for policy in plan.policies:
        parts += _tables(policy)
    if plan.ledger:
        parts.append(_ledger(plan.ledger))
    return Group(*parts)


def _headline(plan: Plan) -> Text:
    lost = sum(policy.counts[Move.LOST].people for policy in plan.policies)
    gained = sum(policy.counts[Move.GAINED].people for policy in plan.policies)
    fen = sum(policy.difference_fen for policy in plan.policies)
    beyond = any(policy.beyond for policy in plan.policies)
    return Text.assemble(
        (f"试运行 plan {plan.day} ", "bold"),
        (f"{CHANGE_WORDS[plan.change]}", "bold"),
        "（按现有人群观察 observed）：",
        f"新增符合 {gained:,}，",
        (f"不再符合 {lost:,}", _RED if lost else ""),
        f"；{plan.months} 个月应享 ",
        (f"{signed_yuan(fen)} 元", _RED if beyond else ""),
    )


def _tree(plan: Plan, policy: PolicyEffect) -> Tree:
    proposed = "；".join(activation_words(each) for each in plan.activations if each.policy == policy.policy)
    tree = Tree(Text.assemble((policy.title, "bold"), f" {policy.policy}：{proposed}"))
    stands = f"第 {policy.version_before} 版" if policy.version_before else "无执行中的版本"
    becomes = f"第 {policy.version_after} 版" if policy.version_after else "无执行中的版本"
    base = tree.add(
        f"{policy.measured_on} 当日：{stands} → {becomes}；符合 {policy.met_before:,} → {policy.met_after:,}，"
        f"待核 {policy.unknown_before:,} → {policy.unknown_after:,}"
    )
    for move in (move for move in _IN_TREE if policy.counts[move].people):
        count = policy.counts[move]
        money = f"，每期 {signed_yuan(count.difference_fen)} 元" if count.difference_fen else ""
        style = _RED if move in _LOSING else ""
        branch = base.add(Text(f"{MOVE_WORDS[move]} {count.people:,}{money}", style=style))
        for each in (each for each in policy.alike if each.move is move):
            branch.add(Text(_alike_words(each), style=style))
    if policy.proved:
        tree.add(Text(f"对所有可能的对象已证明 proved: {policy.proved}", style="dim"))
    if not policy.is_moved:
        base.add("没有人受影响 nobody is affected")
    for finding in policy.beyond:
        tree.add(Text(f"超出护栏 beyond the guard: {finding.message}", style=_RED))
    if policy.bonds:
        tree.add(Text(f"未与其他待遇互斥、封顶抵扣 gross of: {', '.join(policy.bonds)}", style="dim"))
    return tree


def _alike_words(each: Alike) -> str:
    typical = "，".join(f"{dimension}多为{band}" for dimension, band in each.typical)
    return f"{each.people:,}：{each.reason or OTHER_REASONS}{f'（{typical}）' if typical else ''}"


def _tables(policy: PolicyEffect) -> Iterator[RenderableType]:
    yield Text(policy.title, style="bold")
    yield _months(policy)
    if policy.budgets:
        yield _budgets(policy.budgets)
    for table in policy.tables:
        if table.rows:
            yield _bands(table)
    withheld = sorted({MOVE_WORDS[move] for table in policy.tables for move in table.withheld})
    if withheld:
        yield Text(f"人数过少，不分组显示：{'、'.join(withheld)}", style="dim")
    if any(cell.people is None for table in policy.tables for row in table.rows for cell in row.cells):
        yield Text(HIDDEN_NOTE, style="dim")


def _months(policy: PolicyEffect) -> Table:
    table = plain_table(
        "按月 by month",
        "月份 符合前> 符合后> 新增> 失去> 增加> 减少> 应享前(元)> 应享后(元)> 差额(元)>",
    )
    for month in policy.months:
        counts = (month.met_before, month.met_after, month.gained, month.lost, month.more, month.less)
        cells = [Text(people_text(count)) for count in counts]
        for place in (3, 5):
            cells[place].stylize(_RED if counts[place] else "")
        money = (yuan_text(month.before_fen), yuan_text(month.after_fen), signed_yuan(month.difference_fen))
        table.add_row(month.month or EARLIER_WORDS, *cells, *money)
    return table


def _budgets(budgets: Sequence[BudgetYear]) -> Table:
    table = plain_table("预算 budget", "年度 预算(元)> 已承诺(元)> 变动后应享(元)> 结余(元)>")
    for each in budgets:
        year = f"{each.year}" if each.is_whole else f"{each.year}（不满全年）"
        left = Text(yuan_text(each.left_fen), style=_RED if each.left_fen < 0 else "")
        table.add_row(year, yuan_text(each.budget_fen), yuan_text(each.spent_fen), yuan_text(each.due_fen), left)
    return table


def _bands(bands: BandTable) -> Table:
    heads = " ".join(f"{MOVE_WORDS[move]}> 每期差额(元)>" for move in bands.moves)
    table = plain_table(f"按{bands.label}", f"{bands.label} {heads}")
    for row in bands.rows[:_BANDS_SHOWN_MAX]:
        cells: list[Text | str] = []
        for move, cell in zip(bands.moves, row.cells, strict=True):
            cells.append(Text(people_text(cell.people), style=_RED if move in _LOSING and cell.people else ""))
            cells.append("—" if cell.difference_fen is None else signed_yuan(cell.difference_fen))
        table.add_row(row.label, *cells)
    if len(bands.rows) > _BANDS_SHOWN_MAX:
        table.caption = f"另有 {len(bands.rows) - _BANDS_SHOWN_MAX} 行，见 --html 或 --json"
        table.caption_justify = "left"
    return table


def _ledger(ledger: Iterable[PolicyLedger]) -> Table:
    table = plain_table(
        "下一次运行因此多写（负数为少写）what the next night writes more",
        "事项 当期> 金额(元)> 补发> 金额(元)> 补差> 金额(元)> 取消> 金额(元)> 待追回> 金额(元)>",
    )
    for each in ledger:
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
    return Text(cell, style="" if cell in {"·", "0"} else _RED)


def next_step(plan: Plan, saved_as: str | None) -> Text:
    """Return the one question at the end: what to do with the plan, which may stand in a file by now."""
    if not plan.is_change:
        words = "没有变化。No changes."
    elif saved_as is None:
        words = (
            "是否保存并提交复核？加 --out FILE 保存，再执行 mianshen rules submit FILE。\n"
            "Save it with --out FILE, and hand it in with `mianshen rules submit FILE`?"
        )
    else:
        words = f"已保存 saved: {saved_as}\n是否提交复核？Hand it in?  mianshen rules submit {saved_as}"
    return Text(words, style="bold")
