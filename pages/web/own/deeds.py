"""What a subject does about a policy on its own page: the very calls that clerks' commands make, in its own name."""

from collections.abc import Callable
from typing import Final

from starlette.responses import Response

from core.clock import civil_day
from core.ledger import Grant
from engine.deployment import Deployment
from engine.explaining.explain import viewpoint_on
from engine.grievances.intake import receive
from engine.grievances.raising import about_policy, disputed
from engine.lanes import answers, consent, waivers
from engine.lanes.consent import Answering, GivenAccount
from engine.lanes.waivers import Waiving
from pages.web.own.standing import policy_of
from pages.web.routes import For, Route, deed
from pages.web.visits import Visit, missing
from store.grants import read_grants
from store.merges import same_subject

PLACE: Final = "/policies/{policy}"
_Waived = Callable[[Deployment, str, str, Waiving], Grant]


def routes() -> list[Route]:
    """Return the routes; whoever names an account shows once more who they are."""
    return [
        deed(PLACE + "/confirm", confirm, For.SUBJECT, is_sensitive=True),
        deed(PLACE + "/decline", decline, For.SUBJECT),
        deed(PLACE + "/again", offer_again, For.SUBJECT),
        deed(PLACE + "/waive", waive, For.SUBJECT),
        deed(PLACE + "/revoke", revoke, For.SUBJECT),
        deed(PLACE + "/answer", answer, For.SUBJECT),
        deed(PLACE + "/dispute", dispute, For.SUBJECT),
        deed(PLACE + "/appeal", appeal, For.SUBJECT),
    ]


def confirm(visit: Visit) -> Response:
    """Say yes, and to which account it is paid."""
    number = visit.given("account")
    account = GivenAccount(number, visit.given("bank"), visit.given("holder")) if number else None
    consent.confirm(visit.deployment, visit.named("policy"), _grant(visit), _self(visit), account)
    return _back(visit, "confirm")


def decline(visit: Visit) -> Response:
    """Say no, before anything was paid."""
    consent.decline(visit.deployment, visit.named("policy"), _grant(visit), _self(visit))
    return _back(visit, "decline")


def offer_again(visit: Visit) -> Response:
    """Ask for what was declined, or has lapsed, once more."""
    consent.offer_again(visit.deployment, visit.named("policy"), _grant(visit), _self(visit))
    return _back(visit, "again")


def waive(visit: Visit) -> Response:
    """Give it up from next month on."""
    return _waiver(visit, waivers.waive, "waive")


def revoke(visit: Visit) -> Response:
    """Take back that it was given up."""
    return _waiver(visit, waivers.revoke, "revoke")


def answer(visit: Visit) -> Response:
    """Answer the one question that is open."""
    given = answers.Given(visit.given("answer"))
    answers.answer(visit.deployment, visit.named("policy"), visit.subject_id, given, _self(visit))
    return _back(visit, "answer")


def dispute(visit: Visit) -> Response:
    """Say that a fact is wrong: whoever decides on it sends it to the department that tells it."""
    with visit.deployment.store.reading() as rx:
        _, found = policy_of(rx, visit, viewpoint_on(rx, visit.deployment, None))
    fact = next((each for each in found.facts if each.code == visit.given("fact")), None)
    if fact is None:
        raise missing()
    _receive(visit, disputed(fact, visit.given("should"), visit.given("said")))
    return _back(visit, "dispute")


def appeal(visit: Visit) -> Response:
    """Say that the outcome or the amount is wrong."""
    _receive(visit, visit.given("said"))
    return _back(visit, "appeal")


def _receive(visit: Visit, said: str) -> None:
    today = civil_day(visit.deployment.clock.now())
    with visit.deployment.store.reading() as rx:
        _, found = policy_of(rx, visit, viewpoint_on(rx, visit.deployment, None))
    intake = about_policy(visit.subject_id, found.policy, said, today, contact=visit.given("contact"))
    receive(visit.deployment, intake, by=visit.by)


def _waiver(visit: Visit, done: _Waived, name: str) -> Response:
    how = Waiving(visit.by, visit.given("reason") or None, is_assisted=False)
    done(visit.deployment, visit.named("policy"), _grant(visit), how)
    return _back(visit, name)


def _self(visit: Visit) -> Answering:
    return Answering(visit.by, is_assisted=False)


def _grant(visit: Visit) -> str:
    """Return the grant that a form names, which is one of the subject's own under this very policy, or nothing."""
    with visit.deployment.store.reading() as rx:
        ids = same_subject(rx, visit.subject_id)
        own = read_grants(rx, policy=visit.named("policy"), subjects=ids)["grant_id"]
    if visit.given("grant") not in own:
        raise missing()
    return visit.given("grant")


def _back(visit: Visit, done: str) -> Response:
    return visit.go(f"/policies/{visit.named('policy')}", done=done)
