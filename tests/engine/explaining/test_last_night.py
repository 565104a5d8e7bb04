"""Beside the pages the last night is read before anybody asks."""

import gc
import threading
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.latest import Latest
from engine.explaining.last_night import last_night_ready
from engine.night import JOB
from store.runs import latest_night
from tests.world import World

CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}
FOREVER = 120.0  # nobody waits for as long where it works


class Told(Latest[Any]):
    """Tells when something was made."""

    def __init__(self) -> None:
        super().__init__()
        self.made = threading.Event()
        self.keys: list[Hashable] = []

    def of(self, key: Hashable, make: Callable[[], Any]) -> Any:  # noqa: ANN401  # as it is
        """Keep the key, then tell."""
        found = super().of(key, make)
        self.keys.append(key)
        self.made.set()
        return found


@pytest.fixture(autouse=True)
def not_set_apart() -> Iterator[None]:
    """Have the collector look at everything again afterwards."""
    yield
    gc.unfreeze()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.at(tmp_path / "w")
    made.people("ab")
    made.deliver("cards", [{"who": who, **CARD} for who in "ab"], on="2025-01-02")
    made.rule(on="2025-01-03")
    yield made
    made.store.close()


def test_a_night_is_read_once_it_is_there(world: World) -> None:
    """When the block begins and after every night that follows; nothing is read where there was none, and the rest is made ready."""
    told = vars(world.deployment)["last_night"] = Told()
    ready = threading.Event()
    with last_night_ready(world.deployment, ready.set):
        assert ready.wait(FOREVER)
    assert told.keys == []

    world.night("2025-01-04")
    with last_night_ready(world.deployment, ready.set):
        assert told.made.wait(FOREVER)
        told.made.clear()
        world.night("2025-01-05")
        assert told.made.wait(FOREVER)

    with world.store.reading() as rx:
        latest = latest_night(rx, JOB)
    assert latest is not None
    assert len(told.keys) == len(set(told.keys)) == 2
    assert told.keys[-1] == latest[0]
