"""Provokes the faults of serving the pages."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from core.clock import SystemClock
from core.errors import MianshenError
from core.workspace import init_workspace
from delivery.signing import Signer
from engine.deployment import deployed
from pages.callbacks import PATH, Callback
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


def callback(folder: Path, _: dict[str, Any]) -> str:
    """Call with a receipt that nobody signed."""
    workspace = init_workspace(folder / "workspace")
    with deployed(workspace.root, SystemClock()) as deployment:
        app = FastAPI()
        app.post(f"{PATH}sms", response_model=None)(Callback(deployment, "sms", Signer("k", "s")).receive)
        said = TestClient(app).post(f"{PATH}sms", json=[]).json()
    return f"POST {PATH}sms: {said['status']} error[{said['code']}]: {said['detail']}\n"


PROBES = {"serving": serving, "callback": callback}
