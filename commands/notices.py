"""`mianshen notices …`: the outbox, what needs a person, receipts, and what subjects do not want to be told."""

from pathlib import Path
from typing import Annotated

import typer

from commands.terminal import HERE, USER, By, WorkspaceDir, opened, out, show, within
from core.ledger import NoticeCategory
from store.states.notices import DoubtVerdict, NoticeState

notices = typer.Typer(
    help="Notices: what was told to whom, what needs a person, receipts, and what is declined.", no_args_is_help=True
)

NoticeId = Annotated[str, typer.Argument(help="The id of a message.", metavar="ID")]
Who = Annotated[str, typer.Argument(help="An opaque id, or an official number.", metavar="SUBJECT")]
Reason = Annotated[str, typer.Option(help="Why; it is kept.")]


@notices.command("list")
def notices_list(
    *,
    state: Annotated[list[NoticeState] | None, typer.Option(help="Only in these states.")] = None,
    queue: Annotated[bool, typer.Option("--queue", help="Only what needs a person.")] = False,
    channel: Annotated[str | None, typer.Option(help="Only over this channel.")] = None,
    subject: Annotated[str | None, typer.Option(help="Only to this subject: an id or a number.")] = None,
    policy: Annotated[str | None, typer.Option(help="Only about this policy.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many, the newest.")] = 50,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Count messages of your policies by channel and state, and list the newest."""
    from engine.desks import NOTICES
    from engine.notice_desk import QUEUE, Choice, count_by_state, list_notices
    from pages.terminal.notices import counts_table, notices_table

    states = QUEUE if queue else tuple(state or NoticeState)
    with opened(workspace) as deployment:
        remit = within(deployment, by, NOTICES)
        counts = count_by_state(deployment, remit=remit)
        found = list_notices(deployment, Choice(states, channel, subject, policy, remit), count_max=limit)
    out.print(counts_table(counts))
    out.print(notices_table(found) if found else "no message is there")


@notices.command("show")
def notices_show(notice_id: NoticeId, *, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Show one message of your policies: its words, every try, every receipt, and what people did with it."""
    from engine.authority import look_at
    from engine.desks import NOTICES
    from engine.notice_desk import show_notice
    from pages.terminal.notices import notice_page

    with opened(workspace) as deployment:
        look_at(deployment, by, NOTICES, notice_id)
        shown = show_notice(deployment, notice_id)
    out.print(notice_page(shown), soft_wrap=True)


@notices.command("send")
def notices_send(*, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Send every message whose time has come, once; what cannot be sent is listed."""
    from engine.telling import tell_now
    from pages.terminal.notices import sent_line

    with opened(workspace) as deployment:
        report = tell_now(deployment, by=by)
    out.print(sent_line(report))
    show(report.findings)


@notices.command("replay")
def notices_replay(
    notice_ids: Annotated[list[str], typer.Argument(help="Ids of messages that were given up.", metavar="ID…")],
    *,
    reason: Reason,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Put messages that were given up back into the queue; they go out with the next `send` or night."""
    from engine.notice_desk import replay_notices

    with opened(workspace) as deployment:
        count = replay_notices(deployment, notice_ids, by=by, reason=reason)
    out.print(f"back in the queue: {count}")


@notices.command("resolve")
def notices_resolve(
    notice_id: NoticeId,
    verdict: Annotated[DoubtVerdict, typer.Argument(help="What you found out; what was lost is sent again.")],
    *,
    reason: Reason,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Say what became of a message in doubt."""
    from engine.notice_desk import resolve_notice

    with opened(workspace) as deployment:
        state = resolve_notice(deployment, notice_id, verdict, by=by, reason=reason)
    out.print(f"{notice_id}: {state.value}")


@notices.command("receipts")
def notices_receipts(
    file: Annotated[Path, typer.Argument(help="Receipts of a channel, as JSON lines.", exists=True, dir_okay=False)],
    *,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Take in receipts; twice, late or out of order, none moves a message backwards."""
    from engine.notice_desk import take_receipts
    from pages.terminal.notices import settled_line

    with opened(workspace) as deployment:
        settled = take_receipts(deployment, file, by=by)
    out.print(settled_line(settled))


@notices.command("decline")
def notices_decline(
    subject: Who,
    category: Annotated[NoticeCategory, typer.Argument(help="What is not wanted.")],
    *,
    again: Annotated[bool, typer.Option("--again", help="It is wanted again.")] = False,
    reason: Reason,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Keep, for a subject, that it no longer wants a category of notices, or wants it again."""
    from engine.notice_desk import decline

    with opened(workspace) as deployment:
        decline(deployment, subject, category, is_wanted=again, by=by, reason=reason)
    out.print(f"{category.value}: {'wanted again' if again else 'declined'}")


@notices.command("preferences")
def notices_preferences(subject: Who, *, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Show what a subject said of what it wants to be told."""
    from engine.authority import remit_at
    from engine.desks import NOTICES
    from engine.notice_desk import preferences_of
    from pages.terminal.notices import preferences_table

    with opened(workspace) as deployment:
        remit_at(deployment, by, NOTICES)
        found = preferences_of(deployment, subject)
    out.print(preferences_table(found) if found else "nothing was declined")


@notices.command("inbox")
def notices_inbox(
    subject: Who,
    *,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """List what stands in a subject's inbox about your policies, read or not; looking here opens nothing."""
    from engine.desks import NOTICES
    from engine.notice_desk import inbox_of
    from pages.terminal.notices import inbox_table

    with opened(workspace) as deployment:
        remit = within(deployment, by, NOTICES)
        found = [each for each in inbox_of(deployment, subject) if remit.covers(each.notice.policy)]
    out.print(inbox_table(found) if found else "the inbox is empty")
