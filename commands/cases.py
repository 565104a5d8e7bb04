"""`mianshen cases …`: money that went out without being due, from the night that finds it to the day it is settled."""

import datetime as dt
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.terminal import HERE, USER, By, WorkspaceDir, opened, out, say, within
from core.money import fen_of_yuan, yuan_text
from store.states.cases import CLOSED_CASE, LIVE_CASE, CaseState, ReliefKind

if TYPE_CHECKING:
    from store.case_instalments import Instalment

cases = typer.Typer(
    help="Overpayment cases: told, objected to, decided, paid back, or given up. Nothing is collected by itself.",
    no_args_is_help=True,
)

CaseId = Annotated[str, typer.Argument(help="A case, as `mianshen cases list` names it.", metavar="CASE")]
Why = Annotated[str, typer.Option("--reason", help="Why; kept with the step.", metavar="TEXT")]
Law = Annotated[str, typer.Option("--basis", help="By which law or document.", metavar="TEXT")]
Yuan = Annotated[str, typer.Option("--amount", help="Yuan, such as 150 or 150.50.", metavar="YUAN")]
SomeYuan = Annotated[str | None, typer.Option("--amount", help="Yuan; else all that is outstanding.", metavar="YUAN")]
_DAY = "%Y-%m-%d"


@cases.command("list")
def cases_list(
    *,
    state: Annotated[list[CaseState] | None, typer.Option(help="Only these; else those that are open.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    policy: Annotated[str | None, typer.Option(help="Only this policy's.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those with an instalment overdue.")] = False,
    to: Annotated[
        Path | None, typer.Option("--out", help="Write a workbook (.xlsx) with names; the opening is recorded.")
    ] = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """List cases, what each waits for and what is overdue; the largest first within each policy."""
    from engine.desks import CASES
    from engine.overpayments.case_book import write_case_book
    from engine.overpayments.views import list_cases
    from pages.terminal.cases import case_list

    states = frozenset(state or (LIVE_CASE | CLOSED_CASE if every else LIVE_CASE))
    with opened(workspace) as deployment:
        remit = within(deployment, by, CASES)
        lines = list_cases(deployment, states=states, policy=policy, overdue_only=overdue, remit=remit)
        out.print(case_list(lines))
        if to is not None:
            write_case_book(deployment, lines, to, by=by)
    if to is not None:
        say(f"cases: {len(lines)} in {to}")


@cases.command("show")
def cases_show(
    case: CaseId,
    *,
    contact: Annotated[bool, typer.Option("--contact", help="Show whom to speak with; this is recorded.")] = False,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Show a case: amounts, steps with who and why, receipts, instalments, and what is asked to be given up."""
    from engine.authority import look_at
    from engine.desks import CASES
    from engine.overpayments.contacts import open_contact
    from engine.overpayments.views import view_case
    from pages.terminal.cases import case_detail

    with opened(workspace) as deployment:
        look_at(deployment, by, CASES, case)
        view = view_case(deployment, case)
        whom = open_contact(deployment, case, by=by) if contact else None
    out.print(case_detail(view, whom))


@cases.command("notify")
def cases_notify(
    case: Annotated[list[str], typer.Argument(help="One or several cases.", metavar="CASE…")],
    *,
    reason: Annotated[str | None, typer.Option(help="Why it is overpaid; else the rule's own words.")] = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Tell the subject what is claimed, why, and until when they may object."""
    from engine.overpayments.deciding import notify

    with opened(workspace) as deployment:
        for each in dict.fromkeys(case):
            told = notify(deployment, each, by=by, reason=reason)
            say(f"{each}: told of {yuan_text(told.amount_fen)}; objections through {told.object_through}")


@cases.command("object")
def cases_object(
    case: CaseId,
    *,
    reason: Why,
    on: Annotated[dt.datetime | None, typer.Option(formats=[_DAY], help="The day it came; else today.")] = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Keep what the subject objects; nothing is collected until another officer decides."""
    from engine.overpayments.deciding import record_objection

    with opened(workspace) as deployment:
        record_objection(deployment, case, by=by, reason=reason, on=on.date() if on else None)
    say(f"{case}: objected; nothing is collected until another officer than who told decides")


@cases.command("decide")
def cases_decide(
    case: CaseId,
    *,
    confirm: Annotated[bool, typer.Option("--confirm/--reopen", help="The claim stands; or facts are mended first.")],
    reason: Why,
    basis: Law,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Decide on a claim, as another person than who told the subject; the subject is told the decision."""
    from engine.overpayments.deciding import Decision, decide
    from engine.overpayments.signing import Signed

    decision = Decision.CONFIRM if confirm else Decision.REOPEN
    with opened(workspace) as deployment:
        after = decide(deployment, case, decision, Signed(by, reason, basis))
    say(f"{case}: {after.state}; outstanding {yuan_text(after.amount_fen)}")


@cases.command("recover")
def cases_recover(
    case: Annotated[list[str], typer.Argument(help="One or several cases, paid in this order.", metavar="CASE…")],
    *,
    amount: Yuan,
    on: Annotated[dt.datetime, typer.Option(formats=[_DAY], help="The day it came in.")],
    reference: Annotated[str, typer.Option(help="The bank's reference; the same twice is once.")],
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Take in money that came back, all at once or in parts."""
    from engine.overpayments.recovering import recover
    from pages.terminal.cases import recovered_lines
    from store.case_receipts import Receipt

    receipt = Receipt(reference.strip(), on.date(), _fen(amount))
    with opened(workspace) as deployment:
        out.print(recovered_lines(recover(deployment, receipt, case, by=by)))


@cases.command("plan")
def cases_plan(
    case: CaseId,
    *,
    months: Annotated[int, typer.Option(min=0, max=120, help="In so many equal monthly instalments.")] = 0,
    first: Annotated[dt.datetime | None, typer.Option(formats=[_DAY], help="The first one's day.")] = None,
    due: Annotated[
        list[str] | None, typer.Option(help="Or each instalment: 2026-03-31=150.", metavar="DAY=YUAN")
    ] = None,
    reason: Annotated[str, typer.Option(help="What was agreed.")] = "",
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Keep the instalments that the subject agreed to; a later plan takes the place of an earlier one."""
    from engine.overpayments.instalments import agree_plan, equal_instalments
    from engine.overpayments.views import view_case
    from pages.terminal.cases import case_detail

    if bool(due) == bool(months and first):
        raise typer.BadParameter("name `--months N --first DAY`, or `--due DAY=YUAN` for each instalment")
    parts = [_instalment(each) for each in due or ()]
    with opened(workspace) as deployment:
        outstanding_fen = view_case(deployment, case).line.case.amount_fen
        if months and first:
            parts = equal_instalments(outstanding_fen, min(months, max(1, outstanding_fen)), first.date())
        agree_plan(deployment, case, parts, by=by, reason=reason)
        out.print(case_detail(view_case(deployment, case), None))


@cases.command("set-off")
def cases_set_off(case: CaseId, *, reason: Why, basis: Law, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Keep a decided claim back from the subject's later payments, as far as its rule allows; the subject is told."""
    from engine.overpayments.setting_off import decide_set_off
    from engine.overpayments.signing import Signed

    with opened(workspace) as deployment:
        after = decide_set_off(deployment, case, Signed(by, reason, basis))
    say(f"{case}: set off from later payments; outstanding {yuan_text(after.amount_fen)}")


@cases.command("waive")
def cases_waive(
    case: CaseId, *, amount: SomeYuan = None, reason: Why, basis: Law, by: By = USER, workspace: WorkspaceDir = HERE
) -> None:
    """Ask that a claim be waived, for paying back would be a hardship; others grant it."""
    _ask(workspace, case, ReliefKind.WAIVER, amount, (by, reason, basis))


@cases.command("write-off")
def cases_write_off(
    case: CaseId, *, amount: SomeYuan = None, reason: Why, basis: Law, by: By = USER, workspace: WorkspaceDir = HERE
) -> None:
    """Ask that a claim be written off, for it cannot be collected; others grant it."""
    _ask(workspace, case, ReliefKind.WRITE_OFF, amount, (by, reason, basis))


@cases.command("keep")
def cases_keep(
    case: CaseId, *, amount: SomeYuan = None, reason: Why, basis: Law, by: By = USER, workspace: WorkspaceDir = HERE
) -> None:
    """Ask that the subject may keep it, for the fault was not theirs; others grant it."""
    _ask(workspace, case, ReliefKind.KEEP, amount, (by, reason, basis))


def _ask(workspace: Path, case: str, kind: ReliefKind, amount: str | None, signed: tuple[str, str, str]) -> None:
    from engine.overpayments.giving_up import ask_relief
    from engine.overpayments.signing import Signed

    with opened(workspace) as deployment:
        asked_fen = None if amount is None else _fen(amount)
        asked = ask_relief(deployment, case, kind, Signed(*signed), amount_fen=asked_fen)
    say(f"{case}: {yuan_text(asked.amount_fen)} asked; other officers who grant it: {asked.approvals_needed}")


@cases.command("grant")
def cases_grant(case: CaseId, *, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Grant, as another person, what is asked to be given up; the last grant that is needed posts it."""
    from engine.overpayments.giving_up import grant_relief

    with opened(workspace) as deployment:
        relief, after = grant_relief(deployment, case, by=by)
    if relief.approvals_lacking:
        say(f"{case}: granted by {by}; still needed: {relief.approvals_lacking}")
    else:
        say(f"{case}: {after.state}; outstanding {yuan_text(after.amount_fen)}")


@cases.command("refuse")
def cases_refuse(case: CaseId, *, reason: Why, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Refuse what is asked to be given up, with a reason."""
    from engine.overpayments.giving_up import refuse_relief

    with opened(workspace) as deployment:
        refuse_relief(deployment, case, by=by, reason=reason)
    say(f"{case}: refused")


@cases.command("contact")
def cases_contact(
    case: CaseId,
    text: Annotated[str, typer.Argument(help="Whom to speak with, and how; kept sealed.", metavar="TEXT")],
    *,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Keep whom to speak with, such as the heirs of somebody who died; nothing is collected from them by itself."""
    from engine.overpayments.contacts import keep_contact

    with opened(workspace) as deployment:
        keep_contact(deployment, case, text, by=by)
    say(f"{case}: contact kept")


def _instalment(text: str) -> "Instalment":
    from store.case_instalments import Instalment

    day, _, yuan = text.partition("=")
    try:
        return Instalment(0, dt.date.fromisoformat(day.strip()), _fen(yuan))
    except ValueError:
        raise typer.BadParameter(f"`{text}` is no instalment: write it as 2026-03-31=150") from None


def _fen(text: str) -> int:
    """Return an amount of yuan in fen; more than two decimals is no amount of money."""
    try:
        yuan = Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        yuan = Decimal("NaN")
    if not yuan.is_finite() or yuan != yuan.quantize(Decimal("0.01")):
        raise typer.BadParameter(f"`{text}` is no amount in yuan: write it as 150 or 150.50")
    return fen_of_yuan(yuan)
