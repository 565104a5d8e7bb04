"""Where an officer begins: what waits, and the ways to everything else."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from starlette.responses import Response

from engine.supervising.concerns import Concern, worklist
from engine.supervising.limits import Matter, Standing
from engine.supervising.sheets import MATTERS, STANDINGS
from pages.web.console import (
    bank_files,
    batches,
    cases,
    data,
    grievances,
    nights,
    policies,
    supervision,
)
from pages.web.routes import For, Route, page
from pages.web.visits import Visit

_SHOWN = 12


def _below(place: str) -> Callable[[Concern], str]:
    return lambda each: f"{place}/{each.about}"


def _at(place: str) -> Callable[[Concern], str]:
    return lambda _: place


WAYS: Final[Mapping[Matter, Callable[[Concern], str]]] = {
    Matter.NIGHT: _at(nights.PLACE),
    Matter.GUARD: lambda each: f"{nights.PLACE}/{each.since}",
    Matter.RESOURCE: _below(f"{data.PLACE}/resources"),
    Matter.UNKNOWN: _at(f"{data.PLACE}/work"),
    Matter.HELD_DUES: _at(f"{data.PLACE}/work"),
    Matter.ON_HOLD: _below(policies.PLACE),
    Matter.LEFT_OPEN: _below(policies.PLACE),
    Matter.BATCH: _below(batches.PLACE),
    Matter.BANK: _below(batches.PLACE),
    Matter.EXCEPTION: _at(bank_files.PLACE),
    Matter.PROPOSAL: _below(policies.PLACE),
    Matter.SAMPLE: _below(policies.PLACE),
    Matter.SUSPENSION: _below(policies.PLACE),
    Matter.CASE: _at(cases.PLACE),
    Matter.GRIEVANCE: _below(grievances.PLACE),
    Matter.NOTICE: _at(f"{supervision.PLACE}/waiting"),
}
"""Where each kind of matter is dealt with, or at least seen."""


def routes() -> list[Route]:
    """Return the routes."""
    return [page("/console", work, For.OFFICER)]


def work(visit: Visit) -> Response:
    """Show what waits for somebody, the most overdue first, and how much of it there is."""
    waiting = worklist(visit.deployment, remit=visit.remit)
    counts = Counter(each.standing for each in waiting.concerns)
    return visit.page(
        "console/work.html",
        on=waiting.on,
        concerns=[(each, WAYS[each.matter](each)) for each in waiting.concerns[:_SHOWN]],
        rest=max(0, len(waiting.concerns) - _SHOWN),
        counts=[(each, STANDINGS[each], counts[each]) for each in Standing],
        matters=MATTERS,
        standings=STANDINGS,
    )
