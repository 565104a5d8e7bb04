"""A plan on the command line: proofs first, then the summary; streams, files and exit codes."""

import json
from pathlib import Path

import pytest

from core.errors import EXIT_CHANGES, EXIT_DONE, EXIT_FINDINGS, EXIT_USAGE
from engine.planning.plan_file import read_plan
from tests.commands.terminal import files, mianshen
from tests.world import World

ON = ("--on", "2025-03-10", "--months", "3")


@pytest.fixture
def proposed(world: World, tmp_path: Path) -> Path:
    """Return the file of a raise from April on."""
    path = tmp_path / "raise.yaml"
    text = world.published_text().replace("version: 1", "version: 2").replace("amount: 150", "amount: 200")
    path.write_text(text.replace("valid_from: 2020-01-01", "valid_from: 2025-04-01"), "utf-8")
    return path


def test_a_raise(world: World, proposed: Path) -> None:
    """Proofs, the headline, the tree, the months, and what to do next; nothing is written."""
    before = files(world.root)

    said = mianshen("plan", proposed, *ON, "-w", world.root)

    lines = said.out.splitlines()
    assert lines[0].startswith("care 第 2 版：样例 examples 1/1，检查")
    assert lines[1].startswith(
        "试运行 plan 2025-03-10 放宽 widening（按现有人群观察 observed）：新增符合 0，不再符合 0"
    )
    assert "金额增加 2，每期 +100.00 元" in said.out
    assert lines[-1] == "Save it with --out FILE, and hand it in with `mianshen rules submit FILE`?"
    assert (said.code, files(world.root)) == (EXIT_DONE, before)


def test_the_exit_code_tells_whether_anything_changes(world: World, proposed: Path, tmp_path: Path) -> None:
    """5 with changes, 0 without; only where it is asked for."""
    same = tmp_path / "same.yaml"
    same.write_text(world.published_text(), "utf-8")

    words = (*ON, "--exit-code", "-w", world.root)
    codes = [
        mianshen("plan", proposed, *words).code,
        mianshen("plan", same, "--from", "2025-01-01", *words).code,
    ]

    assert codes == [EXIT_CHANGES, EXIT_DONE]


def test_as_json_and_to_a_file(world: World, proposed: Path, tmp_path: Path) -> None:
    """JSON alone on its stream, with a format version; the file holds the same summary."""
    kept = tmp_path / "raise.plan"

    said = mianshen("plan", proposed, *ON, "--json", "--out", kept, "--by", "officer", "-w", world.root)

    tree = json.loads(said.out)
    assert (tree["format_version"], tree["change"]) == (2, {"basis": "observed", "kind": "widening"})
    assert tree["policies"][0]["counts"]["more"] == {"people": 2, "before_fen": 30000, "after_fen": 40000}
    assert (read_plan(kept).summary, read_plan(kept).made_by) == (tree, "officer")


def test_a_file_with_a_fault(world: World, proposed: Path) -> None:
    """Nothing is computed; the line and the word are named."""
    proposed.write_text(proposed.read_text("utf-8").replace("有证'", "有政'"), "utf-8")

    said = mianshen("plan", proposed, *ON, "-w", world.root)

    assert (said.code, said.out) == (EXIT_FINDINGS, "")
    assert "error[R201]" in said.err


def test_no_month_is_no_plan(world: World, proposed: Path) -> None:
    """How far to look is at least this month."""
    assert mianshen("plan", proposed, "--months", "0", "-w", world.root).code == EXIT_USAGE


def test_a_retirement(world: World) -> None:
    """Those who lose are told first."""
    said = mianshen("plan", "--retire", "care", "--from", "2025-04-01", *ON, "-w", world.root)

    assert "收紧 narrowing" in said.out
    assert "不再符合 2，每期 -300.00 元" in said.out
    assert "2025-04-01 起废止" in said.out


def test_a_report_beside_it(world: World, proposed: Path, tmp_path: Path) -> None:
    """The page is written where it was asked for."""
    said = mianshen("plan", proposed, *ON, "--html", tmp_path / "raise.html", "-w", world.root)

    assert said.code == EXIT_DONE
    assert "试运行报告" in (tmp_path / "raise.html").read_text("utf-8")


def test_an_outlook(world: World, tmp_path: Path) -> None:
    """Nothing turns for the two holders; the list is written all the same, and nothing else."""
    before = files(world.root)

    said = mianshen("outlook", "--on", "2025-03-10", "--out", tmp_path / "turns.parquet", "-w", world.root)
    tree = json.loads(mianshen("outlook", "--on", "2025-03-10", "--json", "-w", world.root).out)

    assert said.out.splitlines()[0] == "展望 outlook 2025-03-10，3 个月（按今日所知事实，仅时间推移）"
    assert "无变化 nothing turns: care" in said.out
    assert (tree["format_version"], [each["policy"] for each in tree["policies"]]) == (1, ["care"])
    assert (tmp_path / "turns.parquet").exists()
    assert files(world.root) == before
