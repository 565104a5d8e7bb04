"""Receipts that a message provider calls with, over real HTTP: signed, just now, and no matter how often or in which order."""

import datetime as dt
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient

from core.clock import FixedClock
from core.workspace import init_workspace, open_workspace
from delivery.signing import WINDOW, Signer
from engine.deployment import Deployment, deployed
from pages.callbacks import BODIES, PATH
from pages.web.app import create_app
from store.outbox import read_notices
from store.states.notices import NoticeState
from tests.delivery import a_store
from tests.store.test_receipts import begun, end

SECRET = "a secret of thirty-two signs or more"  # of a workspace that lives for a test
SMS = '[channels.sms]\nurl = "http://127.0.0.1:1/v1"\nkey_id = "provider"\nsignature = "示例区政务"\n'
NOW = a_store.NOON


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """Give a workspace whose gateway has a secret for receipts, at a fixed instant."""
    root = init_workspace(tmp_path / "w").root
    settings = root / "workspace.toml"
    settings.write_text(f"{settings.read_text('utf-8')}\n{SMS}", "utf-8")
    monkeypatch.setenv("MIANSHEN_CHANNELS__SMS__CALLBACK_SECRET", SECRET)
    with deployed(root, FixedClock(NOW)) as opened:
        yield opened


@dataclass
class Provider:
    """A message provider that calls over a real connection."""

    port: int
    signer: Signer = field(default_factory=lambda: Signer("provider", SECRET))

    def calls(
        self,
        sent: object,
        *,
        channel: str = "sms",
        at: dt.datetime = NOW,
        instead: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, Any]]:
        """Call with a body, as JSON unless it is bytes, perhaps with other headers; return status and answer."""
        body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
        path = f"{PATH}{channel}"
        headers = self.signer.headers("POST", path, body, at=at, nonce="n") | {"Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("POST", path, body, headers | (instead or {}))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, json.loads(content) if b"{" in content[:1] else {}


@pytest.fixture
def provider(deployment: Deployment) -> Iterator[Provider]:
    """Serve the pages on loopback, and give a provider that knows where."""
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(deployment), log_level="warning"))
        own.listen()  # a call that comes before the server is up waits in the queue
        thread = threading.Thread(target=server.run, kwargs={"sockets": [own]}, daemon=True)
        thread.start()
        yield Provider(own.getsockname()[1])
        server.should_exit = True
        thread.join(10)


def taken(deployment: Deployment) -> str:
    """Have a message taken by the gateway; return its reference."""
    attempts = begun(deployment.store, 1)
    end(deployment.store, attempts, NoticeState.ACCEPTED)
    return attempts[0].reference


def state(deployment: Deployment) -> NoticeState:
    """Return the state of the one message."""
    with deployment.store.reading() as rx:
        (kept,) = read_notices(rx)
    return kept.state


def said(reference: str, status: str = "delivered", minute: int = 0) -> dict[str, str]:
    """Return a receipt."""
    return {"reference": reference, "status": status, "at": f"2025-08-01T12:{minute:02d}:00+08:00"}


def test_a_receipt_moves_its_message_once(deployment: Deployment, provider: Provider) -> None:
    """N6: the same call again is answered and changes nothing; the chain holds what was new."""
    reference = taken(deployment)

    first, again = (provider.calls([said(reference)]) for _ in range(2))

    assert first == (200, {"new": 1, "applied": 1, "waiting": 0})
    assert again == (200, {"new": 0, "applied": 0, "waiting": 0})
    assert state(deployment) is NoticeState.DELIVERED


def test_a_late_receipt_moves_nothing_backwards(deployment: Deployment, provider: Provider) -> None:
    """N6: delivered stays delivered, whatever comes afterwards; one of a message that is not ours is kept and waits."""
    reference = taken(deployment)
    provider.calls(said(reference, minute=5))

    late = provider.calls([said(reference, "undeliverable"), said("m_of_somebody_else")])

    assert late == (200, {"new": 2, "applied": 0, "waiting": 1})
    assert state(deployment) is NoticeState.DELIVERED


