"""The enterprise's own pages: whose they are, what they say, and what they refuse."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from engine.deployment import Deployment
from engine.explaining.checkup import check_up
from engine.explaining.explain import viewpoint_on
from pages.web.app import create_app, declared
from pages.web.envelope import HEADERS
from pages.web.guard import Guard
from pages.web.rendering import Rendering
from pages.web.routes import For
from store.accounts import FAILURES_MAX, account_of, close_account
from tests.trial_world import OFFICER, PASSWORD, trial_world

COOKIE = "mianshen"
PLAN_LOGINS = ("qiye1", "qiye2", "qiye3")


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with trial_world().open(tmp_path_factory.mktemp("pages") / "w") as opened:
        yield opened


@pytest.fixture
def app(deployment: Deployment) -> Starlette:
    return create_app(deployment)


@pytest.fixture
def client(app: Starlette) -> Iterator[TestClient]:
    with TestClient(app) as made:
        yield made


def guard_of(deployment: Deployment) -> Guard:
    return Guard(deployment, Rendering({}))


def log_in(client: TestClient, login: str) -> None:
    answer = client.post("/login", data={"login": login, "password": PASSWORD}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def policies_of(deployment: Deployment, login: str) -> list[str]:
    with deployment.store.reading() as rx:
        account = account_of(rx, login)
        assert account is not None
        assert account.subject_id is not None
        viewpoint = viewpoint_on(rx, deployment, None)
        checkup = check_up(rx, viewpoint, kind="enterprise", subject_id=account.subject_id)
    return [each.policy for each in checkup.policies]


def test_nobody_sees_anything_without_a_session(deployment: Deployment, client: TestClient) -> None:
    """Every route that is for somebody asks who is there."""
    guarded = [each for each in declared(guard_of(deployment)) if each.whom is not For.EVERYBODY]
    assert guarded
    for route in guarded:
        path = re.sub(r"\{\w+\}", "hightech-award", route.path)
        answer = client.request(route.method, path, follow_redirects=False)

        assert answer.headers["location"].partition("?")[0] == "/login", route.path


def test_nothing_is_served_that_is_not_declared(app: Starlette, deployment: Deployment) -> None:
    """A route without a word on whom it is for would be open to everybody."""
    known = {each.path for each in declared(guard_of(deployment))}

    assert {route.path for route in app.routes if isinstance(route, Route)} == known


@pytest.mark.parametrize("login", PLAN_LOGINS)
def test_an_enterprise_sees_itself_and_nobody_else(deployment: Deployment, client: TestClient, login: str) -> None:
    """No page of one enterprise holds a name of another; the address names no subject at all."""
    log_in(client, login)
    names = {account.login: account.name for account in trial_world().plan.trial_accounts}
    pages = [client.get("/").text, *(client.get(f"/policies/{code}").text for code in policies_of(deployment, login))]

    for page in pages:
        assert names[login] in page
        assert not any(name in page for other, name in names.items() if other != login)


@pytest.mark.parametrize("login", PLAN_LOGINS)
def test_groups_are_what_the_plan_says(client: TestClient, login: str) -> None:
    """已享, 可享, 待确认, 差一步, 待核 and 不适用 hold the policies that they have to hold."""
    log_in(client, login)
    expected = next(account.groups for account in trial_world().plan.trial_accounts if account.login == login)

    for code, group in expected.items():
        assert f'">{group}</p>' in client.get(f"/policies/{code}").text, code


def test_missing_and_forbidden_look_alike(client: TestClient) -> None:
    """A policy for persons and one that does not exist give the same page."""
    log_in(client, "qiye1")
    strange = [client.get(f"/policies/{code}") for code in ("disability-nursing-allowance", "nosuch", "..%2f..%2fetc")]

    assert [answer.status_code for answer in strange] == [404] * 3
    assert len({answer.text for answer in strange}) == 1


def test_every_answer_keeps_strangers_out(client: TestClient) -> None:
    """Nothing may be framed, scripted, sniffed or kept, whatever is asked."""
    log_in(client, "qiye1")
    for path in ("/", "/login", "/policies/nosuch", "/healthz"):
        answer = client.get(path)

        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert answer.headers["cache-control"] == "no-store"
        assert "http://" not in answer.text.replace("http://www.w3.org", "")


def test_a_cookie_cannot_be_made_or_bent(client: TestClient) -> None:
    """A token that nobody was given is no session."""
    log_in(client, "qiye1")
    held = client.cookies[COOKIE]
    client.cookies.clear()
    client.cookies.set(COOKIE, held[:-2] + ("AA" if held[-2:] != "AA" else "BB"))

    assert client.get("/", follow_redirects=False).headers["location"] == "/login"


def test_a_form_of_another_session_does_nothing(client: TestClient) -> None:
    """Logging out asks for the token of this very session."""
    log_in(client, "qiye1")

    assert client.post("/logout", data={"token": "guessed"}).status_code == 404
    assert client.get("/", follow_redirects=False).status_code == 200


def test_logging_in_gives_a_new_token(client: TestClient) -> None:
    """What the browser held before is replaced, so that nobody can prepare a session for another."""
    log_in(client, "qiye1")
    first = client.cookies[COOKIE]
    log_in(client, "qiye1")

    assert client.cookies[COOKIE] != first


def test_an_officer_has_no_enterprise_page(client: TestClient) -> None:
    """An account that speaks for nobody comes to the console, and finds nobody's page."""
    answer = client.post("/login", data={"login": OFFICER, "password": PASSWORD}, follow_redirects=False)

    assert answer.headers["location"] == "/console"
    assert client.get("/").status_code == 404


