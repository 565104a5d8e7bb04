"""`mianshen lists …`: what departments confirm before money, or strike line by line."""

from pathlib import Path
from typing import Annotated

import typer

from commands.terminal import HERE, USER, By, PolicyCode, WorkspaceDir, opened, out, say, within

lists = typer.Typer(
    help="Lists that a department confirms before money: shown, confirmed as shown, struck line by line.",
    no_args_is_help=True,
)

SubjectWord = Annotated[
    str, typer.Argument(help="An official number, an opaque id, or a grant's id.", metavar="SUBJECT")
]


@lists.command("show")
def lists_show(
    policy: Annotated[str | None, typer.Argument(help="The policy's code; none: every list that waits.")] = None,
    *,
    to: Annotated[
        Path | None, typer.Option("--out", help="Write it as a workbook to decide in.", metavar="FILE")
    ] = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Show whose list waits for its department; of one policy its lines, masked, or all of them with names as a workbook."""
    from engine.authority import look_at
    from engine.desks import LISTS
    from engine.lanes.list_file import write_list
    from engine.lanes.lists import waiting_list, waiting_lists, with_identities
    from pages.terminal.lanes import list_detail, lists_overview

    with opened(workspace) as deployment:
        if policy is None:
            out.print(lists_overview(waiting_lists(deployment, remit=within(deployment, by, LISTS))))
            return
        look_at(deployment, by, LISTS, policy)
        with deployment.store.reading() as rx:
            found = waiting_list(rx, deployment, policy)
        found = with_identities(deployment, found, by=by)
        if to is not None:
            write_list(found, to)
            say(f"{policy}: {len(found.lines)} lines in {to}")
            return
    out.print(list_detail(found))


@lists.command("confirm")
def lists_confirm(
    policy: PolicyCode,
    *,
    fingerprint: Annotated[str, typer.Option(help="Only the list with this fingerprint; its beginning will do.")] = "",
    file: Annotated[
        Path | None, typer.Option("--file", help="The workbook with a decision for each line.", metavar="FILE")
    ] = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Confirm the list as it was shown; or, with a workbook, what stands behind each of its lines."""
    from engine.lanes.list_file import record_decisions
    from engine.lanes.lists import confirm_list

    with opened(workspace) as deployment:
        if file is None:
            found = confirm_list(deployment, policy, by=by, fingerprint=fingerprint)
            say(f"{policy}: {len(found.lines)} confirmed by {by}: fingerprint {found.fingerprint[:16]}")
            return
        done = record_decisions(deployment, policy, file, by=by)
    say(f"{policy}: {done.confirmed_count} confirmed, {done.struck_count} struck, {done.open_count} left open")


@lists.command("strike")
def lists_strike(
    policy: PolicyCode,
    subject: SubjectWord,
    *,
    reason: Annotated[str, typer.Option(help="Why; kept with the act.", metavar="TEXT")],
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Take one line off the list; nothing is paid for it until the department restores it."""
    from engine.lanes.lists import strike

    with opened(workspace) as deployment:
        grant = strike(deployment, policy, subject, by=by, reason=reason)
    say(f"{policy}: {grant.grant_id} struck off by {by}")


@lists.command("restore")
def lists_restore(
    policy: PolicyCode,
    subject: SubjectWord,
    *,
    reason: Annotated[str | None, typer.Option(help="Why; kept with the act.", metavar="TEXT")] = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Put back what was struck; the next night proposes it again where it is met."""
    from engine.lanes.lists import restore

    with opened(workspace) as deployment:
        grant = restore(deployment, policy, subject, by=by, reason=reason)
    say(f"{policy}: {grant.grant_id} restored by {by}")
