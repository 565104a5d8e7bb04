"""Every page and deed of a subject, with every id of another: nothing is shown, and nothing is done."""

import datetime as dt
import re

from starlette.testclient import TestClient

from core.clock import FixedClock
from engine.deployment import Deployment
from engine.explaining.checkup import check_up
from engine.explaining.explain import viewpoint_on
from engine.grievances.intake import Intake, receive
from engine.notice_desk import inbox_of
from pages.web.app import declared
from pages.web.guard import Guard
from pages.web.rendering import Rendering
from pages.web.routes import For
from store.audit import read_entries
from store.states.grievances import GrievanceKind, GrievanceSource
from tests.trial_world import LAST_NIGHT, subject_of, trial_world

FIELDS = ("grant", "about", "case", "grievance", "fact", "category")
HARMLESS = {"account": "6222021234567890123", "stars": "5", "said": "x", "should": "x", "reason": "x", "year": "2019"}
NAME_NOTHING = ("/answer", "/appeal", "/try", "/act-for")  # the subject is the session's, and the policy everybody's
READ = {(path, "GET") for path in ("/", "/checkup", "/inbox", "/payments", "/raised")}


def ids_of(deployment: Deployment, login: str) -> set[str]:
    """Return every id of one subject that a page might be asked by: itself, grants, payments, letters, grievances."""
    subject_id = subject_of(deployment, login)
    with deployment.store.reading() as rx:
        seen = check_up(rx, viewpoint_on(rx, deployment, None), kind="enterprise", subject_id=subject_id)
    intake = Intake(GrievanceKind.SERVICE, GrievanceSource.PAGE, "x", LAST_NIGHT, subject=subject_id)
    raised = receive(deployment, intake, by=login).grievance.grievance_id
    letters = {item.notice.notice_id for item in inbox_of(deployment, subject_id)}
    lines = {line.item_id for each in seen.policies for line in each.lines}
    return {subject_id, raised, *letters, *lines, *(each.grant_id for each in seen.policies if each.grant_id)}


def test_no_route_answers_for_another(deployment: Deployment, client: TestClient) -> None:
    """Whatever part of an address or a form names what is another's, it is missing, and the chain has no new entry."""
    theirs = sorted(ids_of(deployment, "qiye2"))
    names = [account.name for account in trial_world().plan.trial_accounts if account.login != "qiye1"]
    token = re.search(r'name="token" value="(\w+)"', client.get("/").text)
    assert token is not None
    with deployment.store.reading() as rx:
        before = len(list(read_entries(rx)))
    asked = 0
    for route in declared(Guard(deployment, Rendering({}))):
        if route.whom is not For.SUBJECT or route.path.endswith(NAME_NOTHING) or (route.path, route.method) in READ:
            continue
        for each in theirs:
            path = re.sub(r"\{policy\}", "hightech-award" if route.method == "POST" else each, route.path)
            form = {"token": token[1], **HARMLESS, **dict.fromkeys(FIELDS, each)}
            answer = client.request(
                route.method, re.sub(r"\{\w+\}", each, path), data=form if route.method == "POST" else None
            )
            asked += 1
            if route.method == "POST":  # slowly: whoever asks faster is told to wait, whatever they ask for
                assert isinstance(deployment.clock, FixedClock)
                deployment.clock.instant += dt.timedelta(seconds=1)
            assert answer.status_code in {404, 409}, (route.path, each)
            assert not any(name in answer.text for name in (*names, *theirs)), (route.path, each)
    assert asked > 100
    with deployment.store.reading() as rx:
        assert len(list(read_entries(rx))) == before
