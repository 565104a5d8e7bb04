"""What was typed before somebody showed again who they are is offered afterwards; and leaving leads to the provider."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from core.clock import FixedClock
from core.settings import Oidc
from engine.deployment import Deployment
from pages.web.app import create_app
from pages.web.guard import CONFIRMED_SECONDS
from pages.web.kept import PLACE
from store.accounts import add_account
from store.roles import read_roles
from store.sessions import Login, open_session
from store.states.entry import LoginWay
from tests.trial_world import CHEAP, OFFICER, PASSWORD, trial_world

GRANT = "/console/roles/grant"
TYPED = {"who": "wang", "role": "paymaster", "over": "everything", "reason": "新任出纳，见某文“〔2025〕3 号”"}


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    with trial_world().open(tmp_path / "w") as opened:
        yield opened


@pytest.fixture
def client(deployment: Deployment) -> Iterator[TestClient]:
    """Return an officer's browser, who came in more than ten minutes ago."""
    with TestClient(create_app(deployment)) as client:
        come_in(client, OFFICER)
        later(deployment, CONFIRMED_SECONDS + 1)
        yield client


def come_in(client: TestClient, name: str) -> None:
    assert client.post("/login", data={"login": name, "password": PASSWORD}).url.path == "/console"


def later(deployment: Deployment, seconds: int) -> None:
    clock = deployment.clock
    assert isinstance(clock, FixedClock)
    clock.instant += dt.timedelta(seconds=seconds)


def token(client: TestClient) -> str:
    found = re.search(r'name="token" value="(\w+)"', client.get("/console").text)
    assert found is not None
    return found[1]


def fields(page: str) -> dict[str, str]:
    """Return the fields of the form that goes to the deed."""
    form = page.partition(f'action="{GRANT}"')[2].partition("</form>")[0]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))


def names(deployment: Deployment) -> set[str]:
    with deployment.store.reading() as rx:
        return {each.who for each in read_roles(rx)}


def test_what_was_typed_is_offered_once_somebody_has_shown_who_they_are(
    client: TestClient, deployment: Deployment
) -> None:
    """Nothing is done by itself: the form stands there with every word, goes through, and is offered once."""
    asked = client.post(GRANT, data=TYPED | {"token": token(client)})
    assert (asked.url.path, asked.url.params["next"]) == ("/confirm", PLACE)

    offered = client.post("/confirm", data={"token": token(client), "password": PASSWORD, "next": PLACE})
    assert offered.url.path == PLACE
    assert names(deployment) == set()
    kept = fields(offered.text)
    assert {name: kept[name] for name in TYPED} == TYPED

    done = client.post(GRANT, data=kept)
    assert done.url.path == "/console/roles"
    assert names(deployment) == {"wang"}
    assert fields(client.get(PLACE).text) == {}


def test_a_wrong_password_loses_nothing(client: TestClient) -> None:
    """The page asks again, and the form is offered after the right one."""
    client.post(GRANT, data=TYPED | {"token": token(client)})
    wrong = client.post("/confirm", data={"token": token(client), "password": "wrong", "next": PLACE})
    assert wrong.status_code == 401
    offered = client.post("/confirm", data={"token": token(client), "password": PASSWORD, "next": PLACE})
    assert fields(offered.text)["who"] == "wang"


def test_what_is_too_long_to_keep_is_said_to_be_lost(client: TestClient) -> None:
    """A cookie holds four kilobytes: the page that asks says so before anybody believes otherwise."""
    asked = client.post(GRANT, data=TYPED | {"token": token(client), "reason": "因" * 4_000})
    assert (asked.url.path, asked.url.params["next"]) == ("/confirm", "/console/roles")
    assert "没有保留" in asked.text
    wrong = client.post("/confirm", data={"token": token(client), "password": "wrong", "typed": "lost"})
    assert "没有保留" in wrong.text


def test_a_form_of_another_person_or_of_long_ago_is_not_offered(client: TestClient, deployment: Deployment) -> None:
    """On a shared machine the next officer finds nothing of it, and neither does the same one after ten minutes."""
    with deployment.store.writing() as tx:
        add_account(tx, "another", PASSWORD, subject_id=None, cost=CHEAP)
    client.post(GRANT, data=TYPED | {"token": token(client)})
    kept = client.cookies["mianshen-kept"]
    client.post("/logout", data={"token": token(client)})
    come_in(client, "another")
    assert "wang" not in client.get(PLACE).text

    client.post("/logout", data={"token": token(client)})
    come_in(client, OFFICER)
    client.cookies.set("mianshen-kept", kept)
    later(deployment, CONFIRMED_SECONDS + 1)
    assert "已过十分钟" in client.get(PLACE).text


@pytest.mark.parametrize("bent", ["", "x", "AAAA", "é"])
def test_a_form_that_was_bent_is_no_form(client: TestClient, bent: str) -> None:
    """It is sealed: nobody can put a form before somebody else."""
    assert (
        "没有保留"
        in client.get(
            PLACE, headers={b"Cookie": f"mianshen={client.cookies['mianshen']}; mianshen-kept={bent}".encode()}
        ).text
    )


def test_a_strange_form_is_refused_before_anything_is_kept(client: TestClient) -> None:
    """A form without the session's own word asks for no password."""
    answer = client.post(GRANT, data=TYPED | {"token": "0" * 64})
    assert answer.status_code == 404
    assert "mianshen-kept" not in client.cookies


def test_whoever_came_by_a_provider_that_is_down_leaves_all_the_same(deployment: Deployment) -> None:
    """The session here ends, and the login page follows: nothing answers under the provider's address."""
    settings = deployment.workspace.settings
    oidc = Oidc(issuer="http://127.0.0.1:9", client_id="mianshen")
    web = settings.web.model_copy(update={"oidc": oidc})
    workspace = replace(deployment.workspace, settings=settings.model_copy(update={"web": web}))
    with TestClient(create_app(replace(deployment, workspace=workspace))) as client:
        with deployment.store.writing() as tx:
            client.cookies.set("mianshen", open_session(tx, deployment.seals, Login("li", LoginWay.OIDC, (), "li")))
        left = client.post("/logout", data={"token": token(client)})
        assert left.url.path == "/login"
        assert client.get("/console").url.path == "/login"
