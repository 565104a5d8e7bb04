"""`mianshen budget …`: what each purse gives to a policy in a year, what stands where, and the end of a year."""

from pathlib import Path
from typing import Annotated

import typer

from commands.terminal import HERE, USER, By, PolicyCode, WorkspaceDir, opened, out, show, within
from core.errors import EXIT_FINDINGS
from core.money import fen_written

budget = typer.Typer(
    help="Budgets and the books: appropriated, reserved, paid and returned, by policy, year and purse.",
    no_args_is_help=True,
)

Year = Annotated[int, typer.Argument(help="The fiscal year, which is the calendar year.", min=2000, max=2999)]
ShownYear = Annotated[int | None, typer.Option("--year", help="Only this fiscal year.")]
ShownPolicy = Annotated[str | None, typer.Argument(help="Only this policy.", metavar="[POLICY]")]


def _fen(text: str) -> int:
    amount_fen = fen_written(text)
    if amount_fen is None:
        raise typer.BadParameter(f"expected a sum of yuan, such as 12000000 or 1200万, found {text}")
    return amount_fen


Yuan = Annotated[int, typer.Argument(help="In all, in yuan: `12000000`, `1200万`.", metavar="AMOUNT", parser=_fen)]
Document = Annotated[str, typer.Option(help="The document that says so.", metavar="NUMBER")]
DecisionId = Annotated[str, typer.Argument(help="The id that `budget set` or `budget close` gave.", metavar="ID")]


@budget.command("set")
def budget_set(
    policy: PolicyCode,
    year: Year,
    amount: Yuan,
    *,
    document: Document,
    purse: Annotated[str | None, typer.Option(help="Which purse gives it, where there are several.")] = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Propose how much a purse gives to a policy in a year, in all; another person confirms it."""
    from engine.budgets import Appropriation, propose_budget
    from pages.terminal.budget import decision_line

    with opened(workspace) as deployment:
        made = propose_budget(deployment, Appropriation(policy, year, purse, amount, document), by=by)
    out.print(decision_line(made))
    out.print(f"proposed: another person than {by} now confirms it: mianshen budget confirm {made.decision_id}")


@budget.command("confirm")
def budget_confirm(decision: DecisionId, *, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Confirm what somebody else proposed; it is in the books from then on."""
    from engine.budgets import confirm_decision
    from pages.terminal.budget import decision_line

    with opened(workspace) as deployment:
        made = confirm_decision(deployment, decision, by=by)
    out.print(decision_line(made))
    out.print(f"confirmed by {by}")


@budget.command("withdraw")
def budget_withdraw(decision: DecisionId, *, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Take a proposal back that nobody has confirmed."""
    from engine.budgets import withdraw_decision
    from pages.terminal.budget import decision_line

    with opened(workspace) as deployment:
        made = withdraw_decision(deployment, decision, by=by)
    out.print(decision_line(made))
    out.print(f"withdrawn by {by}")


@budget.command("show")
def budget_show(
    policy: ShownPolicy = None, *, year: ShownYear = None, by: By = USER, workspace: WorkspaceDir = HERE
) -> None:
    """Show what stands in every pot, what waits for money, and what was decided."""
    from engine.budgets import view_budgets
    from engine.desks import BUDGETS
    from pages.terminal.budget import budget_table

    with opened(workspace) as deployment:
        view = view_budgets(deployment, policy=policy, year=year, remit=within(deployment, by, BUDGETS))
    out.print(budget_table(view))


@budget.command("export")
def budget_export(
    to: Annotated[Path, typer.Option(help="The workbook to write.", metavar="FILE.xlsx")],
    policy: ShownPolicy = None,
    *,
    year: ShownYear = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Write pots and every entry of the journal into a workbook."""
    from delivery.budget_xlsx import render_budget
    from delivery.private_files import write_private
    from engine.budgets import view_budgets
    from engine.desks import BUDGETS
    from pages.terminal.budget import ENTRY_HEADINGS, HEADINGS, entry_rows, pot_rows
    from store.journal import read_entries

    with opened(workspace) as deployment:
        remit = within(deployment, by, BUDGETS)
        view = view_budgets(deployment, policy=policy, year=year, remit=remit)
        with deployment.store.reading() as rx:
            entries = read_entries(rx, policy=policy, year=year, remit=remit)
    sheets = [("资金", HEADINGS, pot_rows(view.lines)), ("分录", ENTRY_HEADINGS, entry_rows(entries))]
    write_private(to, render_budget(sheets))
    out.print(f"{to}: {len(view.lines)} pots, {entries.height:,} entries")


@budget.command("close")
def budget_close(
    year: Year,
    policies: Annotated[
        list[str] | None, typer.Argument(help="Which policies; none: all.", metavar="[POLICY]…")
    ] = None,
    *,
    document: Document,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Propose to close a year: what is under way is carried over, what is left is surrendered; another person confirms."""
    from engine.budgets import propose_closing
    from pages.terminal.budget import decision_line

    with opened(workspace) as deployment:
        made = propose_closing(deployment, year, policies or [], document=document, by=by)
    for each in made:
        out.print(decision_line(each))
    out.print(f"proposed: another person than {by} now confirms each: mianshen budget confirm ID")


@budget.command("verify")
def budget_verify(*, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Add up the whole journal, and compare it with what stands in every pot."""
    from engine.desks import BUDGETS
    from store.journal import verify_books

    with opened(workspace) as deployment:
        remit = within(deployment, by, BUDGETS)
        with deployment.store.reading() as rx:
            findings = verify_books(rx, remit=remit)
    show(findings)
    if findings:
        raise typer.Exit(EXIT_FINDINGS)
    out.print("every pot is what its entries come to")
