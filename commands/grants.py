"""`mianshen grants …`: where grants stand, and what subjects answer, recorded by a clerk for them (帮办代办)."""

import datetime as dt
import getpass
import sys
from typing import Annotated

import typer

from commands.lists import SubjectWord
from commands.terminal import HERE, USER, By, PolicyCode, WorkspaceDir, opened, out, say, within

grants = typer.Typer(
    help="Grants: where they stand, and what subjects answer, recorded for them by a clerk.", no_args_is_help=True
)

SignedBy = Annotated[
    str | None, typer.Option(help="Who signed for the subject, where it did not itself; sealed.", metavar="NAME")
]
Why = Annotated[str | None, typer.Option("--reason", help="Why; kept with the act.", metavar="TEXT")]


@grants.command("list")
def grants_list(
    policy: Annotated[str | None, typer.Argument(help="Only this policy.")] = None,
    *,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Show how many grants of each policy stand where."""
    from engine.desks import POLICIES
    from pages.terminal.lanes import state_table
    from store.grants import count_grants

    with opened(workspace) as deployment:
        remit = within(deployment, by, POLICIES)
        with deployment.store.reading() as rx:
            out.print(state_table(count_grants(rx, policy=policy, remit=remit)))


@grants.command("show")
def grants_show(policy: PolicyCode, subject: SubjectWord, *, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Show where one grant stands and everything that was done to it; no name is opened."""
    from engine.authority import look_at
    from engine.desks import POLICIES
    from engine.lanes.acting import grant_named
    from pages.terminal.lanes import grant_detail
    from store.grants import read_acts

    with opened(workspace) as deployment:
        look_at(deployment, by, POLICIES, policy)
        with deployment.store.reading() as rx:
            grant = grant_named(rx, deployment, policy, subject)
            out.print(grant_detail(grant, read_acts(rx, grants=[grant.grant_id])))


@grants.command("confirm")
def grants_confirm(
    policy: PolicyCode,
    subject: SubjectWord,
    *,
    account: Annotated[bool, typer.Option("--account", help="Ask for the account to pay to; it is not shown.")] = False,
    bank: Annotated[str, typer.Option(help="Its bank.", metavar="NAME")] = "",
    holder: Annotated[str, typer.Option(help="Whose it is, where not the subject's own; sealed.", metavar="NAME")] = "",
    signed_by: SignedBy = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Record a subject's yes, with the account that it names; the subject is told who recorded it."""
    from engine.lanes.consent import Answering, GivenAccount, confirm

    given = GivenAccount(_hidden("account: "), bank, holder) if account else None
    with opened(workspace) as deployment:
        grant = confirm(deployment, policy, subject, Answering(by, signed_by=signed_by), given)
    say(f"{policy}: {grant.grant_id} confirmed; recorded by {by}")


def _hidden(prompt: str) -> str:
    """Ask for something that is not to be seen; a script gives it as a line."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().strip()


@grants.command("decline")
def grants_decline(
    policy: PolicyCode,
    subject: SubjectWord,
    *,
    reason: Why = None,
    signed_by: SignedBy = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Record a subject's no, before anything is paid; it may be offered again."""
    from engine.lanes.consent import Answering, decline

    with opened(workspace) as deployment:
        grant = decline(deployment, policy, subject, Answering(by, signed_by=signed_by, reason=reason))
    say(f"{policy}: {grant.grant_id} declined; recorded by {by}")


@grants.command("offer")
def grants_offer(
    policy: PolicyCode,
    subject: SubjectWord,
    *,
    reason: Why = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Offer once more what was declined or has lapsed, because the subject asks."""
    from engine.lanes.consent import Answering, offer_again

    with opened(workspace) as deployment:
        act = offer_again(deployment, policy, subject, Answering(by, reason=reason))
    say(f"{policy}: {act.grant_id} offered again, through {act.through or 'further notice'}; recorded by {by}")


@grants.command("answer")
def grants_answer(
    policy: PolicyCode,
    subject: SubjectWord,
    words: Annotated[str, typer.Argument(help="The answer to the question that is open.", metavar="ANSWER")],
    *,
    since: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Since when it has been so; else today.")
    ] = None,
    signed_by: SignedBy = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Record a subject's answer to the one question that a rule asks; nights read it like any delivered fact."""
    from engine.lanes.answers import Given, answer
    from engine.lanes.consent import Answering

    given = Given(words, since.date() if since else None)
    with opened(workspace) as deployment:
        load_id = answer(deployment, policy, subject, given, Answering(by, signed_by=signed_by))
    say(f"{policy}: answered, load {load_id}; recorded by {by}")
