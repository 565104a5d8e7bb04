"""The hotline's interface: signed, fresh, once for each key, in its form, and no longer than it may be."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.workspace import open_workspace
from delivery.signing import SIGNATURE, WINDOW, Signer
from engine.grievances.views import list_grievances
from pages.hotline import BODY_MAX, KEY_ID, PATH
from pages.web.app import create_app
from tests.engine.grievances.stage import paid
from tests.world import World

SECRET = "a secret of thirty-two signs or more"  # of a workspace that lives for a test
_SKEW = int(WINDOW.total_seconds())
SAID = {"received_on": "2025-01-31", "said": "跑了三趟没办成", "policy": "care"}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return a world whose hotline has a secret."""
    made = paid(World.at(tmp_path / "w"))
    monkeypatch.setenv("MIANSHEN_GRIEVANCES__HOTLINE_SECRET", SECRET)
    made.deployment = replace(made.deployment, workspace=open_workspace(made.root))
    yield made
    made.store.close()


class Caller:
    """A hotline that sends what a test has it send."""

    def __init__(self, world: World) -> None:
        self.client = TestClient(create_app(world.deployment))
        self.now = world.clock.instant

    def sends(
        self, sent: object, *, key: str = "12345-1", skew: int = 0, instead: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Send a body, as JSON unless it is bytes, perhaps with other headers; return status and answer."""
        body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
        at = self.now + dt.timedelta(seconds=skew)
        signed = Signer(KEY_ID, SECRET).headers("POST", PATH, body, at=at, nonce="nonce", once=key)
        said = {"Content-Type": "application/json", "Idempotency-Key": key} | signed
        answer = self.client.post(PATH, content=body, headers=said | (instead or {}))
        return answer.status_code, answer.json()


def test_once_for_each_key(world: World) -> None:
    """The same again says the same; something else under the same key is a conflict."""
    hotline = Caller(world)

    created, again = hotline.sends(SAID), hotline.sends(SAID)
    conflict = hotline.sends(SAID | {"said": "别的事"})

    (line,) = list_grievances(world.deployment)
    assert created == (201, {"grievance": line.grievance.grievance_id, "state": "received"})
    assert again == (200, created[1])
    assert (conflict[0], conflict[1]["code"]) == (409, "E633")


@pytest.mark.parametrize(
    ("skew", "headers"),
    [
        (0, {"X-Signature": "0" * 64}),
        (0, {"X-Signature": ""}),
        (0, {"Idempotency-Key": "12345-2"}),
        (0, {"X-Timestamp": "1"}),
        (0, {"X-Key-Id": "city"}),
        (_SKEW + 1, {}),
        (-_SKEW - 1, {}),
    ],
    ids=[
        "another-signature",
        "no-signature",
        "another-key",
        "another-instant",
        "another-caller",
        "too-early",
        "too-late",
    ],
)
def test_what_is_not_signed_or_not_fresh(world: World, skew: int, headers: dict[str, str]) -> None:
    """Nothing is taken in, and nothing of it is said back."""
    status, said = Caller(world).sends(SAID, skew=skew, instead=headers)

    assert (status, said["code"], said["title"]) == (401, "E642", "Unauthorized")
    assert "没办成" not in json.dumps(said, ensure_ascii=False)
    assert list_grievances(world.deployment) == ()


@pytest.mark.parametrize(
    ("sent", "status", "headers"),
    [
        (b"{", 422, {}),
        ({"said": "没有日期"}, 422, {}),
        (SAID | {"state": "decided"}, 422, {}),
        (SAID | {"policy": "nothing-such"}, 422, {}),
        (SAID | {"received_on": "2099-01-01"}, 422, {}),
        (SAID | {"said": "x" * 4001}, 422, {}),
        (b" " * (BODY_MAX + 1), 413, {}),
        (SAID, 415, {"Content-Type": "text/plain"}),
    ],
    ids=["no-json", "a-field-short", "a-field-more", "no-policy", "tomorrow", "too-long", "too-large", "another-type"],
)
def test_what_is_not_in_its_form(world: World, sent: object, status: int, headers: dict[str, str]) -> None:
    """It is refused as a problem, with a code."""
    answered, said = Caller(world).sends(sent, instead=headers)

    assert (answered, said["status"], said["type"]) == (status, status, "about:blank")
    assert list_grievances(world.deployment) == ()


def test_without_a_key(world: World) -> None:
    """Nobody could tell whether it came before."""
    assert Caller(world).sends(SAID, key="")[0] == 400


def test_without_a_secret_nothing_answers(tmp_path: Path) -> None:
    """A workspace that has set none has no such page."""
    world = World.at(tmp_path / "w")

    client = TestClient(create_app(world.deployment))
    assert client.post(PATH, json=SAID).status_code in {404, 405}
    assert PATH not in client.get("/api/openapi.json").text
    world.store.close()


def test_the_signature_is_what_the_page_for_hotlines_says() -> None:
    """Computed once by `openssl dgst -sha256 -hmac` over the lines that docs/hotline.md names."""
    at = dt.datetime.fromtimestamp(1738339200, dt.UTC)
    signed = Signer(KEY_ID, SECRET).headers("POST", PATH, b"{}", at=at, nonce="nonce-00000001", once="12345-1")

    assert signed[SIGNATURE] == "4a885eef401b82d0c84b64bab96067f226f01fa0902ae9816598552a555a33fb"


def test_it_stands_in_the_document(world: World) -> None:
    """With its form, its key and how it is signed; where no secret is set, the document has no word of it."""
    document = TestClient(create_app(world.deployment)).get("/api/openapi.json").json()
    what = document["paths"][PATH]["post"]
    form = document["components"]["schemas"][what["requestBody"]["content"]["application/json"]["schema"]["$ref"][21:]]

    assert set(form["required"]) == {"received_on", "said"}
    assert form["additionalProperties"] is False
    assert [each["name"] for each in what["parameters"]] == ["Idempotency-Key"]
    assert what["responses"].keys() >= {"200", "201", "400", "401", "409", "413", "415", "422", "503"}
    assert what["security"] == [{"X-Key-Id": [], "X-Timestamp": [], "X-Nonce": [], "X-Signature": []}]
