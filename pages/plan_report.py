"""A plan as one page that opens offline and prints: the summary, then charts, each with its numbers below."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.errors import RunError
from core.languages import Language, in_language
from core.money import FEN_PER_YUAN, yuan_text
from core.settings import SettingsCode
from engine.planning.breakdown import BandTable
from engine.planning.change import Proof
from engine.planning.effect import Plan, PolicyEffect
from engine.planning.months import MonthEffect
from engine.planning.moves import Move
from pages.charts import Series, columns, rows
from pages.language.translating import Words, words_in
from pages.plan_words import (
    CHANGE_WORDS,
    EARLIER_WORDS,
    FILTERS,
    HIDDEN_NOTE,
    MOVE_WORDS,
    OTHER_REASONS,
    activation_words,
    by_money,
    kind_words,
    months_hold_back,
    standing_words,
    tie_words,
)
from pages.terminal.diff import KIND_WORDS
from pages.terminal.readiness import LANE_WORDS, OBSTACLE_WORDS, VERDICT_WORDS, hindrance_counts
from rules.diff import DifferenceKind
from rules.readiness import Readiness

COLOURS: Final = {
    Move.GAINED: "#1a7f4b",
    Move.LOST: "#a32020",
    Move.IN_DOUBT: "#b07400",
    Move.MORE: "#2f6fb3",
    Move.LESS: "#d07a5c",
    Move.OPEN: "#6b7683",
    Move.SAME: "#b9c3cd",
    Move.NEWLY_UNKNOWN: "#8d7a2b",
    Move.NO_LONGER_UNKNOWN: "#9aa5b1",
}
_BEFORE, _AFTER, _LESS = "#9aa9b8", "#14508c", "#a32020"
_THOUSAND_YUAN, _TEN_THOUSAND_YUAN = FEN_PER_YUAN * 1_000, FEN_PER_YUAN * 10_000
_SUSPENDED: Final = "%(titles)s：现已暂停执行；以下前后对比均按恢复执行测算"
_CHINESE: Final = words_in(Language.CHINESE)


def report_page(plan: Plan, workspace_name: str) -> str:
    """Return the page; the same plan gives the same bytes."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"yuan": yuan_text, **FILTERS}
    page = environment.get_template("plan.html")
    return page.render(plan=plan, workspace_name=workspace_name, **report_words(plan))


def report_words(plan: Plan, words: Words = _CHINESE) -> dict[str, Any]:
    """Return everything beside the plan itself that the body of its report names, in the language of who reads."""
    say = words.gettext
    drawn = Charts(words)
    return {
        "gained": sum(policy.counts[Move.GAINED].people for policy in plan.policies),
        "lost": sum(policy.counts[Move.LOST].people for policy in plan.policies),
        "by_money": by_money(plan),
        "kind_words": lambda policy: say(kind_words(policy)),
        "moved": [each for each in plan.tied if each.is_moved],
        "proofs": _proofs(plan.proofs, words),
        "readiness_line": partial(_readiness, words=words),
        "verdict_text": partial(_verdict, words=words),
        "hindrance_counts": partial(hindrance_counts, words=words),
        "standing_words": lambda version: say(standing_words(version)),
        "hold_back": months_hold_back,
        "Move": Move,
        "moves": words.table(MOVE_WORDS),
        "kinds": CHANGE_WORDS,
        "proved": lambda policy: say(KIND_WORDS[DifferenceKind(policy.proved)][0].split()[0]),
        "beyond": lambda policy: [in_language(each, words.language) for each in policy.beyond],
        "ties": lambda ties: "、".join(say(tie_words(each)) for each in ties),
        "stopped": lambda titles: words(_SUSPENDED, titles="、".join(titles)),
        "reason": lambda alike: say(alike.reason or OTHER_REASONS),
        "activation_words": lambda activation: say(activation_words(activation)),
        "earlier": say(EARLIER_WORDS),
        "hidden_note": say(HIDDEN_NOTE),
        "moves_chart": drawn.moves,
        "months_chart": drawn.months,
        "has_both_sides": has_both_sides,
        "difference_chart": drawn.difference,
        "bands_chart": drawn.bands,
    }


def _proofs(proofs: Sequence[Proof], words: Words) -> str:
    """Return how the checks and examples of all versions came out, in one line."""
    warned = sum(bool(each.warnings) for each in proofs)
    checks = words("%(count)s 个版本的检查有提醒", count=warned) if warned else words("检查通过")
    examples = f"{sum(each.example_count for each in proofs):,}"
    said = "%(count)s 个版本：样例 %(examples)s/%(examples)s，%(checks)s"
    return words(said, count=len(proofs), examples=examples, checks=checks)


