"""The application: every declared route behind its guard, and what other systems call, signed.

Server-rendered; works without scripts, and loads nothing from other hosts.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from engine.deployment import Deployment
from engine.explaining.checkup import PageGroup
from engine.explaining.state_words import LANE_WORDS
from pages.api.app import Mounted, create_api
from pages.callbacks import callback_routes
from pages.hotline import hotline_routes
from pages.web import public
from pages.web.by_provider import entry_routes
from pages.web.console import (
    audit,
    bank_files,
    batches,
    budget,
    cases,
    data,
    drafts,
    errands,
    forms,
    grievances,
    home,
    lists,
    nights,
    notices,
    plans,
    policies,
    publicity,
    roles,
    supervision,
    suspicions,
    waivers,
)
from pages.web.console.menu import menu_at
from pages.web.envelope import Envelope
from pages.web.guard import Guard
from pages.web.health import Health
from pages.web.limits import Rates
from pages.web.metrics import Metrics
from pages.web.own import menu as own
from pages.web.presence import Presence
from pages.web.rendering import Rendering
from pages.web.routes import Route
from pages.web.visits import Visit
from pages.words import CERTAINTY_WORDS, GROUP_HINTS, RESULT_WORDS, YES_NO

_BESIDE = Path(__file__).parents[1]
_FAILED: Final = 500


def create_app(deployment: Deployment, presence: Presence | None = None, rates: Rates | None = None) -> Starlette:
    """Return the pages of a workspace.

    `presence` has the sessions that are in use, where they are kept beside the pages; `rates` count how often somebody comes.
    """
    app = Starlette()
    app.mount("/static", StaticFiles(directory=_BESIDE / "static"), name="static")
    rendering = Rendering(
        {
            "workspace_name": deployment.workspace.settings.name,
            "hints": GROUP_HINTS,
            "certainty": CERTAINTY_WORDS,
            "lanes": LANE_WORDS,
            "results": RESULT_WORDS,
            "PageGroup": PageGroup,
            "menu_at": menu_at,
            "own_menu": own.MENU,
            "yes_no": YES_NO,
        }
    )
    app.state.rendering = rendering
    guard, metrics = Guard(deployment, rendering, presence, rates), Metrics()
    for route in declared(guard, metrics):
        app.add_route(route.path, guard.endpoint(route), methods=[route.method])
    partners = [*hotline_routes(deployment), *callback_routes(deployment)]
    app.router.routes.extend(partners)
    app.router.routes.append(Mounted(create_api(deployment, partners, rates)))

    async def not_taken(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, HTTPException)
        visit = Visit(request, deployment, rendering, None)
        return visit.page("missing.html", status_code=fault.status_code, path="")  # what was asked is not said again

    def failed(request: Request) -> Response:
        visit = Visit(request, deployment, rendering, None)
        return visit.page("failed.html", status_code=_FAILED, is_senior=False, path="")

    app.add_exception_handler(HTTPException, not_taken)
    app.add_middleware(Envelope, metrics=metrics, is_secure=guard.is_secure, failed=failed)
    return app


def declared(guard: Guard, metrics: Metrics | None = None) -> Sequence[Route]:
    """Return every route of the pages, with whom it is for."""
    parts = (
        own,
        public,
        home,
        plans,
        drafts,
        forms,
        policies,
        batches,
        bank_files,
        cases,
        suspicions,
        budget,
        lists,
        publicity,
        waivers,
        grievances,
        nights,
        notices,
        data,
        errands,
        supervision,
        audit,
        roles,
    )
    return [
        *Health(guard, metrics or Metrics()).routes(),
        *entry_routes(guard),
        *(route for part in parts for route in part.routes()),
    ]
