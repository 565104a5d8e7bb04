"""`mianshen suspicions …`: payments that look like others, until somebody has looked at them."""

from typing import Annotated

import typer

from commands.terminal import HERE, USER, By, WorkspaceDir, opened, out, within

suspicions = typer.Typer(
    help="Payments that look like others: one account under many, one name and sum twice, a group beyond its due.",
    no_args_is_help=True,
)


@suspicions.command("list")
def suspicions_list(
    *,
    every: Annotated[bool, typer.Option("--all", help="Also those that somebody has cleared.")] = False,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Show what nights suspected and nobody has cleared."""
    from engine.desks import SUSPICIONS
    from pages.terminal.suspicions import suspicion_table
    from store.suspicions import read_suspicions

    with opened(workspace) as deployment:
        remit = within(deployment, by, SUSPICIONS)
        with deployment.store.reading() as rx:
            found = read_suspicions(rx, is_open=not every, remit=remit)
    out.print(suspicion_table(found))


@suspicions.command("clear")
def suspicions_clear(
    suspicion: Annotated[str, typer.Argument(help="Its id in the list.", metavar="ID")],
    *,
    reason: Annotated[str, typer.Option(help="What was found out.", metavar="TEXT")],
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Say that all is well with these payments: the next night pays those that waited, and suspects them no more."""
    from engine.suspicions import clear

    with opened(workspace) as deployment:
        clear(deployment, suspicion, by=by, reason=reason)
    out.print(f"cleared by {by}: {suspicion}")
