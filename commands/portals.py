"""`mianshen portals …`: which portals of the city may call, and what each may read and do for a subject."""

from typing import Annotated

import typer

from commands.terminal import HERE, USER, By, WorkspaceDir, opened, out, say
from store.states.entry import PortalScope

portals = typer.Typer(
    help="Which portals of the city read and act for subjects, by signed calls.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="The portal's name; its calls name it as `X-Key-Id`.", metavar="NAME")]


@portals.command("add")
def portals_add(
    name: Name,
    *,
    may: Annotated[list[PortalScope], typer.Option("--may", help="What it may read or do; once for each.")],
    kinds: Annotated[
        list[str], typer.Option("--for", help="The kind of subjects that it may name; once for each.", metavar="KIND")
    ],
    a_minute: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many calls a minute.")] = 600,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Register a portal, or give one another secret and say anew what it may; the secret is made here and shown once."""
    from engine.portals import register_portal

    with opened(workspace) as deployment:
        secret = register_portal(deployment, name, may=may, kinds=kinds, a_minute=a_minute, by=by)
    say(f"the secret of {name}, shown this once: {secret}")


@portals.command("list")
def portals_list(*, workspace: WorkspaceDir = HERE) -> None:
    """Show every portal, and what it may."""
    from engine.portals import portals as registered
    from pages.terminal.portals import portal_table

    with opened(workspace) as deployment:
        kinds = {code: kind.label for code, kind in deployment.catalogue.kinds.items()}
        out.print(portal_table(registered(deployment), kinds))


@portals.command("end")
def portals_end(name: Name, *, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """End a portal for good: its next call is refused, and its name stays taken."""
    from engine.portals import shut_portal

    with opened(workspace) as deployment:
        shut_portal(deployment, name, by=by)
    say(f"{name} has ended: its calls are refused from now on")
