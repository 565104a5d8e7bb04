"""An enterprise's pages on PostgreSQL behind row security: the same pages and deeds as without, through a role that owns nothing."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from starlette.testclient import TestClient

from core.clock import FixedClock
from engine.deployment import Deployment
from engine.explaining.checkup import check_up
from engine.explaining.explain import viewpoint_on
from engine.housekeeping import tidy
from pages.web.app import create_app, declared
from pages.web.guard import Guard
from pages.web.rendering import Rendering
from pages.web.routes import For
from store.accounts import account_of
from store.grants import read_acts
from store.opening import Store, open_store
from store.row_security import prepare_role
from store.tables import METADATA
from tests.pages.api.portal import later, number_of, registered
from tests.store.postgresql import empty, execute, running
from tests.trial_world import PASSWORD, trial_world

ROLE = "mianshen_pages"
COUNTED = ("number", "revision")
"""Columns that a database counts up by itself, where it does."""

REFUND, CENTRE, AWARD = "job-stabilisation-refund", "technology-centre-municipal", "hightech-award"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Start a server with the role of the pages."""
    with running() as url:
        execute(url, f"create role {ROLE} nologin")
        yield url


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Deployment]:
    """Return the trial on SQLite, without any belt."""
    with trial_world().open(tmp_path / "plain") as opened:
        yield opened


@pytest.fixture
def belted(plain: Deployment, server: str, tmp_path: Path) -> Iterator[Deployment]:
    """Return the same trial on PostgreSQL, with the role in its settings."""
    empty(server)
    shutil.copytree(plain.workspace.root, tmp_path / "belted")
    settings = plain.workspace.settings
    web = settings.web.model_copy(update={"database_role": ROLE})
    workspace = replace(plain.workspace, root=tmp_path / "belted", settings=settings.model_copy(update={"web": web}))
    assert isinstance(plain.clock, FixedClock)
    clock = FixedClock(plain.clock.instant)
    with open_store(server, clock=clock) as store:
        _copied(plain.store, server)
        with store.writing() as tx:
            prepare_role(tx.connection, ROLE)
        yield Deployment(workspace, store, clock)


def _copied(source: Store, server: str) -> None:
    """Put every row of one database into another, and let what counts go on counting."""
    target = sa.create_engine(server.replace("postgresql://", "postgresql+psycopg://"))
    with source.reading() as rx, target.begin() as connection:
        connection.exec_driver_sql("set local session_replication_role = replica")
        for table in METADATA.sorted_tables:
            rows = [dict(row) for row in rx.connection.execute(sa.select(table)).mappings()]
            if rows:
                connection.execute(sa.insert(table), rows)
    target.dispose()
    counted = [(name, each) for name, table in METADATA.tables.items() for each in COUNTED if each in table.columns]
    with psycopg.connect(server, autocommit=True) as counting:
        for name, column in counted:
            counting.execute(
                sql.SQL("select setval(counter, (select coalesce(max({}), 1) from {})) from {}").format(
                    sql.Identifier(column),
                    sql.Identifier(name),
                    sql.SQL("(select pg_get_serial_sequence({}, {})) as of (counter) where counter is not null").format(
                        name, column
                    ),
                )
            )


def come_in(client: TestClient) -> str:
    client.post("/login", data={"login": "qiye1", "password": PASSWORD})
    found = re.search(r'name="token" value="(\w+)"', client.get("/").text)
    assert found is not None
    return found[1]


def said(client: TestClient, path: str) -> tuple[int, str]:
    """Return what a page says, without what each session has for itself."""
    answer = client.get(path)
    return answer.status_code, re.sub(r'value="[0-9a-f]{64}"', "", answer.text)


def test_pages_say_the_same_behind_row_security(plain: Deployment, belted: Deployment) -> None:
    """Every page of an enterprise, each of its letters and policies: to the letter what they are without the belt."""
    with TestClient(create_app(plain)) as first, TestClient(create_app(belted)) as second:
        come_in(first)
        come_in(second)
        every = declared(Guard(plain, Rendering({})))
        paths = [
            each.path for each in every if each.whom is For.SUBJECT and each.method == "GET" and "{" not in each.path
        ]
        linked = {path for own in paths for path in re.findall(r'href="(/[^"#?]*)"', said(first, own)[1])}
        walked = [path for path in sorted({*paths, *linked}) if not path.startswith(("/static", "/login"))]
        assert len(walked) > 12
        for path in walked:
            assert said(first, path) == said(second, path), path


def test_deeds_go_through_behind_row_security(belted: Deployment) -> None:
    """What an enterprise does is written as its own: confirmed with an account, given up, disputed, rated, and told."""
    with belted.store.reading() as rx:
        account = account_of(rx, "qiye1")
        assert account is not None
        assert account.subject_id is not None
        found = check_up(rx, viewpoint_on(rx, belted, None), kind="enterprise", subject_id=account.subject_id)
        grants = {each.policy: each.grant_id for each in found.policies if each.grant_id}
        before = len(read_acts(rx))
    with TestClient(create_app(belted)) as client:
        token = come_in(client)
        deeds = (
            (f"/policies/{REFUND}/confirm", {"grant": grants[REFUND], "account": "6222021234567890123"}),
            (f"/policies/{CENTRE}/waive", {"grant": grants[CENTRE], "reason": "自愿"}),
            (f"/policies/{CENTRE}/revoke", {"grant": grants[CENTRE]}),
            (f"/policies/{AWARD}/appeal", {"said": "应当符合", "contact": "13800000000"}),
            ("/inbox/wanted", {"category": "advice", "wanted": ""}),
        )
        for path, fields in deeds:
            answer = client.post(path, data={"token": token, **fields})
            assert answer.status_code == 200, (path, re.findall(r"<p[^>]*>([^<]*)<", answer.text))
        letter = re.search(r'href="(/inbox/[^"?]+)"', client.get("/inbox").text)
        assert letter is not None
        assert client.get(letter[1]).status_code == 200
        assert client.post(f"{letter[1]}/away", data={"token": token}).status_code == 200
        assert client.post("/payments/advice", data={"token": token, "year": "2025", "kind": "txt"}).status_code == 200
        assert "待受理" in client.get("/raised").text or "已登记" in client.get("/raised").text
    with belted.store.reading() as rx:
        assert len(read_acts(rx)) == before + 3


def test_old_answers_and_sessions_are_forgotten_behind_the_belt(belted: Deployment) -> None:
    """The role of the pages sees no answer and deletes none; what tidies up goes by the owner of the tables."""
    portal = registered(belted)
    asked = {"number": number_of(), "is_wanted": False}
    answer = portal.calls("/subject/subscriptions/advice", asked, once="key-00000001")
    assert answer.status_code == 200
    with TestClient(create_app(belted)) as client:
        client.post("/login", data={"login": "qiye1", "password": PASSWORD})
    own = belted.speaking_for(_subject_of(belted))
    with own.store.reading() as rx:
        assert rx.connection.exec_driver_sql("select count(*) from portal_answer").scalar() == 0

    later(belted, days=61)
    assert tidy(belted) == []
    with belted.store.reading() as rx:
        for asked_of in ("select count(*) from portal_answer", "select count(*) from web_session"):
            assert rx.connection.exec_driver_sql(asked_of).scalar() == 0


def _subject_of(deployment: Deployment) -> str:
    with deployment.store.reading() as rx:
        account = account_of(rx, "qiye1")
    assert account is not None
    assert account.subject_id is not None
    return account.subject_id