@pytest.mark.parametrize(
    ("at", "instead"),
    [
        (NOW, {"X-Signature": "0" * 64}),
        (NOW, {"X-Signature": ""}),
        (NOW, {"X-Key-Id": "another"}),
        (NOW, {"X-Nonce": "another"}),
        (NOW, {"X-Timestamp": "1"}),
        (NOW + WINDOW + dt.timedelta(seconds=1), {}),
        (NOW - WINDOW - dt.timedelta(seconds=1), {}),
    ],
    ids=["another-signature", "none", "another-key", "another-nonce", "another-instant", "too-early", "too-late"],
)
def test_what_is_not_signed_just_now(
    deployment: Deployment, provider: Provider, at: dt.datetime, instead: dict[str, str]
) -> None:
    """S5: nothing is taken in; at the ends of the window it still is."""
    reference = taken(deployment)

    status, problem = provider.calls(said(reference), at=at, instead=instead)

    assert (status, problem["code"], problem["title"]) == (401, "D228", "Unauthorized")
    assert reference not in json.dumps(problem)
    assert state(deployment) is NoticeState.ACCEPTED
    assert provider.calls(said(reference), at=NOW - WINDOW)[0] == 200


def test_a_signature_is_for_one_channel(deployment: Deployment, provider: Provider) -> None:
    """Channels without a secret, and those that give no receipts, have no such address."""
    taken(deployment)

    assert [provider.calls([], channel=each)[0] for each in ("email", "folder", "nothing")] == [404] * 3


@pytest.mark.parametrize(
    ("sent", "status", "code", "instead"),
    [
        (b"{", 422, "D223", {}),
        (b"\xff", 422, "D223", {}),
        (b"[" * 100_000, 422, "D223", {}),
        ([said("m_1"), "text"], 422, "D223", {}),
        ({"reference": "m_1", "status": "13812345678"}, 422, "D223", {}),
        ({"reference": "m_\x00", "status": "delivered"}, 422, "D223", {}),
        (b" " * (BODIES.bytes_max + 1), 413, "D228", {}),
        (said("m_1"), 415, "D228", {"Content-Type": "text/plain"}),
    ],
    ids=["no-json", "no-text", "too-deep", "one-is-none", "a-phone", "a-nul", "too-large", "another-type"],
)
def test_what_is_not_in_its_form(  # a call has this many parts
    deployment: Deployment, provider: Provider, sent: object, status: int, code: str, instead: dict[str, str]
) -> None:
    """S3, S5: refused as a problem that says nothing back; of a call with one bad receipt nothing counts."""
    answered, problem = provider.calls(sent, instead=instead)

    assert (answered, problem["status"], problem["code"]) == (status, status, code)
    assert "138" not in json.dumps(problem)
    with deployment.store.reading() as rx:
        assert rx.connection.exec_driver_sql("select count(*) from notice_receipt").scalar() == 0


def test_without_a_secret_nothing_answers(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sets none takes receipts by file, or asks for them."""
    monkeypatch.delenv("MIANSHEN_CHANNELS__SMS__CALLBACK_SECRET")
    closed = replace(deployment, workspace=open_workspace(deployment.workspace.root))

    assert not any(getattr(route, "path", "").startswith(PATH) for route in create_app(closed).routes)
    assert any(getattr(route, "path", "").startswith(PATH) for route in create_app(deployment).routes)


def test_it_stands_in_the_document(deployment: Deployment) -> None:
    """Its form is one receipt or a list of them, and its answer counts them."""
    document = TestClient(create_app(deployment)).get("/api/openapi.json").json()
    schemas, what = document["components"]["schemas"], document["paths"][f"{PATH}sms"]["post"]

    assert [each.get("type", "one") for each in schemas["Receipts"]["anyOf"]] == ["one", "array"]
    assert set(schemas["Counted"]["required"]) == {"new", "applied", "waiting"}
    assert what["responses"].keys() >= {"200", "401", "413", "415", "422", "503"}