def test_wrong_name_and_wrong_password_look_alike(client: TestClient) -> None:
    """Nobody learns which names exist."""
    wrong = [client.post("/login", data={"login": login, "password": "x"}) for login in ("qiye3", "nobody")]

    assert {answer.status_code for answer in wrong} == {401}
    assert len({answer.text for answer in wrong}) == 1


def test_an_account_rests_after_some_failures(tmp_path: Path) -> None:
    """Five wrong passwords, and even the right one waits."""
    with trial_world().open(tmp_path / "w") as own, TestClient(create_app(own)) as client:
        for _ in range(FAILURES_MAX):
            client.post("/login", data={"login": "qiye2", "password": "x"})

        assert client.post("/login", data={"login": "qiye2", "password": PASSWORD}).status_code == 401


def test_a_closed_account_is_out_at_once(tmp_path: Path) -> None:
    """Revocation takes effect at the next request, not when the cookie ends."""
    with trial_world().open(tmp_path / "w") as own, TestClient(create_app(own)) as client:
        log_in(client, "qiye2")
        with own.store.writing() as tx:
            close_account(tx, "qiye2")

        assert client.get("/", follow_redirects=False).headers["location"] == "/login"


def test_whoever_left_has_no_session_any_more(client: TestClient) -> None:
    """Logging out ends the session here: the token is worth nothing, whoever kept it."""
    log_in(client, "qiye1")
    held = client.cookies[COOKIE]
    form = re.search(r'name="token" value="(\w+)"', client.get("/").text)
    assert form is not None
    client.post("/logout", data={"token": form[1]})
    client.cookies.set(COOKIE, held)

    assert client.get("/", follow_redirects=False).headers["location"].startswith("/login")


def test_a_form_from_another_site_is_refused(client: TestClient) -> None:
    """Browsers say where a form comes from; one of another site does nothing, not even log somebody in."""
    form = {"login": "qiye1", "password": PASSWORD}
    answers = [
        client.post("/login", data=form, headers=headers, follow_redirects=False).status_code
        for headers in (
            {"sec-fetch-site": "cross-site"},
            {"origin": "https://elsewhere.example"},
            {"origin": "http://testserver"},
        )
    ]

    assert answers == [403, 403, 303]


@pytest.mark.parametrize(
    "path", ["//elsewhere.example/", "https://elsewhere.example", "/\\\\elsewhere.example", "javascript:0"]
)
def test_the_login_leads_to_no_other_host(client: TestClient, path: str) -> None:
    """Whatever a link to the login says comes next, it is a page of ours."""
    form = {"login": "qiye1", "password": PASSWORD, "next": path}

    assert client.post("/login", data=form, follow_redirects=False).headers["location"] == "/"


def test_large_type_is_remembered(client: TestClient) -> None:
    """长者模式 is one press away and stays."""
    client.post("/reading")

    assert '<html lang="zh-CN" class="senior">' in client.get("/login").text
