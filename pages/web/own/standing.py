"""Where one stands: what one gets, what one could get, and which one condition is missing; and the whole as a report."""

from functools import partial
from typing import Final

from starlette.responses import Response

from core.clock import civil_day
from engine.explaining.checkup import Checkup, PolicyCheckup, check_up
from engine.explaining.deadlines import deadlines_of
from engine.explaining.examine import Viewpoint
from engine.explaining.explain import viewpoint_on
from pages.web.own.cards import drawn
from pages.web.own.offered import DONE, offered
from pages.web.routes import For, Route, page
from pages.web.visits import Visit, missing
from store.inbox import count_unread
from store.opening import Reading
from store.vault_openings import kind_of

FEW: Final = 12  # policies that do not apply and are listed at once; more wait behind a link


def routes() -> list[Route]:
    """Return the routes."""
    return [
        page("/", own_page, For.SUBJECT),
        page("/checkup", report, For.SUBJECT),
        page("/policies/{policy}", policy_page, For.SUBJECT),
    ]


def own_page(visit: Visit) -> Response:
    """Show all policies, by group."""
    with visit.deployment.store.reading() as rx:
        checkup = checkup_of(rx, visit, viewpoint_on(rx, visit.deployment, None))
        unread = count_unread(rx, checkup.ids)
        deadlines = deadlines_of(rx, checkup, civil_day(rx.now))
    return visit.page(
        "own/standing.html",
        checkup=checkup,
        asked=[each for each in checkup.policies if each.is_asked],
        unread=unread,
        deadlines=deadlines,
        few=FEW,
        shows_all=visit.asked("show") == "all",
        cards=partial(drawn, visit.rendering, visit.words.language),
    )


def report(visit: Visit) -> Response:
    """Show every criterion of every policy on one sheet, for reading and for printing."""
    with visit.deployment.store.reading() as rx:
        checkup = checkup_of(rx, visit, viewpoint_on(rx, visit.deployment, None))
    return visit.page("own/report.html", checkup=checkup)


def policy_page(visit: Visit) -> Response:
    """Show one policy with every condition, value, source and date, what was paid, and what one may do."""
    with visit.deployment.store.reading() as rx:
        viewpoint = viewpoint_on(rx, visit.deployment, None)
        checkup, found = policy_of(rx, visit, viewpoint)
        policy = next(each for each in viewpoint.policies if each.policy == found.policy)
        deeds = offered(rx, policy, found, visit.subject_id)
    done = visit.words(DONE.get(visit.asked("done"), ""))
    return visit.page("own/policy.html", checkup=checkup, policy=found, offered=deeds, done=done)


def checkup_of(rx: Reading, visit: Visit, viewpoint: Viewpoint) -> Checkup:
    """Return everything for whom the session speaks for."""
    kind = kind_of(rx, visit.subject_id)
    if kind is None:
        raise missing()
    return check_up(rx, viewpoint, kind=kind, subject_id=visit.subject_id)


def policy_of(rx: Reading, visit: Visit, viewpoint: Viewpoint) -> tuple[Checkup, PolicyCheckup]:
    """Return the policy that the address names, with the checkup that it is part of."""
    checkup = checkup_of(rx, visit, viewpoint)
    found = checkup.policy(visit.named("policy"))
    if found is None:
        raise missing()
    return checkup, found
