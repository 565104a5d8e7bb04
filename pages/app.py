"""The enterprise's own page: what it gets, what it could get, and which one condition is missing.

Server-rendered, without scripts and without anything from other hosts. Missing and forbidden look alike.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException

from core.money import yuan_text
from engine.deployment import Deployment
from engine.explaining.checkup import Checkup, PageGroup, check_up
from engine.explaining.explain import viewpoint_on
from engine.explaining.state_words import LANE_WORDS
from pages.callbacks import add_callbacks
from pages.hotline import add_hotline
from pages.sessions import Scope, Sessions, is_own_form
from pages.words import CERTAINTY_WORDS, GROUP_HINTS, RESULT_WORDS, day_text, range_words
from store.accounts import check_password
from store.vault_openings import kind_of

_BESIDE = Path(__file__).parent
SENIOR: Final = "senior"  # the cookie of 长者模式
_SENIOR_SECONDS = 365 * 24 * 3600

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

Page = HTMLResponse | RedirectResponse


def create_app(deployment: Deployment) -> FastAPI:
    """Return the pages of a workspace."""
    app = FastAPI(title="免申即享", docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/static", StaticFiles(directory=_BESIDE / "static"), name="static")
    app.middleware("http")(_with_headers)
    views = _Views(deployment)
    html: dict[str, Any] = {"response_class": HTMLResponse, "response_model": None}
    app.get("/", **html)(views.own_page)
    app.get("/policies/{policy}", **html)(views.policy_page)
    app.get("/login", **html)(views.login_page)
    app.post("/login", **html)(views.log_in)
    app.post("/logout", **html)(views.log_out)
    app.post("/reading", **html)(views.change_reading)
    app.get("/healthz", response_class=PlainTextResponse)(_healthy)
    add_hotline(app, deployment)
    add_callbacks(app, deployment)
    app.add_exception_handler(HTTPException, views.not_found)
    return app


async def _with_headers(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
    """Let nothing be framed, scripted or kept; only the style sheet may be cached."""
    response = await go_on(request)
    response.headers.update(HEADERS)
    is_static = request.url.path.startswith("/static/")
    response.headers["Cache-Control"] = "public, max-age=3600" if is_static else "no-store"
    return response


def _healthy() -> str:
    return "ok"


class _Views:
    """One method for each thing that a person may ask for."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.sessions = Sessions(deployment)
        self.templates = Environment(
            loader=FileSystemLoader(_BESIDE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.globals |= {
            "workspace_name": deployment.workspace.settings.name,
            "hints": GROUP_HINTS,
            "certainty": CERTAINTY_WORDS,
            "lanes": LANE_WORDS,
            "results": RESULT_WORDS,
            "PageGroup": PageGroup,
        }
        self.templates.filters |= {"yuan": yuan_text, "day": day_text, "range": range_words}

    def own_page(self, request: Request) -> Page:
        """Show an enterprise all its policies, by group."""
        scope = self.sessions.scope(request)
        if scope is None:
            return RedirectResponse("/login", status_code=303)
        return self._page(request, "checkup.html", scope, checkup=self._checkup(scope))

    def policy_page(self, request: Request, policy: str) -> Page:
        """Show one policy with every condition, value, source and date, and what was paid."""
        scope = self.sessions.scope(request)
        if scope is None:
            return RedirectResponse("/login", status_code=303)
        checkup = self._checkup(scope)
        found = checkup.policy(policy)
        if found is None:
            raise HTTPException(404)
        return self._page(request, "policy.html", scope, checkup=checkup, policy=found)

    def login_page(self, request: Request) -> Page:
        """Ask who is there."""
        return self._page(request, "login.html", None, failed=False)

    def log_in(self, request: Request, login: Annotated[str, Form()], password: Annotated[str, Form()]) -> Page:
        """Begin a session, or ask again; a wrong name and a wrong password look alike."""
        with self.deployment.store.writing() as tx:
            account = check_password(tx, login, password)
        if account is None or account.subject_id is None:
            return self._page(request, "login.html", None, status_code=401, failed=True)
        contact = self.deployment.book("login").contacts([account.subject_id]).get(account.subject_id)
        response = RedirectResponse("/", status_code=303)
        self.sessions.open(response, login_name=account.login_name, name=contact.greeting if contact else login)
        return response

    def log_out(self, request: Request, token: Annotated[str, Form()]) -> Page:
        """End the session."""
        scope = self.sessions.scope(request)
        if scope is not None and not is_own_form(scope, token):
            raise HTTPException(404)
        response = RedirectResponse("/login", status_code=303)
        self.sessions.end(response)
        return response

    def change_reading(self, request: Request) -> Page:
        """Turn 长者模式 on or off; no more than how this browser shows pages."""
        response = RedirectResponse("/", status_code=303)
        if request.cookies.get(SENIOR):
            response.delete_cookie(SENIOR)
        else:
            response.set_cookie(SENIOR, "1", max_age=_SENIOR_SECONDS, httponly=True, samesite="lax")
        return response

    async def not_found(self, request: Request, _: Exception) -> Response:
        """Answer alike for what is missing and for what is not one's own."""
        return self._page(request, "missing.html", None, status_code=404)

    def _checkup(self, scope: Scope) -> Checkup:
        with self.deployment.store.reading() as rx:
            kind = kind_of(rx, scope.subject_id)
            if kind is None:
                raise HTTPException(404)
            return check_up(rx, viewpoint_on(rx, self.deployment, None), kind=kind, subject_id=scope.subject_id)

    def _page(
        self, request: Request, template: str, scope: Scope | None, *, status_code: int = 200, **values: object
    ) -> HTMLResponse:
        is_senior = bool(request.cookies.get(SENIOR))
        text = self.templates.get_template(template).render(scope=scope, is_senior=is_senior, **values)
        return HTMLResponse(text, status_code=status_code)
