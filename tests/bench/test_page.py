"""What the bench writes down, and that engines are asked the same."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import polars as pl
import pytest
from rich.table import Table

from rules.tree import Node
from tests.bench import page
from tests.bench.__main__ import PARTS
from tests.bench.one_match import by_hand
from tests.bench.peers.conditions import Condition, folded
from tests.bench.peers.rule_engine_texts import prepared
from tests.bench.plots import Line, log_log
from tests.bench.shapes import SHAPES, policies, profiles

PAGE = "before\n<!-- measured: one -->\nold\n<!-- end -->\nbetween\n<!-- measured: two -->\n<!-- end -->\nafter\n"


def test_the_page_has_a_place_for_each_part() -> None:
    """What `--write` is asked to write has its place, once."""
    assert sorted(page.parts(page.PAGE.read_text("utf-8"))) == sorted(PARTS)


def test_a_part_is_written_and_the_rest_stays(tmp_path: Path) -> None:
    """The plot stands beside the page; what other parts say is not touched, nor what is between them."""
    path = tmp_path / "page.md"
    path.write_text(PAGE, "utf-8")
    table = Table("what", title="A | table", caption="caption\nof two lines")
    table.add_column("figure", justify="right")
    table.add_row("a|b", "[bold]1[/bold]")

    page.write("one", page.Told((table,), {"plot.svg": "<svg/>"}), "Measured \\1.", path)

    written = path.read_text("utf-8")
    assert written.startswith(
        "before\n<!-- measured: one -->\n\nMeasured \\1.\n\n**A \\| table**\n\n| what | figure |\n"
    )
    assert (
        "| --- | --: |\n| a\\|b | 1 |\n\ncaption of two lines\n\n![plot.svg](plot.svg)\n\n<!-- end -->\nbetween"
        in written
    )
    assert written.endswith("<!-- measured: two -->\n<!-- end -->\nafter\n")
    assert (tmp_path / "plot.svg").read_text("utf-8") == "<svg/>"


def test_a_part_without_a_place_is_refused() -> None:
    """Nothing measured is lost in silence."""
    with pytest.raises(AssertionError, match="three"):
        page.replaced(PAGE, "three", "new")


@pytest.mark.parametrize("points", [((1.0, 0.1), (1e6, 1e5)), ((10.0, 2.0),), ((10.0, 1.0), (20.0, 1.0))])
def test_a_plot_stays_within_its_frame(points: tuple[tuple[float, float], ...]) -> None:
    """Also of one point, and of points of one height; names are told as they are."""
    drawn = ET.fromstring(log_log("cost", ("subjects", "seconds"), [Line("a < b", points), Line("c", points)]))  # noqa: S314  # our own

    circles = [each for each in drawn.iter() if each.tag.endswith("circle")]
    assert len(circles) == 2 * len(points)
    assert all(0 <= float(each.attrib["cx"]) <= 760 and 0 <= float(each.attrib["cy"]) <= 420 for each in circles)
    assert "a < b" in [each.text for each in drawn.iter()]


def test_folding_pushes_negation_to_conditions() -> None:
    """All and some change places under a negation, and what was negated twice is not."""
    shown = [text for nodes in policies(SHAPES["10 policies"]).values() for text in [_shown(nodes)]]

    assert any("not " in text for text in shown)
    assert not any("not (" in text or "not not" in text for text in shown)


def test_rule_engine_finds_what_is_found_by_hand(tmp_path: Path) -> None:
    """Unknown facts and negations included: seven tenths of the facts are unknown."""
    shape = SHAPES["mostly unknown"]
    register = tmp_path / "register.parquet"
    profiles(shape, 0, 40).write_parquet(register)
    asked = dict(list(policies(shape).items())[:60])

    by_hand(register, asked, tmp_path / "hand.parquet")
    prepared(asked)(register, tmp_path / "rule_engine.parquet")

    hand, other = (pl.read_parquet(tmp_path / f"{name}.parquet").sort(pl.all()) for name in ("hand", "rule_engine"))
    assert hand.height > 0
    assert hand.equals(other)


def _shown(nodes: Sequence[Node]) -> str:
    def leaf(condition: Condition, is_negated: bool) -> str:
        return f"{'not ' if is_negated else ''}{condition.code}"

    return folded(nodes, leaf, lambda word, parts: f"({f' {word} '.join(parts)})")
