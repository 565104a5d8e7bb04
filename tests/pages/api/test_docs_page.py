"""The document to look at: a browser shows all of it, without asking anybody else."""

import pytest
from starlette.testclient import TestClient

from engine.deployment import Deployment
from pages.api.app import declared
from pages.web.app import create_app
from tests.pages.browsing import Watch, chromium, faults_for_everybody, needs_axe, needs_chromium, served

THEIRS = ("heading-order", "landmark-unique", "region")
"""Best practices, none of them of WCAG, that the vendored page does not keep and its style cannot mend."""


@needs_chromium
@needs_axe
def test_a_browser_shows_every_endpoint(deployment: Deployment) -> None:
    """Under our policy, at two widths: nothing on the console, nothing from elsewhere, nothing sideways; one can read it."""
    with served(create_app(deployment)) as address, chromium() as browser:
        watch = Watch(address)
        page = watch.over(browser.new_context(viewport={"width": 1280, "height": 900})).new_page()
        page.goto(f"{address}/api/docs")
        page.wait_for_selector(".opblock")
        assert page.locator(".opblock").count() == len(declared())
        for number in (0, 2, -1):  # one that everybody reads, one of a subject, one that does something
            page.locator(".opblock-summary-control").nth(number).click()
        page.locator(".opblock").last.locator(".responses-wrapper").wait_for()
        faults = []
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            faults += [each for each in faults_for_everybody(page) if not each.startswith(THEIRS)]
    assert faults == []
    assert watch.faults == []


def test_without_scripts_it_leads_to_the_document(deployment: Deployment) -> None:
    """The words of the page are few, and the document itself needs no script."""
    client = TestClient(create_app(deployment))
    page = client.get("/api/docs").text

    assert 'href="/api/openapi.json"' in page
    assert client.get("/api/openapi.json").json()["openapi"] == "3.1.0"


@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1", "/api/v1/%0a", "/api/nothing", "/api/v1/subject/%00", "/api//v1/policies"]
)
def test_whatever_else_is_asked_is_a_problem(deployment: Deployment, path: str) -> None:
    """Below the interface nothing answers with a page."""
    answer = TestClient(create_app(deployment)).get(path)

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
