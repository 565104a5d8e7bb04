"""An officer of one department or region gets not one byte of what another's policies are, hold and paid.

Every route of the console is asked for in every role over one scope, with every id of the others in its address and in every
field; the ids are gathered from the database by following the policies through every table.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import product

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from core.roles import Role, Scope
from core.settings import Access
from engine.deployment import Deployment
from pages.web.app import create_app
from pages.web.routes import For, Route
from pages.web.within import NAMING
from store.audit import last_entries
from store.gate import Gate
from store.roles import Post, grant_role, revoke_role
from store.tables import METADATA
from tests.beyond import OWN, PAID, Hidden, hidden, stage
from tests.pages.test_access import NOBODY, come_in, fields, plain, routes
from tests.trial_world import LAST_NIGHT, trial_world

COLUMNS = {
    "policy": "policy", "pattern": "policy", "batch": "batch_id", "case": "case_id", "others": "case_id",
    "grievance": "grievance_id", "list": "list_id", "decision": "decision_id", "suspicion": "suspicion_id",
    "notice": "notice_id", "key": "bank_file_id", "about": "batch_id",
}  # fmt: skip
"""What parts of addresses and fields of forms name, by the column of the database that holds it."""


def _named(found: Hidden, place: str) -> str:
    """Return the name of something of the others for a part of an address or a field; a grant where any word does."""
    return min(found.ids.get(COLUMNS.get(place, "grant_id")) or {NOBODY})


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Return the trial with something of everything under the policies of the others, and roles required."""
    with trial_world().open(tmp_path_factory.mktemp("remits") / "w") as opened:
        stage(opened)
        with opened.store.writing() as tx:
            grant_role(tx, Post("boss", Role.OPERATOR), by="boss", reason="first")
            grant_role(tx, Post("chief", Role.AUDITOR), by="boss", reason="appointed")
            for place, (scope, role) in enumerate(product(OWN, Role)):
                parsed = Scope.parse(scope)
                assert parsed is not None
                grant_role(tx, Post(_officer(scope), role, parsed), by="boss", reason=f"appointed {place}")
        settings = opened.workspace.settings.model_copy(update={"access": Access(roles="required")})
        workspace = replace(opened.workspace, settings=settings)
        yield replace(opened, workspace=workspace, store=replace(opened.store, gate=Gate()))


def _officer(scope: str) -> str:
    return f"officer-{scope.partition(':')[0]}-{list(OWN).index(scope)}"


def ask(client: TestClient, route: Route, form: str, name: Callable[[str], str]) -> tuple[int, str]:
    """Ask for a route with a name in every part of its address, in its query and in every field."""
    path = re.sub(r"\{(\w+)\}", lambda part: name(part[1]), route.path)
    query = {each: name(each) for each in ("about", "group", "with")} if route.method == "GET" else {}
    data = (
        {each: name(each) for each in {*fields(), *NAMING, "subject"}} | {"token": form}
        if route.method == "POST"
        else None
    )
    answer = client.request(route.method, path, params=query, data=data, follow_redirects=False)
    return answer.status_code, answer.text + repr(answer.headers.raw)


def _plain(text: str, asked: Iterable[str]) -> str:
    """Return an answer without the words that were asked with."""
    for word in sorted(asked, key=len, reverse=True):
        text = text.replace(word, "")
    return plain(text).partition("(b'content-length'")[0]


@pytest.fixture(params=list(OWN))
def scope(request: pytest.FixtureRequest) -> str:
    """Return each of the scopes."""
    return str(request.param)


def console(deployment: Deployment) -> list[Route]:
    """Return every route of the desk."""
    return routes(deployment, For.OFFICER)


def test_there_is_something_to_find(deployment: Deployment) -> None:
    """Whoever reaches everything sees the others' batch, case, grievance, waiver, money and list: else this says nothing."""
    found = hidden(deployment, "department:区科学技术委员会")
    columns = {column for column, values in found.ids.items() if values}
    assert columns >= {"batch_id", "case_id", "grievance_id", "grant_id", "list_id", "decision_id", "item_id"}
    with TestClient(create_app(deployment)) as client:
        come_in(client, deployment, "chief", None)
        pages = ["batches", "cases", "grievances", "publicity", "waivers", "budget", "policies", "suspicions"]
        for name in pages:
            answer = client.get(f"/console/{name}")
            assert answer.status_code == 404 or found.said(answer.text), name  # some are not for auditors


def test_lists_counts_and_files_hold_what_a_scope_takes_in_alone(deployment: Deployment, scope: str) -> None:
    """Every page without a name in its address, in every role at once: own policies are there, others in no way."""
    found = hidden(deployment, scope)
    with TestClient(create_app(deployment)) as client:
        come_in(client, deployment, _officer(scope), None)
        for route in console(deployment):
            if route.method == "GET" and "{" not in route.path:
                answer = client.get(route.path, follow_redirects=True)
                assert answer.status_code == 200, route.path
                assert found.said(answer.text) == [], route.path
        for name in ("waiting", "policies", "departments", "points"):
            assert found.said(client.get(f"/console/supervision/{name}").text) == [], name
        assert found.said(client.get(f"/console/nights/{LAST_NIGHT}").text) == []
        own = OWN[scope]
        shown = client.get("/console/policies").text
        assert own is None or own in shown


