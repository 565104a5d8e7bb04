"""A night that is killed while it is published, and started again: as if nothing had happened."""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from core.clock import SystemClock
from core.errors import EXIT_DONE, EXIT_REFUSED
from core.ledger import ItemState
from store.activation_steps import read_activations
from store.batches import read_batches
from store.grants import read_grants
from store.opening import open_store
from store.outbox import count_notices
from store.positions import read_items, read_positions
from store.runs import latest_published
from tests.commands.terminal import ROOT, child, files
from tests.world import World

DYING = Path(__file__).with_name("dying.py")
PAY_DAY = "2025-02-17"


@dataclass(frozen=True)
class Moment:
    """When a process is killed: at a call of a function, where it is called from."""

    where: str
    number: int
    side: str  # before, or after

    def kill(self, *words: object) -> None:
        """Run a command that is killed at this moment."""
        done = subprocess.run(
            [sys.executable, str(DYING), self.where, str(self.number), self.side, "--", *map(str, words)],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == -signal.SIGKILL, done.stderr


BEFORE_COMMIT = (
    pytest.param(Moment("engine.folder:file_digest", 2, "before"), id="between-two-frames-of-the-folder"),
    pytest.param(Moment("engine.run:publish", 1, "before"), id="between-folder-and-transaction"),
    pytest.param(Moment("engine.publish:keep_batch", 1, "after"), id="inside-the-transaction"),
    pytest.param(Moment("engine.publish:take_steps", 1, "after"), id="after-activations-have-moved"),
)
AFTER_COMMIT = (
    pytest.param(Moment("engine.run:publish", 1, "after"), id="before-the-payout-files"),
    pytest.param(Moment("delivery.payout_files:write_private", 2, "before"), id="between-two-payout-files"),
    pytest.param(Moment("delivery.dispatch:claim_notices", 1, "after"), id="before-the-notices-are-claimed"),
    pytest.param(Moment("delivery.letters:compose", 2, "after"), id="while-the-notices-are-written"),
    pytest.param(Moment("delivery.folder_channel:write_all_private", 1, "after"), id="after-the-notices-are-sent"),
)


def end_of(root: Path) -> dict[str, object]:
    """Return what a deployment came to, but for the instants at which it did."""
    tables: dict[str, pl.DataFrame] = {}
    with open_store(f"sqlite:///{root / 'mianshen.db'}", clock=SystemClock()) as store, store.reading() as rx:
        tables["grants"] = read_grants(rx)
        tables["positions"] = read_positions(rx)
        tables["items"] = read_items(rx, states=list(ItemState))
        tables["notices"] = count_notices(rx)
        latest = latest_published(rx, "night")
        records = read_activations(rx)
        steps = [(each.activation_id, [(step.target, step.run_id) for step in each.steps]) for each in records]
        batches = [(each.batch_id, each.state, each.content_hash) for each in read_batches(rx)]
    assert latest is not None
    written = {
        path: digest for path, digest in files(root).items() if path.split("/")[0] in {"payouts", "outbox", "runs"}
    }
    rows = {
        name: sorted(map(repr, frame.drop(pl.selectors.datetime()).iter_rows(named=True)))
        for name, frame in tables.items()
    }
    return {**rows, "batches": batches, "steps": steps, "latest": latest.business_date, "files": written}


@pytest.fixture
def copies(world: World, tmp_path: Path) -> tuple[Path, Path]:
    """Return two copies of a workspace in which a night has run and a pay day comes; a policy stands in shadow."""
    world.people("abc", on="2025-01-04", 邮箱="z@example.org")
    world.rule(policy="shadowed", on="2025-01-05", shadow_nights=2)
    world.night("2025-01-31")
    world.store.close()
    roots = (tmp_path / "undisturbed", tmp_path / "killed")
    for root in roots:
        shutil.copytree(world.root, root)
    done = child("run", "--as-of", PAY_DAY, "-w", roots[0])
    assert done.code == EXIT_DONE, done.err
    return roots


@pytest.mark.parametrize("moment", BEFORE_COMMIT)
def test_killed_before_the_commit(copies: tuple[Path, Path], moment: Moment) -> None:
    """Nothing of the night is there; run again, it is the night that nobody disturbed."""
    undisturbed, killed = copies
    before = end_of(killed)

    moment.kill("run", "--as-of", PAY_DAY, "-w", killed)
    left = end_of(killed)
    again = child("run", "--as-of", PAY_DAY, "-w", killed)

    assert {**left, "files": None} == {**before, "files": None}
    assert again.code == EXIT_DONE
    assert end_of(killed) == end_of(undisturbed)


@pytest.mark.parametrize("moment", AFTER_COMMIT)
def test_killed_after_the_commit(copies: tuple[Path, Path], moment: Moment) -> None:
    """The night stands; run again, it is refused, but what it left is finished: nothing twice, nothing missing."""
    undisturbed, killed = copies

    moment.kill("run", "--as-of", PAY_DAY, "-w", killed)
    left = end_of(killed)
    again = child("run", "--as-of", PAY_DAY, "-w", killed)

    assert left != end_of(undisturbed)
    assert (again.code, again.out) == (EXIT_REFUSED, "")
    assert end_of(killed) == end_of(undisturbed)
