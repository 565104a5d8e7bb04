"""Lets a request through to its view, or not: who is there, whether the route is for them, whether a form is theirs.

Missing and forbidden look alike. What is refused is on the audit chain by the store's own means.
"""

import hmac
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from core.errors import MianshenError, RunError
from core.remits import WHOLE, Remit
from core.settings import Web
from engine.authority import is_required
from engine.deployment import Deployment
from engine.remits import remit_of
from pages.web.envelope import DECLARED
from pages.web.kept import Keeping
from pages.web.limits import DEEDS, DOOR, Rates, address_key
from pages.web.presence import Presence
from pages.web.rendering import Rendering
from pages.web.routes import For, Route
from pages.web.visits import Visit, Who, missing
from pages.web.within import refuse_beyond
from store.opening import Reading
from store.roles import roles_of
from store.sessions import SessionRecord, session_of

FIELDS_MAX: Final = 200
FILE_BYTES_MAX: Final = 64 * 1024 * 1024  # a return file of half a million lines has 40 MB
BODY_BYTES_MAX: Final = 256 * 1024  # of a form without files
CONFIRMED_SECONDS: Final = 10 * 60  # for how long having shown who one is opens sensitive deeds
_OK, _FORBIDDEN, _REFUSED, _TOO_LARGE, _TOO_OFTEN = 200, 403, 409, 413, 429
_OWN_SITE: Final = frozenset({"same-origin", "none"})


class Guard:
    """Makes the endpoints of declared routes."""

    def __init__(
        self, deployment: Deployment, rendering: Rendering, presence: Presence | None = None, rates: Rates | None = None
    ) -> None:
        self._deployment, self._rendering = deployment, rendering
        self._presence = presence or Presence(deployment.store)
        rates = rates or Rates()
        self._at_the_door, self._deeds = rates.buckets("door", DOOR), rates.buckets("deeds", DEEDS)

    @property
    def cookie(self) -> str:
        """Return the session cookie's name: one that only this very host can set, where pages go over TLS."""
        return "__Host-mianshen" if self.is_secure else "mianshen"

    @property
    def keeping(self) -> Keeping:
        """Return what keeps a form while its sender shows again who they are."""
        return Keeping(self.cookie, self.is_secure)

    @property
    def web(self) -> Web:
        """Return the settings of the pages."""
        return self._deployment.workspace.settings.web

    @property
    def is_secure(self) -> bool:
        """Say whether people reach the pages over TLS."""
        return self.web.address.startswith("https://")

    def endpoint(self, route: Route) -> Callable[[Request], Awaitable[Response]]:
        """Return what answers a route's requests."""

        async def answer_to(request: Request) -> Response:
            request.scope[DECLARED] = route.path
            if route.method == "POST":
                _refuse_foreign(request)
            if route.method == "GET":
                return await run_in_threadpool(self._read, route, request)
            visit = await run_in_threadpool(self._let_in, route, request)
            if isinstance(visit, Response):
                return visit
            is_stale = route.is_sensitive and visit.who is not None and self._is_stale(visit.who.session)
            visit.form = await _form(request, may_be_file=visit.who is not None)
            try:
                if route.whom is not For.EVERYBODY:
                    _refuse_strange_form(visit)
                if is_stale:
                    return await run_in_threadpool(self.keeping.ask_again, visit)
                return await run_in_threadpool(_answered, route, visit)
            finally:
                await visit.form.close()  # what was handed in lies in a file until then

        async def endpoint(request: Request) -> Response:
            return _as_it_was_asked(request, await answer_to(request))

        return endpoint

    def _read(self, route: Route, request: Request) -> Response:
        """Answer with a page, all in one thread: to change threads costs more than to see who is there."""
        visit = self._let_in(route, request)
        return visit if isinstance(visit, Response) else _answered(route, visit)

    def _let_in(self, route: Route, request: Request) -> Visit | Response:
        """Return a request that goes on to its view, or what answers it before."""
        visit = self.visit(request)
        if (elsewhere := self._elsewhere(route, visit)) is not None:
            return elsewhere
        visit.remit = self._remit(route, visit)
        if route.whom is For.SUBJECT:
            visit.deployment = visit.deployment.speaking_for(visit.subject_id)
        if route.is_costly and (seconds := self._wait_seconds(visit)):
            answer = visit.page("wait.html", status_code=_TOO_OFTEN, seconds=seconds)
            answer.headers["Retry-After"] = str(seconds)
            return answer
        return visit

    def _wait_seconds(self, visit: Visit) -> int:
        """Return for how long somebody has to wait before this: counted by session, or by address where there is none."""
        now = self._deployment.clock.now()
        if visit.who is not None:
            return self._deeds.wait_seconds(visit.who.session.token_digest, now)
        client = visit.request.client
        return self._at_the_door.wait_seconds(address_key(client.host if client else None), now)

    def visit(self, request: Request) -> Visit:
        """Return a request with who is there; nobody where its session is over."""
        token = request.cookies.get(self.cookie, "")
        who = self._who(token) if token else None
        deployment = self._deployment.acting_as(who.login_name) if who else self._deployment
        return Visit(request, deployment, self._rendering, who)

    def _who(self, token: str) -> Who | None:
        with self._deployment.store.reading() as rx:
            session = session_of(rx, token)
        if session is None:
            return None
        self._presence.note(session, rx.now)
        try:
            greeting = session.greeting(self._deployment.seals)
        except RunError:  # its key was taken away: nobody knows any more who that was
            return None
        return Who(session, greeting, form_token(token))

    def _elsewhere(self, route: Route, visit: Visit) -> Response | None:
        """Return where somebody has to go first, or None; what is not for them is missing."""
        if route.whom is For.EVERYBODY:
            return None
        if visit.who is None:
            path = visit.request.url.path
            return visit.go("/login", next=path) if route.method == "GET" and path != "/" else visit.go("/login")
        session = visit.who.session
        is_for_them = {
            For.PERSON: True,
            For.SUBJECT: session.subject_id is not None,
            For.OFFICER: not session.subject_ids and self._has_role(route, session),
        }
        if not is_for_them[route.whom]:
            raise missing()
        return None

    def _remit(self, route: Route, visit: Visit) -> Remit:
        """Return what an officer reaches in the roles that a route is for; nobody else has a remit."""
        if route.whom is not For.OFFICER or visit.who is None:
            return Remit()
        return remit_of(self._deployment, visit.by, route.roles) if is_required(self._deployment) else WHOLE

    def _has_role(self, route: Route, session: SessionRecord) -> bool:
        """Say whether somebody has one of a route's roles, or any at all where it names none."""
        if not is_required(self._deployment):
            return True
        with self._deployment.store.reading() as rx:
            held = _roles(rx, session.login_name)
        return bool(route.roles & held if route.roles else held)

    def _is_stale(self, session: SessionRecord) -> bool:
        now = self._deployment.clock.now()
        return (now - session.confirmed_at).total_seconds() > CONFIRMED_SECONDS


