"""The interface over which message providers say what became of messages: signed, just now, and no matter how often.

A receipt that comes twice is the same receipt, and one that comes late moves nothing backwards; so a call may be sent again
until it is answered. What is wrong is said as problem details, without a word of what was sent.
"""

from typing import Annotated, Final

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, RootModel

from core.errors import MianshenError
from delivery.channel_settings import callback_signers
from delivery.codes import DeliveryCode
from delivery.receipts import receipts_of
from delivery.signing import Signer
from engine.deployment import Deployment
from engine.notice_desk import hear_receipts
from pages.api.document import Partner, PartnerRoute
from pages.problems import JsonBodies, Problem
from store.codes import StoreCode
from store.states.notices import ReceiptOutcome

PATH: Final = "/callbacks/receipts/"
BODIES: Final = JsonBodies(1_048_576, DeliveryCode.CALLBACK_REFUSED, DeliveryCode.CALLBACK_REFUSED)
"""Room for some thousand receipts."""


class Told(BaseModel):
    """What became of one message; `reference` is the one that it was sent under."""

    model_config = ConfigDict(title="Receipt")

    reference: Annotated[str, Field(max_length=80)]
    status: ReceiptOutcome
    at: AwareDatetime | None = None
    code: Annotated[str | None, Field(max_length=40)] = None


class Receipts(RootModel[Told | list[Told]]):
    """One receipt, or a list of them."""


class Counted(BaseModel):
    """How many receipts were new, how many moved their messages, and how many wait."""

    new: int
    applied: int
    waiting: int


def callback_routes(deployment: Deployment) -> list[PartnerRoute]:
    """Return the interface for each channel that has a secret for it; else nothing answers there."""
    return [
        PartnerRoute(
            f"{PATH}{name}",
            Callback(deployment, name, signer).receive,
            Partner(f"receipts_{name}", f"回执 {name} · receipts of a message provider", Receipts, Counted),
        )
        for name, signer in callback_signers(deployment.workspace.settings.channels).items()
    ]


class Callback:
    """Answers the calls of one channel's provider."""

    def __init__(self, deployment: Deployment, channel: str, signer: Signer) -> None:
        self.deployment, self.channel, self.signer = deployment, channel, signer

    async def receive(self, request: Request) -> JSONResponse:
        """Take in receipts, all of a call or none; say how many were new and how many moved their messages."""
        try:
            body = await BODIES.read(request)
            self._check_signature(request, body)
            return await run_in_threadpool(self._taken, body)
        except Problem as problem:
            return problem.answer()

    def _check_signature(self, request: Request, body: bytes) -> None:
        now = self.deployment.clock.now()
        if not self.signer.is_signed(request.headers, "POST", f"{PATH}{self.channel}", body, now=now):
            message = "the call is not signed with the channel's key, or not within five minutes of our clock"
            raise Problem(401, DeliveryCode.CALLBACK_REFUSED, message)

    def _taken(self, body: bytes) -> JSONResponse:
        try:
            settled = hear_receipts(self.deployment, receipts_of(body), channel=self.channel)
        except MianshenError as error:
            fault = error.findings[0]
            status = 503 if fault.code is StoreCode.LOCKED else 422
            raise Problem(status, fault.code, f"{fault.place}: {fault.message}") from None
        said = Counted(new=settled.new_count, applied=settled.applied_count, waiting=settled.waiting_count)
        return JSONResponse(said.model_dump())
