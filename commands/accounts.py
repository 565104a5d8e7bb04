"""`mianshen accounts …`: names and passwords for the pages that are kept here, and sessions that are to end."""

from typing import Annotated

import typer

from commands.terminal import HERE, USER, By, WorkspaceDir, opened, out, say

accounts = typer.Typer(
    help="Who comes to the pages by a name and a password, and whose sessions end.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="The login name.", metavar="NAME")]
For = Annotated[
    str | None, typer.Option("--for", help="The subject's id or number that it speaks for; else an officer.")
]


@accounts.command("add")
def accounts_add(name: Name, *, subject: For = None, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Open an account, or give it another password; the password is made here and shown once."""
    from engine.admitting import open_account

    with opened(workspace) as deployment:
        password = open_account(deployment, name, subject=subject, by=by)
    say(f"the password of {name}, shown this once: {password}")


@accounts.command("close")
def accounts_close(name: Name, *, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Close an account for good and end its sessions; its name stays taken."""
    from engine.admitting import shut_account

    with opened(workspace) as deployment:
        count = shut_account(deployment, name, by=by)
    say(f"{name} is closed; sessions ended: {count}")


@accounts.command("revoke")
def accounts_revoke(
    who: Annotated[str, typer.Argument(help="The login name; with --subject a subject's id or number.", metavar="WHO")],
    *,
    is_subject: Annotated[bool, typer.Option("--subject", help="Of everybody who acts for the subject.")] = False,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """End sessions at once, those of the identity provider too; who may log in can do so again."""
    from engine.admitting import turn_out

    with opened(workspace) as deployment:
        count = turn_out(deployment, who, is_subject=is_subject, by=by)
    say(f"sessions ended: {count}")


@accounts.command("list")
def accounts_list(*, workspace: WorkspaceDir = HERE) -> None:
    """Show every account, and who else has a session."""
    from engine.admitting import admitted
    from pages.terminal.accounts import account_table

    with opened(workspace) as deployment:
        out.print(account_table(admitted(deployment)))
