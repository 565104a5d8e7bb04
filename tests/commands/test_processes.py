"""Commands that run until they are stopped, and pipes that close early, as real processes."""

import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from urllib.request import urlopen

import pytest

from core.errors import EXIT_DONE, EXIT_REFUSED
from store.runs import runs_of
from store.states.nights import RunState
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
    """It says where it listens, answers there and says so in its log, and ends when it is told to; nothing goes to standard output."""
    with started("serve", "--port", 0, "-w", world.root) as process:
        assert process.stderr is not None
        address, _, rest = process.stderr.readline().partition(" ")
        with urlopen(f"{address}/login") as answer:  # noqa: S310  # the address that it gave itself
            status = answer.status
        process.send_signal(stop)
        out, err = process.communicate()

    assert (status, rest.strip()) == (200, "stop with Ctrl-C")
    assert process.returncode == EXIT_DONE
    (logged,) = map(json.loads, err.splitlines())
    assert (out, logged["event"], logged["route"], logged["status"]) == ("", "request", "/login", 200)


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


def test_two_runs_of_the_same_night_at_once(world: World) -> None:
    """One publishes it; the other is refused, whether it came while the first worked or just after it."""
    words = ("run", "--as-of", "2025-02-17", "-w", world.root)
    with started(*words) as one, started(*words) as other:
        said = [one.communicate(), other.communicate()]

    assert sorted([one.returncode, other.returncode]) == [EXIT_DONE, EXIT_REFUSED]
    (refusal,) = (err for out, err in said if not out)
    assert "E309" in refusal or "E310" in refusal
    assert world.items("a") == world.items("b") == {"2025-01": [150], "2025-02": [150]}
    assert len(list((world.root / "payouts").rglob("*.csv"))) == 1


def test_two_alarm_clocks_never_double_a_night(world: World) -> None:
    """Both find the same night overdue at the same moment; it is published once."""
    words = ("schedule", "-w", world.root)
    with started(*words) as one, started(*words) as other, selectors.DefaultSelector() as ready:
        for process in (one, other):
            assert process.stderr is not None
            ready.register(process.stderr, selectors.EVENT_READ)
        heard = ""
        while heard.count("a night at ") < len((one, other)) or ": published" not in heard:
            for key, _ in ready.select():
                said = os.read(key.fd, 65_536).decode()  # a reader of lines keeps back what select then waits for
                assert said, f"one of them has ended: {heard}"
                heard += said
        for process in (one, other):
            process.send_signal(signal.SIGTERM)
        heard += "".join(process.communicate()[1] for process in (one, other))

    assert heard.count(": published") == 1
    assert [one.returncode, other.returncode] == [EXIT_DONE, EXIT_DONE]
    with world.store.reading() as rx:
        (run,) = runs_of(rx, "night")
    assert (run.state, run.token) == (RunState.PUBLISHED, 1)


def test_a_reader_that_has_seen_enough(world: World) -> None:
    """`mianshen … | head -1` ends without a trace on the screen."""
    with started("data", "list", "-w", world.root) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        err = process.stderr.read()

    assert "Traceback" not in err
    assert "Exception" not in err


def test_pages_served_by_several_processes(world: World) -> None:
    """They answer on one address and count together; for one that is killed comes another; all end when the first is told to."""
    settings = world.root / "workspace.toml"
    settings.write_text(settings.read_text("utf-8").replace("# metrics = true", "metrics = true"), "utf-8")
    with started("serve", "--port", 0, "--processes", 2, "-w", world.root) as process:
        assert process.stderr is not None
        address = process.stderr.readline().partition(" ")[0]
        for _ in range(20):
            with urlopen(f"{address}/login"):  # noqa: S310  # the address that it gave itself
                assert json.loads(process.stderr.readline())["status"] == HTTPStatus.OK
        with urlopen(f"{address}/metrics") as counts:  # noqa: S310  # as above
            counted = counts.read().decode()
        process.stderr.readline()
        before = answering(process.pid)
        os.kill(before[0], signal.SIGKILL)
        said = process.stderr.readline()
        with urlopen(f"{address}/healthz") as alive:  # noqa: S310  # as above
            status = alive.status
        process.terminate()
        out, _ = process.communicate()

    assert 'mianshen_requests_total{method="GET",route="/login",status="200"} 20.0' in counted
    assert len(before) == 2
    assert said == "a process that answered ended with -9; another takes its place\n"
    assert (status, out, process.returncode) == (HTTPStatus.OK, "", EXIT_DONE)
    assert not [each for each in before if Path(f"/proc/{each}").exists()]


def answering(pid: int) -> list[int]:
    """Return the processes that answer for a server: those that it began, but for the tracker of Python's own."""
    begun = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    return [int(each) for each in begun if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]
