"""A plan as one page that opens offline and prints: the summary, then charts, each with its numbers below."""

from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.errors import RunError
from core.money import FEN_PER_YUAN, yuan_text
from core.settings import SettingsCode
from engine.planning.breakdown import BandTable
from engine.planning.effect import Plan, PolicyEffect
from engine.planning.moves import Move
from pages.charts import Series, columns, rows
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
)
from pages.terminal.plan import proofs_together
from pages.terminal.readiness import hindrance_counts, readiness_line, verdict_text

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
_TEN_THOUSAND_YUAN = FEN_PER_YUAN * 10_000


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


def report_words(plan: Plan) -> dict[str, Any]:
    """Return everything beside the plan itself that the body of its report names."""
    return {
        "gained": sum(policy.counts[Move.GAINED].people for policy in plan.policies),
        "lost": sum(policy.counts[Move.LOST].people for policy in plan.policies),
        "by_money": by_money(plan),
        "kind_words": kind_words,
        "moved": [each for each in plan.tied if each.is_moved],
        "proofs": proofs_together(plan.proofs).plain,
        "readiness_line": lambda readiness: readiness_line(readiness).plain,
        "verdict_text": lambda readiness: verdict_text(readiness).plain,
        "hindrance_counts": hindrance_counts,
        "standing_words": standing_words,
        "hold_back": months_hold_back,
        "Move": Move,
        "moves": MOVE_WORDS,
        "kinds": CHANGE_WORDS,
        "activation_words": activation_words,
        "earlier": EARLIER_WORDS,
        "others": OTHER_REASONS,
        "hidden_note": HIDDEN_NOTE,
        "moves_chart": moves_chart,
        "months_chart": months_chart,
        "has_both_sides": has_both_sides,
        "difference_chart": difference_chart,
        "bands_chart": bands_chart,
    }


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


def moves_chart(policy: PolicyEffect) -> str:
    """Return how many people make each move, but for those whom nothing moves."""
    made = [move for move in COLOURS if move is not Move.SAME and policy.counts[move].people]
    series = [
        Series(
            MOVE_WORDS[move],
            COLOURS[move],
            tuple(policy.counts[each].people if each is move else 0 for each in made),
        )
        for move in made
    ]
    return rows(f"{policy.title}：受影响的对象数", [MOVE_WORDS[move] for move in made], series, _count)


def has_both_sides(policy: PolicyEffect) -> bool:
    """Say whether anything is due in the months both before and after; else the difference is one of the two."""
    return any(each.before_fen for each in policy.months) and any(each.after_fen for each in policy.months)


def months_chart(policy: PolicyEffect) -> str:
    """Return what is due by month, before and after."""
    dated = [each for each in policy.months if each.month is not None]
    series = (
        Series("变动前", _BEFORE, tuple(each.before_fen for each in dated)),
        Series("变动后", _AFTER, tuple(each.after_fen for each in dated)),
    )
    return columns(f"{policy.title}：按月应享（元）", [f"{each.month}" for each in dated], series, axis_yuan)


def difference_chart(policy: PolicyEffect) -> str:
    """Return what changes by month; what is saved goes below zero."""
    dated = [each for each in policy.months if each.month is not None]
    series = (Series("差额", _AFTER, tuple(each.difference_fen for each in dated)),)
    return columns(f"{policy.title}：按月差额（元）", [f"{each.month}" for each in dated], series, axis_yuan)


def bands_chart(policy: PolicyEffect, table: BandTable) -> str:
    """Return the moves by one dimension; what is not shown has no bar."""
    series = [
        Series(MOVE_WORDS[move], COLOURS[move], tuple(row.cells[place].people for row in table.rows))
        for place, move in enumerate(table.moves)
    ]
    return rows(f"{policy.title}：按{table.label}", [row.label for row in table.rows], series, _count)


def axis_yuan(fen: int) -> str:
    """Return an amount beside an axis: whole yuan, from ten thousand on in 万."""
    if abs(fen) >= _TEN_THOUSAND_YUAN:
        whole, rest = divmod(abs(fen), _TEN_THOUSAND_YUAN)
        part = f".{rest * 100 // _TEN_THOUSAND_YUAN:02d}".rstrip("0").rstrip(".")
        return f"{'-' if fen < 0 else ''}{whole:,}{part}万"
    return yuan_text(fen).removesuffix(".00")


def _count(people: int) -> str:
    return f"{people:,}"
