"""What goes round every answer: headers, a page where a view fails, a line in the log and a count; never a person.

A line names the declared route and not the address that was asked, which may hold an id or whatever somebody typed. Of a fault it
has the kind and the places in the code; its words may hold values and are not written.
"""

import json
import logging
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.web.metrics import Metrics

LOG: Final = logging.getLogger("mianshen.web")
DECLARED: Final = "mianshen.declared"  # where the guard says which route it is
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FAILED: Final = 500
_FRAMES_MAX: Final = 12
_KEPT: Final = b"cache-control"

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Nothing may be framed, sniffed or passed on, and no script runs but our own."""

_OVER_TLS: Final = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


class Envelope:
    """Answers in the application's name where it fails, and looks at every answer on its way out."""

    def __init__(
        self, app: ASGIApp, *, metrics: Metrics, is_secure: bool, failed: Callable[[Request], Response]
    ) -> None:
        self._app, self._metrics, self._failed = app, metrics, failed
        own = HEADERS | (_OVER_TLS if is_secure else {})
        self._own = {name.lower().encode(): value.encode() for name, value in own.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._with_own(message["headers"], scope["path"])
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        except Exception as fault:  # noqa: BLE001  # whatever it is, it is answered and written down
            LOG.error(  # noqa: TRY400  # the words of a fault may name people
                _line(event="fault", route=_route(scope), kind=type(fault).__name__, at=list(_places(fault)))
            )
            if not status:  # half an answer cannot be taken back
                await self._failed(Request(scope))(scope, receive, send_on)
            status = _FAILED
        seconds = time.perf_counter() - began
        route, method = _route(scope), _method(scope)
        self._metrics.count(route=route, method=method, status=status, seconds=seconds)
        LOG.info(_line(event="request", route=route, method=method, status=status, ms=round(seconds * 1000)))

    def _with_own(self, headers: Iterable[tuple[bytes, bytes]], path: str) -> list[tuple[bytes, bytes]]:
        """Return the headers of an answer with what stands in every answer, and for how long it may be kept if it does not say."""
        made = [*((name, value) for name, value in headers if name not in self._own), *self._own.items()]
        if all(name != _KEPT for name, _ in made):
            made.append((_KEPT, b"public, max-age=3600" if path.startswith("/static/") else b"no-store"))
        return made


def _line(**said: object) -> str:
    return json.dumps(said, ensure_ascii=False)


def _route(scope: Scope) -> str:
    """Return the route that was declared, or what stands for all that were not."""
    return str(scope.get(DECLARED) or getattr(scope.get("route"), "path", "")) or "(none)"


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "(other)"


def _places(fault: BaseException) -> Iterator[str]:
    frames = traceback.extract_tb(fault.__traceback__)[-_FRAMES_MAX:]
    return (f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames)
