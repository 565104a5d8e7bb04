"""Every step that the tables of versions and activations allow is taken by a command or by a night, and no other is."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import pytest

from core.clock import civil_instant
from core.errors import EXIT_DONE
from store.activation_steps import read_activations
from store.proposals import proposals_about, steps_of
from store.states.rules import ACTIVATION_TRANSITIONS, VERSION_TRANSITIONS
from tests.stories.typing_officers import raise_file, say, typed_world
from tests.world import World, day

WHY = ("--reason", "x")

_State = TypeVar("_State", bound=StrEnum)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return a world with a rule that stands; the machine's clock is the story's."""
    with typed_world(tmp_path, monkeypatch) as made:
        yield made


def done(world: World, *words: object) -> None:
    """Type a command that works."""
    said = say(world, *words)
    assert said.code == EXIT_DONE, said


def proposed(world: World, *planned: object) -> Path:
    """Plan something and hand it in."""
    plan = world.root / "change.plan"
    done(world, *planned, "--out", plan, "--by", "author")
    done(world, "rules", "submit", plan, "--by", "author")
    return plan


def in_force(world: World, *planned: object) -> None:
    """Plan something, hand it in, have it approved and applied."""
    plan = proposed(world, *planned)
    done(world, "rules", "approve", "care", "--by", "second")
    done(world, "apply", plan, "--by", "author")


def night(world: World, date: str) -> None:
    """Run a night by the command."""
    world.clock.instant = civil_instant(day(date), 22)
    done(world, "run", "--as-of", date)


def held(world: World) -> None:
    """Suspend whatever there is of the policy, and resume it."""
    done(world, "rules", "suspend", "care", *WHY, "--by", "first")
    done(world, "rules", "resume", "care", *WHY, "--by", "second")


def allowed(table: Mapping[_State, frozenset[_State]]) -> set[tuple[str, str]]:
    """Return the steps of a table."""
    return {(source.value, target.value) for source, targets in table.items() for target in targets}


def test_every_transition_is_reached(world: World) -> None:
    """Sent back, taken back twice, published; scheduled, in shadow, in force, over, and held in each of these."""
    window = ("plan", raise_file(world), "--from", "2025-03-01", "--through", "2025-03-31")
    proposed(world, *window)
    done(world, "rules", "return", "care", *WHY, "--by", "second")
    proposed(world, *window)
    done(world, "rules", "withdraw", "care", *WHY, "--by", "author")
    proposed(world, *window)
    done(world, "rules", "approve", "care", "--by", "second")
    done(world, "rules", "withdraw", "care", *WHY, "--by", "author")
    in_force(world, *window)
    held(world)  # scheduled
    night(world, "2025-03-01")
    held(world)  # in force
    night(world, "2025-04-01")
    in_force(world, "rules", "rollback", "care", "--to", "2", "--from", "2025-04-01", "--shadow", "2")
    night(world, "2025-04-02")
    held(world)  # lapsed, and in shadow
    night(world, "2025-04-03")

    with world.store.reading() as rx:
        proposals = [step for each in proposals_about(rx, "care") for step in steps_of(rx, each.proposal_id)]
        activations = [step for record in read_activations(rx) for step in record.steps]

    assert {(step.source.value, step.target.value) for step in proposals} == allowed(VERSION_TRANSITIONS)
    assert {(step.source.value, step.target.value) for step in activations} == allowed(ACTIVATION_TRANSITIONS)
    assert {step.taken_by for step in activations if step.run_id} == {"night"}
    assert all(step.reason for step in activations if not step.run_id)
