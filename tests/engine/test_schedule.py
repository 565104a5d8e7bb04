from pathlib import Path

import pytest

from core.errors import EXIT_DONE
from engine.schedule import build_scheduler, stop
from tests.world import World


def test_a_stop_before_the_start_is_a_stop(tmp_path: Path) -> None:
    """A machine that goes down while the alarm clock is being wound sees no fault."""
    world = World.at(tmp_path / "w")
    scheduler = build_scheduler(world.deployment, said=lambda _: None)

    with world.store, pytest.raises(SystemExit) as stopped:
        stop(scheduler)

    assert stopped.value.code == EXIT_DONE
