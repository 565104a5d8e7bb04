"""`mianshen rules …` step by step: submitted, approved, sent back; judged in shadow; suspended, rolled back, repealed."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from commands.changes import planned
from commands.terminal import HERE, USER, By, PolicyCode, ShadowNights, WorkspaceDir, day_of, opened, out, progress, say
from core.errors import EXIT_FINDINGS

rules = typer.Typer()

SAMPLE = Path("sample.xlsx")
MONTHS = 12  # that a plan looks at where nobody says
FirstDay = Annotated[dt.datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the step.", metavar="TEXT")]
Stopped = Annotated[
    str, typer.Argument(help="A policy's code, or the id of one of its activations.", metavar="POLICY|ACTIVATION")
]
StoppedVersion = Annotated[int | None, typer.Argument(help="Only this version; none: whatever stands of it.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what it would do, and do nothing.")]
VersionNumber = Annotated[int | None, typer.Argument(help="Its version; none: whatever waits.")]


@rules.command("submit")
def rules_submit(
    plan: Annotated[Path, typer.Argument(help="A plan file.", metavar="PLAN-FILE")],
    *,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Hand a plan in for another officer's approval, once its checks and examples pass."""
    from engine.lifecycle.lifecycle import submit_plan
    from engine.planning.plan_file import read_plan

    with opened(workspace) as deployment:
        made = submit_plan(deployment, read_plan(plan), by=by)
    say(f"submitted: fingerprint {made.fingerprint[:16]}; another officer than {by} now approves it")