def form_token(token: str) -> str:
    """Return what stands in the forms of a session: nobody can make it who does not hold the session's own token."""
    return hmac.new(token.encode(), b"forms", sha256).hexdigest()


def _roles(rx: Reading, login_name: str) -> frozenset[object]:
    return frozenset(each.role for each in roles_of(rx, login_name))


def _refuse_foreign(request: Request) -> None:
    """Refuse a form that another site sent; browsers say where it comes from, and programs have no cookies of others."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if (site is not None and site not in _OWN_SITE) or (
        origin not in {None, "null"} and str(origin).partition("//")[2] != request.headers.get("host")
    ):
        raise HTTPException(_FORBIDDEN)


async def _form(request: Request, *, may_be_file: bool) -> FormData:
    length = request.headers.get("content-length", "")
    is_multipart = request.headers.get("content-type", "").startswith("multipart/form-data")
    bytes_max = FILE_BYTES_MAX if is_multipart and may_be_file else BODY_BYTES_MAX
    if not length.isdecimal() or int(length) > bytes_max:  # a browser always says how long its form is
        raise HTTPException(_TOO_LARGE)
    return await request.form(max_files=1, max_fields=FIELDS_MAX, max_part_size=BODY_BYTES_MAX)


def _refuse_strange_form(visit: Visit) -> None:
    """Refuse a form that was not made for this very session."""
    if visit.who is None or not hmac.compare_digest(
        visit.who.form_token.encode(), visit.given("token").encode("utf-8", "replace")
    ):
        raise missing()


def _as_it_was_asked(request: Request, answer: Response) -> Response:
    """Return an answer as who asked can follow it: a script that wants a part of a page is told that the whole page goes elsewhere.

    A browser follows by itself, and would put a part of the login where a part of the page was.
    """
    if "hx-request" in request.headers and "location" in answer.headers:
        answer.headers["HX-Redirect"] = answer.headers["location"]
        del answer.headers["location"]
        answer.status_code = _OK
    return answer


def _answered(route: Route, visit: Visit) -> Response:
    try:
        refuse_beyond(visit, route)
        return route.view(visit)
    except MianshenError as error:
        return visit.page("refused.html", status_code=_REFUSED, findings=visit.said(error.findings))
