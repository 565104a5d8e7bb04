"""Provokes the faults of serving the pages."""

from pathlib import Path
from typing import Any

from core.clock import SystemClock
from core.errors import MianshenError
from core.workspace import init_workspace
from engine.deployment import deployed
from pages.serving import serve


def serving(folder: Path, case: dict[str, Any]) -> str:
    """Serve an empty workspace on `host` and `port`."""
    init_workspace(folder / "workspace")
    try:
        with deployed(folder / "workspace", SystemClock()) as deployment:
            serve(deployment, case["host"], case["port"])
    except MianshenError as error:
        return str(error)
    return "it was served"


PROBES = {"serving": serving}
