"""Commands that run until they are stopped, and pipes that close early, as real processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

import pytest

from core.errors import EXIT_DONE
from tests.commands.terminal import ROOT
from tests.world import World


@contextmanager
def started(*words: object) -> Iterator[subprocess.Popen[str]]:
    """Start a command; it is gone at the end, whatever happens."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", *map(str, words)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_serve(world: World, stop: signal.Signals) -> None:
    """It says where it listens, answers there, and ends when it is told to, with nothing on standard output."""
    with started("serve", "--port", 0, "-w", world.root) as process:
        assert process.stderr is not None
        address, _, rest = process.stderr.readline().partition(" ")
        with urlopen(f"{address}/login") as answer:  # noqa: S310  # the address that it gave itself
            status = answer.status
        process.send_signal(stop)
        out, err = process.communicate()

    assert (status, rest.strip()) == (200, "stop with Ctrl-C")
    assert process.returncode == (EXIT_DONE if stop is signal.SIGINT else -signal.SIGTERM)
    assert (out, err) == ("", "")


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_schedule(world: World, stop: signal.Signals) -> None:
    """It says when it runs, makes up for what was missed, and ends when it is told to."""
    with started("schedule", "-w", world.root) as process:
        assert process.stderr is not None
        first, second = process.stderr.readline(), process.stderr.readline()
        process.send_signal(stop)
        out, _ = process.communicate()

    assert first == "a night at 02:00 Asia/Shanghai; stop with Ctrl-C\n"
    assert second.startswith("night of ")
    assert second.endswith(": published\n")
    assert (process.returncode, out) == (EXIT_DONE, "")


def test_a_reader_that_has_seen_enough(world: World) -> None:
    """`mianshen … | head -1` ends without a trace on the screen."""
    with started("data", "list", "-w", world.root) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        err = process.stderr.read()

    assert "Traceback" not in err
    assert "Exception" not in err
