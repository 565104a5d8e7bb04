"""`mianshen plan`, `apply` and `outlook`: what a change would do, making it, and what time will do."""

import datetime as dt
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.terminal import HERE, USER, By, ShadowNights, WorkspaceDir, day_of, opened, out, progress, say, show
from core.errors import EXIT_CHANGES

if TYPE_CHECKING:
    from engine.deployment import Deployment
    from engine.planning.change import Change
    from engine.planning.effect import Plan
    from engine.planning.plan import PlanOptions

app = typer.Typer()


@app.command("apply")
def apply_command(
    plan: Annotated[Path, typer.Argument(help="The plan file that was approved.", metavar="PLAN-FILE")],
    *,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Publish exactly what an approved plan says; refused when anything has moved since it was made."""
    from engine.lifecycle.lifecycle import apply_plan
    from engine.planning.plan_file import read_plan

    with opened(workspace) as deployment:
        made = read_plan(plan)
        apply_plan(deployment, made, by=by)
    for each in made.activations:
        what = f"version {each.version}" if each.version else "repealed"
        say(f"{each.policy}: {what} from {each.valid_from} through {each.valid_through or 'further notice'}")


@app.command()
def plan(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Rule files that are proposed.", metavar="POLICY-FILE…")
    ] = None,
    *,
    retire: Annotated[list[str] | None, typer.Option(help="A policy to end from the day in --from.")] = None,
    on: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day whose facts are used.")] = None,
    months: Annotated[int, typer.Option(min=1, max=60, help="How many months to look at, this one first.")] = 12,
    valid_from: Annotated[
        dt.datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day; else as written.")
    ] = None,
    valid_through: Annotated[
        dt.datetime | None, typer.Option("--through", formats=["%Y-%m-%d"], help="Last day; else as written.")
    ] = None,
    clears: Annotated[bool, typer.Option(help="Also beat what was activated before with a later first day.")] = False,
    shadow: ShadowNights = 0,
    to: Annotated[Path | None, typer.Option("--out", help="Keep the plan in a file, for `mianshen apply`.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a report that opens offline and prints.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit 5 where the plan has changes.")] = False,
    by: Annotated[str, typer.Option(help="Who plans.")] = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Show what a change would do to everyone, before it is made; nothing is written."""
    with ExitStack() as held:
        with progress(f"reading {_named(files or [])}") as said:
            from engine.planning.change import ProposedDays, read_change
            from engine.planning.plan import PlanOptions

            days = ProposedDays(_date(valid_from), _date(valid_through), clears, shadow)
            deployment = held.enter_context(opened(workspace))
            change = read_change(
                deployment.catalogue,
                files or [],
                retired=retire or (),
                days=days,
                proved=lambda proof: said(f"checked {proof.title}"),
            )
        made = planned(deployment, change, PlanOptions(day_of(on), months, by), to=to, json=json)
        if html is not None:
            from pages.plan_report import write_report

            write_report(made, html, deployment.workspace.settings.name)
    if exit_code and made.is_change:
        raise typer.Exit(EXIT_CHANGES)


def planned(
    deployment: "Deployment", change: "Change", options: "PlanOptions", *, to: Path | None, json: bool = False
) -> "Plan":
    """Work out and show the effect of a change; keep it in a file where one is named."""
    from engine.planning.plan import file_of, make_plan
    from engine.planning.plan_file import write_plan
    from pages.terminal.plan import next_step, plan_summary, proof_lines

    if not json:
        out.print(proof_lines(change.proofs))
    with progress() as said:
        made = make_plan(deployment, change, options, said)
    if json:
        sys.stdout.write(made.as_json() + "\n")
    else:
        out.print(plan_summary(made))
    show([finding for proof in change.proofs for finding in proof.warnings])
    if to is not None:
        write_plan(file_of(made, change), to)
    if not json:
        out.print(next_step(made, None if to is None else str(to)))
    return made


def _named(files: list[Path]) -> str:
    names = [path.name for path in files[:1]]
    return "the published state" if not names else f"{names[0]} and {len(files) - 1} more" if files[1:] else names[0]


def _date(given: dt.datetime | None) -> dt.date | None:
    return given.date() if given else None


@app.command()
def outlook(
    *,
    months: Annotated[int, typer.Option(min=1, max=60, help="How many months to look at, this one first.")] = 3,
    on: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day to look from.")] = None,
    to: Annotated[Path | None, typer.Option("--out", help="Write every turn with its opaque id to Parquet.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Show who will start, end, change or run out of a certificate, by policy and month, as time moves."""
    from engine.planning.outlook import look_ahead, write_turns
    from pages.terminal.outlook import outlook_tables

    with opened(workspace) as deployment, progress() as said:
        seen = look_ahead(deployment, day=day_of(on), months=months, progress=said)
    if json:
        sys.stdout.write(seen.as_json() + "\n")
    else:
        out.print(outlook_tables(seen))
    if to is not None:
        write_turns(seen, to)
