"""What stories share in which somebody types: a world whose commands go by its clock, and words given to them."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.errors import EXIT_DONE
from tests.commands.terminal import Said, mianshen
from tests.world import World

CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}


@contextmanager
def typed_world(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Give a world with two people, one with a card, and a rule of 150; the machine's clock is the story's."""
    made = World.at(folder / "w")
    monkeypatch.setattr("commands.terminal.SystemClock", lambda: made.clock)
    made.people("ab")
    made.deliver("cards", [{"who": "a", **CARD}], on="2025-01-02")
    made.rule(on="2025-01-03")
    yield made
    made.store.close()


def say(world: World, *words: object) -> Said:
    """Give words to the command line a minute later."""
    world.clock.instant += dt.timedelta(minutes=1)
    return mianshen(*words, "-w", world.root)


def into_force(world: World, *planned: object) -> Said:
    """Plan something, and have it submitted, approved by another, and applied; return what the last one said."""
    plan = world.root / "change.plan.json"
    steps = (
        (*planned, "--out", plan, "--by", "author"),
        ("rules", "submit", plan, "--by", "clerk"),
        ("rules", "approve", "care", "--by", "second"),
        ("apply", plan, "--by", "operator"),
    )
    said = [say(world, *words) for words in steps]
    assert [each.code for each in said] == [EXIT_DONE] * len(steps), said
    assert "error[" not in "".join(each.err for each in said)
    return said[-1]


def raise_file(world: World) -> Path:
    """Write the rule of 180 as version 2 and return its file."""
    path = world.root / "policies" / "care2.yaml"
    path.write_text(world.published_text().replace("version: 1", "version: 2").replace("150", "180"), "utf-8")
    return path
