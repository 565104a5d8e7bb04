"""The interface over which a 12345 hotline brings grievances: signed, once for each key, and never more than it says.

A request is signed with HMAC-SHA256 over its instant, method, path, key and body, each closed by a line end. What is wrong
is said as problem details (RFC 9457), without a word of what was sent.
"""

import datetime as dt
import hashlib
import hmac
from typing import Annotated, Any, Final

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import MianshenError
from core.findings import Code
from engine.deployment import Deployment
from engine.grievances.codes import GrievanceCode
from engine.grievances.intake import Intake, receive
from store.codes import StoreCode
from store.states import GrievanceKind, GrievanceSource

PATH: Final = "/hotline/grievances"
BODY_MAX: Final = 32_768  # bytes; the longest that an intake may be, in Chinese, is a third of it
SKEW_SECONDS: Final = 300  # between their clock and ours, and the time in which a request may be sent again
_CREATED, _KNOWN = 201, 200

_STATUS: dict[Code, int] = {
    GrievanceCode.OTHER_CONTENT: 409,
    StoreCode.CHANGED: 409,
    StoreCode.LOCKED: 503,
}
"""What a fault is to the hotline; every other one is about what it sent (422)."""


class Sent(BaseModel):
    """What the hotline sends; nothing else is taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    received_on: dt.date
    said: Annotated[str, Field(min_length=1, max_length=4_000)]
    kind: GrievanceKind = GrievanceKind.UNDONE
    subject: Annotated[str | None, Field(max_length=100)] = None
    policy: Annotated[str | None, Field(max_length=100)] = None
    contact: Annotated[str | None, Field(max_length=200)] = None


class _Problem(Exception):  # noqa: N818  # RFC 9457 calls it so
    def __init__(self, status: int, code: Code, detail: str) -> None:
        self.status, self.code, self.detail = status, code, detail
        super().__init__(detail)


def add_hotline(app: FastAPI, deployment: Deployment) -> None:
    """Add the interface to the pages, where a secret for it is set; else nothing answers there."""
    secret = deployment.workspace.settings.grievances.hotline_secret
    if secret is None:
        return
    hotline = Hotline(deployment, secret.get_secret_value().encode())
    app.post(PATH, response_model=None)(hotline.receive)


def signature(secret: bytes, timestamp: str, key: str, body: bytes) -> str:
    """Return the signature of a request, in hexadecimal."""
    said = b"".join(part + b"\n" for part in (timestamp.encode(), b"POST", PATH.encode(), key.encode(), body))
    return hmac.new(secret, said, hashlib.sha256).hexdigest()


class Hotline:
    """Answers a hotline's requests."""

    def __init__(self, deployment: Deployment, secret: bytes) -> None:
        self.deployment, self.secret = deployment, secret

    async def receive(self, request: Request) -> JSONResponse:
        """Take in one grievance: 201 where it is new, 200 where it stands already."""
        try:
            body = await _body(request)
            key = self._checked_key(request, body)
            found = await run_in_threadpool(self._kept, key, body)
        except _Problem as problem:
            return _answer(problem)
        return found

    def _checked_key(self, request: Request, body: bytes) -> str:
        """Return the key of a request that is signed and fresh."""
        headers = request.headers
        timestamp, given = headers.get("x-mianshen-timestamp", ""), headers.get("x-mianshen-signature", "")
        key = headers.get("idempotency-key", "")
        expected = signature(self.secret, timestamp, key, body)
        if not hmac.compare_digest(expected.encode(), given.lower().encode("utf-8", "replace")):
            raise _Problem(401, GrievanceCode.BAD_REQUEST, "the request is not signed, or its signature is another")
        now = self.deployment.clock.now().timestamp()
        if not timestamp.isdecimal() or len(timestamp) > 12 or abs(now - int(timestamp)) > SKEW_SECONDS:  # noqa: PLR2004  # seconds until the year 33658
            raise _Problem(401, GrievanceCode.BAD_REQUEST, f"its instant is more than {SKEW_SECONDS} seconds from ours")
        if not key.strip():
            raise _Problem(400, GrievanceCode.BAD_REQUEST, "it has no Idempotency-Key")
        return key

    def _kept(self, key: str, body: bytes) -> JSONResponse:
        try:
            sent = Sent.model_validate_json(body)
        except ValidationError as faults:
            places = {
                ".".join(str(step) for step in each["loc"]) or "body" for each in faults.errors(include_input=False)
            }
            message = f"not as agreed: {', '.join(sorted(places))}"
            raise _Problem(422, GrievanceCode.BAD_REQUEST, message) from None
        intake = Intake(
            sent.kind,
            GrievanceSource.HOTLINE,
            sent.said,
            sent.received_on,
            subject=sent.subject,
            policy=sent.policy,
            external_id=key,
            contact=sent.contact,
        )
        try:
            found = receive(self.deployment, intake, by="hotline")
        except MianshenError as error:
            fault = error.findings[0]
            raise _Problem(_STATUS.get(fault.code, 422), fault.code, fault.message) from None
        said: dict[str, Any] = {"grievance": found.grievance.grievance_id, "state": found.grievance.state.value}
        return JSONResponse(said, status_code=_KNOWN if found.is_repeated else _CREATED)


async def _body(request: Request) -> bytes:
    """Return the body, read no further than it may be long."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise _Problem(415, GrievanceCode.BAD_REQUEST, "it is not application/json")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY_MAX:
            raise _Problem(413, GrievanceCode.TOO_LONG, f"it has more than {BODY_MAX:,} bytes")
    return bytes(body)


def _answer(problem: _Problem) -> JSONResponse:
    said = {"type": "about:blank", "title": "not taken in", "status": problem.status, "code": problem.code.value}
    return JSONResponse(said | {"detail": problem.detail}, problem.status, media_type="application/problem+json")
