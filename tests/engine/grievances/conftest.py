"""A world in which somebody has a benefit."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.grievances.stage import paid
from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world in which a was paid for January."""
    made = World.at(tmp_path / "w")
    yield paid(made)
    made.store.close()
