"""An officer of one department or region gets not one byte of what another's policies are, hold and paid.

Every route of the console is asked for in every role over one scope, with every id of the others in its address and in every
field; the ids are gathered from the database by following the policies through every table.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from core.days import add_days
from core.money import yuan_text
from core.roles import Role, Scope
from core.settings import Access
from engine.authoring.drafts import next_draft
from engine.budgets import Appropriation, propose_budget
from engine.deployment import Deployment
from engine.grievances.intake import Intake, receive
from engine.lanes.waivers import Waiving, waive
from pages.web.app import create_app
from pages.web.routes import For, Route
from pages.web.within import NAMING
from store.audit import last_entries
from store.gate import Gate
from store.grants import read_grants
from store.opening import Reading, Writing
from store.roles import Post, grant_role, revoke_role
from store.rows import insert_rows
from store.states import CaseState, GrievanceKind, GrievanceSource
from store.suspicions import keep_suspicions
from store.tables import METADATA, OverpaymentCase, PublicLine, PublicList
from tests.pages.test_access import NOBODY, come_in, fields, plain, routes
from tests.trial_world import LAST_NIGHT, trial_world

OWN = {"department:区科学技术委员会": "hightech-award", "region:3101": "specialised-award", "region:511922": None}
"""Scopes, and a policy within each; none is published of the last."""


PAID = "specialised-award"
CASE_FEN, BUDGET_FEN = 1_234_567, 987_654_321
"""Something of everything stands under this policy of theirs, among it sums that nothing else comes to."""

COLUMNS = {
    "policy": "policy", "pattern": "policy", "batch": "batch_id", "case": "case_id", "others": "case_id",
    "grievance": "grievance_id", "list": "list_id", "decision": "decision_id", "suspicion": "suspicion_id",
    "key": "bank_file_id", "about": "batch_id",
}  # fmt: skip
"""What parts of addresses and fields of forms name, by the column of the database that holds it."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """What lies outside a scope: ids by column, and everything that no page may hold."""

    ids: Mapping[str, frozenset[str]]
    words: frozenset[str]

    def named(self, place: str) -> str:
        """Return the name of something of the others for a part of an address or a field; a grant where any word does."""
        column = COLUMNS.get(place, "grant_id")
        return min(self.ids.get(column) or {NOBODY})


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Return the trial with something of everything under the policies of the others, and roles required."""
    with trial_world().open(tmp_path_factory.mktemp("remits") / "w") as opened:
        policy = PAID
        _handle(opened, policy)
        with opened.store.writing() as tx:
            _suspect(tx, policy)
            _overpay(tx, policy)
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


def _handle(deployment: Deployment, policy: str) -> None:
    """Begin a draft, propose money, take in a grievance and a waiver of the others."""
    next_draft(deployment, policy, by="their officer")
    propose_budget(deployment, Appropriation(policy, 2025, None, BUDGET_FEN, "某文〔2025〕9 号"), by="their paymaster")
    with deployment.store.reading() as rx:
        subject = read_grants(rx, policy=policy)["subject_id"][0]
    said = Intake(GrievanceKind.UNDONE, GrievanceSource.COUNTER, "某事", LAST_NIGHT, subject, policy)
    receive(deployment, said, by="their officer")
    waive(deployment, policy, subject, Waiving("their officer", "本人自愿"))


def _suspect(tx: Writing, policy: str) -> None:
    keep_suspicions(tx, {"q_bbbbbbbbbbbbbbbb": ("group", "another's key", policy, 2)})


def _overpay(tx: Writing, policy: str) -> None:
    """Write down a case and a public list, as nights and officers would leave them."""
    grant = read_grants(tx, policy=policy)["grant_id"][0]
    obligations = METADATA.tables["obligation"]
    obligation = tx.connection.scalar(sa.select(obligations.c.obligation_id).where(obligations.c.grant_id == grant))
    case = {
        "case_id": "k_bbbbbbbbbbbbbbbb", "obligation_id": obligation, "number": 1, "amount_fen": CASE_FEN,
        "recovered_fen": 0, "written_off_fen": 0, "kept_fen": 0, "state": CaseState.OPENED, "moves": 0, "told_fen": None,
        "object_through": None, "opened_at": tx.now, "closed_at": None, "run_id": None,
    }  # fmt: skip
    insert_rows(tx, OverpaymentCase, [case])
    through = add_days(LAST_NIGHT, 30)
    made = {
        "list_id": "l_bbbbbbbbbbbbbbbb", "policy": policy, "opened_on": LAST_NIGHT, "through": through, "working_days": 5,
        "line_count": 1, "opened_by": "their officer", "opened_at": tx.now, "closed_on": None, "closed_by": None,
    }  # fmt: skip
    insert_rows(tx, PublicList, [made])
    insert_rows(tx, PublicLine, [{"list_id": "l_bbbbbbbbbbbbbbbb", "number": 1, "grant_id": grant}])


