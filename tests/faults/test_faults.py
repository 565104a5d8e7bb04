"""Kills at random instants and races, as a test. `make faults N=1000` looks longer, under another seed each time.

It runs in a process of its own, for what forks must not have begun to work itself.
"""

import os
import subprocess
import sys

import pytest

from tests.commands.terminal import ROOT
from tests.faults.killing import differences

KILLS, RACES, SEED = 100, 5, 20261128


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_killed_at_any_instant_and_raced(database: str) -> None:
    """R2, F2, M5: whatever kills and races leave keeps to every invariant; finished, it is what nobody disturbed."""
    words = ("--kills", KILLS, "--races", RACES, "--seed", SEED, "--on", database)
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", *map(str, words)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{database}: {KILLS} kills in" in done.stdout
    assert f"{RACES} races of two to four processes (approve " in " ".join(done.stdout.split())
    assert done.stdout.endswith(f"\nseed {SEED}: {KILLS} kills and {RACES} races on {database}; 0 breaches\n")


def test_what_differs_is_named() -> None:
    """A table, a file and a row that only one of two outcomes has."""
    one = '{"rows": {"item": ["a"]}, "files": {"x": "1"}}'
    other = '{"rows": {"item": ["b"]}, "files": {}}'

    assert differences(one, one) == []
    assert differences(one, other) == [
        "rows item: undisturbed ['a'], finished ['b']",
        "files x: undisturbed 1, finished None",
    ]
