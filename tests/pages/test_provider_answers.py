"""What an identity provider answers, and which of it is believed."""

import datetime as dt
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from pydantic import ValidationError

from core.settings import Oidc
from pages.web.provider import ATTEMPT_LASTS, HINT_MAX, IdentityProvider, LoginAttempt, LoginFault, Reason

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
OWN = RSAKey.generate_key(2048, {"kid": "own", "use": "sig"})
STRANGE = RSAKey.generate_key(2048, {"kid": "own", "use": "sig"})
ATTEMPT = LoginAttempt(
    "a-state", "a-nonce", "a-verifier-of-43-signs-or-more-as-the-standard-has-it", int(NOW.timestamp()), ""
)


@dataclass
class Said:
    """What the provider says to whoever asks."""

    issuer: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    keys: list[Any] = field(default_factory=lambda: [OWN.as_dict(private=False)])
    token: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    asked: list[dict[str, list[str]]] = field(default_factory=list)


@pytest.fixture
def said() -> Iterator[Said]:
    """Answer on loopback as the test says."""
    state = Said()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(state.metadata if "well-known" in self.path else {"keys": state.keys})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            state.asked.append(parse_qs(body))
            self._answer(state.token)

        def _answer(self, found: object) -> None:
            self.send_response(state.status)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.issuer = f"http://127.0.0.1:{server.server_port}"
    names = {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "jwks"}
    state.metadata = {"issuer": state.issuer} | {name: f"{state.issuer}/{path}" for name, path in names.items()}
    state.token = {"token_type": "Bearer", "access_token": "x", "id_token": signed(state)}
    yield state
    server.shutdown()
    server.server_close()
    thread.join(10)


def signed(said: Said, key: Any = OWN, alg: str = "RS256", **other: Any) -> str:  # noqa: ANN401  # a key of any kind
    """Return an ID token, right but for what is said otherwise; None leaves a claim out."""
    now = int(NOW.timestamp())
    right = {"iss": said.issuer, "aud": "mianshen", "sub": "1", "exp": now + 300, "iat": now, "nonce": ATTEMPT.nonce}
    claims = {name: value for name, value in (right | other).items() if value is not None}
    return jwt.encode({"alg": alg, "kid": "own"}, claims, key, algorithms=[alg])


def provider_of(said: Said) -> IdentityProvider:
    return IdentityProvider(Oidc(issuer=said.issuer, client_id="mianshen"), "https://pages.example/login/callback")


def claims(said: Said, attempt: LoginAttempt = ATTEMPT, **answer: str) -> Any:  # noqa: ANN401  # claims are of any type
    return provider_of(said).shown(attempt, {"code": "c", "state": "a-state"} | answer, NOW).claims


def reason(said: Said, attempt: LoginAttempt = ATTEMPT, **answer: str) -> Reason:
    with pytest.raises(LoginFault) as fault:
        claims(said, attempt, **answer)
    return fault.value.reason


def test_a_right_answer_is_believed(said: Said) -> None:
    """The code goes back with the verifier that only this browser's attempt holds."""
    assert claims(said)["sub"] == "1"
    assert said.asked[0]["code_verifier"] == [ATTEMPT.verifier]


def test_the_browser_takes_no_secret_along(said: Said) -> None:
    """What goes to the provider by the browser is the verifier's digest; who confirms is asked anew."""
    asked = {
        confirms: parse_qs(urlsplit(provider_of(said).address(LoginAttempt.begun(NOW, "", confirms))).query)
        for confirms in (None, "digest")
    }

    assert asked[None]["code_challenge_method"] == ["S256"]
    assert "code_verifier" not in asked[None]
    assert "prompt" not in asked[None]
    assert (asked["digest"]["prompt"], asked["digest"]["max_age"]) == (["login"], ["0"])


