"""`mianshen data …`: shared data, loaded and looked after."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.terminal import HERE, USER, By, WorkspaceDir, day_of, err, opened, out, say, show
from core.errors import EXIT_FINDINGS, MianshenError

if TYPE_CHECKING:
    from engine.data_reach import DataReach
    from engine.deployment import Deployment

data = typer.Typer(help="Shared data: load it, see how fresh, complete and clean it is.", no_args_is_help=True)


@data.command("load")
def data_load(
    files: Annotated[list[Path] | None, typer.Argument(help="Delivered files; none: everything in the inbox.")] = None,
    *,
    resource: Annotated[str | None, typer.Option("--resource", "-r", help="Its resource, if not by its name.")] = None,
    data_date: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day it speaks for.")] = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook.")] = None,
    database: Annotated[str | None, typer.Option(help="Read from another database by URL.")] = None,
    select: Annotated[str | None, typer.Option(help="The SELECT to run there.")] = None,
    confirm: Annotated[bool, typer.Option(help="The file is right although it has far fewer rows.")] = False,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Load delivered files, or a query on another database."""
    from engine.loading import load_delivered, sources_of
    from pages.terminal.data import loaded_line

    failed = False
    with opened(workspace) as deployment:
        sources = sources_of(deployment, files or [], database=database, select=select)
        if not sources:
            err.print("nothing to load: the inbox is empty")
        for source in sources:
            try:
                report = load_delivered(
                    deployment,
                    source,
                    resource=resource,
                    data_date=data_date.date() if data_date else None,
                    sheet=sheet,
                    is_confirmed=confirm,
                    by=by,
                )
            except MianshenError as fault:
                show(fault.findings)
                failed = True
                continue
            out.print(loaded_line(report))
            show(report.findings)
    if failed:
        raise typer.Exit(EXIT_FINDINGS)


@data.command("check")
def data_check(
    on: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day asked about.")] = None,
    *,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Say what a data steward has to see to; exit 1 where something keeps facts unknown."""
    from engine.data_state import known_findings

    with opened(workspace) as deployment:
        findings = known_findings(deployment, day_of(on), reach=_reach(deployment, by))
    show(findings)
    out.print(f"findings: {len(findings)}; those that keep facts unknown: {sum(each.is_error for each in findings)}")
    if any(each.is_error for each in findings):
        raise typer.Exit(EXIT_FINDINGS)


@data.command("list")
def data_list(
    on: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day asked about.")] = None,
    *,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """List every resource with its freshness."""
    from engine.data_state import known_states
    from pages.terminal.data import resource_table

    with opened(workspace) as deployment:
        out.print(resource_table(known_states(deployment, day_of(on), reach=_reach(deployment, by))))


@data.command("show")
def data_show(
    resource: Annotated[str, typer.Argument(help="The resource's code.")],
    on: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day asked about.")] = None,
    *,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Show one resource: its loads, and why rows of the newest one were kept back."""
    from engine.data_state import known_resource
    from pages.terminal.data import resource_detail

    with opened(workspace) as deployment:
        _reach(deployment, by).refuse_beyond(by, resource)
        out.print(resource_detail(*known_resource(deployment, resource, day_of(on))))


def _reach(deployment: "Deployment", by: str) -> "DataReach":
    """Return whose data somebody looks at; that it is not all is said on standard error."""
    from engine.authority import remit_at
    from engine.data_reach import data_reach
    from engine.desks import DATA

    reach = data_reach(deployment, by, remit_at(deployment, by, DATA))
    if reach.resources is not None:
        say(f"only what policies within reach of `{by}` read: resources: {len(reach.resources)}", to=err)
    return reach
