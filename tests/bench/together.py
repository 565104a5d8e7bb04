"""How fast policies are matched together: several shapes of registers, beside Polars written by hand.

Each way runs in a process of its own, one after the other and several times over; the CPU seconds of their medians are
compared, for the machine is rarely ours alone. That all ways find the same is checked.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import polars as pl
from rich.table import Table

from engine.prepared import CHUNK_ROWS
from tests.bench.one_match import WAYS
from tests.bench.shapes import SHAPES, Shape, profiles

ROUNDS = 3
ROOT = Path(__file__).parents[2]
BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to match: its name, and whether the register's texts are held as codes."""

    name: str
    is_coded: bool = False


_WAYS = (Way(BY_HAND), Way("together"), Way("together", is_coded=True), Way("three planes"))


def together_table(count: int, said: Callable[[str], None]) -> Table:
    """Match so many made-up subjects of each shape in every way."""
    table = Table(
        title=f"{count:,} made-up subjects with 56 facts, policies matched together",
        caption="by hand: each condition once, then the policies, in Polars. seconds, CPU, peak: median of several runs. "
        "coded: texts held as codes. three planes: met, unknown and near miss of all, kept.",
        caption_justify="left",
    )
    for heading in ("shape", "way", "met", "seconds", "CPU", "range", "× by hand", "peak"):
        table.add_column(heading, justify="left" if heading in {"shape", "way"} else "right")
    for shape in SHAPES.values():
        said(f"matching {shape.name}")
        for row in _rows(shape, count):
            table.add_row(*row)
    return table


def _rows(shape: Shape, count: int) -> list[tuple[str, ...]]:
    with tempfile.TemporaryDirectory(prefix="together") as folder:
        files = {is_coded: _register(Path(folder), shape, count, is_coded=is_coded) for is_coded in (False, True)}
        runs: dict[Way, list[dict[str, float]]] = {way: [] for way in _WAYS}
        for _ in range(ROUNDS):
            for way, own in runs.items():
                own.append(_run(way.name, shape, files[way.is_coded], Path(folder) / "out.parquet"))
    found = {run["met"] for own in runs.values() for run in own}
    assert len(found) == 1, f"{shape.name}: the ways differ: {found}"
    base = median(run["cpu_seconds"] for run in runs[Way(BY_HAND)])
    return [
        (
            shape.name,
            f"{way.name}, coded" if way.is_coded else way.name,
            f"{int(own[0]['met']):,}",
            f"{median(run['seconds'] for run in own):.2f}",
            f"{(cpu := median(run['cpu_seconds'] for run in own)):.2f}",
            f"{min(run['cpu_seconds'] for run in own):.2f}–{max(run['cpu_seconds'] for run in own):.2f}",
            f"{cpu / base:.2f}",
            f"{median(run['peak_mib'] for run in own):.0f} MiB",
        )
        for way, own in runs.items()
    ]


def _register(folder: Path, shape: Shape, count: int, *, is_coded: bool) -> Path:
    path = folder / f"{'codes' if is_coded else 'texts'}.parquet"
    parts = [
        profiles(shape, first, min(CHUNK_ROWS, count - first), is_coded=is_coded)
        for first in range(0, count, CHUNK_ROWS)
    ]
    pl.concat(parts).write_parquet(path, row_group_size=CHUNK_ROWS // 2)
    return path


def _run(way: str, shape: Shape, path: Path, out: Path) -> dict[str, float]:
    assert way in WAYS
    words = [sys.executable, "-m", "tests.bench.one_match", way, shape.name, str(path), str(out)]
    done = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)  # our own words
    told: dict[str, float] = json.loads(done.stdout)
    return told
