"""What a page of one subject asks of the database is found by index, however many other subjects there are."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry
from starlette.testclient import TestClient

from engine.deployment import Deployment
from pages.web.app import create_app
from tests.trial_world import PASSWORD, trial_world

OF_EVERYBODY = frozenset(
    {
        "act",
        "batch_item",
        "grant_",
        "grievance",
        "identifier",
        "inbox_item",
        "item",
        "notice",
        "obligation",
        "overpayment_case",
        "personal",
        "question",
        "subject",
        "web_session",
        "web_session_subject",
    }
)
"""Tables that grow with the people, and with the years."""

PAGES = ("/", "/checkup", "/policies/hightech-award", "/try", "/payments", "/inbox", "/raised")


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with trial_world().open(tmp_path_factory.mktemp("asked") / "w") as opened:
        yield opened


def scanned(path: Path, statement: str) -> set[str]:
    """Return the tables of everybody that a statement reads from end to end."""
    with sqlite3.connect(path) as connection:
        plan = [row[3].split() for row in connection.execute(f"explain query plan {statement}")]
    return {words[1] for words in plan if words[0] == "SCAN"} & OF_EVERYBODY


def test_no_page_of_a_subject_reads_a_table_of_everybody(deployment: Deployment) -> None:
    """Whatever its pages ask is looked up: none grows slower with what is paid to others, as statements once did."""
    asked: list[str] = []

    def listen(connection: sqlite3.Connection, *_: ConnectionPoolEntry) -> None:
        connection.set_trace_callback(asked.append)

    with TestClient(create_app(deployment)) as client:
        client.post("/login", data={"login": "qiye1", "password": PASSWORD})
        deployment.store.engine.dispose()
        sa.event.listen(deployment.store.engine, "connect", listen)
        for page in PAGES:
            assert client.get(page).status_code == 200, page

    path = Path(deployment.store.engine.url.database or "")
    selects = {each for each in asked if each.startswith("SELECT")}
    assert any("batch_item" in each for each in selects)
    assert {each: found for each in selects if (found := scanned(path, each))} == {}
