"""Lets a call through to its endpoint, or not: signed just now by a portal that may, in its form, and not too often."""

import re
from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from starlette.types import Message

from delivery.signing import KEY, NONCE, ONCE
from engine.deployment import Deployment
from engine.portals import signer_of
from pages.api.calls import Call
from pages.api.codes import ApiCode
from pages.api.routes import Endpoint
from pages.problems import JsonBodies, Problem
from pages.web.envelope import DECLARED
from pages.web.limits import DOOR, OPEN, Buckets, Rate, Rates, Taken, address_key
from store.portals import Portal

MOUNT: Final = "/api"
BODIES: Final = JsonBodies(65_536, ApiCode.BAD_REQUEST, ApiCode.BAD_REQUEST)
_SIGNS: Final = re.compile(r"[\x21-\x7e]{8,64}")  # of a nonce or a key: visible, in ASCII
_NAME: Final = re.compile(r"[a-z0-9.-]{1,40}")
_MINUTE: Final = 60

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Guard:
    """Looks at every call before its endpoint does."""

    def __init__(self, deployment: Deployment, rates: Rates) -> None:
        self._deployment, self._rates = deployment, rates
        self._strangers, self._visitors = rates.buckets("api-strangers", DOOR), rates.buckets("api-visitors", OPEN)
        self._portals: dict[int, Buckets] = {}

    async def let_through(self, declared: Endpoint, request: Request) -> Request:
        """Return a call as its endpoint reads it, which may be asked once more for its body.

        Fails: Problem where it is not let through.
        """
        request.scope[DECLARED] = f"{MOUNT}{declared.path}"
        request.state.deployment = self._deployment
        if declared.scope is None:
            self._count(request, self._visitors, _address(request), OPEN)
            return request
        body = await BODIES.read(request)
        request.state.call = await run_in_threadpool(self._call, declared, request, body)
        return Request(request.scope, _again(body))

    def _call(self, declared: Endpoint, request: Request, body: bytes) -> Call:
        assert declared.scope is not None
        path, headers = str(request.scope["path"]), request.headers
        portal = self._portal(request, path, body)
        rate = Rate(portal.a_minute, portal.a_minute)
        buckets = self._portals.get(portal.a_minute)
        if buckets is None:
            made = self._rates.buckets(f"api-portals-{portal.a_minute}", rate)
            buckets = self._portals.setdefault(portal.a_minute, made)
        self._count(request, buckets, portal.name, rate)
        if declared.scope not in portal.may:
            raise Problem(403, ApiCode.NOT_ALLOWED, f"the portal may not call this: it needs `{declared.scope}`")
        once = headers.get(ONCE, "")
        if declared.is_write and not _SIGNS.fullmatch(once):
            message = f"it has no {ONCE} of 8 to 64 visible signs"
            raise Problem(400, ApiCode.BAD_REQUEST, message)
        acting = self._deployment.acting_as(portal.login)
        return Call(acting, portal, declared.scope, path, body, headers[NONCE], once)

    def _portal(self, request: Request, path: str, body: bytes) -> Portal:
        """Return who signed a call; whoever did not is counted by address.

        Fails: Problem where nobody did, or not just now.
        """
        deployment, headers = self._deployment, request.headers
        if _NAME.fullmatch(headers.get(KEY, "")) and _SIGNS.fullmatch(headers.get(NONCE, "")):
            with deployment.store.reading() as rx:
                found = signer_of(rx, deployment.seals, headers[KEY])
            now = deployment.clock.now()
            if found is not None and found[1].is_signed(headers, request.method, path, body, now=now):
                return found[0]
        self._count(request, self._strangers, _address(request), DOOR)
        message = "the call is not signed by a portal that is registered, or not within five minutes of our clock"
        raise Problem(401, ApiCode.NOT_SIGNED, message, headers={"WWW-Authenticate": "HMAC-SHA256"})

    def _count(self, request: Request, buckets: Buckets, key: str, rate: Rate) -> None:
        """Count a call, and have its answer say how many more may come."""
        taken = buckets.take(key, self._deployment.clock.now())
        request.state.limits = limit_headers(rate, taken)
        if taken.wait_seconds:
            wait = {"Retry-After": str(taken.wait_seconds)}
            raise Problem(429, ApiCode.TOO_OFTEN, "too many calls; wait as long as Retry-After says", headers=wait)


class Guarded(APIRoute):
    """A route whose calls the guard sees first."""

    def __init__(self, guard: Guard, declared: Endpoint, **options: Any) -> None:  # noqa: ANN401  # FastAPI's own
        self._guard, self._declared = guard, declared
        super().__init__(declared.path, declared.view, methods=[declared.method], **options)

    def get_route_handler(self) -> _Handler:
        """Return what answers a call that the guard lets through."""
        answered = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            response = await answered(await self._guard.let_through(self._declared, request))
            response.headers.update(request.state.limits)
            return response

        return guarded


def limit_headers(rate: Rate, taken: Taken) -> dict[str, str]:
    """Return how many calls may come, as draft-ietf-httpapi-ratelimit-headers says it."""
    return {
        "RateLimit-Policy": f'"calls";q={rate.at_once};w={_MINUTE * rate.at_once // rate.a_minute}',
        "RateLimit": f'"calls";r={taken.left};t={taken.full_seconds}',
    }


def _address(request: Request) -> str:
    return address_key(request.client.host if request.client else None)


def _again(body: bytes) -> Callable[[], Coroutine[Any, Any, Message]]:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
