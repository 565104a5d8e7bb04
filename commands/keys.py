"""`mianshen keys …`: which keys seal and open names and accounts, and how to go over to a new one."""

import typer

from commands.terminal import HERE, USER, By, WorkspaceDir, opened, out, progress

keys = typer.Typer(
    help="The keys of names and accounts: which are needed, and going over to a new one.", no_args_is_help=True
)


@keys.command("list")
def keys_list(workspace: WorkspaceDir = HERE) -> None:
    """List the sealing keys, oldest first, and what only each of them opens."""
    from engine.rotating import key_uses
    from pages.terminal.keys import key_table

    with opened(workspace) as deployment:
        out.print(key_table(key_uses(deployment)))


@keys.command("new")
def keys_new(*, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Add a key: it seals what is new from now on, and the others still open what is old."""
    from engine.rotating import new_key

    with opened(workspace) as deployment:
        name = new_key(deployment, by=by)
    out.print(f"key {name} is added; keep a copy of the file, restart what is running, then: mianshen keys rotate")


@keys.command("rotate")
def keys_rotate(*, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Seal every name, number, account and note with the newest key, all or nothing."""
    from engine.rotating import go_over

    with opened(workspace) as deployment, progress("sealing"):
        count = go_over(deployment, by=by)
    out.print(f"{count:,} values sealed anew; see which keys are still needed: mianshen keys list")