def _readiness(readiness: Readiness, words: Words) -> str:
    """Return in one line which lane a version is ready for, which it declares, and what stands in the way."""
    verdict = words(VERDICT_WORDS[readiness.verdict][0])
    line = words(
        "免申就绪度：%(verdict)s（所定方式：%(lane)s）", verdict=verdict, lane=words(LANE_WORDS[readiness.lane])
    )
    held = (f"{each.resource or words('文件')} {words(OBSTACLE_WORDS[each.obstacle])}" for each in readiness.holding)
    reasons = "，".join(dict.fromkeys(held))
    return words("%(line)s；%(reasons)s", line=line, reasons=reasons) if reasons else line


def _verdict(readiness: Readiness, words: Words) -> str:
    """Return which lane a version is ready for; marked where that falls short of the one that it declares."""
    return words(VERDICT_WORDS[readiness.verdict][0]) + ("" if readiness.is_ready else " ✗")


def write_report(plan: Plan, path: Path, workspace_name: str) -> None:
    """Write the page, whole or not at all.

    Fails: RunError where the folder may not be written.
    """
    beside = path.with_name(f".{path.name}.writing")
    try:
        beside.write_text(report_page(plan, workspace_name), "utf-8")
        beside.replace(path)
    except OSError as fault:
        beside.unlink(missing_ok=True)
        message = f"the report cannot be written: {(fault.strerror or 'unknown reason').lower()}"
        raise RunError.one(SettingsCode.NO_ACCESS, path.name, message, "name a folder that may be written") from fault


def has_both_sides(policy: PolicyEffect) -> bool:
    """Say whether anything is due in the months both before and after; else the difference is one of the two."""
    return any(each.before_fen for each in policy.months) and any(each.after_fen for each in policy.months)


@dataclass(frozen=True, slots=True)
class Charts:
    """The charts of a report, in one language."""

    words: Words

    def moves(self, policy: PolicyEffect) -> str:
        """Return how many people make each move, but for those whom nothing moves."""
        made = [move for move in COLOURS if move is not Move.SAME and policy.counts[move].people]
        names = [self.words(MOVE_WORDS[move]) for move in made]
        series = [
            Series(name, COLOURS[move], tuple(policy.counts[each].people if each is move else 0 for each in made))
            for name, move in zip(names, made, strict=True)
        ]
        return rows(self.words("%(title)s：受影响的对象数", title=policy.title), names, series, _count)

    def months(self, policy: PolicyEffect) -> str:
        """Return what is due by month, before and after."""
        dated = [each for each in policy.months if each.month is not None]
        series = (
            Series(self.words("变动前"), _BEFORE, tuple(each.before_fen for each in dated)),
            Series(self.words("变动后"), _AFTER, tuple(each.after_fen for each in dated)),
        )
        return self._by_month(self.words("%(title)s：按月应享（元）", title=policy.title), dated, series)

    def difference(self, policy: PolicyEffect) -> str:
        """Return what changes by month; what is saved goes below zero."""
        dated = [each for each in policy.months if each.month is not None]
        series = (Series(self.words("差额"), _AFTER, tuple(each.difference_fen for each in dated)),)
        return self._by_month(self.words("%(title)s：按月差额（元）", title=policy.title), dated, series)

    def bands(self, policy: PolicyEffect, table: BandTable) -> str:
        """Return the moves by one dimension; what is not shown has no bar."""
        series = [
            Series(self.words(MOVE_WORDS[move]), COLOURS[move], tuple(row.cells[place].people for row in table.rows))
            for place, move in enumerate(table.moves)
        ]
        title = self.words("%(title)s：按%(label)s", title=policy.title, label=table.label)
        return rows(title, [row.label for row in table.rows], series, _count)

    def _by_month(self, title: str, dated: Sequence[MonthEffect], series: Sequence[Series]) -> str:
        axis = axis_thousands if self.words.is_english else axis_yuan
        return columns(title, [f"{each.month}" for each in dated], series, axis)


def axis_yuan(fen: int) -> str:
    """Return an amount beside an axis: whole yuan, from ten thousand on in 万."""
    if abs(fen) >= _TEN_THOUSAND_YUAN:
        whole, rest = divmod(abs(fen), _TEN_THOUSAND_YUAN)
        part = f".{rest * 100 // _TEN_THOUSAND_YUAN:02d}".rstrip("0").rstrip(".")
        return f"{'-' if fen < 0 else ''}{whole:,}{part}万"
    return yuan_text(fen).removesuffix(".00")


def axis_thousands(fen: int) -> str:
    """Return an amount beside an axis in English: whole yuan, from ten thousand on in thousands."""
    if abs(fen) >= _TEN_THOUSAND_YUAN:
        whole, rest = divmod(abs(fen), _THOUSAND_YUAN)
        tenth = rest * 10 // _THOUSAND_YUAN
        return f"{'-' if fen < 0 else ''}{whole:,}{f'.{tenth}' if tenth else ''}k"
    return yuan_text(fen).removesuffix(".00")


def _count(people: int) -> str:
    return f"{people:,}"
