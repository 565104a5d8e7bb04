"""The government's identity provider: where a browser is sent to show who somebody is, and what the answer says.

OpenID Connect with a code that is bound to this browser by PKCE. Believed is only an ID token that the provider signed for
us, for this very attempt, by an algorithm that the settings name.
Source: OpenID Connect Core 1.0 §3.1; RFC 7636; RFC 9207; RFC 9700.
"""

import datetime as dt
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlencode

import httpx2
from authlib.integrations.httpx_client import OAuth2Client, OAuthError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from core.settings import Oidc

ATTEMPT_LASTS: Final = dt.timedelta(minutes=10)  # from leaving for the provider until coming back
LEEWAY_SECONDS: Final = 60  # between the provider's clock and ours
TIMEOUT_SECONDS: Final = 10
HINT_MAX: Final = 6_000  # signs of an ID token in an address: servers take 8,000 of one by default
_SECRET_BYTES: Final = 32
_DISCOVERY: Final = "/.well-known/openid-configuration"
_KEY_TYPES: Final = frozenset({"RSA", "EC", "OKP"})


class Reason(StrEnum):
    """Why nobody came in."""

    DENIED = "denied"  # the provider says no, or the person went back
    STALE = "stale"  # the attempt is over, or was begun in another browser
    UNREACHABLE = "unreachable"  # the provider does not answer, or not as the standard says
    INVALID = "invalid"  # the answer is not for us, for this attempt, or not signed as it has to be
    UNKNOWN = "unknown"  # nobody here has such a number
    TWO_CAPACITIES = "two_capacities"  # an officer and an enterprise at once
    OTHER_PERSON = "other_person"  # somebody else than whoever is logged in


class LoginFault(Exception):  # noqa: N818  # it is an answer more than an error
    """Nobody came in, for a reason."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.value)


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """What this browser has to bring back; `confirms` is the digest of the session that shows again who it is."""

    state: str
    nonce: str
    verifier: str
    begun_at: int
    next_page: str
    confirms: str | None = None

    @classmethod
    def begun(cls, now: dt.datetime, next_page: str, confirms: str | None) -> "LoginAttempt":
        """Return a new one."""
        state, nonce, verifier = (secrets.token_urlsafe(_SECRET_BYTES) for _ in range(3))
        return cls(state, nonce, verifier, int(now.timestamp()), next_page, confirms)

    def text(self) -> str:
        """Return it as it is sealed into the browser's cookie."""
        return json.dumps(asdict(self))

    @classmethod
    def of_text(cls, text: str) -> "LoginAttempt":
        """Return it as it was."""
        return cls(**json.loads(text))

    def goes_on(self, now: dt.datetime) -> bool:
        """Say whether there is still time to come back."""
        return 0 <= now.timestamp() - self.begun_at <= ATTEMPT_LASTS.total_seconds()


@dataclass(frozen=True, slots=True)
class Shown:
    """Who somebody showed to be: what the provider claims, and the ID token that says so."""

    claims: Mapping[str, Any]
    id_token: str


