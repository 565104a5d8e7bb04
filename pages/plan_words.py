"""The words of a plan, for the terminal and for its report: moves, kinds of change, days, money with its sign."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from core.money import yuan_text
from engine.planning.classify import ChangeKind
from engine.planning.disclosure import K_LEAST
from engine.planning.effect import Plan, PolicyEffect
from engine.planning.months import MonthEffect
from engine.planning.moves import BETTER, WORSE, Move
from engine.planning.plan_file import ProposedActivation

MOVE_WORDS: Final[Mapping[Move, str]] = {
    Move.GAINED: "新增符合",
    Move.LOST: "不再符合",
    Move.IN_DOUBT: "符合转待核",
    Move.MORE: "金额增加",
    Move.LESS: "金额减少",
    Move.OPEN: "金额待定",
    Move.SAME: "不变",
    Move.NEWLY_UNKNOWN: "新增待核",
    Move.NO_LONGER_UNKNOWN: "不再待核",
    Move.NEITHER: "不涉及",
}

CHANGE_WORDS: Final[Mapping[ChangeKind, str]] = {
    ChangeKind.TEXT_ONLY: "仅文字 text only",
    ChangeKind.NEUTRAL: "无影响 neutral",
    ChangeKind.WIDENING: "放宽 widening",
    ChangeKind.NARROWING: "收紧 narrowing",
    ChangeKind.MIXED: "有增有减 mixed",
    ChangeKind.OPEN: "只增减待核 open",
}

_TIES: Final[Mapping[str, str]] = {
    "group": "互斥组 {}",
    "pool": "共用封顶 {}",
    "paid": "视同已发 {}",
    "outcome": "以 {} 的结果为条件",
}

HIDDEN = "*"
HIDDEN_NOTE = f"* 为防止识别个人，少于 {K_LEAST} 的人数及可据以推算的人数不显示。"
OTHER_REASONS = "其他原因"
EARLIER_WORDS = "此前"


def by_money(plan: Plan) -> list[PolicyEffect]:
    """Return the policies of a plan, those first that move most money, then most people."""

    def order(policy: PolicyEffect) -> tuple[int, int, int, str]:
        moved = abs(policy.difference_fen) + abs(policy.earlier_fen)
        return -moved, -policy.met_after, -policy.unknown_after, policy.policy

    return sorted(plan.policies, key=order)


def signed_yuan(fen: int) -> str:
    """Return a difference for people: `+1,234.50`; nothing changes: `0`."""
    return f"{'+' if fen > 0 else ''}{yuan_text(fen)}" if fen else "0"


def people_text(people: int | None) -> str:
    """Return a count of a table, or that it is not shown."""
    return HIDDEN if people is None else f"{people:,}" if people else "·"


def days_words(valid_from: dt.date, valid_through: dt.date | None) -> str:
    """Return from when through when something is to stand."""
    return f"{valid_from} 起" if valid_through is None else f"{valid_from} 至 {valid_through}"


def activation_words(activation: ProposedActivation) -> str:
    """Return what is proposed of one policy."""
    days = days_words(activation.valid_from, activation.valid_through)
    return f"{days}废止" if activation.version is None else f"第 {activation.version} 版，{days}"


def tie_words(tie: str) -> str:
    """Return what ties a policy to others."""
    kind, _, name = tie.partition(" ")
    return _TIES[kind].format(name)


def kind_words(policy: PolicyEffect) -> str:
    """Return in short what a change does to one policy."""
    if not policy.is_moved:
        return "无人受影响"
    is_of_people = any(policy.counts[move].people for move in (*BETTER, *WORSE, Move.OPEN))
    if is_of_people or any(month.is_changed for month in policy.months):
        return CHANGE_WORDS[policy.change].split()[0]
    return "仅待核变动"


def standing_words(version: int | None) -> str:
    """Return which version stands."""
    return "无执行中的版本" if version is None else f"第 {version} 版"


def months_hold_back(months: Iterable[MonthEffect]) -> bool:
    """Say whether other benefits, a ceiling or money paid before take anything off some months."""
    return any(each.gross_before_fen != each.before_fen or each.gross_after_fen != each.after_fen for each in months)


def suspended_words(titles: Sequence[str]) -> str:
    """Return what is said of a plan about policies that somebody has stopped."""
    return f"{'、'.join(titles)}：现已暂停执行 suspended；以下前后对比均按恢复执行测算"


FILTERS: Final[Mapping[str, Callable[..., str]]] = {
    "signed": signed_yuan,
    "people": people_text,
}
"""What the templates of a plan fill values with, beside `yuan`."""
