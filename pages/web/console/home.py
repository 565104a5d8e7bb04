"""Where an officer begins: what waits, and the ways to everything else."""

from collections import Counter

from starlette.responses import Response

from engine.supervising.concerns import worklist
from engine.supervising.limits import Standing
from engine.supervising.sheets import MATTERS, STANDINGS
from pages.web.routes import For, Route, page
from pages.web.visits import Visit

_SHOWN = 12


def routes() -> list[Route]:
    """Return the routes."""
    return [page("/console", work, For.OFFICER)]


def work(visit: Visit) -> Response:
    """Show what waits for somebody, the most overdue first, and how much of it there is."""
    waiting = worklist(visit.deployment)
    counts = Counter(each.standing for each in waiting.concerns)
    return visit.page(
        "console/work.html",
        on=waiting.on,
        concerns=waiting.concerns[:_SHOWN],
        rest=max(0, len(waiting.concerns) - _SHOWN),
        counts=[(each, STANDINGS[each], counts[each]) for each in Standing],
        matters=MATTERS,
        standings=STANDINGS,
    )
