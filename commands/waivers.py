"""`mianshen waivers …`: the register of those who gave a benefit up, and of those who took that back."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from commands.lists import SubjectWord
from commands.terminal import HERE, USER, By, PolicyCode, WorkspaceDir, opened, out, say, within

waivers = typer.Typer(help="The waiver register (自愿放弃登记): each waiver can be taken back.", no_args_is_help=True)

ActDay = Annotated[
    dt.datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day of the signature; else today.")
]
SignedBy = Annotated[
    str | None, typer.Option(help="Who signed for the subject, where it did not itself; sealed.", metavar="NAME")
]
Witness = Annotated[str | None, typer.Option(help="The officer who was there.", metavar="NAME")]


@waivers.command("add")
def waivers_add(
    policy: PolicyCode,
    subject: SubjectWord,
    *,
    reason: Annotated[str, typer.Option(help="Why, in the subject's words.", metavar="TEXT")],
    on: ActDay = None,
    signed_by: SignedBy = None,
    witness: Witness = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Record that a subject gives a benefit up from the next month on; the subject is told, and may take it back."""
    from engine.lanes.waivers import Waiving, waive

    how = Waiving(by, reason, witness, signed_by, on.date() if on else None)
    with opened(workspace) as deployment:
        grant = waive(deployment, policy, subject, how)
    say(f"{policy}: {grant.grant_id} waived; recorded by {by}")


@waivers.command("revoke")
def waivers_revoke(
    policy: PolicyCode,
    subject: SubjectWord,
    *,
    reason: Annotated[str | None, typer.Option(help="Why.", metavar="TEXT")] = None,
    on: ActDay = None,
    signed_by: SignedBy = None,
    witness: Witness = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Record that a subject takes its waiver back: that month is due again, those between are not."""
    from engine.lanes.waivers import Waiving, revoke

    how = Waiving(by, reason, witness, signed_by, on.date() if on else None)
    with opened(workspace) as deployment:
        grant = revoke(deployment, policy, subject, how)
    say(f"{policy}: {grant.grant_id} no longer waived; recorded by {by}")


@waivers.command("list")
def waivers_list(
    policy: Annotated[str | None, typer.Argument(help="Only this policy.")] = None,
    *,
    to: Annotated[
        Path | None,
        typer.Option("--out", help="Write it to print, with names; the opening is recorded.", metavar="FILE"),
    ] = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Show every waiver there ever was, without names, or write the register with them as a workbook."""
    from engine.desks import LISTS
    from engine.lanes.waiver_register import write_register
    from engine.lanes.waivers import register
    from pages.terminal.lanes import waiver_table

    with opened(workspace) as deployment:
        remit = within(deployment, by, LISTS)
        if to is not None:
            count = write_register(deployment, to, by=by, policy=policy, remit=remit)
            say(f"{count} waivers in {to}")
            return
        with deployment.store.reading() as rx:
            found = register(rx, policy=policy, remit=remit)
    out.print(waiver_table(found))
