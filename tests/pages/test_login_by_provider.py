"""Logging in at a real identity provider, in a real browser: code, PKCE, and what its claims lead to."""

import base64
import json
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page
from pydantic import SecretStr

from core.clock import SystemClock
from core.settings import Oidc
from engine.deployment import Deployment, deployed
from pages.web.app import create_app
from store.audit import last_entries
from tests.pages.browsing import NODE_MODULES, answering, chromium, listening, needs_chromium
from tests.trial_world import trial_world

HERE = Path(__file__).parent / "node"
NODE = shutil.which("node")
pytestmark = [
    needs_chromium,
    pytest.mark.skipif(
        NODE is None or not NODE_MODULES.exists(),
        reason="no identity provider; with Node.js: npm install --prefix tests/pages/node",
    ),
]
SECRET = "a-secret-for-tests"


@dataclass(frozen=True, slots=True)
class Served:
    """The pages and the provider that they trust."""

    deployment: Deployment
    address: str
    provider: str


def free_port() -> int:
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return int(own.getsockname()[1])


@contextmanager
def providing(port: int, redirect_uri: str, people: dict[str, object]) -> Iterator[str]:
    """Run the provider until the end; it says when it listens."""
    assert NODE is not None
    command = [NODE, str(HERE / "provider.mjs"), str(port), redirect_uri, json.dumps(people)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield f"http://localhost:{port}"
        process.terminate()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve the pages of the trial world, which trust the provider, by the machine's clock."""
    folder = tmp_path_factory.mktemp("provider") / "w"
    shutil.copytree(trial_world().root, folder)
    numbers = {account.login: account.number for account in trial_world().plan.trial_accounts}
    people: dict[str, object] = {
        "accountant": {"uscc": numbers["qiye1"]},
        "agent": {"uscc": [numbers["qiye1"], numbers["qiye2"], "91310000NOBODYHERE"]},
        "stranger": {"uscc": "91310000MA1K35XX02"},
        "officer": {"login": "li"},
        "both": {"login": "li", "uscc": numbers["qiye1"]},
    }
    with (
        listening() as (own, address),
        deployed(folder, SystemClock()) as opened,
        providing(free_port(), f"{address}/login/callback", people) as issuer,
    ):
        oidc = Oidc(issuer=issuer, client_id="mianshen", client_secret=SecretStr(SECRET), officer="login")
        deployment = trusting(opened, address, oidc)
        with answering(own, create_app(deployment)):
            yield Served(deployment, address, issuer)


def trusting(deployment: Deployment, address: str, oidc: Oidc) -> Deployment:
    """Return a deployment whose settings name a provider."""
    settings = deployment.workspace.settings
    web = settings.web.model_copy(update={"address": address, "oidc": oidc})
    workspace = replace(deployment.workspace, settings=settings.model_copy(update={"web": web}))
    return replace(deployment, workspace=workspace)


@pytest.fixture
def page() -> Iterator[Page]:
    """Open a browser that knows nobody."""
    with chromium() as browser:
        yield browser.new_context(locale="zh-CN").new_page()


def log_in(page: Page, served: Served, login: str, path: str = "/login") -> None:
    """Go to a page, and come in by the provider."""
    page.goto(served.address + path)
    page.get_by_role("link", name="用统一身份认证登录").click()
    show_who(page, served, login)


def show_who(page: Page, served: Served, login: str) -> None:
    """Say at the provider who one is, and agree where it asks."""
    page.wait_for_url(f"{served.provider}/interaction/*")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill("any")
    page.locator("button[type=submit]").click()
    page.wait_for_url(re.compile(rf"{re.escape(served.address)}|/interaction/"))
    while page.url.startswith(served.provider):
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url(re.compile(rf"{re.escape(served.address)}|/interaction/"))


def test_an_enterprise_comes_in_by_its_number(page: Page, served: Served) -> None:
    """It sees its own page, the one that it asked for first; leaving ends the session here."""
    name = next(each.name for each in trial_world().plan.trial_accounts if each.login == "qiye1")
    log_in(page, served, "accountant", "/policies/hightech-award")

    assert page.url == f"{served.address}/policies/hightech-award"
    assert page.locator(".who").inner_text() == name
    page.get_by_role("button", name="退出").click()
    page.goto(served.address)
    assert page.url.startswith(f"{served.address}/login")


def test_leaving_ends_the_provider_s_session_too(page: Page, served: Served) -> None:
    """The provider knows by the ID token who leaves, leads back here, and asks the next person who they are."""
    log_in(page, served, "agent")
    page.wait_for_url("**/act-for*")
    page.locator(".choices button").first.click()
    page.wait_for_url(f"{served.address}/")
    page.get_by_role("button", name="退出").click()
    with page.expect_request(lambda asked: "id_token_hint=" in asked.url) as leaving:
        page.get_by_role("link", name="退出统一身份认证").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    page.wait_for_url(f"{served.address}/login")

    (hint,) = parse_qs(urlsplit(leaving.value.url).query)["id_token_hint"]
    assert json.loads(base64.urlsafe_b64decode(hint.split(".")[1] + "=="))["sub"] == "agent"
    with served.deployment.store.reading() as rx:
        assert (
            rx.connection.exec_driver_sql(
                "select count(*) from web_session where id_token is not null and ended_at is not null"
            ).scalar()
            == 0
        )
    page.get_by_role("link", name="用统一身份认证登录").click()
    page.wait_for_url(f"{served.provider}/interaction/*")
    assert page.locator("input[name=password]").count() == 1


def test_whose_session_it_was_is_not_made_up(page: Page, served: Served) -> None:
    """A hint that the provider did not sign ends nothing: it is the hint that it goes by."""
    log_in(page, served, "officer")
    page.wait_for_url("**/console")
    answer = page.goto(f"{served.provider}/session/end?id_token_hint=made.up.token&client_id=mianshen")
    assert answer is not None
    assert answer.status == 400


def test_an_agent_says_for_whom(page: Page, served: Served) -> None:
    """Of the numbers that are stated those that are known here; one at a time, under the name of the one chosen."""
    names = {each.login: each.name for each in trial_world().plan.trial_accounts}
    log_in(page, served, "agent")
    page.wait_for_url("**/act-for*")

    offered = page.locator(".choices button").all_inner_texts()
    assert sorted(offered) == sorted([names["qiye1"], names["qiye2"]])
    for login in ("qiye2", "qiye1"):
        page.get_by_role("button", name=names[login]).click()
        page.wait_for_url(f"{served.address}/")
        assert page.locator(".who").inner_text() == names[login]
        page.get_by_role("link", name="换单位").click()


@pytest.mark.parametrize(("login", "said"), [("stranger", "还没有您的单位"), ("both", "选定一种身份")])
def test_who_is_nobody_here_is_told_so(page: Page, served: Served, login: str, said: str) -> None:
    """No session begins, and the number is not said again."""
    log_in(page, served, login)

    assert said in page.locator("main").inner_text()
    assert "91310000" not in page.content()
    page.goto(served.address)
    assert page.url.startswith(f"{served.address}/login")


def test_an_officer_confirms_at_the_provider(page: Page, served: Served) -> None:
    """An officer comes to the console; what cannot be taken back asks the provider anew, and another person is not enough."""
    log_in(page, served, "officer")
    page.wait_for_url("**/console")
    assert page.locator(".who").inner_text() == "li"

    page.goto(f"{served.address}/confirm?next=/console/batches")
    page.get_by_role("link", name="再次登录").click()
    show_who(page, served, "officer")
    page.wait_for_url("**/console/batches")
    with served.deployment.store.reading() as rx:
        (entry,) = last_entries(rx, 1, event="session.renewed")
    assert entry.done_by == "li"

    page.goto(f"{served.address}/confirm?next=/console/batches")
    page.get_by_role("link", name="再次登录").click()
    show_who(page, served, "accountant")
    assert "不是当前登录的人" in page.locator("main").inner_text()


def test_an_answer_is_good_in_its_own_browser_alone(page: Page, served: Served) -> None:
    """A link with somebody's code, put before another browser, logs nobody in; nor does an answer that was bent."""
    page.goto(f"{served.address}/login/callback?code=stolen&state=of-another")
    assert "已经失效" in page.locator("main").inner_text()

    page.goto(f"{served.address}/login/provider")
    page.wait_for_url(f"{served.provider}/interaction/*")
    page.goto(f"{served.address}/login/callback?code=stolen&state=of-another")
    assert "已经失效" in page.locator("main").inner_text()
    page.goto(served.address)
    assert page.url.startswith(f"{served.address}/login")
