"""Suspending and resuming as an officer types it, and what everybody else then reads."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_REFUSED
from tests.commands.terminal import mianshen
from tests.stories.typing_officers import CARD, into_force, raise_file, say, typed_world
from tests.world import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return a world after its January night; the machine's clock is the story's."""
    with typed_world(tmp_path, monkeypatch) as made:
        (made.root / "policies" / "care.yaml").write_text(made.published_text(), "utf-8")
        made.night("2025-01-15")
        yield made


STOP = ("rules", "suspend", "care", "--reason", "标准有误", "--by", "first")
GO_ON = ("rules", "resume", "care", "--reason", "已核对", "--by")


def test_one_person_stops_and_another_lets_go_on(world: World) -> None:
    """Who stopped it may not let it go on; both are in the history, with their reasons."""
    said = say(world, *STOP)
    assert said.code == EXIT_DONE
    assert "待拨付 1 笔 150.00 元；未送出的批次 1 个 150.00 元" in said.out
    assert say(world, *GO_ON, "first").code == EXIT_REFUSED

    assert say(world, *GO_ON, "second").code == EXIT_DONE
    assert say(world, *GO_ON, "second").code == EXIT_REFUSED

    history = say(world, "rules", "history", "care").out
    for words in ("执行中 → 已暂停", "2025-01-01 起：标准有误", "已暂停 → 执行中", "已核对"):
        assert words in history, words


def test_everybody_reads_that_it_is_suspended(world: World) -> None:
    """The list, the version, the history, the explanation, and the night's report."""
    say(world, *STOP)

    assert "2025-01-01 起已暂停" in say(world, "rules", "list").out
    assert "已暂停：2025-01-01 起的各日" in say(world, "rules", "show", "care").out
    assert "first 暂停" in say(world, "rules", "history", "care").out
    explained = say(world, "explain", world.number("a")).out
    assert "已暂停执行" in explained
    assert "150.00" not in explained
    world.people("ab", on="2025-01-16")
    assert "care（已暂停）" in say(world, "run", "--as-of", "2025-01-16").out


def test_a_dry_run_of_both(world: World) -> None:
    """Neither changes anything; that of a resumption says what the next night would do."""
    tried = say(world, *STOP, "--dry-run")
    assert "未写入" in tried.out
    assert say(world, *GO_ON, "second").code == EXIT_REFUSED

    say(world, *STOP)
    world.deliver("cards", [{"who": "a", **CARD}, {"who": "b", **CARD}], on="2025-01-16")
    assert say(world, "run", "--as-of", "2025-01-16").code == EXIT_DONE
    preview = say(world, *GO_ON, "second", "--dry-run")
    assert preview.code == EXIT_DONE
    (line,) = [line.split() for line in preview.out.splitlines() if line.startswith(" care")]
    assert line == ["care", "2", *"··1···", "300.00", "150.00", "·", "·"]
    assert "已暂停" in say(world, "rules", "history", "care").out


def test_one_version_or_one_activation(world: World) -> None:
    """A version, or an activation by the id in the history, is stopped alone."""
    into_force(world, "plan", raise_file(world), "--from", "2025-02-01")
    key = next(word for word in say(world, "rules", "history", "care").out.split() if word.startswith("a_"))

    assert say(world, "rules", "suspend", "care", "2", "--reason", "x", "--by", "first").code == EXIT_DONE
    assert say(world, "rules", "suspend", key, "--reason", "x", "--by", "first").code == EXIT_DONE
    again = say(world, "rules", "suspend", "care", "--reason", "x", "--by", "first")

    assert (again.code, "suspended already" in again.err) == (EXIT_REFUSED, True)


def test_a_rollback_of_what_is_suspended(world: World) -> None:
    """The version before the wrong one is found though the wrong one is suspended, and takes over."""
    into_force(world, "plan", raise_file(world), "--from", "2025-02-01")
    say(world, "rules", "suspend", "care", "2", "--reason", "x", "--by", "first")

    assert into_force(world, "rules", "rollback", "care", "--from", "2025-02-01").out == (
        "care: version 1 from 2025-02-01 through further notice\n"
    )
    world.night("2025-02-17", pays=True)
    assert world.items("a") == {"2025-01": [150], "2025-02": [150]}


def test_a_plan_from_before_the_suspension(world: World) -> None:
    """It was worked out on another state, and is planned anew."""
    plan = world.root / "raise.plan"
    say(world, "plan", raise_file(world), "--from", "2025-02-01", "--out", plan, "--by", "author")
    say(world, *STOP)

    said = say(world, "rules", "submit", plan, "--by", "clerk")

    assert (said.code, "which versions of `care` stand has moved" in said.err) == (EXIT_REFUSED, True)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(["suspend", "crae", "--reason", "x"], EXIT_FINDINGS, id="no-such-policy"),
        pytest.param(["suspend", "care", "9", "--reason", "x"], EXIT_FINDINGS, id="no-such-version"),
        pytest.param(["suspend", "care", "--reason", " "], EXIT_REFUSED, id="no-reason"),
        pytest.param(["resume", "care", "--reason", "x"], EXIT_REFUSED, id="not-suspended"),
        pytest.param(["resume", "crae", "--reason", "x", "--dry-run"], EXIT_FINDINGS, id="nothing-to-preview"),
    ],
)
def test_what_cannot_be_meant(world: World, words: list[str], code: int) -> None:
    """It is told with the nearest that can."""
    said = mianshen("rules", *words, "--by", "first", "-w", world.root)

    assert said.code == code
    assert "help: " in said.err


def test_a_plan_says_what_is_suspended(world: World) -> None:
    """Both sides are measured as if it went on: 150 becomes 180, and that the policy is stopped stands above."""
    say(world, "rules", "suspend", "care", "--reason", "x", "--by", "first")
    report = world.root / "plan.html"

    said = say(world, "plan", raise_file(world), "--from", "2025-01-01", "--months", "1", "--html", report)

    assert "care：现已暂停执行 suspended；以下前后对比均按恢复执行测算" in said.out
    assert "金额增加 1，每期 +30.00 元" in said.out
    assert "care：现已暂停执行" in report.read_text("utf-8")
