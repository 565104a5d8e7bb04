"""A real browser at pages that are served on this machine, and what it finds wrong with them."""

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Download,
    Locator,
    Page,
    Request,
    expect,
    sync_playwright,
)
from starlette.applications import Starlette

from engine.deployment import Deployment
from store.accounts import account_of
from store.sessions import Login, open_session
from store.states.entry import LoginWay

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NODE_MODULES = Path(__file__).parent / "node" / "node_modules"
_AXE = NODE_MODULES / "axe-core" / "axe.min.js"

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium; on Debian: apt-get install chromium fonts-noto-cjk"
)
needs_axe = pytest.mark.skipif(not _AXE.exists(), reason="no axe; with Node.js: npm install --prefix tests/pages/node")

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_BY_WIDTH = ["color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block"]
"""The rules whose verdict may change with the width of the screen and the size of the letters."""


@contextmanager
def listening() -> Iterator[tuple[socket.socket, str]]:
    """Listen on loopback; yield the socket and its address. A browser that comes early waits in the queue."""
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        own.listen()
        yield own, f"http://127.0.0.1:{own.getsockname()[1]}"


@contextmanager
def answering(own: socket.socket, app: Starlette) -> Iterator[None]:
    """Have an application answer at a socket."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [own]}, daemon=True)
    thread.start()
    yield
    server.should_exit = True
    thread.join(10)


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """Serve an application on loopback and yield its address."""
    with listening() as (own, address), answering(own, app):
        yield address


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@dataclass
class Watch:
    """Keeps what a browser complained of, and what it asked of other hosts; Playwright hangs things on it."""

    address: str
    faults: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> BrowserContext:
        """Look over everything that happens in a context."""
        context.on("request", self._asked)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.faults.append(f"a script failed: {error.error}"))
        return context

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"asked of another host: {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        is_refusal = message.text.startswith("Failed to load resource") and "409" in message.text
        if not is_refusal:  # a refusal is an answer, and the browser remarks upon its status
            self.faults.append(f"said on {message.page.url if message.page else 'no page'}: {message.text}")


def come_in(context: BrowserContext, deployment: Deployment, address: str, login: str) -> None:
    """Begin the session of an account without the page that does, which has tests of its own."""
    with deployment.store.writing() as tx:
        account = account_of(tx, login)
        assert account is not None
        subjects = () if account.subject_id is None else (account.subject_id,)
        greeting = "上海示例精密机械制造有限公司" if subjects else login
        token = open_session(tx, deployment.seals, Login(login, LoginWay.LOCAL, subjects, greeting))
    context.add_cookies([{"name": "mianshen", "value": token, "url": address}])


@cache
def _axe() -> str:
    return _AXE.read_text("utf-8") + ";0"


def faults_for_everybody(page: Page, *, is_whole: bool = True) -> list[str]:
    """Return what keeps somebody from using a page as it is shown: axe's violations, and what goes past its edge.

    With `is_whole` false only the rules that depend on how wide the page is are asked again.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    which = {"type": "tag", "values": _TAGS} if is_whole else {"type": "rule", "values": _BY_WIDTH}
    found: dict[str, Any] = page.evaluate(
        "which => axe.run(document, {resultTypes: ['violations'], runOnly: which})", which
    )
    faults = [
        f"{each['id']}: {node['target']} {node['html'][:160]} {node.get('failureSummary', '')}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
    return faults + beyond(page)


_BEYOND = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), own = [];
  while (walker.nextNode()) if (/_[a-z2-7]{16}/.test(walker.currentNode.data)) own.push([walker.currentNode, walker.currentNode.data]);
  own.forEach(([node, text]) => { node.data = text.replace(/_[a-z2-7]{16}/g, "_" + "m".repeat(16)); });
  const width = window.innerWidth, whole = document.documentElement.scrollWidth;
  const past = [...document.querySelectorAll("main *, header *, nav *, footer *")]
    .filter(each => each.getBoundingClientRect().right > width + 1 && !each.closest(".scroll, figure, pre"))
    .map(each => each.outerHTML.slice(0, 120)).slice(0, 5);
  own.forEach(([node, text]) => { node.data = text; });
  return whole > width ? [`${location.href}: ${whole} pixels on a screen of ${width}`, ...past] : [];
}"""
"""What stands out over the right edge and in no frame of its own, where an id, which is chance, were of wide letters alone."""


def beyond(page: Page) -> list[str]:
    """Return what makes a page wider than its screen, or nothing; ids are taken to be as wide as they may be."""
    return page.evaluate(_BEYOND)  # type: ignore[no-any-return]  # what a script returns has no type


@dataclass(frozen=True, slots=True)
class Screen:
    """How somebody looks at the pages."""

    name: str
    width: int
    has_scripts: bool = True
    is_large: bool = False  # 长者模式
    zoom: int = 1  # a browser at 200 % has half as many pixels of a style sheet, each twice as fine

    def context(self, browser: Browser, address: str) -> BrowserContext:
        """Return a browser of their own, that knows nobody."""
        made = browser.new_context(
            base_url=address,
            locale="zh-CN",
            viewport={"width": self.width // self.zoom, "height": 900 // self.zoom},
            device_scale_factor=self.zoom,
            java_script_enabled=self.has_scripts,
        )
        if self.is_large:
            made.add_cookies([{"name": "senior", "value": "1", "url": address}])
        return made


DESK, PHONE = Screen("desk", 1280), Screen("phone", 390)
DESK_BARE = Screen("desk without scripts", 1280, has_scripts=False)
PHONE_BARE = Screen("phone without scripts", 390, has_scripts=False)
ZOOMED = Screen("desk at 200 %", 1280, zoom=2)
LARGE = Screen("phone in large type", 390, is_large=True)


_IN_PLACE = "each => 'htmx' in window && each.closest('[hx-post], [hx-get]') !== null"


@dataclass(slots=True)
class Person:
    """Somebody at a browser, who finds things by what is written on them.

    What leads to another page is over once that has loaded, whole and with its style: nothing is then read of the page before, nor
    of half a page. What is answered in place is awaited by its words.
    """

    page: Page

    def log_in(self, login: str, password: str) -> None:
        """Come in by the page that asks for it."""
        self.page.goto("/")
        self.page.get_by_label("账户").fill(login)
        self.page.get_by_label("密码").fill(password)
        self.press("登录")

    def log_out(self) -> None:
        """Leave."""
        self.press("退出")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("登录")

    def follow(self, *names: str) -> None:
        """Follow links, one after another."""
        for name in names:
            self.go(self.page.get_by_role("link", name=name).first)

    def press(self, name: str) -> None:
        """Press a button."""
        self.go(self.page.get_by_role("button", name=name, exact=True).first)

    def go(self, way: Locator) -> None:
        """Click on what leads to another page, or has an answer come in place."""
        if way.evaluate(_IN_PLACE):
            way.click()
            return
        with self.page.expect_event("load"):
            way.click()

    def take(self, name: str) -> Download:
        """Take a file along."""
        with self.page.expect_download() as taken:
            self.page.locator("main").locator("a, button", has_text=name).first.click()
        return taken.value

    def open(self, name: str) -> None:
        """Open what is folded."""
        self.page.locator("summary", has_text=name).first.click()

    def fill(self, **fields: str) -> None:
        """Fill in fields by what they are called."""
        for label, value in fields.items():
            self.page.get_by_label(label).locator("visible=true").first.fill(value)

    def reads(self, words: str) -> None:
        """Expect a page to say something, and to stay within its screen."""
        expect(self.page.locator("main")).to_contain_text(words)
        self.page.wait_for_load_state()
        assert beyond(self.page) == []
