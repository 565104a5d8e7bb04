"""The pages in a real browser: what a person at an enterprise does."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from pages.web.app import create_app
from tests.pages.browsing import chromium, needs_chromium, served
from tests.trial_world import PASSWORD, trial_world

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with (
        trial_world().open(tmp_path_factory.mktemp("browser") / "w") as deployment,
        served(create_app(deployment)) as address,
    ):
        yield address


@pytest.fixture
def page() -> Iterator[Page]:
    """Open a browser in which scripts are switched off, for no page needs them."""
    with chromium() as browser:
        yield browser.new_context(java_script_enabled=False, locale="zh-CN").new_page()


def test_from_login_to_the_one_missing_condition(page: Page, address: str) -> None:
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
