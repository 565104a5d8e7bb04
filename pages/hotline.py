"""The interface over which a 12345 hotline brings grievances: signed, once for each key, and never more than it says.

A call is signed like those of message providers and portals (`delivery.signing`), its key with it. What is wrong is said as
problem details (RFC 9457), without a word of what was sent.
"""

import datetime as dt
from typing import Annotated, Final

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import MianshenError
from core.findings import Code
from delivery.signing import ONCE, Signer
from engine.deployment import Deployment
from engine.grievances.codes import GrievanceCode
from engine.grievances.intake import Intake, receive
from pages.api.document import Partner, PartnerRoute
from pages.problems import JsonBodies, Problem
from store.codes import StoreCode
from store.states.grievances import GrievanceKind, GrievanceSource, GrievanceState

PATH: Final = "/hotline/grievances"
KEY_ID: Final = "hotline"
BODY_MAX: Final = 32_768  # bytes; the longest that an intake may be, in Chinese, is a third of it
BODIES: Final = JsonBodies(BODY_MAX, GrievanceCode.BAD_REQUEST, GrievanceCode.TOO_LONG)
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


class Standing(BaseModel):
    """The grievance that stands for a key."""

    grievance: str
    state: GrievanceState


def hotline_routes(deployment: Deployment) -> list[PartnerRoute]:
    """Return the interface, where a secret for it is set; else nothing answers there."""
    secret = deployment.workspace.settings.grievances.hotline_secret
    if secret is None:
        return []
    hotline = Hotline(deployment, secret.get_secret_value())
    partner = Partner(
        "hotline", "12345 热线工单 · a grievance of the hotline", Sent, Standing, is_write=True, creates=True
    )
    return [PartnerRoute(PATH, hotline.receive, partner)]


class Hotline:
    """Answers a hotline's requests."""

    def __init__(self, deployment: Deployment, secret: str) -> None:
        self.deployment, self.signer = deployment, Signer(KEY_ID, secret)

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
        now = self.deployment.clock.now()
        if not self.signer.is_signed(request.headers, "POST", PATH, body, now=now):
            message = "the request is not signed by the hotline, or not within five minutes of our clock"
            raise Problem(401, GrievanceCode.BAD_REQUEST, message)
        key = request.headers.get(ONCE, "")
        if not key.strip():
            raise Problem(400, GrievanceCode.BAD_REQUEST, f"it has no {ONCE}")
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
        said = Standing(grievance=found.grievance.grievance_id, state=found.grievance.state)
        return JSONResponse(said.model_dump(mode="json"), status_code=_KNOWN if found.is_repeated else _CREATED)
