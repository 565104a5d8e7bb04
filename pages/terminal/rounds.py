"""Rounds in a terminal: one line each, with what they took in and who vouches for them."""

from core.money import yuan_text
from engine.rounds.rounds import OpenedRound


def round_line(opened: OpenedRound) -> str:
    """Return a round as one line."""
    money = f"，合计 {yuan_text(opened.amount_fen)} 元" if opened.amount_fen else ""
    counts = f"参加 {opened.entrant_count:,}，其中待核 {opened.unknown_count:,}{money}"
    state = f"{opened.decided_by} 核定" if opened.is_decided else "待核定"
    return f"{opened.code}  {opened.label}  {opened.day}  {counts}  {opened.opened_by} 提出，{state}"
