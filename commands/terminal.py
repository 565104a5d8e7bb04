"""What all commands share: two streams, findings on one of them, an open workspace, and the options they have in common."""

import datetime as dt
import getpass
import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from core.clock import SystemClock, civil_day
from core.findings import Finding

if TYPE_CHECKING:
    from core.remits import Remit
    from core.roles import Role
    from engine.deployment import Deployment

WIDE = 240  # columns of tables that go to a file or another program, so that none is folded there
out = Console(highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else WIDE)
err = Console(stderr=True, highlight=False, markup=False, emoji=False)
HERE = Path()
WorkspaceDir = Annotated[
    Path, typer.Option("--workspace", "-w", envvar="MIANSHEN_WORKSPACE", help="The workspace folder.", metavar="DIR")
]
USER = getpass.getuser()
By = Annotated[str, typer.Option(help="Who does it; else the login name.", metavar="NAME")]
ShadowNights = Annotated[int, typer.Option("--shadow", min=0, max=366, help="For so many nights only compute it.")]
PolicyCode = Annotated[str, typer.Argument(help="The policy's code.")]


def show(findings: Sequence[Finding]) -> None:
    """Print findings on standard error."""
    from core.languages import in_language, language_of
    from pages.terminal.printing import show_findings

    language = language_of(os.environ)
    show_findings(err, [in_language(finding, language) for finding in findings])


def say(sentence: str, *, to: Console = out) -> None:
    """Print a sentence of ours in the language of whoever reads it."""
    from core.languages import in_words, language_of

    to.print(in_words(sentence, language_of(os.environ)), soft_wrap=True)


@contextmanager
def opened(workspace: Path) -> "Iterator[Deployment]":
    """Open a workspace by the machine's clock."""
    from engine.deployment import deployed

    with deployed(workspace, SystemClock(), login=USER) as deployment:
        yield deployment


def within(deployment: "Deployment", by: str, roles: "Collection[Role]") -> "Remit":
    """Return over what somebody looks in some roles; that a list is not the whole is said on standard error."""
    from engine.authority import remit_at

    remit = remit_at(deployment, by, roles)
    if remit.policies is not None:
        say(f"only what the roles of `{by}` take in: policies: {len(remit.policies)}", to=err)
    return remit


@contextmanager
def progress(first: str = "starting") -> Iterator[Callable[[str], None]]:
    """Show what is going on, on standard error, where a person looks at it; `first` stands there at once."""
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(first)
        yield lambda stage: bar.update(task, description=stage)


def typed(prompt: str) -> str:
    """Ask for a line; one that a script types is shown as if a person had.

    Fails: EOFError where there is none.
    """
    line = input(prompt)
    if not sys.stdin.isatty():
        out.print(line, soft_wrap=True)
    return line


def day_of(given: dt.datetime | None) -> dt.date:
    """Return the day that was given, or today in China."""
    return given.date() if given else civil_day(SystemClock().now())
