"""`mianshen audit …`: what was done and by whom; that nothing of it was changed; what is kept outside to prove it."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from commands.terminal import HERE, USER, By, WorkspaceDir, opened, out, show, within
from core.errors import EXIT_FINDINGS

audit = typer.Typer(
    help="The audit chain: list it, verify it, export it, and keep an anchor of it outside.", no_args_is_help=True
)

LAST = 50  # entries that a screen holds
Anchors = Annotated[
    list[str] | None,
    typer.Option("--anchor", help="An anchor that was kept outside, or a file of them.", metavar="FILE|HASH"),
]
To = Annotated[Path | None, typer.Option("--out", help="Write to this file; else to the screen.", metavar="FILE")]


@audit.command("list")
def audit_list(
    *,
    about: Annotated[str | None, typer.Option(help="Only what is about this id, policy or round.")] = None,
    who: Annotated[str | None, typer.Option(help="Only what this person did.", metavar="NAME")] = None,
    event: Annotated[str | None, typer.Option(help="Only events that begin so, such as `proposal`.")] = None,
    last: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many, the newest.")] = LAST,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Show what was done, the newest last."""
    from engine.desks import AUDIT
    from pages.terminal.audit import entry_table
    from store.audit import last_entries

    with opened(workspace) as deployment:
        remit = within(deployment, by, AUDIT)
        with deployment.store.reading() as rx:
            out.print(entry_table(last_entries(rx, last, about=about, by=who, event=event, remit=remit)))


@audit.command("verify")
def audit_verify(*, anchor: Anchors = None, workspace: WorkspaceDir = HERE) -> None:
    """Check every entry against the one before and the anchors given; exit 1 where anything was changed."""
    from pages.terminal.audit import verdict_lines
    from store.audit import verify
    from store.audit_anchors import read_anchors

    anchors = read_anchors(anchor or ())
    with opened(workspace) as deployment, deployment.store.reading() as rx:
        verdict = verify(rx, anchors)
    show(verdict.findings)
    out.print(verdict_lines(verdict, len(anchors)), soft_wrap=True)
    if verdict.fault_count:
        raise typer.Exit(EXIT_FINDINGS)


@audit.command("export")
def audit_export(
    *,
    after: Annotated[int, typer.Option(min=0, help="Only entries after this one.")] = 0,
    to: To = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Write every entry as a line of JSON that can be verified without this database: see docs/audit.md."""
    from engine.auditing import export_lines, refuse_strangers, write_export

    with opened(workspace) as deployment:
        refuse_strangers(deployment, by)
        if to is None:
            sys.stdout.writelines(export_lines(deployment, after=after))
        else:
            write_export(deployment, to, after=after)


@audit.command("anchor")
def audit_anchor(*, to: To = None, workspace: WorkspaceDir = HERE) -> None:
    """Give the line that anchors the chain as it stands: mail it, or keep it where this machine cannot write."""
    from engine.auditing import anchor_of, keep_anchor

    with opened(workspace) as deployment:
        line = anchor_of(deployment) if to is None else keep_anchor(deployment, to)
    sys.stdout.write(line + "\n")
