"""`mianshen grievances …`: what people complain of, from the day it comes in to the day it is closed."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.terminal import HERE, USER, By, WorkspaceDir, day_of, opened, out, say, show, within
from core.errors import EXIT_FINDINGS
from store.states.grievances import OPEN_GRIEVANCE, GrievanceKind, GrievanceOutcome, GrievanceSource, GrievanceState

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.deployment import Deployment
    from engine.grievances.handling import Words
    from store.grievances import Grievance

grievances = typer.Typer(
    help="办不成事, objections and complaints: taken in, decided by somebody else than before, done, closed.",
    no_args_is_help=True,
)

GrievanceId = Annotated[str, typer.Argument(help="A grievance, as the list names it.", metavar="GRIEVANCE")]
Why = Annotated[str, typer.Option("--reason", help="Why; kept with the step.", metavar="TEXT")]
Remark = Annotated[str, typer.Option("--reason", help="A remark; kept with the step.", metavar="TEXT")]
Law = Annotated[str, typer.Option("--basis", help="By which law or document.", metavar="TEXT")]
Said = Annotated[str, typer.Option("--said", help="What was said; kept sealed.", metavar="TEXT")]
Contact = Annotated[str | None, typer.Option(help="How to reach whoever said it; kept sealed.")]
Number = Annotated[str | None, typer.Option("--number", help="The source's own number; the same twice is once.")]
Source = Annotated[GrievanceSource, typer.Option(help="Where it came in.")]
On = Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day it came in; else today.")]


@grievances.command("list")
def grievances_list(
    *,
    every: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those whose deadline is over.")] = False,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """List grievances with their deadlines, the nearest first."""
    from engine.desks import GRIEVANCES
    from engine.grievances.views import list_grievances
    from pages.terminal.grievances import grievance_list

    states = frozenset(GrievanceState) if every else OPEN_GRIEVANCE
    with opened(workspace) as deployment:
        remit = within(deployment, by, GRIEVANCES)
        out.print(grievance_list(list_grievances(deployment, states=states, overdue_only=overdue, remit=remit)))


@grievances.command("show")
def grievances_show(
    grievance: GrievanceId,
    *,
    words: Annotated[
        bool, typer.Option("--words", help="Show what was said and the contact; this is recorded.")
    ] = False,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Show a grievance and every step with who and why."""
    from engine.authority import look_at
    from engine.desks import GRIEVANCES
    from engine.grievances.views import open_words, view_grievance
    from pages.terminal.grievances import grievance_detail

    with opened(workspace) as deployment:
        look_at(deployment, by, GRIEVANCES, grievance)
        view = view_grievance(deployment, grievance)
        said = open_words(deployment, grievance, by=by) if words else None
    out.print(grievance_detail(view, said))


