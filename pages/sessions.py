"""Who is logged in: a signed cookie that names the account, checked against the store at every request.

Revocation takes effect at once, for the account is looked up each time. The subject comes from the account and never
from an address, so that nobody can ask for another's page.
"""

import hmac
import secrets
from dataclasses import dataclass
from typing import Final

from fastapi import Request, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

from core.keys import INDEX
from engine.deployment import Deployment
from store.accounts import account_of

COOKIE: Final = "mianshen"
HOURS: Final = 8  # a working day
_SECOND_PER_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Scope:
    """What a session may read: one subject, and nothing else."""

    login_name: str
    subject_id: str
    name: str
    token: str  # stands in every form of the session


class Sessions:
    """Opens, reads and ends sessions."""

    def __init__(self, deployment: Deployment) -> None:
        secret = deployment.workspace.keys().derive(INDEX, "page sessions", 32)
        self._signer = URLSafeTimedSerializer(secret.hex(), salt="mianshen session")
        self._deployment = deployment

    def open(self, response: Response, *, login_name: str, name: str) -> None:
        """Begin a session with a new token; whatever the browser held before is replaced."""
        content = {"login": login_name, "name": name, "token": secrets.token_urlsafe(16)}
        response.set_cookie(
            COOKIE,
            self._signer.dumps(content),
            max_age=HOURS * _SECOND_PER_HOUR,
            httponly=True,
            samesite="lax",
            secure=self._deployment.workspace.settings.web.address.startswith("https://"),
        )

    def end(self, response: Response) -> None:
        """End the session in the browser."""
        response.delete_cookie(COOKIE, httponly=True, samesite="lax")

    def scope(self, request: Request) -> Scope | None:
        """Return what the request may read, or None where nobody is logged in or the account was closed."""
        try:
            content = self._signer.loads(request.cookies.get(COOKIE, ""), max_age=HOURS * _SECOND_PER_HOUR)
            login, name, token = str(content["login"]), str(content["name"]), str(content["token"])
        except (BadSignature, KeyError, TypeError):
            return None
        with self._deployment.store.reading() as rx:
            account = account_of(rx, login)
        if account is None or account.closed_at is not None or account.subject_id is None:
            return None
        return Scope(login, account.subject_id, name, token)


def is_own_form(scope: Scope, token: str) -> bool:
    """Say whether a form was made for this very session."""
    return hmac.compare_digest(scope.token.encode(), token.encode())