@rules.command("approve")
def rules_approve(
    policy: PolicyCode,
    version: VersionNumber = None,
    *,
    fingerprint: Annotated[str, typer.Option(help="Sign only what has this fingerprint; its beginning will do.")] = "",
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Show the plan that waits and sign exactly its fingerprint; its author and its submitter may not."""
    from engine.lifecycle.lifecycle import approve, refuse_other, waiting_for
    from pages.terminal.lifecycle import proposal_detail
    from store.proposals import proposed_activations

    with opened(workspace) as deployment:
        with deployment.store.reading() as rx:
            waiting = waiting_for(rx, policy, version)
            activations = [each for _, each in proposed_activations(rx, waiting.proposal_id)]
        refuse_other(waiting, fingerprint)
        out.print(proposal_detail(waiting, activations))
        approve(deployment, waiting, by=by)
    say(f"approved by {by}: fingerprint {waiting.fingerprint}")


@rules.command("return")
def rules_return(
    policy: PolicyCode, version: VersionNumber = None, *, reason: Reason, by: By = USER, workspace: WorkspaceDir = HERE
) -> None:
    """Send what was submitted back to its author; its next revision is planned and submitted anew."""
    author = _closed(workspace, policy, version, "returned", by=by, reason=reason)
    say(f"{policy}: returned to {author}")


@rules.command("withdraw")
def rules_withdraw(
    policy: PolicyCode, version: VersionNumber = None, *, reason: Reason, by: By = USER, workspace: WorkspaceDir = HERE
) -> None:
    """Take back what was submitted or approved and is not published."""
    _closed(workspace, policy, version, "withdrawn", by=by, reason=reason)
    say(f"{policy}: withdrawn")


def _closed(workspace: Path, policy: str, version: int | None, state: str, *, by: str, reason: str) -> str:
    """Have what waits go no further, and return its author."""
    from engine.lifecycle.lifecycle import close, waiting_for
    from store.states.rules import VersionState

    with opened(workspace) as deployment:
        with deployment.store.reading() as rx:
            waiting = waiting_for(rx, policy, version)
        close(deployment, waiting, VersionState(state), by=by, reason=reason)
    return waiting.authored_by


@rules.command("sample")
def rules_sample(
    policy: PolicyCode,
    *,
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many cases.")] = 20,
    seed: Annotated[int | None, typer.Option(min=0, max=2**31 - 1, help="Draw other cases.")] = None,
    to: Annotated[
        Path, typer.Option("--out", help="The workbook (.xlsx) or CSV file to write.", metavar="FILE")
    ] = SAMPLE,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Draw cases of a version that stood in shadow, for a person to judge before its first payout."""
    from engine.lifecycle.sample_file import form_of, write_sample
    from engine.lifecycle.sampling import draw_sample

    form_of(to)  # before anything is drawn
    with opened(workspace) as deployment:
        drawn = draw_sample(deployment, policy, count=count, seed=seed, by=by)
        write_sample(drawn, to)
    sample = drawn.sample
    say(f"{policy} {drawn.version}: {sample.case_count} cases in {to}, seed {sample.seed}")


@rules.command("verdict")
def rules_verdict(
    file: Annotated[Path, typer.Argument(help="The sample with its verdicts.", metavar="FILE")],
    *,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Keep what a person says of a sample's cases; once all are right, the first payout may go out."""
    from engine.lifecycle.sample_file import record_verdicts

    with opened(workspace) as deployment:
        said = record_verdicts(deployment, file, by=by)
    open_count = said.case_count - said.right_count - said.wrong_count
    say(f"cases: {said.case_count}; right: {said.right_count}; wrong: {said.wrong_count}; open: {open_count}")
    say("the first payout is released" if said.is_right else "the first payout stays on hold")
    if said.wrong_count:
        raise typer.Exit(EXIT_FINDINGS)


@rules.command("suspend")
def rules_suspend(
    name: Stopped,
    version: StoppedVersion = None,
    *,
    reason: Reason,
    since: Annotated[
        dt.datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="Only what is about this day and later; else all days."),
    ] = None,
    dry_run: DryRun = False,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Stop a policy at once, by one person: nothing is opened, paid, claimed, ended or told until another resumes it."""
    from engine.lifecycle.suspending import Choice, suspend
    from pages.terminal.lifecycle import suspension_detail

    day = since.date() if since else None
    with opened(workspace) as deployment:
        moved = suspend(deployment, Choice(name, version), by=by, reason=reason, since=day, is_dry_run=dry_run)
    out.print(suspension_detail(moved, is_dry_run=dry_run))


@rules.command("resume")
def rules_resume(
    name: Stopped,
    version: StoppedVersion = None,
    *,
    reason: Reason,
    dry_run: DryRun = False,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Let what was suspended go on, by another person; with --dry-run, show what the next night would then do."""
    from engine.lifecycle.suspending import Choice, preview, resume
    from pages.terminal.lifecycle import resumption_preview, suspension_detail

    choice = Choice(name, version)
    with opened(workspace) as deployment:
        if dry_run:
            with progress() as said:
                tally = preview(deployment, choice, day_of(None), by=by, progress=said)
            out.print(resumption_preview(tally))
            return
        moved = resume(deployment, choice, by=by, reason=reason)
    out.print(suspension_detail(moved, is_dry_run=False))


@rules.command("rollback")
def rules_rollback(
    policy: PolicyCode,
    *,
    valid_from: FirstDay,
    version: Annotated[int | None, typer.Option("--to", help="The version; else the one before.")] = None,
    shadow: ShadowNights = 0,
    to: Annotated[Path | None, typer.Option("--out", help="Keep the plan in a file, to submit it.")] = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Plan to let an earlier version stand again; submitted, approved and applied like every plan."""
    from engine.planning.change import ProposedDays
    from engine.planning.plan import PlanOptions
    from engine.planning.rollback import rolled_back

    days = ProposedDays(valid_from.date(), shadow_nights=shadow)
    with opened(workspace) as deployment:
        with deployment.store.reading() as rx:
            change = rolled_back(rx, deployment.catalogue, policy, to=version, days=days)
        planned(deployment, change, PlanOptions(day_of(None), MONTHS, by), to=to)


@rules.command("repeal")
def rules_repeal(
    policy: PolicyCode,
    *,
    valid_from: FirstDay,
    to: Annotated[Path | None, typer.Option("--out", help="Keep the plan in a file, to submit it.")] = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Plan to end a policy from a day on; submitted, approved and applied like every plan."""
    from engine.planning.change import ProposedDays, read_change
    from engine.planning.plan import PlanOptions

    with opened(workspace) as deployment:
        change = read_change(deployment.catalogue, [], retired=[policy], days=ProposedDays(valid_from.date()))
        planned(deployment, change, PlanOptions(day_of(None), MONTHS, by), to=to)
