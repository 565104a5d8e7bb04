"""Suspicions as a paymaster types them, and who may."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import EXIT_DONE, EXIT_REFUSED
from store.suspicions import keep_suspicions
from tests.stories.typing_officers import say, typed_world
from tests.world import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return a world in which one account is suspected."""
    with typed_world(tmp_path, monkeypatch) as made:
        with made.store.writing() as tx:
            keep_suspicions(tx, {"x_1": ("account", "abc", "care", 3)})
        yield made


def test_a_suspicion_is_listed_and_cleared_once(world: World) -> None:
    """The list names no account; who has looked, and what was found out, stays behind it."""
    listed = say(world, "suspicions", "list").out
    cleared = say(world, "suspicions", "clear", "x_1", "--reason", "敬老院代管账户", "--by", "核查员")
    again = say(world, "suspicions", "clear", "x_1", "--reason", "再看", "--by", "核查员")

    assert "同一账号多人领取" in listed
    assert "abc" not in listed
    assert (cleared.code, again.code) == (EXIT_DONE, EXIT_REFUSED)
    assert say(world, "suspicions", "list").out == "nothing is suspected 没有疑点\n"
    assert "核查员：敬老院代管账户" in say(world, "suspicions", "list", "--all").out


def test_what_nobody_suspects(world: World) -> None:
    """The nearest id is offered."""
    said = say(world, "suspicions", "clear", "x_2", "--reason", "看过")

    assert said.code == EXIT_REFUSED
    assert "there is no suspicion `x_2`" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("suspicions", "clear", "x_1", "--reason", "看过"),
        ("budget", "set", "care", "2025", "5", "--document", "文"),
        ("budget", "close", "2024", "--document", "文"),
        ("budget", "confirm", "d_none"),
        ("budget", "withdraw", "d_none"),
    ],
)
def test_whoever_may_not_is_refused(world: World, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    """Where roles are required, money is for those who have one."""
    monkeypatch.setenv("MIANSHEN_ACCESS__ROLES", "required")

    said = say(world, *words)

    assert said.code == EXIT_REFUSED
    assert "is not" in said.err
