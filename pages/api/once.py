"""A deed of a portal, once for each of its keys: the answer is kept in the very transaction that does the deed.

So a process that dies leaves both or neither, and a call that comes again, be it at the same moment, has the same bytes. A deed
that is refused leaves nothing: the same call may be made again.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fastapi import Response
from pydantic import BaseModel

from core.errors import MianshenError
from core.ids import bytes_digest
from engine.deployment import Deployment
from pages.api.calls import Call
from pages.api.codes import ApiCode
from pages.problems import Problem
from store.codes import StoreInvariantError
from store.opening import Reading, Writing
from store.portal_answers import KeptAnswer, keep_answer, kept_answer

_JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Write:
    """What a call has done, in one transaction, and what is said of it then, as that transaction sees it."""

    do: Callable[[Deployment], object]
    said: Callable[[Reading], BaseModel]


class _QuickerError(Exception):
    """The same call came to another process, which was quicker."""


def once(call: Call, write: Write) -> Response:
    """Do a deed, or say again what was said when it was done.

    Fails: Problem where the key stands for another request; MianshenError where the deed is refused.
    """
    known = _known(call)
    if known is None:
        known = _done(call, write)
    return Response(known.body, media_type=_JSON)


def _done(call: Call, write: Write) -> KeptAnswer:
    keeping = _Keeping(call, write.said)
    try:
        write.do(call.deployment.keeping(keeping))
    except (_QuickerError, MianshenError):
        known = _known(call)
        if known is None:
            raise
        return known
    if keeping.kept is None:
        raise StoreInvariantError("a deed of a portal has a transaction")
    return keeping.kept


@dataclass(slots=True)
class _Keeping:
    """Keeps the answer as the last thing that the deed's transaction does."""

    call: Call
    said: Callable[[Reading], BaseModel]
    kept: KeptAnswer | None = None

    def __call__(self, tx: Writing) -> None:
        if self.kept is not None:
            raise StoreInvariantError("a deed of a portal has one transaction")
        answer = KeptAnswer(_mark(self.call), self.said(tx).model_dump_json().encode())
        if not keep_answer(tx, self.call.portal.name, self.call.once, answer, lasts=_lasts(self.call)):
            raise _QuickerError
        self.kept = answer


def _known(call: Call) -> KeptAnswer | None:
    """Return what was answered under a call's key.

    Fails: Problem where that was another request.
    """
    with call.deployment.store.reading() as rx:
        known = kept_answer(rx, call.portal.name, call.once, lasts=_lasts(call))
    if known is not None and known.request_mark != _mark(call):
        raise Problem(409, ApiCode.OTHER_REQUEST, "the key stands for another request; a new one needs a new key")
    return known


def _mark(call: Call) -> str:
    """Return the keyed digest of a request: an account's number cannot be found by trying them all."""
    return call.deployment.seals.blind_index("portal request", f"{call.path}|{bytes_digest(call.body)}").hex()


def _lasts(call: Call) -> dt.timedelta:
    return dt.timedelta(days=call.deployment.workspace.settings.portals.keys_days)
