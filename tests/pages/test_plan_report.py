"""The report of a plan: complete in one file, with the numbers of every chart in a table below it."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from core.errors import RunError
from pages.charts import Series, columns, rows
from pages.plan_report import axis_yuan, report_page, write_report
from pages.terminal.plan import plan_summary
from tests.engine.planning.proposals import a_world, change_of, planned, text_of


@pytest.fixture
def page(tmp_path: Path) -> str:
    """Return the report of a raise that reaches back, in a world whose rule has a title to escape."""
    with a_world(tmp_path) as world:
        world.rule()
        world.night("2025-02-28", pays=True)
        text = text_of(world, ("amount: 150", "amount: 200"), ("title: care", "title: '<b>照护</b>'"))
        return report_page(planned(world, change_of(world, text, stands_from="2025-01-01")), "示例区")


def test_it_opens_offline(page: str) -> None:
    """No script, no other host, no other file."""
    assert re.findall(r"(?:https?:|src=|<script|<link|url\()", page) == []


def test_what_people_wrote_is_text(page: str) -> None:
    """A title is no markup, in tables and in drawings."""
    assert "<b>照护" not in page
    assert "&lt;b&gt;照护" in page


def test_each_chart_is_told_again_by_a_table(page: str) -> None:
    """Whoever cannot see the drawing reads the numbers."""
    assert page.count("<svg") == 3
    assert page.count("<table") >= page.count("<svg")
    assert "<td>2025-03</td><td>2</td><td>2</td><td>·</td><td>·</td><td>2</td>" in page
    assert "+20,000.00" not in page
    assert "<td>+200.00</td>" in page


def test_what_else_is_moved_stands_first(tmp_path: Path) -> None:
    """A raise above another benefit of its group: what the other saves, why, and what the months are net of."""
    group = "[{group: 津贴, mode: highest, span: period}]"
    with a_world(tmp_path) as world:
        world.rule(policy="aid", amounts=180, excludes=group)
        world.rule(excludes=group)
        text = text_of(world, ("amount: 150", "amount: 200"))
        plan = planned(world, change_of(world, text, stands_from="2025-04-01"))

    page = report_page(plan, "示例区")
    terminal = io.StringIO()
    Console(width=200, file=terminal).print(plan_summary(plan))

    for told in (page, terminal.getvalue()):
        assert "连带影响" in told
        assert "互斥组 津贴" in told
        assert "-720.00" in told, "180 for both in April and in May"
        assert "抵扣前" in told
    assert page.index("连带影响") < page.index('<h2 id="care">')


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    """A finding, and nothing stands beside."""
    with a_world(tmp_path / "w") as world:
        world.rule()
        plan = planned(world, change_of(world, world.published_text(), stands_from="2025-01-01"))

    with pytest.raises(RunError, match="E007"):
        write_report(plan, tmp_path / "none" / "r.html", "示例区")


@pytest.mark.parametrize(
    ("fen", "words"),
    [(0, "0"), (5_000_00, "5,000"), (1_0000_00, "1万"), (1_5000_00, "1.5万"), (-25_0000_00, "-25万"), (50, "0.50")],
)
def test_amounts_beside_an_axis(fen: int, words: str) -> None:
    """Whole yuan, from ten thousand on in 万."""
    assert axis_yuan(fen) == words


@pytest.mark.parametrize("values", [(), (0,), (7,), (-3, 5), (10**15, -1), (None, 4), (None,)])
def test_any_numbers_can_be_drawn(values: tuple[int | None, ...]) -> None:
    """No number is too large, too small or too few; every bar lies within the drawing."""
    labels = [f"<{place}>" for place, _ in enumerate(values)]
    series = [Series("甲", "#000", values), Series("乙", "#111", values)]

    for drawn in (columns("题", labels, series, str), rows("题", labels, [Series("甲", "#000", values)], str)):
        assert drawn.startswith("<svg")
        assert "<0>" not in drawn
        assert all(float(height) >= 0 for height in re.findall(r'<rect[^>]* height="([-\d.]+)"', drawn))
