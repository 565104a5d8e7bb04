"""`mianshen payouts …`: batches from their approval to the bank and back, until the account shows the same."""

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from commands.terminal import HERE, USER, By, WorkspaceDir, opened, out, progress, show, within

payouts = typer.Typer(
    help="Payout batches: approve, send, take in what the bank says, reconcile.", no_args_is_help=True
)

BatchId = Annotated[str, typer.Argument(help="The batch's id, as `payouts list` shows it.", metavar="BATCH")]
Reason = Annotated[str, typer.Option(help="Why; kept with the step.", metavar="TEXT")]


class _Answer(StrEnum):
    YES = "yes"
    NO = "no"


class _Kind(StrEnum):
    ACKNOWLEDGEMENT = "acknowledgement"
    RETURNS = "returns"
    STATEMENT = "statement"


class _Found(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    NOT_RECEIVED = "not_received"
    REJECTED = "rejected"
    PAID = "paid"
    FAILED = "failed"


@payouts.command("list")
def payouts_list(
    state: Annotated[list[str] | None, typer.Option(help="Only batches in this state; may be given again.")] = None,
    *,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """List the batches: what each comes to, who has agreed, where it stands."""
    from engine.desks import BATCHES
    from engine.paying.sheets import batch_rows
    from pages.terminal.payouts import batch_list
    from store.states.paying import BatchState

    known = {each.value for each in BatchState}
    if unknown := sorted(set(state or ()) - known):
        raise typer.BadParameter(f"no state is called {unknown[0]}; known: {', '.join(sorted(known))}")
    with opened(workspace) as deployment:
        states = frozenset(BatchState(each) for each in state) if state else None
        out.print(batch_list(batch_rows(deployment, states, remit=within(deployment, by, BATCHES))))


@payouts.command("show")
def payouts_show(batch: BatchId, *, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Show the sheet by which a batch is approved: totals, hash, approvals, files, what came back, reconciliation."""
    from engine.authority import look_at, open_access
    from engine.desks import BATCHES
    from engine.paying.sheets import sheet_of
    from pages.terminal.payouts import approval_sheet

    with opened(workspace) as deployment:
        look_at(deployment, by, BATCHES, batch)
        out.print(approval_sheet(sheet_of(deployment, batch)))
        show(open_access(deployment))


@payouts.command("approve")
def payouts_approve(
    batch: BatchId,
    content_hash: Annotated[str, typer.Option("--hash", help="What stands on the sheet: 12 characters or more.")],
    *,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Approve exactly the content whose hash stands on the sheet; any change to it voids the approval."""
    from engine.paying.deciding import approve
    from store.states.paying import BatchState

    with opened(workspace) as deployment:
        approved = approve(deployment, batch, content_hash=content_hash, by=by)
    is_done = approved.state is BatchState.APPROVED
    out.print(f"{batch} approved by {by}; " + ("it may go out" if is_done else "more people have to approve it"))


@payouts.command("reject")
def payouts_reject(batch: BatchId, reason: Reason, *, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Say no to a batch: its items are open again and are collected anew."""
    from engine.paying.deciding import reject

    with opened(workspace) as deployment:
        reject(deployment, batch, by=by, reason=reason)
    out.print(f"{batch} rejected; its items are open again")


@payouts.command("cancel")
def payouts_cancel(batch: BatchId, reason: Reason, *, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Take a batch back that has not gone out."""
    from engine.paying.deciding import cancel

    with opened(workspace) as deployment:
        cancel(deployment, batch, by=by, reason=reason)
    out.print(f"{batch} cancelled; its items are open again")


@payouts.command("stop")
def payouts_stop(
    batch: BatchId,
    reason: Reason,
    *,
    answered: Annotated[_Answer | None, typer.Option(help="What the bank said when it was asked to stop it.")] = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Stop a batch at any time: before it goes out nothing of it can; afterwards the bank is asked, and answers."""
    from engine.paying.deciding import answer_stop, stop

    with opened(workspace) as deployment:
        if answered is None:
            stopped = stop(deployment, batch, by=by, reason=reason)
        else:
            stopped = answer_stop(deployment, batch, is_stopped=answered is _Answer.YES, by=by, evidence=reason)
    out.print(f"{batch} is {stopped.state}")


@payouts.command("resume")
def payouts_resume(batch: BatchId, reason: Reason, *, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Let a stopped batch go on, as another person than who stopped it; it has to be approved anew."""
    from engine.paying.deciding import resume

    with opened(workspace) as deployment:
        resume(deployment, batch, by=by, reason=reason)
    out.print(f"{batch} is frozen; it has to be approved anew")


@payouts.command("export")
def payouts_export(
    batch: BatchId,
    profile: Annotated[str | None, typer.Option(help="A payment profile; else the one of the settings.")] = None,
    *,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Let an approved batch go out: its payment files are written, and its money counts as instructed."""
    from core.money import yuan_text
    from engine.paying.exporting import export

    with opened(workspace) as deployment, progress("writing payment files"):
        gone = export(deployment, batch, by=by, profile=profile)
        root = deployment.workspace.root
    for file, path in zip(gone.files, gone.paths, strict=True):
        out.print(
            f"{path.relative_to(root)}  {file.count:,} payments, {yuan_text(file.total_fen)} yuan, sha256 {file.sha256}",
            soft_wrap=True,
        )


@payouts.command("submit")
def payouts_submit(
    batch: BatchId,
    file: Annotated[int | None, typer.Option(min=1, help="Only this file of it.")] = None,
    *,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Say that the files of a batch were handed to the bank."""
    from engine.paying.exporting import hand_over
    from store.states.paying import FileState

    with opened(workspace) as deployment:
        files = hand_over(deployment, batch, by=by, number=file)
    count = sum(each.state is FileState.SUBMITTED for each in files)
    out.print(f"{batch}: {count} of {len(files)} files are with the bank and not yet acknowledged")


@payouts.command("import")
def payouts_import(
    files: Annotated[list[Path], typer.Argument(help="What the bank sent.", metavar="FILE…")],
    kind: Annotated[_Kind | None, typer.Option(help="What it is; else told by its form.")] = None,
    profile: Annotated[str | None, typer.Option(help="The payment profile it was answered by.")] = None,
    *,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Take in acknowledgements, return files and statements: every line is matched, said before, late, or an exception."""
    from engine.paying.answers import BankFileKind, take_file
    from pages.terminal.payouts import taken_in

    with opened(workspace) as deployment, progress("taking in") as said:
        for path in files:
            said(f"taking in {path.name}")
            taken = take_file(deployment, path, by=by, profile=profile, kind=BankFileKind(kind) if kind else None)
            out.print(taken_in(taken), soft_wrap=True)
            show(taken.findings)


@payouts.command("inquire")
def payouts_inquire(
    batch: BatchId,
    *,
    file: Annotated[int | None, typer.Option(min=1, help="The file that was asked about.")] = None,
    reference: Annotated[str | None, typer.Option(help="The payment that was asked about.")] = None,
    found: Annotated[_Found | None, typer.Option(help="What was learned of it.")] = None,
    evidence: Annotated[str | None, typer.Option(help="From where: a call, a letter, a screen.")] = None,
    confirm: Annotated[int | None, typer.Option(min=1, help="Confirm what another person learned.")] = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Say that the bank's answer is overdue; say what was learned of what is in doubt; confirm what another learned."""
    from engine.paying.inquiring import confirm_answer, doubt, state_answer

    with opened(workspace) as deployment:
        if confirm is not None:
            said = confirm_answer(deployment, batch, confirm, by=by)
            out.print(f"{batch}: no. {said.number}, {said.found}, confirmed by {by}")
        elif found is None:
            count = doubt(deployment, batch, by=by)
            out.print(f"{batch}: {count} payments are in doubt until the bank, or two people, say more")
        else:
            if (file is None) is (reference is None) or not evidence:
                raise typer.BadParameter("name one of --file and --reference, and the --evidence")
            said = state_answer(deployment, batch, (file, reference), found=found.value, evidence=evidence, by=by)
            out.print(_to_confirm(batch, said.number))


def _to_confirm(batch: str, number: int) -> str:
    return f"{batch}: another person now confirms it: mianshen payouts inquire {batch} --confirm {number}"


@payouts.command("reissue")
def payouts_reissue(
    batch: BatchId,
    reason: Reason,
    references: Annotated[
        list[str] | None, typer.Option("--reference", help="Only this payment; may be given again.")
    ] = None,
    *,
    same_account: Annotated[
        bool, typer.Option("--same-account", help="The bank called it closed, and it is right after all.")
    ] = False,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Let what came back be paid again, under new references, on the next working day."""
    from engine.paying.deciding import reissue

    with opened(workspace) as deployment:
        count = reissue(deployment, batch, by=by, reason=reason, references=references, to_same_account=same_account)
    out.print(f"{count} payments are open again; the next night on a working day collects them")


@payouts.command("exceptions")
def payouts_exceptions(
    settle: Annotated[str | None, typer.Option(help="The id of one to settle.", metavar="ID")] = None,
    reason: Annotated[str | None, typer.Option(help="What was found out about it.")] = None,
    *,
    is_paid: Annotated[
        bool, typer.Option("--paid", help="The bank says both, and it was paid; another person confirms that.")
    ] = False,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """List the lines of the bank's that wait for a person, or settle one with what was found out."""
    from engine.desks import BANK_LINES
    from engine.paying.inquiring import settle_as_paid, settle_exception, waiting_exceptions
    from pages.terminal.payouts import exception_list

    with opened(workspace) as deployment:
        if settle is None:
            out.print(exception_list(waiting_exceptions(deployment, remit=within(deployment, by, BANK_LINES))))
            return
        if not reason:
            raise typer.BadParameter("say with --reason what was found out")
        if is_paid:
            said = settle_as_paid(deployment, settle, by=by, evidence=reason)
            out.print(_to_confirm(said.batch_id, said.number))
            return
        settle_exception(deployment, settle, by=by, resolution=reason)
    out.print(f"{settle} settled")


@payouts.command("reconcile")
def payouts_reconcile(batch: BatchId, *, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Say that a batch and the account's statements agree, to the fen and line by line."""
    from engine.paying.inquiring import reconcile
    from pages.terminal.payouts import comparison

    with opened(workspace) as deployment:
        out.print(comparison(reconcile(deployment, batch, by=by)))
    out.print(f"{batch} is reconciled")


@payouts.command("close")
def payouts_close(batch: BatchId, *, by: By = USER, workspace: WorkspaceDir = HERE) -> None:
    """Close a reconciled batch."""
    from engine.paying.inquiring import close

    with opened(workspace) as deployment:
        close(deployment, batch, by=by)
    out.print(f"{batch} is closed")


@payouts.command("advice")
def payouts_advice(
    batch: Annotated[str | None, typer.Argument(help="A batch: its sums by period.", metavar="BATCH")] = None,
    *,
    receiver: Annotated[str | None, typer.Option("--for", help="An id or a number: what was paid to them.")] = None,
    since: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first pay day.")] = None,
    through: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last pay day.")] = None,
    to: Annotated[Path | None, typer.Option(help="Write it there, as text or .xlsx.")] = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Say what an accountant books: of a batch without names, or of one receiver over its payments of this year."""
    from delivery.payment_advice import render_text, render_xlsx
    from delivery.private_files import write_private
    from engine.paying.advising import advise_batch, advise_receiver

    if (batch is None) is (receiver is None):
        raise typer.BadParameter("name a batch, or a receiver with --for")
    with opened(workspace) as deployment:
        days = {"since": since.date() if since else None, "through": through.date() if through else None}
        advice = (
            advise_batch(deployment, batch, by=by)
            if batch
            else advise_receiver(deployment, receiver or "", by=by, **days)
        )
    if to is None:
        out.print(render_text(advice), markup=False, highlight=False, soft_wrap=True)
        return
    write_private(to, render_xlsx(advice) if to.suffix == ".xlsx" else render_text(advice).encode())
    out.print(f"{to} written")
