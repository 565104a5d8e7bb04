"""How fast money is worked out and frozen: so many dues against a ledger of many more, on a database as it would be.

Building the ledger and going through a night are processes of their own (`tests.bench.one_ledger`,
`tests.bench.one_money`). A ledger that is kept is copied before it is measured, for a night changes it.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.server import careless, database, exists, served
from tests.store.postgresql import execute

ROOT = Path(__file__).parents[2]
_MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class Size:
    """How many dues a night has, and how many items the ledger holds before."""

    dues: int
    items: int

    @property
    def name(self) -> str:
        """Return by which name such a ledger is kept."""
        return f"ledger_{self.dues}_{self.items}"


def main() -> None:
    """Build, measure and show."""
    parser = argparse.ArgumentParser(prog="tests.bench.money", description="how fast money is here")
    add_arguments(parser)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL server of its own; else on SQLite")
    given = parser.parse_args()
    told = money_table(given, Console(stderr=True).print, on_server=given.postgres)
    Console(width=110).print(told)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may be asked for."""
    parser.add_argument("--dues", type=int, default=100_000, help="dues of one night")
    parser.add_argument("--ledger", type=int, default=1_200_000, help="items that the ledger holds before")
    parser.add_argument("--url", help="an empty PostgreSQL database that is filled with them; else SQLite")
    parser.add_argument("--keep", type=Path, help="a folder where the ledger is kept, and taken from the next time")


def money_table(given: argparse.Namespace, said: Callable[[str], None], *, on_server: bool = False) -> Table:
    """Fill a database, then take a night's way from its positions to a frozen batch, step by step."""
    size = Size(given.dues, given.ledger)
    with ExitStack() as open_until_measured:
        if given.url is None or on_server:
            ledger = _ledger(size, given.keep, said, on_server=on_server)
            url = open_until_measured.enter_context(ledger)
        else:
            url = given.url
            _build(url, size, said)
        said("measuring")
        return _shown(url, size, _child("one_money", url))


@contextmanager
def _ledger(size: Size, kept: Path | None, said: Callable[[str], None], *, on_server: bool) -> Iterator[str]:
    """Give the URL of a database with such a ledger, to be changed."""
    with tempfile.TemporaryDirectory(prefix="bench") as passing:
        folder = kept or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        with (_on_server if on_server else _in_file)(folder.resolve(), size, said, is_kept=kept is not None) as url:
            yield url


@contextmanager
def _in_file(folder: Path, size: Size, said: Callable[[str], None], *, is_kept: bool) -> Iterator[str]:
    ledger, measured = folder / f"{size.name}.db", folder / f"{_MEASURED}.db"
    if not ledger.exists():
        building = folder / "building.db"
        building.unlink(missing_ok=True)
        _build(f"sqlite:///{building}", size, said)
        building.rename(ledger)
    if not is_kept:
        yield f"sqlite:///{ledger}"
        return
    _remove(folder)
    shutil.copyfile(ledger, measured)
    with measured.open("rb+") as file:
        os.fsync(file)
    try:
        yield f"sqlite:///{measured}"
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a measured file with its log: what is copied beside the log of another would not be the same."""
    for each in folder.glob(f"{_MEASURED}.db*"):
        each.unlink()


@contextmanager
def _on_server(folder: Path, size: Size, said: Callable[[str], None], *, is_kept: bool) -> Iterator[str]:
    with served(folder / "postgresql") as url:
        if not exists(url, size.name):
            execute(url, "drop database if exists building")
            execute(url, "create database building template template0 encoding 'UTF8' locale 'C'")
            with careless(url):
                _build(database(url, "building"), size, said)
            execute(url, f"alter database building rename to {size.name}")
        if not is_kept:
            yield database(url, size.name)
            return
        execute(url, f"drop database if exists {_MEASURED}")
        execute(url, f"create database {_MEASURED} template {size.name} strategy file_copy")
        execute(url, "checkpoint")
        try:
            yield database(url, _MEASURED)
        finally:
            execute(url, f"drop database {_MEASURED} with (force)")


def _build(url: str, size: Size, said: Callable[[str], None]) -> None:
    said("building the ledger")
    began = time.perf_counter()
    _child("one_ledger", url, size.dues, size.items)
    said(f"built in {time.perf_counter() - began:.0f} s")


def _child(module: str, *arguments: object) -> str:
    command = [sys.executable, "-m", f"tests.bench.{module}", *(str(each) for each in arguments)]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def _shown(url: str, size: Size, told: str) -> Table:
    found = json.loads(told)
    steps = found["steps"]
    has_server = all(each[3] is not None for each in steps)
    kind = "SQLite" if url.startswith("sqlite") else "PostgreSQL"
    table = Table(title=f"{size.dues:,} dues against a ledger of {size.items:,} items on {kind}")
    for heading in ("what", "seconds", "CPU", *(["CPU of the server"] if has_server else [])):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    sums = [sum(each[place] for each in steps) for place in range(1, 4 if has_server else 3)]
    for name, *spent in [*steps, ["together", *sums]]:
        table.add_row(name, *(f"{each:.1f}" for each in spent[: len(sums)]))
    table.caption = f"peak of the process: {found['peak_mib']:,} MiB"
    return table


if __name__ == "__main__":
    main()