def test_what_lies_outside_is_neither_said_nor_changed(deployment: Deployment) -> None:
    """Every route with ids of the others in its address and every field: as with an id of nobody, and not a byte."""
    scope = "department:区科学技术委员会"
    found = hidden(deployment, scope)
    asked = {_named(found, place) for place in (*COLUMNS, "grant")}
    before = _everything(deployment)
    with TestClient(create_app(deployment)) as client:
        for route in console(deployment):
            form = come_in(client, deployment, _officer(scope), None)
            status, said = ask(client, route, form, lambda place: _named(found, place))

            assert found.said(said, asked) == [], (route.method, route.path)
            if "{" in route.path:
                assert status in {303, 404, 409}, (route.method, route.path)
                form = come_in(client, deployment, _officer(scope), None)
                nobody = ask(client, route, form, lambda _: NOBODY)[1]
                assert _plain(said, asked) == _plain(nobody, {NOBODY}), (route.method, route.path)
    assert _everything(deployment) == before


def _everything(deployment: Deployment) -> dict[str, list[str]]:
    """Return every row but those of sessions and of the audit chain, which says that somebody asked."""
    with deployment.store.reading() as rx:
        return {
            table.name: sorted(repr(tuple(row)) for row in rx.connection.execute(sa.select(table)))
            for table in METADATA.sorted_tables
            if table.name not in {"web_session", "web_session_subject", "audit_entry"}
        }


def test_a_form_cannot_tell_what_is_outside_from_what_is_not(deployment: Deployment) -> None:
    """A decision of another department and one that never was: the same words, and the asking for the first is recorded."""
    found = hidden(deployment, "department:区科学技术委员会")
    decision = min(found.ids["decision_id"])
    answers = []
    with TestClient(create_app(deployment)) as client:
        for word in (decision, "x_cccccccccccccccc"):
            form = come_in(client, deployment, _officer("department:区科学技术委员会"), None)
            answer = client.post("/console/budget/confirm", data={"token": form, "decision": word})
            answers.append((answer.status_code, plain(answer.text).replace(word, "")))
            assert "职责范围内没有" in answer.text
    assert answers[0] == answers[1]
    with deployment.store.reading() as rx:
        refused = last_entries(rx, 9, event="access.refused", about=PAID)
    assert refused[-1].done_by == _officer("department:区科学技术委员会")


def test_what_is_taken_is_outside_with_the_next_request(deployment: Deployment) -> None:
    """A policy's own paymaster sees its batch; after the role is taken nothing of it is there."""
    post = Post("payer", Role.PAYMASTER, Scope.parse("policy:specialised-award") or Scope())
    batches = METADATA.tables["batch"]
    with deployment.store.writing() as tx:
        grant_role(tx, post, by="boss", reason="appointed")
        batch = tx.connection.scalar(sa.select(batches.c.batch_id).where(batches.c.policy == "specialised-award"))
    with TestClient(create_app(deployment)) as client:
        come_in(client, deployment, "payer", None)
        shown = client.get("/console/batches?group=bank").text + client.get("/console/batches?group=over").text
        assert str(batch) in shown
        assert client.get(f"/console/batches/{batch}").status_code == 200
        with deployment.store.writing() as tx:
            revoke_role(tx, post, by="boss", reason="moved on")
            grant_role(
                tx, replace(post, scope=Scope.parse("policy:hightech-award") or Scope()), by="boss", reason="new"
            )
        assert client.get(f"/console/batches/{batch}").status_code == 404
        assert str(batch) not in client.get("/console/batches?group=over").text


def test_data_health_is_of_what_one_s_policies_read(deployment: Deployment) -> None:
    """An officer of one department finds no list that others decide by, by no way; a steward of it looks after all of them."""
    scope = Scope.parse("department:区科学技术委员会")
    assert scope is not None
    with deployment.store.writing() as tx:
        for role in (Role.OFFICER, Role.STEWARD):
            grant_role(tx, Post(f"the {role}", role, scope), by="boss", reason="appointed")
    with TestClient(create_app(deployment)) as client:
        come_in(client, deployment, "the officer", None)
        health = client.get("/console/data").text
        assert ("enterprise_register" in health, "dibao" in health, "低保" in health) == (True, False, False)
        assert client.get("/console/data/resources/dibao_list").status_code == 404
        assert client.get("/console/data/resources/enterprise_register").status_code == 200
        come_in(client, deployment, "the steward", None)
        assert "dibao_list" in client.get("/console/data").text
        assert client.get("/console/data/resources/dibao_list").status_code == 200
