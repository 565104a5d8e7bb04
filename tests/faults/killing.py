"""Kills a process at a random instant of a deed, looks at what it left, and has another finish it.

A process that is to be killed is a fork of this one, which has read the product and done nothing with it: it begins at
once, and has no thread that a fork would lose.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.month import DEEDS, Place, begin, do, finished, outcome
from tests.store.postgresql import execute

BEYOND = 1.1  # a deed is killed within so much of the time that it takes: some come through
WORTH = {"run": 1, "approve": 3, "stop": 3, "export": 4, "import": 4, "reissue": 3}
"""How often each deed is tried; a night takes longer than all others together."""


@dataclass(frozen=True)
class Ground:
    """A folder, and a database that can be copied; `server` None: SQLite, whose databases are files."""

    folder: Path
    server: str | None = None

    def place(self, name: str) -> Place:
        """Return a workspace by name."""
        root = self.folder / name
        url = self.server.replace("/newest?", f"/{name}?") if self.server else f"sqlite:///{root}/mianshen.db"
        return Place(root, url)

    def copy(self, source: str, target: str) -> Place:
        """Return a copy of a workspace."""
        place = self.place(target)
        shutil.copytree(self.folder / source, place.root)
        if self.server:
            execute(self.server, f"create database {target} template {source} strategy file_copy")
        return place

    def remove(self, name: str) -> None:
        """Take a workspace away, whoever still works on it."""
        shutil.rmtree(self.folder / name)
        if self.server:
            execute(self.server, f"drop database {name} with (force)")


@dataclass
class Tally:
    """Kills by deed, and what was wrong after any of them."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    survived: int = 0
    breaches: list[tuple[int, str]] = field(default_factory=list)  # with the number of the try


@dataclass(frozen=True)
class Undisturbed:
    """What a deed comes to when nobody disturbs it, and how long that takes."""

    seconds: float
    outcome: str


def rehearse(ground: Ground) -> dict[str, Undisturbed]:
    """Do every deed once, and keep the workspace before each of them under its name."""
    if ground.server:
        execute(ground.server, "create database run template newest")
    _in_a_fork(lambda: begin(ground.place("run")))
    found = {}
    for name in DEEDS:
        if (after := DEEDS[name].after) is not None:
            place = ground.copy(after, name)
            _in_a_fork(lambda place=place, after=after: do(place, after))  # type: ignore[misc]  # bound at once
        place = ground.copy(name, "rehearsal")
        began = time.perf_counter()
        _in_a_fork(lambda place=place, name=name: do(place, name))  # type: ignore[misc]  # as above
        seconds = time.perf_counter() - began
        found[name] = Undisturbed(seconds, _in_a_fork(lambda place=place: outcome(place)))  # type: ignore[misc]  # as above
        ground.remove("rehearsal")
    return found


def kill_often(ground: Ground, kills: int, seed: int, *, first: int = 0) -> Iterator[Tally]:
    """Kill so many processes, and give the tally after each try; `first` goes on from a try of the same seed."""
    rehearsed = rehearse(ground)
    tally = Tally(seed)
    number = first
    while tally.kills.total() < kills:
        _kill_once(ground, rehearsed, tally, number)
        number += 1
        yield tally


def _kill_once(ground: Ground, rehearsed: dict[str, Undisturbed], tally: Tally, number: int) -> None:
    chance = random.Random(f"{tally.seed}:{number}")  # noqa: S311  # repeatable, not secret
    name = chance.choices(list(WORTH), list(WORTH.values()))[0]
    undisturbed = rehearsed[name]
    place = ground.copy(name, f"try{number}")
    if _killed(lambda: do(place, name), after=undisturbed.seconds * BEYOND * chance.random()):
        tally.kills[name] += 1
    else:
        tally.survived += 1
    try:
        differing = differences(undisturbed.outcome, _in_a_fork(lambda: finished(place, name)))
        tally.breaches += [(number, f"{name}: {each}") for each in differing]
    except ForkFailedError as breach:
        tally.breaches.append((number, f"{name}: {breach}"))
    finally:
        ground.remove(place.root.name)


def differences(undisturbed: str, finished: str) -> list[str]:
    """Return what of an interrupted deed that was finished is not as it is undisturbed."""
    return [
        f"{kind} {name}: undisturbed {there}, finished {here}"
        for kind, one in json.loads(undisturbed).items()
        for name in sorted({*one, *json.loads(finished)[kind]})
        if (there := one.get(name)) != (here := json.loads(finished)[kind].get(name))
    ]


class ForkFailedError(Exception):
    """What a fork came to grief over."""


@dataclass(frozen=True)
class Fork:
    """A process that was begun, and the pipe by which it says what it gives."""

    number: int
    said: int


def begin_fork(work: Callable[[], str | None]) -> Fork:
    """Begin to do something in a process of its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        with _ends(writer) as say:
            say((work() or "").encode())
    os.close(writer)
    return Fork(child, reader)


def await_fork(fork: Fork) -> str:
    """Wait for a process to end; return what it gave.

    Fails: ForkFailedError.
    """
    with os.fdopen(fork.said, "rb") as pipe:
        said = pipe.read().decode()
    _, status = os.waitpid(fork.number, 0)
    if status:
        raise ForkFailedError(said)
    return said


def _in_a_fork(work: Callable[[], str | None]) -> str:
    return await_fork(begin_fork(work))


def _killed(work: Callable[[], None], *, after: float) -> bool:
    """Do something in a process that is killed after some seconds; say whether it was before its end."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        with _ends(writer):
            work()
    os.close(writer)
    os.close(reader)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@contextmanager
def _ends(writer: int) -> Iterator[Callable[[bytes], object]]:
    """End this process with the block: with 0, or with what was wrong."""
    code = 0
    with os.fdopen(writer, "wb") as pipe:
        try:
            yield pipe.write
        except BaseException:  # noqa: BLE001  # a fork must not come back into its parent's code
            pipe.write(traceback.format_exc().encode())
            code = 1
    sys.stdout.flush()
    os._exit(code)
