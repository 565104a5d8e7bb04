"""docs/api.md is true: its example runs as it stands, against a server, and its signature is what it says."""

import datetime as dt
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from core.clock import SystemClock
from delivery.signing import SIGNATURE, Signer
from engine.deployment import deployed
from pages.web.app import create_app
from store.states.entry import PortalScope
from tests.pages.api.portal import Portal, number_of, registered
from tests.repo.repository import ROOT
from tests.trial_world import trial_world

PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Portal, str]]:
    """Serve the trial world by the machine's clock; give a portal and where it calls."""
    with trial_world().open(tmp_path / "w"):
        pass
    with deployed(tmp_path / "w", SystemClock()) as deployment, socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(deployment), log_level="warning"))
        own.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [own]}, daemon=True)
        thread.start()
        yield registered(deployment), f"http://127.0.0.1:{own.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


def test_the_example_runs(served: tuple[Portal, str]) -> None:
    """A portal that is written after it lists matches, and has a wish kept once."""
    portal, base = served
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    environment = os.environ | {"BASE": base, "PORTAL": "city", "SECRET": portal.signer.secret, "NUMBER": number_of()}

    done = subprocess.run(
        [sys.executable, "-c", example], env=environment, capture_output=True, text=True, check=False, timeout=120
    )

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "to_confirm 失业保险稳岗返还（2025年度）" in lines
    assert lines[-2:] == ["['提醒']"] * 2
    with portal.deployment.store.reading() as rx:
        assert rx.connection.exec_driver_sql("select count(*) from notice_preference").scalar() == 1


def test_the_signature_is_what_the_page_says() -> None:
    """Computed once by OpenSSL, as the page has it."""
    at = dt.datetime.fromtimestamp(1754020800, dt.UTC)
    signer = Signer("city", "0123456789abcdef0123456789abcdef")
    headers = signer.headers("POST", "/api/v1/subject/matches", b"{}", at=at, nonce="nonce-00000001")

    assert f"gives `{headers[SIGNATURE]}`" in PAGE


def test_every_scope_is_on_the_page() -> None:
    """A scope without a line there would be given to nobody, or to everybody."""
    assert [scope for scope in PortalScope if f"| `{scope.value}` |" not in PAGE] == []
