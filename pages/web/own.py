"""The page of an enterprise or a person: what it gets, what it could get, and which one condition is missing."""

from starlette.responses import Response

from engine.explaining.checkup import Checkup, check_up
from engine.explaining.explain import viewpoint_on
from pages.web.routes import For, Route, page
from pages.web.visits import Visit, missing
from store.vault_openings import kind_of


def routes() -> list[Route]:
    """Return the routes."""
    return [
        page("/", own_page, For.SUBJECT),
        page("/policies/{policy}", policy_page, For.SUBJECT),
    ]


def own_page(visit: Visit) -> Response:
    """Show all policies, by group."""
    return visit.page("checkup.html", checkup=_checkup(visit))


def policy_page(visit: Visit) -> Response:
    """Show one policy with every condition, value, source and date, and what was paid."""
    checkup = _checkup(visit)
    found = checkup.policy(visit.named("policy"))
    if found is None:
        raise missing()
    return visit.page("policy.html", checkup=checkup, policy=found)


def _checkup(visit: Visit) -> Checkup:
    with visit.deployment.store.reading() as rx:
        kind = kind_of(rx, visit.subject_id)
        if kind is None:
            raise missing()
        return check_up(rx, viewpoint_on(rx, visit.deployment, None), kind=kind, subject_id=visit.subject_id)
