"""A call of a portal that was let through: for whom it asks, in whose name it reads and acts."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request

from delivery.signing import WINDOW
from engine.deployment import Deployment
from engine.explaining.explain import subject_numbered
from pages.api.codes import ApiCode
from pages.problems import Problem
from store.portals import Portal, hear_call
from store.states.entry import PortalScope
from store.vault_openings import record_reading

HEARD_FOR: Final[dt.timedelta] = 2 * WINDOW
"""For how long a call could come again: its instant may lie ahead of our clock by as much as behind it."""

WHY: Final = "portal"


@dataclass(frozen=True, slots=True)
class Named:
    """A subject that a call names."""

    subject_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Call:
    """A signed call; `deployment` acts in the portal's name, `once` is its Idempotency-Key or `""`."""

    deployment: Deployment
    portal: Portal
    scope: PortalScope
    path: str
    body: bytes
    nonce: str
    once: str

    @property
    def by(self) -> str:
        """Return in whose name it reads and acts."""
        return self.portal.login

    def subject(self, number: str) -> Named:
        """Return the subject that an official number names; that it is looked at is recorded, and the call heard once.

        Fails: Problem where nobody of the portal's kinds goes by it, or where the call was heard before.
        """
        with self.deployment.store.writing() as tx:
            found = subject_numbered(tx, self.deployment, number)
            is_new = hear_call(tx, self.portal.name, self.nonce, lasts=HEARD_FOR)
            if found is not None and found[1] in self.portal.kinds and is_new:
                record_reading(tx, [found[0]], [self.scope.value], by=self.by, why=WHY)
        if not is_new:
            raise Problem(401, ApiCode.NOT_SIGNED, "the call was heard before")
        if found is None or found[1] not in self.portal.kinds:
            message = "nobody whom the portal may name goes by this number"
            raise Problem(404, ApiCode.NOT_THERE, message)
        return Named(*found)


def not_there() -> Problem:
    """Return what is raised for something that is missing, or another subject's: both look alike."""
    return Problem(404, ApiCode.NOT_THERE, "there is no such thing, or it is not this subject's")


def _call_of(request: Request) -> Call:
    call: Call = request.state.call
    return call


def _deployment_of(request: Request) -> Deployment:
    deployment: Deployment = request.state.deployment
    return deployment


Calling = Annotated[Call, Depends(_call_of)]
Here = Annotated[Deployment, Depends(_deployment_of)]
