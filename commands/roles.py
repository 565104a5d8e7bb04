"""`mianshen roles …`: who may do what, over what, from when to when."""

import datetime as dt
from typing import Annotated

import typer

from commands.terminal import HERE, USER, By, WorkspaceDir, opened, out, say, show
from core.roles import Role

roles = typer.Typer(help="Who may do what: roles are given and taken by dated steps.", no_args_is_help=True)

Who = Annotated[str, typer.Argument(help="The person's login name.", metavar="NAME")]
Which = Annotated[Role, typer.Argument(help="The role.")]
Over = Annotated[
    str, typer.Option(help="Over what: everything, policy:CODE, department:NAME or region:CODE.", metavar="SCOPE")
]
Reason = Annotated[str, typer.Option(help="Why; kept with the step.", metavar="TEXT")]
Day = Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day, inclusive; else for good.")]


@roles.command("grant")
def roles_grant(
    who: Who,
    role: Which,
    *,
    over: Over = "everything",
    reason: Reason,
    since: Annotated[
        dt.datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day; else today.")
    ] = None,
    through: Day = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Give somebody a role, at once or from a day on; nobody gives themselves one but the first operator."""
    from engine.appointing import appoint, scope_of
    from engine.authority import open_access
    from store.roles import Post

    with opened(workspace) as deployment:
        post = Post(who, role, scope_of(deployment, over))
        days = {"valid_from": since and since.date(), "valid_through": through and through.date()}
        held = appoint(deployment, post, by=by, reason=reason, **days)
        show(open_access(deployment))
    say(f"{who} is {role} over {post.scope} from {held.valid_from} through {held.valid_through or 'further notice'}")


@roles.command("revoke")
def roles_revoke(
    who: Who,
    role: Which,
    *,
    over: Over = "everything",
    reason: Reason,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Take a role from somebody; it counts from the next thing that they do."""
    from engine.appointing import dismiss, scope_of
    from store.roles import Post

    with opened(workspace) as deployment:
        post = Post(who, role, scope_of(deployment, over))
        dismiss(deployment, post, by=by, reason=reason)
    say(f"{who} is no longer {role} over {post.scope}")


@roles.command("list")
def roles_list(
    *,
    who: Annotated[str | None, typer.Option(help="Only this person.", metavar="NAME")] = None,
    all_of_them: Annotated[bool, typer.Option("--all", help="Also what was taken or is over.")] = False,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Show who has which role over what, and whether roles are required here."""
    from engine.authority import is_required, open_access
    from pages.terminal.roles import role_table
    from store.roles import read_roles

    with opened(workspace) as deployment:
        with deployment.store.reading() as rx:
            held, now = read_roles(rx, who), rx.now
        out.print(role_table(held, now, is_all=all_of_them, is_required=is_required(deployment)))
        show(open_access(deployment))
