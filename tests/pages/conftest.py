"""The trial district as one of its enterprises uses it, for the tests that do something there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from engine.deployment import Deployment
from pages.web.app import create_app
from tests.trial_world import PASSWORD, trial_world


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """Return a copy of the district that a test may write on."""
    with trial_world().open(tmp_path / "w") as opened:
        yield opened


@pytest.fixture
def client(deployment: Deployment) -> Iterator[TestClient]:
    """Return a browser in which the first enterprise has logged in."""
    with TestClient(create_app(deployment)) as made:
        made.post("/login", data={"login": "qiye1", "password": PASSWORD})
        yield made
