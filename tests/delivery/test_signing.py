import datetime as dt

import pytest

from delivery.signing import INSTANT, KEY, NONCE, SIGNATURE, WINDOW, Signer

NOW = dt.datetime(2025, 8, 1, 4, tzinfo=dt.UTC)
SIGNER = Signer("k", "secret")
BODY = b'{"a": 1}'


def headers() -> dict[str, str]:
    """Return the headers of a call."""
    return SIGNER.headers("POST", "/v1/messages", BODY, at=NOW, nonce="m_1")


def test_a_signed_call_is_known_whatever_the_case_of_its_headers() -> None:
    lower = {name.lower(): value for name, value in headers().items()}

    assert SIGNER.is_signed(lower, "POST", "/v1/messages", BODY, now=NOW)
    assert "secret" not in repr(SIGNER)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"method": "PUT"}, id="method"),
        pytest.param({"path": "/v1/other"}, id="path"),
        pytest.param({"body": b'{"a": 2}'}, id="body"),
        pytest.param({NONCE: "m_2"}, id="nonce"),
        pytest.param({NONCE: ""}, id="no-nonce"),
        pytest.param({INSTANT: str(int(NOW.timestamp()) + 1)}, id="instant"),
        pytest.param({INSTANT: "soon"}, id="no-instant"),
        pytest.param({INSTANT: "9" * 400}, id="endless-instant"),
        pytest.param({KEY: "other"}, id="key"),
        pytest.param({SIGNATURE: "密"}, id="signature"),
        pytest.param({"now": NOW + WINDOW + dt.timedelta(seconds=1)}, id="too-late"),
        pytest.param({"now": NOW - WINDOW - dt.timedelta(seconds=1)}, id="too-early"),
    ],
)
def test_whatever_is_changed_is_seen(changed: dict[str, object]) -> None:
    """Method, path, instant, nonce and body are all signed; an old call is of no use."""
    call = {"method": "POST", "path": "/v1/messages", "body": BODY, "now": NOW}
    said = headers() | {name: str(value) for name, value in changed.items() if name not in call}
    asked = call | {name: value for name, value in changed.items() if name in call}

    assert not SIGNER.is_signed(said, asked["method"], asked["path"], asked["body"], now=asked["now"])  # type: ignore[arg-type]  # each of its own type


def test_another_secret_is_another_signature() -> None:
    assert not Signer("k", "other").is_signed(headers(), "POST", "/v1/messages", BODY, now=NOW)
