"""A portal that calls as a test has it call: signed, unless a test says otherwise."""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count

import httpx2 as httpx
from starlette.testclient import TestClient

from core.clock import FixedClock
from delivery.signing import Signer
from engine.deployment import Deployment
from engine.portals import register_portal
from pages.web.app import create_app
from store.states.entry import PortalScope
from tests.trial_world import trial_world

_NONCES = count()
PLENTY = 1_000_000  # of calls a minute


@dataclass
class Portal:
    """A registered portal with the secret that it was given."""

    deployment: Deployment
    client: TestClient
    signer: Signer = field(repr=False)

    def calls(
        self,
        path: str,
        sent: object,
        *,
        once: str = "",
        skew: dt.timedelta = dt.timedelta(),
        instead: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Call a path of the interface with a body, as JSON unless it is bytes, perhaps with other headers."""
        body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
        at = self.deployment.clock.now() + skew
        signed = self.signer.headers(
            "POST", f"/api/v1{path}", body, at=at, nonce=f"nonce-{next(_NONCES):08}", once=once
        )
        headers = signed | {"Content-Type": "application/json", "Accept-Language": "en"} | (instead or {})
        return self.client.post(f"/api/v1{path}", content=body, headers=headers)


def registered(
    deployment: Deployment,
    name: str = "city",
    *,
    may: Iterable[PortalScope] = tuple(PortalScope),
    kinds: Iterable[str] = ("enterprise",),
    a_minute: int = PLENTY,
    client: TestClient | None = None,
) -> Portal:
    """Register a portal at a deployment, and return it as it calls."""
    secret = register_portal(deployment, name, may=list(may), kinds=list(kinds), a_minute=a_minute, by="boss")
    made = client or TestClient(create_app(deployment), raise_server_exceptions=False)
    return Portal(deployment, made, Signer(name, secret))


def later(deployment: Deployment, **time: int) -> None:
    """Move the clock on."""
    assert isinstance(deployment.clock, FixedClock)
    deployment.clock.instant += dt.timedelta(**time)


def number_of(login: str = "qiye1") -> str:
    """Return the official number of an enterprise of the trial world."""
    return next(account.number for account in trial_world().plan.trial_accounts if account.login == login)
