"""Provokes faults in the tables of the supervision."""

from pathlib import Path
from typing import Any

from core.errors import MianshenError
from core.workspace import init_workspace
from delivery.working_days import WorkingDays
from engine.library import copy_library
from engine.supervising.limits import read_limits
from engine.supervising.points_file import read_points
from profiles.catalogue_reading import read_catalogue


def supervision(folder: Path, _: dict[str, Any]) -> str:
    """Read the tables that stand in the case's folder, over the shipped catalogue."""
    workspace = init_workspace(folder / "w")
    copy_library(workspace)
    for each in folder.glob("*.yaml"):
        (workspace.supervision / each.name).write_text(each.read_text("utf-8"), "utf-8")
    try:
        read_limits(workspace, WorkingDays())
        read_points(workspace, read_catalogue(workspace.catalogue))
    except MianshenError as error:
        return str(error)
    return ""


PROBES = {"supervision": supervision}
