"""The hotline's interface: signed, fresh, once for each key, in its form, and no longer than it may be."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.workspace import open_workspace
from engine.grievances.views import list_grievances
from pages.hotline import BODY_MAX, PATH, SKEW_SECONDS, signature
from pages.web.app import create_app
from tests.engine.grievances.stage import paid
from tests.world import World

SECRET = "a secret of thirty-two signs or more"  # of a workspace that lives for a test
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
        self.seconds = int(world.clock.instant.timestamp())

    def sends(
        self, sent: object, *, key: str = "12345-1", skew: int = 0, instead: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Send a body, as JSON unless it is bytes, perhaps with other headers; return status and answer."""
        body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
        timestamp = str(self.seconds + skew)
        said = {
            "content-type": "application/json",
            "x-mianshen-timestamp": timestamp,
            "idempotency-key": key,
            "x-mianshen-signature": signature(SECRET.encode(), timestamp, key, body),
        }
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
        (0, {"x-mianshen-signature": "0" * 64}),
        (0, {"x-mianshen-signature": ""}),
        (0, {"idempotency-key": "12345-2"}),
        (0, {"x-mianshen-timestamp": "1"}),
        (SKEW_SECONDS + 1, {}),
        (-SKEW_SECONDS - 1, {}),
    ],
    ids=["another-signature", "no-signature", "another-key", "another-instant", "too-early", "too-late"],
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
        (SAID, 415, {"content-type": "text/plain"}),
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
    assert Caller(world).sends(SAID, key=" ")[0] == 400


def test_without_a_secret_nothing_answers(tmp_path: Path) -> None:
    """A workspace that has set none has no such page."""
    world = World.at(tmp_path / "w")

    assert TestClient(create_app(world.deployment)).post(PATH, json=SAID).status_code in {404, 405}
    world.store.close()


def test_the_signature_is_what_the_page_for_hotlines_says() -> None:
    """Computed once by `openssl dgst -sha256 -hmac` over the lines that docs/hotline.md names."""
    signed = "bcd050c8bb3978f9e184bdad2daee25645d6a1439766f2b4a6a416be7c3d45c6"

    assert signature(SECRET.encode(), "1738339200", "12345-1", b"{}") == signed
