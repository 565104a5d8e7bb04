"""`mianshen supervision …`: what is overdue and whose it is, what policies reached, what departments owe, what does not fit."""

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.terminal import HERE, USER, By, WorkspaceDir, opened, out, within

if TYPE_CHECKING:
    from engine.supervising.books import Sheet

supervision = typer.Typer(
    help="电子监察: one list of what waits and for whom, and what was reached, owed and does not fit.",
    no_args_is_help=True,
)

On = Annotated[
    dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day that clocks are read on; else today.")
]
Json = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
Xlsx = Annotated[Path | None, typer.Option(help="Write a workbook too.", metavar="FILE")]


def _given(on: dt.datetime | None) -> dt.date | None:
    return on.date() if on else None


def _shown(sheets: "tuple[Sheet, ...]", on: dt.date, text: str, *, json: bool, xlsx: Path | None) -> None:
    """Print lists as tables or as JSON, and write them as a workbook where one is named."""
    from engine.supervising.books import write_sheets
    from pages.terminal.supervision import sheet_table

    if json:
        sys.stdout.write(text + "\n")
    else:
        for sheet in sheets:
            out.print(sheet_table(sheet, on))
    if xlsx is not None:
        write_sheets(sheets, xlsx)


@supervision.command("list")
def supervision_list(
    *, on: On = None, json: Json = False, xlsx: Xlsx = None, by: By = USER, workspace: WorkspaceDir = HERE
) -> None:
    """List everything that waits: overdue first, with department, people and last day."""
    from engine.desks import SUPERVISION
    from engine.supervising.concerns import worklist
    from engine.supervising.sheets import concern_sheet

    with opened(workspace) as deployment:
        listed = worklist(deployment, _given(on), remit=within(deployment, by, SUPERVISION))
    _shown((concern_sheet(listed),), listed.on, listed.as_json(), json=json, xlsx=xlsx)


@supervision.command("policies")
def supervision_policies(
    *, on: On = None, json: Json = False, xlsx: Xlsx = None, by: By = USER, workspace: WorkspaceDir = HERE
) -> None:
    """Say for each policy who is entitled, told and paid, within how many days, and what it cost."""
    from engine.desks import SUPERVISION
    from engine.supervising.reach import reach_of
    from engine.supervising.sheets import reach_sheet

    with opened(workspace) as deployment:
        report = reach_of(deployment, _given(on), remit=within(deployment, by, SUPERVISION))
    _shown((reach_sheet(report),), report.on, report.as_json(), json=json, xlsx=xlsx)


@supervision.command("departments")
def supervision_departments(
    *, on: On = None, json: Json = False, xlsx: Xlsx = None, by: By = USER, workspace: WorkspaceDir = HERE
) -> None:
    """Say for each department what data is late, and how many people and how much money wait for its facts."""
    from engine.desks import SUPERVISION
    from engine.supervising.debts import debts_of
    from engine.supervising.sheets import debt_sheet

    with opened(workspace) as deployment:
        report = debts_of(deployment, _given(on), remit=within(deployment, by, SUPERVISION))
    _shown((debt_sheet(report),), report.on, report.as_json(), json=json, xlsx=xlsx)


@supervision.command("points")
def supervision_points(
    *,
    on: On = None,
    json: Json = False,
    xlsx: Xlsx = None,
    to: Annotated[Path | None, typer.Option("--out", help="Write whom they are about, by opaque id, as CSV.")] = None,
    by: By = USER,
    workspace: WorkspaceDir = HERE,
) -> None:
    """Compare the facts with what was paid, both ways: 应享未享 and 不应享而享, by the points that the city declares."""
    from engine.desks import SUPERVISION
    from engine.supervising.points import supervise, write_hits
    from engine.supervising.sheets import point_sheets

    with opened(workspace) as deployment:
        report = supervise(deployment, _given(on), remit=within(deployment, by, SUPERVISION))
        if to is not None:
            write_hits(deployment, report, to, by=by)
    _shown(point_sheets(report), report.on, report.as_json(), json=json, xlsx=xlsx)
