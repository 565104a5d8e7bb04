"""Everything that a plan depends on has an entry of its own in its fingerprint, which moves when it moves."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from core.product import engine_version
from engine.planning.fingerprint import fingerprint_now, words_of
from tests.world import World, day

CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world with a rule and two people."""
    made = World.at(tmp_path)
    made.people("ab")
    made.rule()
    yield made
    made.store.close()


def _moved(world: World, before: Mapping[str, str]) -> set[str]:
    now = fingerprint_now(world.deployment, day=day("2025-01-31"))
    return {key for key in before.keys() | now.keys() if before.get(key) != now.get(key)}


def test_a_new_load_moves_the_data_of_its_resource(world: World) -> None:
    """Another list of cards, another effect."""
    before = fingerprint_now(world.deployment, day=day("2025-01-31"))
    world.deliver("cards", [{"who": "a", **CARD}], on="2025-01-20")

    assert _moved(world, before) == {"data cards"}


def test_a_published_version_moves_its_policy(world: World) -> None:
    """Somebody else published in the meantime."""
    before = fingerprint_now(world.deployment, day=day("2025-01-31"))
    world.rule(version=2, amounts=200, stands_from="2025-03-01", on="2025-01-20")

    assert _moved(world, before) == {"rule care 2", "activations care"}


def test_a_night_moves_the_published_state(world: World) -> None:
    """What is committed changed."""
    before = fingerprint_now(world.deployment, day=day("2025-01-31"))
    world.night("2025-01-31")

    assert _moved(world, before) == {"night"}


def test_time_alone_moves_nothing_but_the_day(world: World) -> None:
    """An hour without news is no reason to refuse; another day is."""
    before = fingerprint_now(world.deployment, day=day("2025-01-31"))
    world.clock.instant = world.clock.instant.replace(year=2026)

    assert _moved(world, before) == set()
    assert fingerprint_now(world.deployment)["day"] == world.clock.instant.date().isoformat()


def test_the_engine_is_known_by_its_code() -> None:
    """Two machines with the same version and different code are told apart."""
    number, digest = engine_version().split()

    assert number
    assert len(digest) == 16


def test_every_key_has_words(world: World) -> None:
    """An officer reads what moved, not a key."""
    words = {key: words_of(key) for key in fingerprint_now(world.deployment, day=day("2025-01-31"))}

    assert words["data register"] == "the data of `register`"
    assert words["rule care 1"] == "version 1 of `care`"
    assert all(text != key for key, text in words.items())
