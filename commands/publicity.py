"""`mianshen publicity …`: 公示, a masked list in public for so many working days, with signed objections."""

from pathlib import Path
from typing import Annotated

import typer

from commands.terminal import HERE, USER, By, PolicyCode, WorkspaceDir, opened, out, say, within

publicity = typer.Typer(
    help="Publicity (公示): a masked list in public for so many working days, with signed objections.",
    no_args_is_help=True,
)

ListId = Annotated[str, typer.Argument(help="A public list's id.", metavar="LIST")]
Folder = Annotated[Path, typer.Option("--out", help="Where its page and its workbook go.", metavar="DIR")]


@publicity.command("open")
def publicity_open(policy: PolicyCode, *, to: Folder = HERE, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Put everyone who waits for it on a public list, names and numbers masked, and write the page and the workbook."""
    from engine.lanes.publicity import open_publicity

    with opened(workspace) as deployment:
        made = open_publicity(deployment, policy, to, by=by)
    record = made.record
    say(f"{policy}: {record.list_id}, {record.line_count} lines, stands through {record.through}")
    for path in made.files:
        out.print(str(path), soft_wrap=True)


@publicity.command("write")
def publicity_write(list_id: ListId, *, to: Folder = HERE, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Write the page and the workbook of a public list once more."""
    from engine.lanes.publicity import write_again

    with opened(workspace) as deployment:
        made = write_again(deployment, list_id, to, by=by)
    for path in made.files:
        out.print(str(path), soft_wrap=True)


@publicity.command("list")
def publicity_list(
    policy: Annotated[str | None, typer.Argument(help="Only this policy.")] = None,
    *,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Show the public lists and the objections to them, without names."""
    from core.clock import civil_day
    from engine.desks import LISTS
    from engine.lanes.publicity import public_lists
    from pages.terminal.lanes import public_list_table

    with opened(workspace) as deployment:
        remit = within(deployment, by, LISTS)
        with deployment.store.reading() as rx:
            out.print(public_list_table(public_lists(rx, policy=policy, remit=remit), on=civil_day(rx.now)))


@publicity.command("object")
def publicity_object(
    list_id: ListId,
    line: Annotated[int, typer.Argument(help="The number in front of the line.", metavar="LINE")],
    *,
    name: Annotated[str, typer.Option(help="Who objects; sealed.", metavar="NAME")] = "",
    contact: Annotated[str, typer.Option(help="How they are reached; sealed.", metavar="TEXT")] = "",
    words: Annotated[str, typer.Option(help="What they say; sealed.", metavar="TEXT")] = "",
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Receive a signed objection to a line; it is held until another person decides. Anonymous ones are refused."""
    from engine.lanes.publicity import Objecting, object_to

    with opened(workspace) as deployment:
        made = object_to(deployment, list_id, line, Objecting(name, contact, words, by))
    say(f"{made.objection_id}: received by {by}; {made.grant_id} is held until it is decided")


@publicity.command("decide")
def publicity_decide(
    objection: Annotated[str, typer.Argument(help="An objection's id.", metavar="OBJECTION")],
    *,
    uphold: Annotated[bool, typer.Option("--uphold/--dismiss", help="It is right, or it is not.")],
    reason: Annotated[str, typer.Option(help="Why; kept with the decision.", metavar="TEXT")],
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Decide an objection: upheld, its line is struck; dismissed, the line is free once no other is open."""
    from engine.lanes.publicity import decide

    with opened(workspace) as deployment:
        made = decide(deployment, objection, is_upheld=uphold, by=by, reason=reason)
    say(f"{made.objection_id}: {made.state.value} by {by}")


@publicity.command("close")
def publicity_close(list_id: ListId, *, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Close a list after its last day; lines without an open objection are through, and paid from the next night on."""
    from engine.lanes.publicity import close_publicity

    with opened(workspace) as deployment:
        through_count, held_count = close_publicity(deployment, list_id, by=by)
    say(f"{list_id}: closed by {by}; {through_count} through, {held_count} held by objections")
