"""数据健康: how fresh and how whole each resource is, what was kept back and why, and what a steward does first."""

from typing import Any, Final

from starlette.responses import Response

from core.clock import civil_day
from engine.data_reach import data_reach
from engine.data_state import known_findings, known_resource, known_states
from engine.desks import DATA
from pages.terminal.data import FRESHNESS_WORDS, KEPT_BACK_WORDS
from pages.terminal.readiness import OBSTACLE_WORDS, VERDICT_WORDS
from pages.web.console.asking import answer, ask
from pages.web.console.deeds import today
from pages.web.routes import For, Route, deed, page
from pages.web.visits import Visit, missing
from profiles.contract import WHOLE_ROW
from profiles.state import Freshness
from store.audit_chain import JSON
from store.states.errands import ErrandKind

PLACE: Final = "/console/data"
_TONES: Final = {Freshness.NEVER: "bad", Freshness.STALE: "bad", Freshness.NEARLY_STALE: "soon"}
_WORST_FIRST: Final = (Freshness.STALE, Freshness.NEVER, Freshness.NEARLY_STALE, Freshness.FRESH)


def routes() -> list[Route]:
    """Return the routes."""
    return [
        page(PLACE, listed, For.OFFICER, DATA),
        page(PLACE + "/work", work, For.OFFICER, DATA),
        deed(PLACE + "/ask", work_out, For.OFFICER, DATA),
        page(PLACE + "/resources/{resource}", resource, For.OFFICER, DATA),
    ]


def listed(visit: Visit) -> Response:
    """Show every resource within reach, those that no longer answer first, and what a steward has to see to."""
    on, reach = today(visit), data_reach(visit.deployment, visit.by, visit.remit)
    states = known_states(visit.deployment, on, reach=reach)
    return visit.page(
        "console/data.html",
        on=on,
        came=sorted(
            (each for each in states if each.latest),
            key=lambda each: (_WORST_FIRST.index(each.freshness), each.resource.resource),
        ),
        never=[each for each in states if not each.latest],
        labels={each.resource.resource: each.resource.label for each in states},
        counts=[(words, sum(each.freshness is key for each in states)) for key, (words, _) in FRESHNESS_WORDS.items()],
        findings=visit.said(known_findings(visit.deployment, on, reach=reach)),
        words=FRESHNESS_WORDS,
        tones=_TONES,
    )


def resource(visit: Visit) -> Response:
    """Show one resource: its loads, and why rows of the newest one were kept back."""
    if not data_reach(visit.deployment, visit.by, visit.remit).covers(visit.named("resource")):
        raise missing()
    state, loads, kept_back = known_resource(visit.deployment, visit.named("resource"), today(visit))
    return visit.page(
        "console/resource.html",
        state=state,
        loads=loads[::-1],
        kept_back=kept_back,
        words=FRESHNESS_WORDS,
        reasons=KEPT_BACK_WORDS,
        whole_row=WHOLE_ROW,
        tones=_TONES,
    )


def work(visit: Visit) -> Response:
    """Show what to do first, as it was last worked out: the resources that keep outcomes open, the most rewarding first."""
    found = answer(visit, ErrandKind.READINESS, _wanted(visit))
    told: dict[str, Any] = {} if found is None else dict(found.result or {})
    verdicts = told.get("verdicts", [])
    return visit.page(
        "console/data_work.html",
        found=found,
        is_of_today=found is not None and found.ended_at is not None and civil_day(found.ended_at) == today(visit),
        work=told.get("work", []),
        policy_count=len(verdicts),
        verdicts=[(words, verdicts.count(key)) for key, (words, _) in VERDICT_WORDS.items()],
        words=OBSTACLE_WORDS,
    )


def work_out(visit: Visit) -> Response:
    """Work it out by what is known now: every policy on everybody, beside the pages."""
    return ask(visit, ErrandKind.READINESS, _wanted(visit))


def _wanted(visit: Visit) -> dict[str, JSON]:
    """Return what is asked for: over all policies, or over those of the remit."""
    policies: list[JSON] | None = None if visit.remit.policies is None else [*sorted(visit.remit.policies)]
    return {"policies": policies}
