"""Peers beside each other on one register: each run in a process of its own, one after the other and in rounds.

Every second round goes the other way round, so that what warms up or throttles meets all alike. What a way found is compared
each time with what Polars by hand found: by its count and by a sum over who and what.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl

from engine.prepared import CHUNK_ROWS
from engine.preparing import prepare_file
from tests.bench.peers.ours import listed_planes
from tests.bench.peers.peer import BY_HAND, ROOT, Held, Peer, environment
from tests.bench.shapes import Shape, policies, profiles

ROUNDS = 3
_WHO, _WHAT = 31, 1_000_003  # weights of the sum over who is met under what


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took, carried on to the whole register where it saw a part."""

    seconds: float
    cpu_seconds: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Ran:
    """All runs of a peer; `part` is of how many subjects, where not of all."""

    peer: Peer
    version: str
    part: int | None
    runs: tuple[Run, ...]

    @property
    def seconds(self) -> float:
        """Return the median."""
        return median(run.seconds for run in self.runs)

    @property
    def cpu_seconds(self) -> float:
        """Return the median."""
        return median(run.cpu_seconds for run in self.runs)

    @property
    def peak_mib(self) -> float:
        """Return the median."""
        return median(run.peak_mib for run in self.runs)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All peers on one shape and so many subjects; `met` pairs of subject and policy, the same for all.

    `list_cpu_seconds` is what it takes to gather and write these pairs, once it is known who is met.
    """

    shape: Shape
    count: int
    met: int
    ran: tuple[Ran, ...]
    list_cpu_seconds: float

    def of(self, peer: Peer) -> Ran | None:
        """Return what a peer took, if it ran."""
        return next((each for each in self.ran if each.peer == peer), None)


@dataclass
class _Register:
    """The made-up subjects on disk, whole and in parts, and what is right about them."""

    folder: Path
    shape: Shape
    count: int
    found: pl.DataFrame | None = None
    _files: dict[tuple[int, Held], Path] = field(default_factory=dict)

    def file(self, count: int, held: Held) -> Path:
        """Return the first so many subjects as Parquet."""
        if (count, held) not in self._files:
            path = self._files[count, held] = self.folder / f"{count}-{held.value}.parquet"
            if held is Held.PREPARED:
                prepare_file(self.file(count, Held.AS_TEXTS), path)
                return path
            parts = [
                profiles(self.shape, first, min(CHUNK_ROWS, self.count - first), is_coded=held is Held.AS_CODES)
                for first in range(0, count, CHUNK_ROWS)
            ]
            pl.concat(parts).head(count).write_parquet(path, row_group_size=CHUNK_ROWS // 2)
        return self._files[count, held]

    def check(self, peer: Peer, count: int, list_: pl.DataFrame) -> None:
        """Hold what a peer found against what Polars by hand found, which comes first."""
        if self.found is None:
            assert peer == BY_HAND
            self.found = list_
        right = self.found if count == self.count else self.found.filter(pl.col("subject_id").cast(pl.Int64) < count)
        told, wanted = _told(list_), _told(right)
        assert told == wanted, f"{peer.name} finds {told}, and Polars by hand {wanted}: pairs, and the sum over them"


def compared(shape: Shape, count: int, peers: Sequence[Peer], said: Callable[[str], None]) -> Comparison:
    """Return what the peers took, Polars by hand first.

    Fails: AssertionError where one of them finds other pairs than the others.
    """
    assert peers[0] == BY_HAND
    with tempfile.TemporaryDirectory(prefix="peers") as folder:
        register = _Register(Path(folder), shape, count)
        told: dict[Peer, list[dict[str, float]]] = {peer: [] for peer in peers}
        versions: dict[Peer, str] = {}
        for number in range(ROUNDS):
            said(f"{shape.name}, {count:,} subjects: round {number + 1} of {ROUNDS}")
            for peer in peers if number % 2 == 0 else reversed(peers):
                run = _run(peer, register)
                versions[peer] = run.pop("version")
                told[peer].append(run)
        assert register.found is not None
        ran = tuple(_ran(peer, versions[peer], told[peer], count) for peer in peers)
        return Comparison(shape, count, register.found.height, ran, _list_cpu_seconds(register))


def _ran(peer: Peer, version: str, told: Sequence[dict[str, float]], count: int) -> Ran:
    part = min(count, peer.rows_max or count)
    times = count / part
    runs = [
        Run(
            run["prepared_seconds"] + times * run["matched_seconds"],
            run["prepared_cpu"] + times * run["matched_cpu"],
            run["peak_mib"],
        )
        for run in told
    ]
    return Ran(peer, version, part if part < count else None, tuple(runs))


def _run(peer: Peer, register: _Register) -> dict[str, Any]:
    count = min(register.count, peer.rows_max or register.count)
    path, out = register.file(count, peer.held), register.folder / "out.parquet"
    for left in register.folder.glob("out.*"):
        left.unlink()
    told: dict[str, Any] = _child("one_peer", [peer.name, register.shape.name, str(path), str(out)], environment(peer))
    found = pl.read_parquet(out) if peer.is_listed else listed_planes(path, out, policies(register.shape))
    register.check(peer, count, found)
    return told


def _list_cpu_seconds(register: _Register) -> float:
    path, out = register.file(register.count, Held.AS_TEXTS), register.folder / "out.parquet"
    seconds: float = _child("one_list", [register.shape.name, str(path), str(out)], environment(BY_HAND))
    return seconds


def _child(module: str, words: Sequence[str], variables: Mapping[str, str]) -> Any:  # noqa: ANN401  # as JSON has it
    command = [sys.executable, "-m", f"tests.bench.peers.{module}", *words]
    done = subprocess.run(command, cwd=ROOT, env=variables, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    return json.loads(done.stdout)


def _told(found: pl.DataFrame) -> tuple[int, int]:
    who, what = pl.col("subject_id").cast(pl.Int64), pl.col("policy").cast(pl.Int64)
    return found.height, found.select((who * _WHO + what * _WHAT).sum()).item()
