"""A plan in a terminal: proofs, the summary, a tree, then tables; red for people who lose and for money beyond its band.

A plan of many policies has a line for each instead of a tree: the report and the JSON form have the rest. Ends with what
to do next.
"""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from engine.planning.breakdown import Alike
from engine.planning.change import Proof
from engine.planning.effect import Plan, PolicyEffect
from engine.planning.moves import Move
from pages.plan_words import (
    CHANGE_WORDS,
    HIDDEN_NOTE,
    MOVE_WORDS,
    OTHER_REASONS,
    activation_words,
    by_money,
    signed_yuan,
    standing_words,
    suspended_words,
    tie_words,
)
from pages.terminal.plan_tables import LOSING, RED, bands, budgets, ledger, months, overview, tied
from pages.terminal.readiness import readiness_line

_IN_TREE = tuple(move for move in Move if move is not Move.NEITHER)
_TREES_MAX = 5  # policies that are told one after the other; more are told in one table


def proof_lines(proofs: Sequence[Proof]) -> RenderableType:
    """Return the first thing an officer reads: how checks and examples came out, of many versions in one line."""
    return Group(*map(_proof_line, proofs)) if len(proofs) <= _TREES_MAX else proofs_together(proofs)


def _proof_line(proof: Proof) -> Text:
    checks = f"检查有 {len(proof.warnings)} 条提醒" if proof.warnings else "检查通过 checks clean"
    count = proof.example_count
    return Text(f"{proof.title} 第 {proof.version} 版：样例 examples {count}/{count}，{checks}")


def plan_summary(plan: Plan) -> RenderableType:
    """Return a plan as an officer reads it."""
    parts: list[RenderableType] = [_headline(plan)]
    if plan.suspended:
        parts.append(Text(suspended_words(plan.suspended), style="bold red"))
    if len(plan.policies) > _TREES_MAX:
        parts += _overview(plan)
    else:
        parts += [_tree(plan, each) for each in plan.policies]
        shown = [policy for policy in plan.policies if policy.is_moved or len(plan.policies) == 1]
        parts += [part for policy in shown for part in _tables(policy)]
    moved = [each for each in plan.tied if each.is_moved]
    if moved:
        parts.append(tied(moved, plan.months))
    still = [each.title for each in plan.tied if not each.is_moved]
    if still:
        parts.append(Text(f"相关而不受影响 tied, and not moved: {'、'.join(still)}", style="dim"))
    if plan.ledger:
        parts.append(ledger(plan.ledger))
    return Group(*parts)


def _headline(plan: Plan) -> Text:
    lost = sum(policy.counts[Move.LOST].people for policy in plan.policies)
    gained = sum(policy.counts[Move.GAINED].people for policy in plan.policies)
    beyond = any(policy.beyond for policy in plan.policies)
    of_others = sum(each.difference_fen for each in plan.tied)
    return Text.assemble(
        (f"试运行 plan {plan.day} ", "bold"),
        (f"{CHANGE_WORDS[plan.change]}", "bold"),
        "（按现有人群观察 observed）：",
        f"新增符合 {gained:,}，",
        (f"不再符合 {lost:,}", RED if lost else ""),
        f"；{plan.months} 个月实得 ",
        (f"{signed_yuan(plan.difference_fen)} 元", RED if beyond else ""),
        f"，其中连带事项 {signed_yuan(of_others)} 元" if of_others else "",
        f"；此前各期 {signed_yuan(plan.earlier_fen)} 元" if plan.earlier_fen else "",
    )


def _overview(plan: Plan) -> Iterator[RenderableType]:
    """Give a line for each policy, those first that move most money, then what needs a person."""
    yield overview(by_money(plan), plan.months)
    for policy in plan.policies:
        for finding in policy.beyond:
            yield Text(f"{policy.title}：超出护栏 beyond the guard: {finding.message}", style=RED)
    yield Text(
        "每项的原因、按月金额、分组和所缺数据 reasons, months, breakdowns, missing data: --html FILE, --json",
        style="dim",
    )


def _tree(plan: Plan, policy: PolicyEffect) -> Tree:
    proposed = "；".join(activation_words(each) for each in plan.activations if each.policy == policy.policy)
    tree = Tree(Text.assemble((policy.title, "bold"), f" {policy.policy}：{proposed}"))
    base = tree.add(
        f"{policy.measured_on} 当日：{standing_words(policy.version_before)} → {standing_words(policy.version_after)}；"
        f"符合 {policy.met_before:,} → {policy.met_after:,}，待核 {policy.unknown_before:,} → {policy.unknown_after:,}"
    )
    for move in (move for move in _IN_TREE if policy.counts[move].people):
        count = policy.counts[move]
        money = f"，每期 {signed_yuan(count.difference_fen)} 元" if count.difference_fen else ""
        style = RED if move in LOSING else ""
        branch = base.add(Text(f"{MOVE_WORDS[move]} {count.people:,}{money}", style=style))
        for each in (each for each in policy.alike if each.move is move):
            branch.add(Text(_alike_words(each), style=style))
    if not policy.is_moved:
        base.add("没有人受影响 nobody is affected")
    if policy.readiness is not None:
        tree.add(readiness_line(policy.readiness))
    if policy.proved:
        tree.add(Text(f"对所有可能的对象已证明 proved: {policy.proved}", style="dim"))
    for finding in policy.beyond:
        tree.add(Text(f"超出护栏 beyond the guard: {finding.message}", style=RED))
    if policy.ties:
        words = "、".join(map(tie_words, policy.ties))
        tree.add(Text(f"{words}：按月金额已抵扣，每期金额为本事项所定 months are net", style="dim"))
    return tree


def _alike_words(each: Alike) -> str:
    typical = "，".join(f"{dimension}多为{band}" for dimension, band in each.typical)
    return f"{each.people:,}：{each.reason or OTHER_REASONS}{f'（{typical}）' if typical else ''}"


def _tables(policy: PolicyEffect) -> Iterator[RenderableType]:
    yield Text(policy.title, style="bold")
    yield months(policy.months)
    if policy.budgets:
        yield budgets(policy.budgets)
    for table in policy.tables:
        if table.rows:
            yield bands(table)
    withheld = sorted({MOVE_WORDS[move] for table in policy.tables for move in table.withheld})
    if withheld:
        yield Text(f"人数过少，不分组显示：{'、'.join(withheld)}", style="dim")
    if any(cell.people is None for table in policy.tables for row in table.rows for cell in row.cells):
        yield Text(HIDDEN_NOTE, style="dim")


def proofs_together(proofs: Sequence[Proof]) -> Text:
    """Return how the checks and examples of many versions came out, in one line."""
    examples = sum(each.example_count for each in proofs)
    warned = sum(bool(each.warnings) for each in proofs)
    checks = f"{warned} 个版本的检查有提醒" if warned else "检查通过 checks clean"
    return Text(f"{len(proofs)} 个版本 versions：样例 examples {examples:,}/{examples:,}，{checks}")


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
