"""What pages do while somebody types, with scripts: the same answers as by the button, in their place on the page."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.deployment import Deployment
from pages.web.app import create_app
from pages.web.console import audit, batches, policies
from tests.pages.browsing import Watch, chromium, come_in, needs_chromium, served
from tests.pages.desk import Desk
from tests.pages.full_desk import CLERK, full_desk
from tests.trial_world import trial_world
from tests.world import POLICY

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with trial_world().open(tmp_path_factory.mktemp("in-place") / "w") as deployment:
        yield deployment


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = full_desk(tmp_path_factory.mktemp("in-place-desk") / "w")
    yield made
    made.close()
    made.world.store.close()


@contextmanager
def logged_in(browser: Browser, deployment: Deployment, login: str) -> Iterator[tuple[Page, Watch]]:
    """Yield a page of somebody who is logged in, and what the browser complains of."""
    with served(create_app(deployment)) as address:
        watch = Watch(address)
        context = watch.over(browser.new_context(base_url=address, locale="zh-CN"))
        come_in(context, deployment, address, login)
        yield context.new_page(), watch
        context.close()


@pytest.fixture
def own(browser: Browser, district: Deployment) -> Iterator[Page]:
    """Return a page of an enterprise; at the end the browser has complained of nothing."""
    with logged_in(browser, district, "qiye1") as (page, watch):
        yield page
    assert watch.faults == []


@pytest.fixture
def console(browser: Browser, desk: Desk) -> Iterator[Page]:
    """Return a page of an officer, in the same way."""
    with logged_in(browser, desk.world.deployment, CLERK) as (page, watch):
        yield page
    assert watch.faults == []


def test_a_list_follows_what_is_typed_and_the_address_says_what(own: Page) -> None:
    """The field keeps its focus; and going back from what was found, the list stands as it was left."""
    own.goto("/public/policies")
    field = own.get_by_label("关键词")
    field.press_sequentially("残疾")
    own.wait_for_url("**words=*")
    expect(field).to_be_focused()
    count = own.locator("#count").inner_text()
    shown = own.locator("#found li")
    assert count.startswith(f"{shown.count()} 项政策")
    assert all("残疾" in each for each in shown.all_inner_texts())

    own.locator("#found a").first.click()
    own.wait_for_url("**/public/policies/*")
    own.go_back()

    expect(own.get_by_label("关键词")).to_have_value("残疾")
    assert own.locator("#count").inner_text() == count


def test_what_if_answers_beside_the_figures(own: Page) -> None:
    """Another figure, and the policy that follows it says so, while everything that was filled in stays."""
    own.goto("/try")
    own.get_by_label("统计年报已报送").select_option("是")

    tried = own.locator("#answers .tried")
    expect(tried).to_contain_text("符合，250,000.00 元")
    expect(own.get_by_label("统计年报已报送")).to_have_value("是")

    own.get_by_label("统计年报已报送").select_option("不变")
    expect(tried).to_have_count(0)


def test_where_the_session_is_over_the_whole_page_goes_to_the_login(own: Page) -> None:
    """No part of the login is put where an answer was to stand."""
    own.goto("/try")
    own.context.clear_cookies()
    own.get_by_label("统计年报已报送").select_option("是")

    own.wait_for_url("**/login")
    assert own.get_by_role("heading", level=1).inner_text() == "登录"


def test_an_answer_that_does_not_come_is_said(browser: Browser, district: Deployment) -> None:
    """What stood there stays, and a note says that it is not of now; the next answer takes the note away."""
    with logged_in(browser, district, "qiye1") as (page, watch):
        page.goto("/try")
        page.route("**/try", lambda route: route.fulfill(status=503))
        page.get_by_label("统计年报已报送").select_option("是")
        expect(page.locator("#stale")).to_be_visible()

        page.unroute("**/try")
        page.get_by_label("统计年报已报送").select_option("否")
        expect(page.locator("#stale")).to_be_hidden()
    assert all("503" in each for each in watch.faults)


def test_a_draft_is_read_while_it_is_written(console: Page) -> None:
    """Faults appear beside the text and lead to their line; mended, the rule is said in plain words again; nothing is saved."""
    console.goto(f"{policies.PLACE}/{POLICY}/2/edit")
    text = console.locator("#text")
    whole = text.input_value()
    text.fill(whole.replace("有证", "有政", 1))
    console.locator("#checked li", has_text="没有名为").locator("[data-line]").click()
    assert "有政" in console.evaluate("getSelection().toString()")

    text.fill(whole.replace("150", "170"))
    expect(console.locator("#checked .rule")).to_contain_text("170元")
    expect(console.locator("#checked .bad")).to_have_count(0)
    console.reload()
    expect(console.locator("#checked .rule")).to_contain_text("150元")


@pytest.mark.parametrize(
    ("place", "label", "words", "found"),
    [
        (audit.PLACE, "何人", CLERK, CLERK),
        (f"{batches.PLACE}?group=over", "事项、拨付单位或批次", "nothing", "没有找到"),
    ],
)
def test_officers_search_as_they_type(console: Page, place: str, label: str, words: str, found: str) -> None:
    """The audit chain and the batches."""
    console.goto(place)
    console.get_by_label(label).fill(words)

    console.wait_for_url(f"**={words}*")
    expect(console.locator("#found")).to_contain_text(found)
