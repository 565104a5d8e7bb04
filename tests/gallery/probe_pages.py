"""Provokes the faults of serving the pages."""

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
from fastapi import FastAPI
from starlette.testclient import TestClient

from core.clock import FixedClock, SystemClock
from core.errors import MianshenError
from core.workspace import init_workspace
from delivery.signing import Signer
from engine.deployment import deployed
from engine.library import copy_library
from engine.portals import register_portal
from pages.api.app import create_api
from pages.api.guard import MOUNT
from pages.callbacks import PATH, Callback
from pages.serving import serve
from profiles.identity import LoadRef
from store.states.entry import PortalScope
from store.vault import StoredVault

NOON = dt.datetime(2025, 8, 1, 4, 0, tzinfo=dt.UTC)
NUMBER = "91310118MA1JL0002C"


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


def portal(folder: Path, case: dict[str, Any]) -> str:
    """Call as a portal that may do `may`, perhaps several `bodies` under one key; show the last answer."""
    workspace = init_workspace(folder / "workspace")
    copy_library(workspace)
    with deployed(workspace.root, FixedClock(NOON)) as deployment:
        secret = register_portal(
            deployment,
            "city",
            may=[PortalScope(each) for each in case.get("may", ["subscribe"])],
            kinds=["enterprise"],
            a_minute=case.get("a_minute", 600),
            by="boss",
        )
        with deployment.store.writing() as tx:
            vault = StoredVault(tx, deployment.seals)
            vault.resolve("enterprise", pl.Series([NUMBER]), load=LoadRef("l", "firms"), first_seen_at=tx.now)
            for table in case.get("gone", []):
                tx.connection.exec_driver_sql(f"drop table {table}")
        client = TestClient(create_api(deployment), root_path=MOUNT, raise_server_exceptions=False)
        method, path, said = case.get("method", "POST"), case["path"], {}
        for number, sent in enumerate(case.get("bodies", ["{}"])):
            body = sent.encode()
            signed = Signer("city", secret if case.get("is_signed", True) else "another").headers(
                method, f"{MOUNT}{path}", body, at=NOON, nonce=f"nonce-{number:04}", once=case.get("key", "")
            )
            headers = signed | {"Content-Type": "application/json", "Accept-Language": "en"}
            said = client.request(method, f"{MOUNT}{path}", content=body, headers=headers).json()
    return f"{method} {MOUNT}{path}: {said['status']} error[{said['code']}]: {said['detail']}\n"


def portal_name(folder: Path, case: dict[str, Any]) -> str:
    """Register a portal under a `name` that is none."""
    workspace = init_workspace(folder / "workspace")
    with deployed(workspace.root, FixedClock(NOON)) as deployment:
        try:
            register_portal(deployment, case["name"], may=[PortalScope.MATCHES], kinds=[], by="boss")
        except MianshenError as error:
            return f"{error}\n"
    return "it was registered"


PROBES = {"serving": serving, "callback": callback, "portal": portal, "portal_name": portal_name}
