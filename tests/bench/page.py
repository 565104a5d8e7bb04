"""Writes what the bench measured into docs/performance.md: each part with the command, the machine, the day and the load."""

import os
import platform
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from core.clock import Clock, civil_day

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
_PART = r"(<!-- measured: {} -->\n).*?(<!-- end -->)"


@dataclass(frozen=True, slots=True)
class Told:
    """What one part of the bench tells: tables, plots by file name, and versions of what took part."""

    tables: tuple[Table, ...]
    plots: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


def parts(text: str) -> list[str]:
    """Return the names of the parts that a page has room for."""
    return re.findall(r"<!-- measured: (\w+) -->", text)


def replaced(text: str, name: str, part: str) -> str:
    """Return a page with one part written anew; everything else stays.

    Fails: AssertionError where the page has no such part.
    """
    assert name in parts(text), name
    return re.sub(_PART.format(name), lambda found: f"{found[1]}{part}{found[2]}", text, flags=re.DOTALL)


def write(name: str, told: Told, circumstances: str, page: Path = PAGE) -> None:
    """Write one part into the page, and its plots beside the page."""
    for file, svg in told.plots.items():
        (page.parent / file).write_text(svg, "utf-8")
    page.write_text(replaced(page.read_text("utf-8"), name, _part(told, circumstances)), "utf-8")


def circumstances(command: str, clock: Clock, begun_load: float, versions: Mapping[str, str]) -> str:
    """Return under what a part was measured."""
    known = {"Python": platform.python_version(), "Polars": metadata.version("polars"), **versions}
    cores = pl.thread_pool_size()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"Measured on {civil_day(clock.now())} by `{command}` on {cores} threads of {_processor()}, {memory:.0f} GiB; "
        f"load {begun_load:.1f} when it began, {os.getloadavg()[0]:.1f} when it ended. "
        f"{', '.join(f'{name} {version}' for name, version in known.items())}."
    )


def _part(told: Told, circumstances: str) -> str:
    pictures = (f"![{file}]({file})\n" for file in told.plots)
    return "\n" + "\n".join([f"{circumstances}\n", *map(markdown, told.tables), *pictures]) + "\n"


def markdown(table: Table) -> str:
    """Return a table of the terminal as Markdown: title, rows, caption."""
    columns = table.columns
    cells = [[_plain(cell) for cell in column.cells] for column in columns]
    lines = [
        _row(_plain(column.header) for column in columns),
        _row("--:" if column.justify == "right" else "---" for column in columns),
        *(_row(row) for row in zip(*cells, strict=True)),
    ]
    title = f"**{_plain(table.title)}**\n\n" if table.title else ""
    caption = f"\n{_plain(table.caption)}\n" if table.caption else ""
    return f"{title}{''.join(lines)}{caption}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _plain(cell: object) -> str:
    text = Console(width=10_000, no_color=True).render_str(str(cell)).plain
    return " ".join(text.replace("|", "\\|").split())


def _processor() -> str:
    """Return what the machine calls its processor."""
    told = Path("/proc/cpuinfo")
    names = re.findall(r"^model name\s*: (.+)$", told.read_text("utf-8"), re.MULTILINE) if told.exists() else []
    return names[0] if names else platform.machine()
