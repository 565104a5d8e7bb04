"""The pages in a real browser: what a person at an enterprise does."""

import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Page, sync_playwright

from pages.web.app import create_app
from tests.trial_world import PASSWORD, trial_world

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium; on Debian: apt-get install chromium fonts-noto-cjk"
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the pages on loopback."""
    with trial_world().open(tmp_path_factory.mktemp("browser") / "w") as deployment, socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(deployment), log_level="warning"))
        own.listen()  # a browser that comes before the server is up waits in the queue
        thread = threading.Thread(target=server.run, kwargs={"sockets": [own]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{own.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def page() -> Iterator[Page]:
    """Open a browser in which scripts are switched off, for no page needs them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_context(java_script_enabled=False, locale="zh-CN").new_page()
        browser.close()


def test_from_login_to_the_one_missing_condition(page: Page, address: str, tmp_path: Path) -> None:
    """Log in, see the groups, open what is one step away, read what to do, and leave."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.get_by_label("账户").fill("qiye1")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"{address}/")

    headings = page.locator(".group h2").all_inner_texts()
    assert [text.split()[0] for text in headings] == ["已享", "可享", "待确认", "差一步", "待核", "不适用"]

    page.locator("#one_step a").first.click()
    page.wait_for_url("**/policies/*")
    assert page.locator(".criteria").get_by_role("listitem").first.inner_text().startswith("不符合")
    assert page.get_by_text("补报").first.is_visible()

    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/login")
    assert page.url == f"{address}/login"
    assert [url for url in asked if not url.startswith(address)] == []


def test_fits_a_narrow_screen(page: Page, address: str) -> None:
    """On 360 pixels nothing has to be moved sideways."""
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(address)
    page.get_by_label("账户").fill("qiye2")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"{address}/")

    box = page.locator("main").bounding_box()

    assert box is not None
    assert box["width"] <= 360