@grievances.command("receive")
def grievances_receive(
    *,
    said: Said,
    kind: Annotated[GrievanceKind, typer.Option(help="What somebody comes with.")] = GrievanceKind.UNDONE,
    source: Source = GrievanceSource.COUNTER,
    subject: Annotated[str | None, typer.Option(help="Whom it is about: an id or an official number.")] = None,
    policy: Annotated[str | None, typer.Option(help="Which policy it is about.")] = None,
    case: Annotated[str | None, typer.Option(help="Which overpayment case it is about.")] = None,
    contact: Contact = None,
    number: Number = None,
    on: On = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Take in what somebody says; a report holds what is due to whom it is about, an objection to a claim holds the claim."""
    from engine.authority import authorised
    from engine.grievances.intake import Intake, receive
    from engine.grievances.roles import HANDLES

    intake = Intake(kind, source, said, day_of(on), subject, policy, case, number, contact)
    with opened(workspace) as deployment:
        authorised(deployment, by, HANDLES, policy)
        found = receive(deployment, intake, by=by)
    known = "known already" if found.is_repeated else "received"
    say(f"{found.grievance.grievance_id}: {known}")


@grievances.command("accept")
def grievances_accept(grievance: GrievanceId, *, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Take it up; whoever complains is told by which day it is decided."""
    from engine.grievances.handling import Words, accept

    _done(workspace, grievance, accept, Words(by))


@grievances.command("refuse")
def grievances_refuse(
    grievance: GrievanceId, *, reason: Why, basis: Law, by: By = USER, workspace: WorkspaceDir = HERE
) -> None:
    """Do not take it up, with a reason and by which rule; whoever complains is told."""
    from engine.grievances.handling import Words, refuse

    _done(workspace, grievance, refuse, Words(by, reason, basis))


@grievances.command("investigate")
def grievances_investigate(
    grievance: GrievanceId, *, reason: Remark = "", by: By = USER, workspace: WorkspaceDir = HERE
) -> None:
    """Look into it; also once the applicant has answered: the clock goes on."""
    from engine.grievances.handling import Words, investigate

    _done(workspace, grievance, investigate, Words(by, reason))


@grievances.command("ask")
def grievances_ask(grievance: GrievanceId, *, reason: Why, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Ask the applicant for something; the clock stands still until they answer."""
    from engine.grievances.handling import Words, ask

    _done(workspace, grievance, ask, Words(by, reason))


@grievances.command("decide")
def grievances_decide(
    grievance: GrievanceId,
    outcome: Annotated[GrievanceOutcome, typer.Argument(help="Whether it is right.")],
    *,
    reason: Why,
    basis: Law,
    department: Annotated[str, typer.Option(help="The department that mends its data, where facts are wrong.")] = "",
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Decide on it, as another person than who decided before; no amount is edited, the next night says what is due."""
    from engine.grievances.handling import Words, decide

    with opened(workspace) as deployment:
        after = decide(deployment, grievance, outcome, Words(by, reason, basis, department))
    say(f"{grievance}: {after.state}, {outcome}")


@grievances.command("execute")
def grievances_execute(grievance: GrievanceId, *, reason: Why, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Say what was done; what waited goes on, as far as it is still due."""
    from engine.grievances.handling import Words, execute

    _done(workspace, grievance, execute, Words(by, reason))


@grievances.command("close")
def grievances_close(
    grievance: GrievanceId, *, reason: Remark = "", by: By = USER, workspace: WorkspaceDir = HERE
) -> None:
    """Close it; what was right is done before."""
    from engine.grievances.handling import Words, close

    _done(workspace, grievance, close, Words(by, reason))


@grievances.command("withdraw")
def grievances_withdraw(
    grievance: GrievanceId, *, reason: Remark = "", by: By = USER, workspace: WorkspaceDir = HERE
) -> None:
    """Whoever complained takes it back; what waited goes on."""
    from engine.grievances.handling import Words, withdraw

    _done(workspace, grievance, withdraw, Words(by, reason))


@grievances.command("reappeal")
def grievances_reappeal(
    grievance: GrievanceId,
    *,
    said: Said,
    contact: Contact = None,
    source: Source = GrievanceSource.COUNTER,
    number: Number = None,
    on: On = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Go on with what was decided: another grievance, linked to it, before another person."""
    from engine.grievances.handling import reappeal
    from engine.grievances.intake import Intake

    intake = Intake(GrievanceKind.SERVICE, source, said, day_of(on), external_id=number, contact=contact)
    with opened(workspace) as deployment:
        anew = reappeal(deployment, grievance, intake, by=by)
    say(f"{anew.grievance_id}: received")


@grievances.command("import")
def grievances_import(
    file: Annotated[Path, typer.Argument(help="What a hotline delivered: .xlsx or CSV.", metavar="FILE")],
    *,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Take in a hotline's file, each line once; lines that cannot be taken in are listed."""
    from engine.grievances.hotline_file import import_hotline

    with opened(workspace) as deployment:
        report = import_hotline(deployment, file, by=by)
    show(report.rejected)
    say(f"received: {len(report.received)}; known already: {report.repeated_count}; rejected: {len(report.rejected)}")
    if report.rejected:
        raise typer.Exit(EXIT_FINDINGS)


@grievances.command("rate")
def grievances_rate(
    about: Annotated[str, typer.Argument(help="The id of a payment, a case or a grievance.", metavar="ABOUT")],
    stars: Annotated[int, typer.Argument(min=1, max=5, help="One to five.")],
    *,
    said: Annotated[str, typer.Option("--said", help="What was said; kept sealed.")] = "",
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Keep how satisfied somebody was; one or two stars open a grievance with a deadline of its own."""
    from engine.grievances.rating import Stars, rate

    with opened(workspace) as deployment:
        kept = rate(deployment, Stars(about, stars, said), by=by)
    say(f"{about}: {stars} of 5")
    if kept.grievance is not None:
        say(f"{kept.grievance.grievance_id}: received")


def _done(
    workspace: Path, grievance: str, deed: "Callable[[Deployment, str, Words], Grievance]", words: "Words"
) -> None:
    """Do something with a grievance, and say where it stands."""
    with opened(workspace) as deployment:
        after = deed(deployment, grievance, words)
    say(f"{grievance}: {after.state}")
