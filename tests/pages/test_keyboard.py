"""Ways through the pages without a mouse: everything is reached by Tab and done by Enter and Space, and one sees where one is."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from pages.web.app import create_app
from pages.web.console import batches
from store.batches import read_batches
from store.states.paying import BatchState
from tests.pages.browsing import chromium, needs_chromium, served
from tests.pages.desk import PASSWORD as DESK_PASSWORD
from tests.pages.full_desk import CASHIER, HEAD, full_desk
from tests.trial_world import PASSWORD, trial_world

pytestmark = needs_chromium

STEPS_MAX = 120
"""What nobody has to press Tab oftener than for."""

SEEN = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return "nowhere";
  const style = getComputedStyle(here), box = here.getBoundingClientRect();
  const shown = here.matches("input[type=radio], input[type=checkbox]") || box.width > 0 && box.height > 0;
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const ringed = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return shown && inside && ringed ? "" : here.outerHTML.slice(0, 160);
}"""
"""Says where the focus cannot be seen: no ring of two pixels round it, or outside of what the screen shows."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@dataclass(slots=True)
class Keys:
    """Somebody who has a keyboard alone."""

    page: Page

    def reach(self, target: Locator) -> None:
        """Press Tab until something has the focus; on the way the focus is never out of sight, and never goes in a circle."""
        element = target.element_handle()
        for _ in range(STEPS_MAX):
            if self.page.evaluate("element => element === document.activeElement", element):
                return
            self.page.keyboard.press("Tab")
            assert self.page.evaluate(SEEN) in {"", "nowhere"}
        pytest.fail(f"not reached by Tab: {target}")

    def write(self, label: str, words: str) -> None:
        """Reach a field and write into it."""
        self.reach(self.page.get_by_label(label).first)
        self.page.keyboard.type(words)

    def enter(self, target: Locator) -> None:
        """Reach a link, a button or what is folded, and press Enter."""
        self.reach(target)
        self.page.keyboard.press("Enter")

    def link(self, name: str) -> Locator:
        """Return a link."""
        return self.page.get_by_role("link", name=name).first

    def button(self, name: str) -> Locator:
        """Return a button."""
        return self.page.get_by_role("button", name=name, exact=True).first

    def log_in(self, login: str, password: str) -> None:
        """Come in: the first field has the focus when the page opens."""
        expect(self.page.get_by_label("账户")).to_be_focused()
        self.page.keyboard.type(login)
        self.write("密码", password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: not url.endswith("/login"))

    def reads(self, words: str) -> None:
        """Expect a page to say something."""
        expect(self.page.locator("main")).to_contain_text(words)


def test_an_enterprise_finds_tries_and_confirms(browser: Browser, tmp_path: Path) -> None:
    """Past the menu by the link to the text; a near miss, a trial, a yes with an account, and out."""
    with trial_world().open(tmp_path / "w") as deployment, served(create_app(deployment)) as address:
        context = browser.new_context(base_url=address, locale="zh-CN")
        keys = Keys(context.new_page())
        keys.page.goto("/login")
        keys.log_in("qiye1", PASSWORD)

        keys.page.keyboard.press("Tab")
        expect(keys.link("跳到正文")).to_be_focused()
        keys.page.keyboard.press("Enter")
        keys.enter(keys.link("高新技术企业认定奖励"))
        keys.reads("补报")
        keys.enter(keys.link("试一试"))
        keys.page.wait_for_url("**/try")
        keys.reach(keys.page.get_by_label("统计年报已报送"))
        keys.page.keyboard.press("ArrowDown")
        keys.reads("符合，250,000.00 元")

        keys.enter(keys.link("我的政策"))
        keys.page.wait_for_url(f"{address}/")
        keys.enter(keys.link("失业保险稳岗返还（2025年度）"))
        keys.page.wait_for_url("**/policies/*")
        keys.write("收款账号", "6222021234567890123")
        keys.enter(keys.button("确认享受"))
        keys.reads("已确认")
        keys.enter(keys.page.locator("summary", has_text="数据不对"))
        keys.write("应为", "已报送")
        keys.enter(keys.button("退出"))
        keys.page.wait_for_url("**/login")
        context.close()


def test_a_paymaster_takes_a_batch_out(browser: Browser, tmp_path: Path) -> None:
    """One approves what the sheet says, another sends it and says that the bank has it."""
    desk = full_desk(tmp_path / "w")
    with desk.world.store.reading() as rx:
        (batch,) = read_batches(rx, states=[BatchState.FROZEN])
    with served(create_app(desk.world.deployment)) as address:
        for name, steps in (
            (HEAD, [("批准这一内容", "已批准，可以发出")]),
            (CASHIER, [("发出付款文件", "个付款文件"), ("登记：已交银行", "付款文件已交银行")]),
        ):
            context = browser.new_context(base_url=address, locale="zh-CN")
            keys = Keys(context.new_page())
            keys.page.goto("/login")
            keys.log_in(name, DESK_PASSWORD)
            keys.enter(keys.link("资金发放"))
            keys.page.wait_for_url(f"**{batches.PLACE}")
            keys.enter(keys.page.locator(f"a[href='{batches.PLACE}/{batch.batch_id}']"))
            keys.page.wait_for_url(f"**/{batch.batch_id}")
            for label, said in steps:
                keys.enter(keys.button(label))
                keys.reads(said)
            context.close()
    desk.close()
    desk.world.store.close()


def test_a_focus_that_nobody_sees_is_found(browser: Browser) -> None:
    """The check itself can fail: without a ring, and off the screen."""
    page = browser.new_page()
    page.set_content(
        "<style>a:focus { outline: 0 } b { position: absolute; left: -99rem }</style><a href='#'>a</a><b tabindex=0>b</b>"
    )
    for place in ("a", "b"):
        page.locator(place).focus()
        assert page.evaluate(SEEN)
    page.close()
