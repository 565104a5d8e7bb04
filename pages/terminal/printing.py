"""Findings and empty tables, as everything in a terminal prints them."""

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.findings import Finding, Severity


def show_findings(console: Console, findings: Iterable[Finding]) -> None:
    """Print findings, one under the other, faults in red."""
    for finding in findings:
        style = "red" if finding.severity is Severity.ERROR else "yellow"
        console.print(Text(str(finding), style=style), soft_wrap=True)


def plain_table(title: str, columns: str) -> Table:
    """Return an empty table; column names are parted by spaces, and one that ends in `>` holds numbers."""
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns.split():
        is_number = name.endswith(">")
        table.add_column(name.removesuffix(">"), justify="right" if is_number else "left", overflow="fold")
    return table
