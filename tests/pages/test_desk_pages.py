"""Every page of the desk: its markup keeps nobody out, and what waits leads to where it is dealt with."""

import re
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.supervising.limits import Matter
from pages.web.app import create_app
from pages.web.console.home import WAYS
from pages.web.console.menu import PARTS
from tests.pages.markup import faults_of
from tests.trial_world import OFFICER, PASSWORD, trial_world

PLACES = [each.place for _, pages in PARTS for each in pages]
BELOW = re.compile(r'<th scope="row"[^>]*><a href="(/console/[^"?]+)"')


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starlette]:
    with trial_world().open(tmp_path_factory.mktemp("desk") / "w") as deployment:
        yield create_app(deployment)


@pytest.fixture(scope="module")
def browser(app: Starlette) -> Iterator[TestClient]:
    with TestClient(app) as made:
        made.post("/login", data={"login": OFFICER, "password": PASSWORD})
        yield made


@pytest.mark.parametrize("place", PLACES)
def test_everybody_can_use_a_page_and_what_it_leads_to(browser: TestClient, place: str) -> None:
    """One heading of the page, levels in order, a label for each field, a scope for each head of a table, nothing inline."""
    shown = browser.get(place)
    assert shown.status_code == 200
    assert faults_of(shown.text) == []
    for below in BELOW.findall(shown.text)[:1]:
        assert faults_of(browser.get(below).text) == [], below


def test_what_waits_leads_to_where_it_is_dealt_with(browser: TestClient, app: Starlette) -> None:
    """Every kind of matter has its place, and every matter of the list is there."""
    assert set(WAYS) == set(Matter)
    found = set(BELOW.findall(browser.get("/console").text))
    assert found
    for place in found:
        assert browser.get(place).status_code == 200, place


def test_markup_that_shuts_people_out_is_found() -> None:
    """The check itself can fail."""
    page = '<h1>a</h1><h3>b</h3><th>c</th><input name="d"><p style="x" onclick="y"></p><script src="https://e/f.js"></script>'

    assert len(faults_of(page)) == 6
    assert faults_of('<h1>a</h1><label>b<input name="c"></label><input type="hidden" name="d">') == []
    assert faults_of("<h2>a</h2>") == ["not one heading of the page, first"]
