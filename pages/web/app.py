"""The application: every declared route behind its guard, and what other systems call, signed.

Server-rendered; works without scripts, and loads nothing from other hosts.
"""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from engine.deployment import Deployment
from engine.explaining.checkup import PageGroup
from engine.explaining.state_words import LANE_WORDS
from pages.callbacks import add_callbacks
from pages.hotline import add_hotline
from pages.web import public
from pages.web.by_provider import provider_routes
from pages.web.console import (
    audit,
    bank_files,
    batches,
    budget,
    cases,
    data,
    drafts,
    forms,
    grievances,
    home,
    lists,
    nights,
    plans,
    policies,
    publicity,
    roles,
    supervision,
    suspicions,
    waivers,
)
from pages.web.console.menu import menu_at
from pages.web.entry import Entry
from pages.web.guard import Guard
from pages.web.own import menu as own
from pages.web.rendering import Rendering
from pages.web.routes import For, Route, page
from pages.web.visits import Visit
from pages.words import CERTAINTY_WORDS, GROUP_HINTS, RESULT_WORDS

_BESIDE = Path(__file__).parents[1]

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def create_app(deployment: Deployment) -> FastAPI:
    """Return the pages of a workspace."""
    app = FastAPI(title="免申即享", docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/static", StaticFiles(directory=_BESIDE / "static"), name="static")
    app.middleware("http")(_with_headers)
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
        }
    )
    guard = Guard(deployment, rendering)
    for route in declared(guard):
        app.add_route(route.path, guard.endpoint(route), methods=[route.method])
    add_hotline(app, deployment)
    add_callbacks(app, deployment)

    async def not_taken(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, HTTPException)
        visit = Visit(request, deployment, rendering, None)
        return visit.page("missing.html", status_code=fault.status_code, path="")  # what was asked is not said again

    app.add_exception_handler(HTTPException, not_taken)
    return app


def declared(guard: Guard) -> Sequence[Route]:
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
        data,
        supervision,
        audit,
        roles,
    )
    return [
        page("/healthz", _healthy, For.EVERYBODY),
        *Entry(guard).routes(),
        *provider_routes(guard),
        *(route for part in parts for route in part.routes()),
    ]


async def _with_headers(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
    """Let nothing be framed or kept, and no script run but our own; only the style sheet may be cached."""
    response = await go_on(request)
    response.headers.update(HEADERS)
    is_static = request.url.path.startswith("/static/")
    response.headers["Cache-Control"] = "public, max-age=3600" if is_static else "no-store"
    return response


def _healthy(_: Visit) -> Response:
    return PlainTextResponse("ok")