def hidden(deployment: Deployment, scope: str) -> Hidden:
    """Return what lies outside a scope, by the policies' own texts and not by what pages think of them."""
    kind, _, name = scope.partition(":")
    with deployment.store.reading() as rx:
        texts = METADATA.tables["rule_text"]
        newest = sa.select(texts.c.policy, texts.c.text).order_by(texts.c.version)
        words = {policy: _written(text) for policy, text in rx.connection.execute(newest)}
        outside = {
            policy: written
            for policy, written in words.items()
            if (written["owner"] != name if kind == "department" else not written["region"].startswith(name))
        }
        ids = _ids(rx, set(outside), {policy for policy in words if policy not in outside})
    sums = {yuan_text(CASE_FEN), yuan_text(BUDGET_FEN)} if PAID in outside else set()
    said = {word for written in outside.values() for word in (written["title"], written["item_code"])}
    return Hidden(ids, frozenset(said | sums | set(outside) | set().union(*ids.values())))


def _written(text: str) -> dict[str, str]:
    lines = (line.partition(": ") for line in text.splitlines())
    return {
        key: value.strip().strip('"') for key, _, value in lines if key in {"owner", "region", "title", "item_code"}
    }


def _ids(rx: Reading, outside: set[str], inside: set[str]) -> dict[str, frozenset[str]]:
    """Return the ids of everything of some policies by column, without what is of others too."""
    found, others = (_followed(rx, policies) for policies in (outside, inside))
    return {column: frozenset(values - others.get(column, set())) for column, values in found.items()}


_LEADS = ("policy", "grant_id", "obligation_id", "batch_id", "list_id", "proposal_id", "activation_id")
_SHARED = ("run_id", "load_id", "manifest_id", "subject_id")


def _followed(rx: Reading, policies: set[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {column: set() for column in _LEADS} | {"policy": policies}
    for _, table in product(_LEADS, METADATA.sorted_tables):
        leads = [table.c[column].in_(sorted(found[column])) for column in _LEADS if column in table.c]
        rows = rx.connection.execute(sa.select(table).where(sa.or_(*leads))).mappings().all() if leads else []
        for column, value in (pair for row in rows for pair in row.items()):
            if column.endswith("_id") and column not in _SHARED and isinstance(value, str) and value:
                found.setdefault(column, set()).add(value)
    return found


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


def _said(text: str, found: Hidden, asked: Iterable[str] = ()) -> list[str]:
    """Return what an answer holds of the others, beside the words that were asked with."""
    for word in sorted(asked, key=len, reverse=True):
        text = text.replace(word, "")
    return sorted(each for each in found.words if each in text)


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
            assert answer.status_code == 404 or _said(answer.text, found), name  # some are not for auditors


def test_lists_counts_and_files_hold_what_a_scope_takes_in_alone(deployment: Deployment, scope: str) -> None:
    """Every page without a name in its address, in every role at once: own policies are there, others in no way."""
    found = hidden(deployment, scope)
    with TestClient(create_app(deployment)) as client:
        come_in(client, deployment, _officer(scope), None)
        for route in console(deployment):
            if route.method == "GET" and "{" not in route.path:
                answer = client.get(route.path, follow_redirects=True)
                assert answer.status_code == 200, route.path
                assert _said(answer.text, found) == [], route.path
        for name in ("waiting", "policies", "departments", "points"):
            assert _said(client.get(f"/console/supervision/{name}").text, found) == [], name
        assert _said(client.get(f"/console/nights/{LAST_NIGHT}").text, found) == []
        own = OWN[scope]
        shown = client.get("/console/policies").text
        assert own is None or own in shown


def test_what_lies_outside_is_neither_said_nor_changed(deployment: Deployment) -> None:
    """Every route with ids of the others in its address and every field: as with an id of nobody, and not a byte."""
    scope = "department:区科学技术委员会"
    found = hidden(deployment, scope)
    asked = {found.named(place) for place in (*COLUMNS, "grant")}
    before = _everything(deployment)
    with TestClient(create_app(deployment)) as client:
        for route in console(deployment):
            form = come_in(client, deployment, _officer(scope), None)
            status, said = ask(client, route, form, found.named)

            assert _said(said, found, asked) == [], (route.method, route.path)
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