@pytest.mark.parametrize(
    "other",
    [
        {"nonce": "of-another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": ["mianshen", "another"]},  # without azp
        {"aud": None},
        {"iss": "https://another.example"},
        {"iss": None},
        {"sub": None},
        {"exp": int(NOW.timestamp()) - 61},
        {"exp": None},
        {"iat": int(NOW.timestamp()) + 120},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_is_refused(said: Said, other: dict[str, Any]) -> None:
    """Another's, an older one, one of another provider, or one that leaves out what it has to say."""
    said.token["id_token"] = signed(said, **other)

    assert reason(said) is Reason.INVALID


def test_a_token_that_the_provider_did_not_sign_is_refused(said: Said) -> None:
    """Another key, a public key taken for a secret, no signature at all, or an algorithm that nobody named."""
    body = signed(said).split(".")[1]
    public = OctKey.import_key(str(OWN.as_dict(private=False)["n"]))
    forged = [
        signed(said, key=STRANGE),
        signed(said, key=public, alg="HS256"),
        signed(said, alg="RS512"),
        f"eyJhbGciOiJub25lIn0.{body}.",
        "not a token",
    ]
    for each in forged:
        said.token["id_token"] = each
        assert reason(said) is Reason.INVALID
    del said.token["id_token"]
    assert reason(said) is Reason.INVALID


def test_new_keys_are_asked_for(said: Said) -> None:
    """A provider that changed its keys is believed without a restart."""
    provider, answer = provider_of(said), {"code": "c", "state": "a-state"}
    assert provider.shown(ATTEMPT, answer, NOW).claims["sub"] == "1"
    said.keys = [STRANGE.as_dict(private=False)]
    said.token["id_token"] = signed(said, key=STRANGE)

    assert provider.shown(ATTEMPT, answer, NOW).claims["sub"] == "1"


@pytest.mark.parametrize(
    ("auth_time", "is_believed"),
    [(0, True), (-60, True), (-61, False), (None, False)],
    ids=["now", "lee", "old", "none"],
)
def test_who_confirms_was_asked_anew(said: Said, auth_time: int | None, is_believed: bool) -> None:
    """A provider that remembers somebody from before has not seen them now."""
    attempt = LoginAttempt(ATTEMPT.state, ATTEMPT.nonce, ATTEMPT.verifier, ATTEMPT.begun_at, "", "digest")
    said.token["id_token"] = signed(said, auth_time=None if auth_time is None else ATTEMPT.begun_at + auth_time)

    if is_believed:
        assert claims(said, attempt)["sub"] == "1"
    else:
        assert reason(said, attempt) is Reason.INVALID


def test_what_is_no_answer_to_this_attempt(said: Said) -> None:
    """Another state, another provider's name, a refusal, no code."""
    assert reason(said, state="b-state") is Reason.STALE
    assert reason(said, state="状态") is Reason.STALE
    assert reason(said, iss="https://another.example") is Reason.INVALID
    assert reason(said, error="access_denied") is Reason.DENIED
    assert reason(said, code="") is Reason.DENIED
    said.token = {"error": "invalid_grant"}
    assert reason(said) is Reason.DENIED


def test_a_provider_that_cannot_be_asked(said: Said) -> None:
    """It is down, says another name of itself, has no keys, or another kind of address."""
    said.status = 500
    assert reason(said) is Reason.UNREACHABLE
    said.status = 200
    right = said.metadata
    for other in ({"issuer": "https://another.example"}, {"token_endpoint": "ftp://x"}, {"jwks_uri": None}):
        said.metadata = right | other
        assert reason(said) is Reason.UNREACHABLE
    said.metadata, said.keys = right, []
    assert reason(said) is Reason.INVALID


@pytest.mark.parametrize(
    ("seconds", "goes_on"), [(-1, False), (0, True), (ATTEMPT_LASTS.seconds, True), (ATTEMPT_LASTS.seconds + 1, False)]
)
def test_an_attempt_is_over_after_some_minutes(seconds: int, goes_on: bool) -> None:
    """Whoever went for lunch begins again."""
    attempt = LoginAttempt.of_text(LoginAttempt.begun(NOW, "/", None).text())

    assert attempt.goes_on(NOW + dt.timedelta(seconds=seconds)) is goes_on


@pytest.mark.parametrize("issuer", ["http://login.example", "https://a@b", "https://x/?q", "login.example"])
def test_no_provider_over_an_open_line(issuer: str) -> None:
    """What it answers decides who is let in."""
    with pytest.raises(ValidationError):
        Oidc(issuer=issuer, client_id="mianshen")


def test_without_openid_there_is_no_answer() -> None:
    """The scope `openid` asks for the ID token."""
    with pytest.raises(ValidationError, match="openid"):
        Oidc(issuer="https://login.example", client_id="mianshen", scopes=("profile",))


@pytest.mark.parametrize(
    ("declared", "address"),
    [
        (
            "{issuer}/end",
            "{issuer}/end?client_id=mianshen&post_logout_redirect_uri=https%3A%2F%2Fpages.example%2Flogin",
        ),
        (
            "{issuer}/o?x=1",
            "{issuer}/o?x=1&client_id=mianshen&post_logout_redirect_uri=https%3A%2F%2Fpages.example%2Flogin",
        ),
        ("ftp://elsewhere", None),
        (None, None),
    ],
)
def test_where_the_provider_ends_its_own_session(said: Said, declared: str | None, address: str | None) -> None:
    """By the address that it declares, with ours to come back to; without one there is nowhere to go."""
    said.metadata["end_session_endpoint"] = declared and declared.format(issuer=said.issuer)

    found = provider_of(said).leave_address("https://pages.example/login")

    assert found == (address and address.format(issuer=said.issuer))


def test_the_provider_is_told_whose_session_ends(said: Said) -> None:
    """By the ID token itself, unless it is too long for an address: then the provider asks."""
    said.metadata["end_session_endpoint"] = f"{said.issuer}/end"
    provider, token = provider_of(said), signed(said)

    asked = [
        parse_qs(urlsplit(provider.leave_address("https://pages.example/login", each) or "").query)
        for each in (token, "x" * HINT_MAX, "x" * (HINT_MAX + 1))
    ]

    assert asked[0]["id_token_hint"] == [token]
    assert ["id_token_hint" in each for each in asked] == [True, True, False]
    assert {each["client_id"][0] for each in asked} == {"mianshen"}
