"""Nobody reaches what is another's: every declared route, asked for by everybody it is not for, with ids of others.

The ids, names and sums are gathered from the database as it stands, and the routes and fields from the application, so that
a table, a page or a form that comes later is tried too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from core.money import yuan_text
from core.roles import Role
from core.settings import Access
from engine.deployment import Deployment
from pages.web.app import create_app, declared
from pages.web.guard import Guard, form_token
from pages.web.rendering import Rendering
from pages.web.routes import For, Route
from store.gate import Gate
from store.opening import Reading
from store.roles import Post, grant_role
from store.sessions import Login, open_session
from store.states.entry import LoginWay
from store.tables import METADATA
from store.vault_openings import NUMBER, open_personal
from tests.trial_world import OFFICER, subject_of, trial_world

COOKIE = "mianshen"
TEMPLATES = Path(__file__).parents[2] / "pages" / "templates"
LEADS_ON = ("subject_id", "grant_id", "obligation_id", "item_id")
"""The columns that lead from a subject to everything of it."""

OF_NOBODY = ("run_id", "load_id", "batch_id", "activation_id", "manifest_id", "night_id")
"""The columns whose ids many subjects share."""

NOBODY = "x_aaaaaaaaaaaaaaaa"
"""An id that nothing has."""

PERSONAL = (NUMBER, "name", "phone", "email", "account")


@dataclass(frozen=True, slots=True)
class Others:
    """What belongs to an enterprise: ids by column, and everything that no page of another may hold."""

    subject_id: str
    ids: dict[str, set[str]]
    personal: frozenset[str]
    sums: frozenset[str]

    def samples(self) -> list[str]:
        """Return one id of each column, to ask with."""
        return sorted({min(values) for values in self.ids.values() if values})


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with trial_world().open(tmp_path_factory.mktemp("access") / "w") as opened:
        yield opened


@pytest.fixture(scope="module")
def another(deployment: Deployment) -> Others:
    """Return what is of the enterprise that is not logged in, and not of the one that is."""
    own, others = (belongings(deployment, subject_of(deployment, login)) for login in ("qiye1", "qiye2"))
    ids = {column: values - own.ids.get(column, set()) for column, values in others.ids.items()}
    return replace(others, ids=ids, personal=others.personal - own.personal, sums=others.sums - own.sums)


def belongings(deployment: Deployment, subject_id: str) -> Others:
    """Return everything of a subject, found by following its ids through every table."""
    with deployment.store.writing() as tx:
        opened = open_personal(tx, deployment.seals, [subject_id], PERSONAL, by="test", why="test")
        ids = ids_of(tx, subject_id)
        items = METADATA.tables["item"]
        chosen = sa.select(items.c.amount_fen).where(items.c.item_id.in_(sorted(ids["item_id"])))
        sums = {yuan_text(amount) for amount in tx.connection.scalars(chosen)}
    return Others(subject_id, ids, frozenset(opened["value"].to_list()), frozenset(sums))


def ids_of(rx: Reading, subject_id: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {column: set() for column in LEADS_ON} | {"subject_id": {subject_id}}
    for _ in LEADS_ON:
        rows = [row for table in METADATA.sorted_tables for row in rows_of(rx, table, found)]
        for column, value in (pair for row in rows for pair in row.items()):
            if column.endswith("_id") and column not in OF_NOBODY and isinstance(value, str) and value:
                found.setdefault(column, set()).add(value)
    return found


def rows_of(rx: Reading, table: sa.Table, ids: dict[str, set[str]]) -> list[dict[str, object]]:
    """Return the rows of a table that are somebody's."""
    leads = [table.c[column].in_(sorted(ids[column])) for column in LEADS_ON if column in table.c]
    if not leads:
        return []
    return [dict(row._mapping) for row in rx.connection.execute(sa.select(table).where(sa.or_(*leads)))]


def state_of(deployment: Deployment, others: Others) -> dict[str, list[str]]:
    """Return every row of a subject, to see that nothing of it was changed."""
    with deployment.store.reading() as rx:
        ids = ids_of(rx, others.subject_id)
        return {
            table.name: sorted(map(repr, rows_of(rx, table, ids)))
            for table in METADATA.sorted_tables
            if table.name not in {"trial_account", "web_session", "web_session_subject"}
        }


def routes(deployment: Deployment, *whom: For) -> list[Route]:
    found = declared(Guard(deployment, Rendering({})))
    return [route for route in found if route.whom in whom]


def fields() -> list[str]:
    """Return the name of every field of every form."""
    names = {
        each for path in TEMPLATES.rglob("*.html") for each in re.findall(r'name="(\w+)"', path.read_text("utf-8"))
    }
    return sorted(names - {"token", "next", "file", "viewport"})


def come_in(client: TestClient, deployment: Deployment, login: str, subject_id: str | None) -> str:
    """Begin a session in an empty browser and return the word of its forms."""
    client.cookies.clear()
    with deployment.store.writing() as tx:
        whom = () if subject_id is None else (subject_id,)
        token = open_session(tx, deployment.seals, Login(login, LoginWay.OIDC, whom, "某某"))
    client.cookies.set(COOKIE, token)
    return form_token(token)


