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
from pages.problems import JsonBodies, Problem
from store.codes import StoreCode
from store.states import GrievanceKind, GrievanceSource

PATH: Final = "/hotline/grievances"
BODY_MAX: Final = 32_768  # bytes; the longest that an intake may be, in Chinese, is a third of it
BODIES: Final = JsonBodies(BODY_MAX, GrievanceCode.BAD_REQUEST, GrievanceCode.TOO_LONG)
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
            body = await BODIES.read(request)
            key = self._checked_key(request, body)
            found = await run_in_threadpool(self._kept, key, body)
        except Problem as problem:
            return problem.answer()
        return found

    def _checked_key(self, request: Request, body: bytes) -> str:
        """Return the key of a request that is signed and fresh."""
        headers = request.headers
        timestamp, given = headers.get("x-mianshen-timestamp", ""), headers.get("x-mianshen-signature", "")
        key = headers.get("idempotency-key", "")
        expected = signature(self.secret, timestamp, key, body)
        if not hmac.compare_digest(expected.encode(), given.lower().encode("utf-8", "replace")):
            raise Problem(401, GrievanceCode.BAD_REQUEST, "the request is not signed, or its signature is another")
        now = self.deployment.clock.now().timestamp()
        if not timestamp.isdecimal() or len(timestamp) > 12 or abs(now - int(timestamp)) > SKEW_SECONDS:  # noqa: PLR2004  # seconds until the year 33658
            raise Problem(401, GrievanceCode.BAD_REQUEST, f"its instant is more than {SKEW_SECONDS} seconds from ours")
        if not key.strip():
            raise Problem(400, GrievanceCode.BAD_REQUEST, "it has no Idempotency-Key")
        return key

    def _kept(self, key: str, body: bytes) -> JSONResponse:
        try:
            sent = Sent.model_validate_json(body)
        except ValidationError as faults:
            places = {
                ".".join(str(step) for step in each["loc"]) or "body" for each in faults.errors(include_input=False)
            }
            message = f"not as agreed: {', '.join(sorted(places))}"
            raise Problem(422, GrievanceCode.BAD_REQUEST, message) from None
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
            raise Problem(_STATUS.get(fault.code, 422), fault.code, fault.message) from None
        said: dict[str, Any] = {"grievance": found.grievance.grievance_id, "state": found.grievance.state.value}
        return JSONResponse(said, status_code=_KNOWN if found.is_repeated else _CREATED)