@dataclass(slots=True)
class IdentityProvider:
    """One provider, asked for its addresses and keys when they are first needed."""

    settings: Oidc
    redirect_uri: str
    _metadata: dict[str, Any] | None = field(default=None, init=False)
    _keys: KeySet | None = field(default=None, init=False)

    def address(self, attempt: LoginAttempt) -> str:
        """Return where the browser goes; where somebody confirms, the provider has to ask them anew.

        Fails: LoginFault where the provider cannot be asked for its addresses.
        """
        again = {"prompt": "login", "max_age": "0"} if attempt.confirms else {}
        with self._client() as client:
            url, _ = client.create_authorization_url(
                self._endpoint("authorization_endpoint"),
                state=attempt.state,
                code_verifier=attempt.verifier,
                nonce=attempt.nonce,
                **again,
            )
        return str(url)

    def leave_address(self, back_to: str, id_token: str = "") -> str | None:
        """Return where the provider ends its own session, and leads back from; None where it has no such place.

        By the ID token it knows whose session that is; without one it may ask whether this is wanted.
        Source: OpenID Connect RP-Initiated Logout 1.0 §2.
        """
        try:
            address = self._endpoint("end_session_endpoint")
        except LoginFault:
            return None
        asked = {"client_id": self.settings.client_id, "post_logout_redirect_uri": back_to}
        asked |= {"id_token_hint": id_token} if 0 < len(id_token) <= HINT_MAX else {}
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def shown(self, attempt: LoginAttempt, answer: Mapping[str, str], now: dt.datetime) -> Shown:
        """Return what the provider says about who came back with an answer.

        Fails: LoginFault where it is not an answer to this attempt, or not to be believed.
        """
        if not secrets.compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
            raise LoginFault(Reason.STALE)
        if answer.get("iss", self.settings.issuer) != self.settings.issuer:  # RFC 9207: of another provider
            raise LoginFault(Reason.INVALID)
        if "error" in answer or not answer.get("code"):
            raise LoginFault(Reason.DENIED)
        token = self._token(answer["code"], attempt.verifier)
        claims = self._checked(token, attempt, now)
        if attempt.confirms and int(claims["auth_time"]) < attempt.begun_at - LEEWAY_SECONDS:
            raise LoginFault(Reason.INVALID)  # they were not asked again
        return Shown(claims, str(token["id_token"]))

    def _token(self, code: str, verifier: str) -> Mapping[str, Any]:
        endpoint = self._endpoint("token_endpoint")
        try:
            with self._client() as client:
                token: Mapping[str, Any] = client.fetch_token(
                    endpoint, code=code, code_verifier=verifier, grant_type="authorization_code"
                )
        except OAuthError:
            raise LoginFault(Reason.DENIED) from None
        except (httpx2.HTTPError, ValueError):
            raise LoginFault(Reason.UNREACHABLE) from None
        return token

    def _checked(self, token: Mapping[str, Any], attempt: LoginAttempt, now: dt.datetime) -> Mapping[str, Any]:
        try:
            decoded = self._decoded(str(token["id_token"]))
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {"iss": {"essential": True, "value": self.settings.issuer}, "aud": {"value": self.settings.client_id}},
                {
                    "nonce": attempt.nonce,
                    "client_id": self.settings.client_id,
                    "access_token": token.get("access_token"),
                    "max_age": 1 if attempt.confirms else None,
                },
            )
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
        except (JoseError, KeyError, TypeError, ValueError):
            raise LoginFault(Reason.INVALID) from None
        said: Mapping[str, Any] = claims
        return said

    def _decoded(self, id_token: str) -> jwt.Token:
        """Return a token whose signature is right; the keys are asked for once more where they have changed."""
        algorithms = list(self.settings.algorithms)
        if self._keys is not None:
            try:
                return jwt.decode(id_token, self._keys, algorithms=algorithms)
            except (JoseError, ValueError):
                self._keys = None
        self._keys = self._read_keys()
        return jwt.decode(id_token, self._keys, algorithms=algorithms)

    def _read_keys(self) -> KeySet:
        found = self._read_json(self._endpoint("jwks_uri"))
        keys = [each for each in found.get("keys", ()) if each.get("kty") in _KEY_TYPES and each.get("use") != "enc"]
        return KeySet.import_key_set({"keys": keys})

    def _endpoint(self, name: str) -> str:
        """Return one of the provider's addresses, never one over an open line where the provider is reached by TLS."""
        if self._metadata is None:
            found = self._read_json(self.settings.issuer.rstrip("/") + _DISCOVERY)
            if found.get("issuer") != self.settings.issuer:
                raise LoginFault(Reason.UNREACHABLE)
            self._metadata = found
        address = str(self._metadata.get(name, ""))
        if not address.startswith(self.settings.issuer.partition("//")[0] + "//"):
            raise LoginFault(Reason.UNREACHABLE)
        return address

    @staticmethod
    def _read_json(address: str) -> dict[str, Any]:
        try:
            answer = httpx2.get(address, timeout=TIMEOUT_SECONDS).raise_for_status()
            found = answer.json()
        except (httpx2.HTTPError, ValueError):
            raise LoginFault(Reason.UNREACHABLE) from None
        if not isinstance(found, dict):
            raise LoginFault(Reason.UNREACHABLE)
        return found

    def _client(self) -> OAuth2Client:
        secret = self.settings.client_secret
        return OAuth2Client(
            self.settings.client_id,
            secret.get_secret_value() if secret else None,
            scope=" ".join(self.settings.scopes),
            redirect_uri=self.redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT_SECONDS,
        )
