"""The interface over which message providers say what became of messages: signed, just now, and no matter how often.

A receipt that comes twice is the same receipt, and one that comes late moves nothing backwards; so a call may be sent again
until it is answered. What is wrong is said as problem details, without a word of what was sent.
"""

from typing import Final

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from core.errors import MianshenError
from delivery.channel_settings import callback_signers
from delivery.codes import DeliveryCode
from delivery.receipts import receipts_of
from delivery.signing import Signer
from engine.deployment import Deployment
from engine.notice_desk import hear_receipts
from pages.problems import JsonBodies, Problem
from store.codes import StoreCode

PATH: Final = "/callbacks/receipts/"
BODIES: Final = JsonBodies(1_048_576, DeliveryCode.CALLBACK_REFUSED, DeliveryCode.CALLBACK_REFUSED)
"""Room for some thousand receipts."""


def add_callbacks(app: FastAPI, deployment: Deployment) -> None:
    """Add the interface to the pages for each channel that has a secret for it; else nothing answers there."""
    for name, signer in callback_signers(deployment.workspace.settings.channels).items():
        app.post(f"{PATH}{name}", response_model=None)(Callback(deployment, name, signer).receive)


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
        said = {"new": settled.new_count, "applied": settled.applied_count, "waiting": settled.waiting_count}
        return JSONResponse(said)