def ask(client: TestClient, route: Route, word: str, form: str) -> tuple[int, str]:
    """Ask for a route with somebody's id in its address, its query and every field; return status and all that is said."""
    path = re.sub(r"\{\w+\}", word, route.path)
    query = dict.fromkeys(("subject", "grant", "id", "notice", "group", "q"), word)
    data = dict.fromkeys(fields(), word) | {"token": form} if route.method == "POST" else None
    answer = client.request(route.method, path, params=query, data=data, follow_redirects=False)
    return answer.status_code, answer.text + repr(answer.headers.raw)


def said_of(text: str, others: Others) -> list[str]:
    """Return what a text holds of somebody."""
    known = set().union(*others.ids.values(), others.personal, others.sums)
    return sorted(each for each in known if each and each in text)


def test_there_is_something_to_find(deployment: Deployment, another: Others) -> None:
    """An enterprise with a name, a number, a sum and grants of its own, which its own page says: else this says nothing."""
    assert {"subject_id", "grant_id", "item_id"} <= {column for column, values in another.ids.items() if values}
    assert len(another.personal) > 1
    with TestClient(create_app(deployment)) as client:
        come_in(client, deployment, "qiye2", another.subject_id)
        own = said_of(client.get("/").text, another)
    assert set(own) & another.personal == set()  # pages greet, and say no number
    assert set(own) & another.sums


def test_nothing_of_another_enterprise_is_said_or_changed(deployment: Deployment, another: Others) -> None:
    """Every route, with one's own session and every id of another: not found, as with an id of nobody, and not a byte."""
    before = state_of(deployment, another)
    own = subject_of(deployment, "qiye1")
    with TestClient(create_app(deployment)) as client:
        for route, word in product(routes(deployment, *For), another.samples()):
            form = come_in(client, deployment, "qiye1", own)
            status, said = ask(client, route, word, form)

            assert said_of(said.replace(word, ""), another) == [], (route.method, route.path)
            if "{" in route.path:
                form = come_in(client, deployment, "qiye1", own)
                assert status in {303, 404, 409}, (route.method, route.path, word)
                assert same(said, word) == same(ask(client, route, NOBODY, form)[1], NOBODY), (route.method, route.path)
    assert state_of(deployment, another) == before


@pytest.mark.parametrize("who", ["an enterprise", "an officer"])
def test_what_is_not_for_somebody_looks_missing(deployment: Deployment, another: Others, who: str) -> None:
    """The console for an enterprise, an enterprise's page for an officer: the same page as for what does not exist."""
    is_officer = who == "an officer"
    subject = None if is_officer else subject_of(deployment, "qiye1")
    with TestClient(create_app(deployment)) as client:
        come_in(client, deployment, OFFICER if is_officer else "qiye1", subject)
        missing = client.get("/nowhere").text
        for route in routes(deployment, For.SUBJECT if is_officer else For.OFFICER):
            form = come_in(client, deployment, OFFICER if is_officer else "qiye1", subject)
            for word in another.samples()[:2]:
                path = re.sub(r"\{\w+\}", word, route.path)
                answer = client.request(route.method, path, data={"token": form} if route.method == "POST" else None)

                assert answer.status_code == 404, (route.method, route.path)
                assert plain(answer.text) == plain(missing), (route.method, route.path)


def same(text: str, word: str) -> str:
    """Return an answer without the word that was asked for: one about another's id is as one about nobody's."""
    return plain(text).replace(word, "").partition("(b'content-length'")[0]


def plain(text: str) -> str:
    """Return a page without the word of its forms, which each session has for itself."""
    return re.sub(r'value="[0-9a-f]{64}"', "", text)


def test_an_officer_needs_a_role_where_roles_are_required(deployment: Deployment) -> None:
    """Without any nothing of the console is there; with one, what needs another is not."""
    settings = deployment.workspace.settings.model_copy(update={"access": Access(roles="required")})
    workspace = replace(deployment.workspace, settings=settings)
    strict = replace(deployment, workspace=workspace, store=replace(deployment.store, gate=Gate()))
    with deployment.store.writing() as tx:
        grant_role(tx, Post("boss", Role.OPERATOR), by="boss", reason="first")
        grant_role(tx, Post("auditor", Role.AUDITOR), by="boss", reason="appointed")
    with TestClient(create_app(strict)) as client:
        for route in routes(strict, For.OFFICER):
            path = re.sub(r"\{\w+\}", "x", route.path)
            form = come_in(client, strict, "nobody", None)
            body = {"token": form} if route.method == "POST" else None
            assert client.request(route.method, path, data=body).status_code == 404, (route.method, route.path)
            if route.roles and Role.AUDITOR not in route.roles:
                form = come_in(client, strict, "auditor", None)
                body = {"token": form} if route.method == "POST" else None
                assert client.request(route.method, path, data=body).status_code == 404, (route.method, route.path)
        come_in(client, strict, "auditor", None)
        assert client.get("/console").status_code == 200
