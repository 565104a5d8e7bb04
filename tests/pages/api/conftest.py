"""The trial world, writable, and a portal that may do everything for enterprises."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.deployment import Deployment
from tests.pages.api.portal import Portal, registered
from tests.trial_world import trial_world


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """Give a copy of the trial world."""
    with trial_world().open(tmp_path / "w") as opened:
        yield opened


@pytest.fixture
def portal(deployment: Deployment) -> Portal:
    """Give a portal that may do everything for enterprises."""
    return registered(deployment)
