"""A generated district to look at, and a tiny workspace to spoil."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.trial_world import TrialWorld, trial_world
from tests.world import World

CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let help and usage come in the width of a page, without colour."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture(scope="session")
def district(tmp_path_factory: pytest.TempPathFactory) -> TrialWorld:
    """Return a copy of the trial district; commands that only look may share it."""
    made = trial_world()
    root = tmp_path_factory.mktemp("district") / "workspace"
    shutil.copytree(made.root, root)
    return TrialWorld(root, made.plan, made.after)


@pytest.fixture
def own_district(tmp_path: Path) -> Path:
    """Return the folder of a district of one's own."""
    shutil.copytree(trial_world().root, tmp_path / "own")
    return tmp_path / "own"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a workspace with three residents, two of them with a card, and a rule that pays for cards."""
    made = World.at(tmp_path / "w")
    made.people("abc")
    made.deliver("cards", [{"who": who, **CARD} for who in "ab"], on="2025-01-02")
    made.rule(on="2025-01-03")
    yield made
    made.store.close()
