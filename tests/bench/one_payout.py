"""The largest batch out and back in a process of its own: `python -m tests.bench.one_payout WORKSPACE DATE`, as JSON.

It is approved, exported, answered by a return file, shown by the account's statement, and reconciled.
"""

import datetime as dt
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import polars as pl

from core.clock import FixedClock, civil_instant
from engine.deployment import Deployment, deployed
from engine.paying.answers import BankFileKind, take_file
from engine.paying.deciding import approve, people_for
from engine.paying.exporting import Exported, export
from engine.paying.inquiring import reconcile
from store.batches import BatchRecord, read_batches
from store.states.paying import BatchState
from tests.bench.peaks import peak_mib

BOOKED = "20260105"
_Made = TypeVar("_Made")
ENCODING = "gb18030"


class Stage(NamedTuple):
    """What one step took."""

    name: str
    seconds: float
    cpu_seconds: float


def main() -> None:
    """Pay it and tell."""
    root, date = Path(sys.argv[1]), dt.date.fromisoformat(sys.argv[2])
    with deployed(root, FixedClock(civil_instant(date, 23))) as deployment:
        json.dump(measured(deployment), sys.stdout)


def measured(deployment: Deployment) -> dict[str, object]:
    """Return what it took: seconds, the peak of memory, and the seconds of each stage."""
    with deployment.store.reading() as rx:
        batch = max(read_batches(rx, states=[BatchState.FROZEN]), key=lambda each: each.item_count)
    for number in range(people_for(deployment, batch)):
        approve(deployment, batch.batch_id, content_hash=batch.content_hash, by=f"signatory {number}")
    stages: list[Stage] = []
    gone = _timed(stages, "export", partial(export, deployment, batch.batch_id, by="paymaster"))
    returns, statement = _answers(deployment, batch, gone)
    for path in returns:
        _timed(stages, "returns", partial(take_file, deployment, path, by="paymaster"))
    for path in statement:
        shown = partial(take_file, deployment, path, by="paymaster", kind=BankFileKind.STATEMENT)
        _timed(stages, "statement", shown)
    _timed(stages, "reconcile", partial(reconcile, deployment, batch.batch_id, by="paymaster"))
    names = dict.fromkeys(each.name for each in stages)
    together = {name: sum(each.seconds for each in stages if each.name == name) for name in names}
    spent = {name: sum(each.cpu_seconds for each in stages if each.name == name) for name in names}
    each_us = ", ".join(f"{name} {1e6 * seconds / batch.item_count:.0f}" for name, seconds in spent.items())
    return {
        "seconds": sum(together.values()),
        "cpu_seconds": time.process_time(),
        "peak_mib": round(peak_mib()),
        "work": f"{batch.item_count:,} payments, {len(gone.files)} files; µs of CPU for each: {each_us}",
        "stages": list(together.items()),
    }


def _timed(stages: list[Stage], name: str, deed: Callable[[], _Made]) -> _Made:
    begun, cpu_begun = time.perf_counter(), time.process_time()
    made = deed()
    stages.append(Stage(name, time.perf_counter() - begun, time.process_time() - cpu_begun))
    return made


def _answers(deployment: Deployment, batch: BatchRecord, gone: Exported) -> tuple[list[Path], list[Path]]:
    """Write what a bank says that paid everything: a return file for each payment file, and statements."""
    returns, statements = [], []
    folder = deployment.workspace.root / "bank"
    folder.mkdir(exist_ok=True)
    for file, path in zip(gone.files, gone.paths, strict=True):
        rows = [line.split("|") for line in path.read_text(ENCODING).splitlines() if line.startswith("D|")]
        lines = pl.DataFrame(rows, orient="row", schema=[f"c{number}" for number in range(len(rows[0]))])
        who = pl.format("{}|{}|{}|{}", "c2", "c3", "c4", "c6")
        said = lines.select(pl.format("D|{}|{}|00||{}", "c1", who, pl.lit(BOOKED))).to_series()
        booked = lines.select(pl.format("D|{}|{}|借|", pl.lit(BOOKED), who)).to_series()
        totals = f"{file.count}|{file.total_fen}|{file.count}|{file.total_fen}|0|0"
        shown = f"{file.count}|{file.count}|{file.total_fen}|0|0"
        returns.append(
            _write(folder / f"r-{file.number}.txt", f"H|{batch.batch_id}|{file.name}|{BOOKED}", said, f"T|{totals}")
        )
        statements.append(_write(folder / f"s-{file.number}.txt", f"S|{file.number}|{BOOKED}", booked, f"E|{shown}"))
    return returns, statements


def _write(path: Path, head: str, lines: pl.Series, trailer: str) -> Path:
    path.write_bytes("\r\n".join([head, *lines, trailer, ""]).encode(ENCODING))
    return path


if __name__ == "__main__":
    main()
