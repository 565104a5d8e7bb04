"""Every declared page in a real browser: for everybody to use, at every width, in large type, and from nowhere else.

Pages are found as people find them, by following links; a page that no link leads to is a fault of its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from engine.deployment import Deployment
from pages.web.app import create_app, declared
from pages.web.guard import Guard
from pages.web.rendering import Rendering
from pages.web.routes import For, Route
from tests.pages.browsing import (
    Watch,
    beyond,
    chromium,
    come_in,
    faults_for_everybody,
    needs_axe,
    needs_chromium,
    served,
)
from tests.pages.full_desk import CLERK, full_desk
from tests.trial_world import OFFICER, trial_world

pytestmark = [needs_chromium, needs_axe]

WIDTHS = (1280, 768, 360)
NOT_PAGES = frozenset({"/healthz", "/readyz"})
"""What machines read; workbooks, which are files, are told by their name."""

EACH = frozenset({"/console/supervision/{sheet}"})
"""Addresses that differ in a word and lead to pages of their own kind: each of them is looked at."""

LED_TO = {
    For.EVERYBODY: ("/public/policies", "/login"),
    For.SUBJECT: ("/", "/act-for", "/confirm", "/confirm/kept"),
    For.OFFICER: ("/console",),
}
"""Where each begins, and the pages that answers lead to rather than links."""


@dataclass(frozen=True, slots=True)
class Walker:
    """Who walks, and in which language; in English it is looked whether its longer words fit."""

    login: str | None
    whom: For
    locale: str = "zh-CN"

    def look(self, page: Page) -> Iterator[str]:
        """Return what is wrong with a page."""
        return look(page) if self.locale == "zh-CN" else fit(page)


VISITOR, FIRM, OFFICE = Walker(None, For.EVERYBODY), Walker("qiye1", For.SUBJECT), Walker(OFFICER, For.OFFICER)


@dataclass(slots=True)
class Seen:
    """What a walk through the pages found."""

    routes: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def seen(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Walk through everything once: as a visitor, as an enterprise, as an officer of a district, and at a full desk."""
    found = Seen()
    with (
        trial_world().open(tmp_path_factory.mktemp("every") / "w") as deployment,
        served(create_app(deployment)) as address,
    ):
        for walker in (VISITOR, FIRM, OFFICE):
            walk(browser, deployment, address, walker, found)
            walk(browser, deployment, address, replace(walker, locale="en"), found)
    desk = full_desk(tmp_path_factory.mktemp("full") / "w")
    with served(create_app(desk.world.deployment)) as address:
        walk(browser, desk.world.deployment, address, Walker(CLERK, For.OFFICER), found)
    desk.close()
    desk.world.store.close()
    return found


def pages_of(deployment: Deployment) -> list[Route]:
    """Return the routes that answer with a page."""
    every = declared(Guard(deployment, Rendering({})))
    return [each for each in every if each.method == "GET" and not is_file(each.path) and each.path not in NOT_PAGES]


def is_file(path: str) -> bool:
    """Say whether an address gives a file."""
    return path.endswith("/workbook")


def pattern(route: Route) -> re.Pattern[str]:
    """Return what the addresses of a route look like."""
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(route.path)))


def walk(browser: Browser, deployment: Deployment, address: str, walker: Walker, seen: Seen) -> None:
    """Follow links from where somebody begins, one address for each page and question, and look at each."""
    watch = Watch(address)
    context = watch.over(browser.new_context(locale=walker.locale, viewport={"width": WIDTHS[0], "height": 900}))
    if walker.login is not None:
        come_in(context, deployment, address, walker.login)
    page = context.new_page()
    for_them = {walker.whom} if walker.whom is For.EVERYBODY else set(For)
    routes = [(pattern(each), each.path) for each in pages_of(deployment) if each.whom in for_them]
    waiting, done = list(LED_TO[walker.whom]), set[tuple[str, str]]()
    while waiting:
        place = waiting.pop(0)
        parts = urlsplit(place)
        path = next((path for like, path in routes if like.fullmatch(parts.path)), None)
        if path is None or (key := (parts.path if path in EACH else path, parts.query)) in done:
            continue
        done.add(key)
        seen.routes.add(path)
        page.goto(address + place)
        seen.faults += [f"{place} {fault}" for fault in walker.look(page)]
        waiting += page.eval_on_selector_all(
            "a[href^='/']", "all => all.map(each => each.getAttribute('href').split('#')[0])"
        )
    seen.faults += watch.faults
    context.close()


def look(page: Page) -> Iterator[str]:
    """Yield what is wrong with a page at every width, in both sizes of type."""
    if not page.title().partition(" · ")[0]:
        yield "has no title"
    for size in ("", "senior"):
        page.evaluate("size => { document.documentElement.className = size }", size)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            faults = faults_for_everybody(page, is_whole=not size and width == WIDTHS[0])
            yield from (f"at {width}{' in large type' if size else ''}: {fault}" for fault in faults)
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})


def fit(page: Page) -> Iterator[str]:
    """Yield what stands out over the edge of a small screen, in both sizes of type."""
    for size in ("", "senior"):
        page.evaluate("size => { document.documentElement.className = size }", size)
        for width in WIDTHS[1:]:
            page.set_viewport_size({"width": width, "height": 900})
            yield from (f"in English{' in large type' if size else ''}: {fault}" for fault in beyond(page))


def test_everybody_can_use_every_page(seen: Seen) -> None:
    """WCAG 2.2 AA at three widths in two sizes; nothing sideways, nothing on the console, nothing from another host."""
    assert not seen.faults, "\n".join(seen.faults)


def test_links_lead_to_every_page(seen: Seen, tmp_path: Path) -> None:
    """Every page that is declared was found by following links."""
    with trial_world().open(tmp_path / "w") as deployment:
        assert {each.path for each in pages_of(deployment)} - seen.routes == set()
