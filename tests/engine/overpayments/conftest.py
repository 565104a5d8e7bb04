"""A world in which somebody was overpaid."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.overpayments.stage import overpaid
from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world in which January to March are overpaid, 150 each, and nobody was told yet."""
    made = World.at(tmp_path / "w")
    yield overpaid(made)
    made.store.close()
