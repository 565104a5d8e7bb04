"""What one has raised oneself: where each stands, by when it is decided, and what one may still do about it."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from core.clock import civil_day
from engine.grievances.handling import Words, reappeal_own, withdraw_own
from engine.grievances.raising import going_on
from engine.grievances.rating import Stars, rate
from engine.grievances.views import MAY, own_grievances
from engine.grievances.words import KIND_WORDS, OUTCOME_WORDS, STATE_WORDS
from pages.web.routes import For, Route, deed, page
from pages.web.visits import Visit, missing
from store.ratings import rated_by
from store.states.grievances import UNDECIDED_GRIEVANCE, GrievanceState

PLACE: Final = "/raised"
_STARS: Final = frozenset("12345")
_DONE: Final[Mapping[str, str]] = {
    "withdraw": "已撤回。",
    "again": "已登记，由另一位工作人员重新处理。",
    "rate": "感谢您的评价。",
}


def routes() -> list[Route]:
    """Return the routes."""
    return [
        page(PLACE, listed, For.SUBJECT),
        deed(PLACE + "/withdraw", withdraw, For.SUBJECT),
        deed(PLACE + "/again", go_on, For.SUBJECT),
        deed(PLACE + "/rate", give_stars, For.SUBJECT),
    ]


def listed(visit: Visit) -> Response:
    """Show what was raised, newest first; its words stay sealed."""
    with visit.deployment.store.reading() as rx:
        rated = rated_by(rx, visit.subject_id)
    return visit.page(
        "own/raised.html",
        lines=own_grievances(visit.deployment, visit.subject_id),
        kinds=visit.words.table(KIND_WORDS),
        states=visit.words.table(STATE_WORDS),
        decided=visit.words.table(OUTCOME_WORDS),
        may={
            **MAY,
            "rate": frozenset(GrievanceState) - UNDECIDED_GRIEVANCE - {GrievanceState.WITHDRAWN},
        },
        rated=rated,
        done=visit.words(_DONE.get(visit.asked("done"), "")),
    )


def withdraw(visit: Visit) -> Response:
    """Take back what was raised."""
    withdraw_own(visit.deployment, _own(visit), Words(visit.by))
    return visit.go(PLACE, done="withdraw")


def go_on(visit: Visit) -> Response:
    """Go on with what was decided, before another person."""
    today = civil_day(visit.deployment.clock.now())
    reappeal_own(visit.deployment, _own(visit), going_on(visit.given("said"), today), by=visit.by)
    return visit.go(PLACE, done="again")


def give_stars(visit: Visit) -> Response:
    """Keep how satisfied somebody is with a decision."""
    count = visit.given("stars")
    if count not in _STARS:
        raise missing()
    rate(visit.deployment, Stars(_own(visit), int(count), visit.given("said")), by=visit.by)
    return visit.go(PLACE, done="rate")


def _own(visit: Visit) -> str:
    """Return which of the subject's own a form names."""
    named = visit.given("grievance")
    if named not in {each.grievance.grievance_id for each in own_grievances(visit.deployment, visit.subject_id)}:
        raise missing()
    return named
