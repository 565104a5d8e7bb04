"""Who may call: signed just now, once, by a portal that is registered, for what it may do and whom it may name."""

import datetime as dt
import re

import pytest

from delivery.signing import WINDOW, Signer
from engine.deployment import Deployment
from engine.portals import register_portal, shut_portal
from pages.api.app import declared
from pages.api.guard import BODIES
from store.audit import read_entries
from store.states.entry import PortalScope
from tests.pages.api.portal import Portal, later, number_of, registered

MATCHES = "/subject/matches"
SECOND = dt.timedelta(seconds=1)


def entry_count(deployment: Deployment) -> int:
    with deployment.store.reading() as rx:
        return len(list(read_entries(rx)))


@pytest.mark.parametrize(
    ("skew", "instead"),
    [
        (SECOND * 0, {"X-Signature": "0" * 64}),
        (SECOND * 0, {"X-Signature": ""}),
        (SECOND * 0, {"X-Key-Id": "another"}),
        (SECOND * 0, {"X-Key-Id": "../"}),
        (SECOND * 0, {"X-Nonce": "another-nonce"}),
        (SECOND * 0, {"X-Nonce": "short"}),
        (SECOND * 0, {"X-Timestamp": "1"}),
        (SECOND * 0, {"Idempotency-Key": "key-of-another"}),
        (WINDOW + SECOND, {}),
        (-WINDOW - SECOND, {}),
    ],
    ids=["other", "none", "key", "odd-key", "nonce", "short-nonce", "instant", "once", "early", "late"],
)
def test_what_is_not_signed_just_now(portal: Portal, skew: dt.timedelta, instead: dict[str, str]) -> None:
    """Nothing is read, nothing recorded, and nothing that was sent said back."""
    before = entry_count(portal.deployment)

    answer = portal.calls(MATCHES, {"number": number_of()}, skew=skew, instead=instead)

    assert (answer.status_code, answer.json()["code"]) == (401, "E701")
    assert answer.headers["WWW-Authenticate"] == "HMAC-SHA256"
    assert number_of() not in answer.text
    assert entry_count(portal.deployment) == before


@pytest.mark.parametrize("skew", [WINDOW, -WINDOW], ids=["ahead", "behind"])
def test_at_the_ends_of_the_window(portal: Portal, skew: dt.timedelta) -> None:
    """Five minutes are five minutes."""
    assert portal.calls(MATCHES, {"number": number_of()}, skew=skew).status_code == 200


def test_a_call_is_heard_once(portal: Portal) -> None:
    """Who recorded it on the way can do nothing with it, for as long as its signature would count."""
    first = portal.calls(MATCHES, {"number": number_of()}, skew=WINDOW)
    heard = entry_count(portal.deployment)
    for minutes in (0, 5, 5):
        later(portal.deployment, minutes=minutes)
        again = portal.client.post(first.request.url.path, content=first.request.content, headers=first.request.headers)
        assert (again.status_code, again.json()["code"]) == (401, "E701")
    assert first.status_code == 200
    assert entry_count(portal.deployment) == heard


def test_a_signature_is_for_one_path_and_one_body(portal: Portal) -> None:
    """A call that was recorded is none for another path, nor with another number."""
    first = portal.calls(MATCHES, {"number": number_of()}, instead={"X-Nonce": "of-no-use-to-anybody"})
    for path, body in (
        ("/api/v1/subject/payments", first.request.content),
        (first.request.url.path, b'{"number": "1"}'),
    ):
        assert portal.client.post(path, content=body, headers=first.request.headers).status_code == 401


def test_a_portal_that_ended(deployment: Deployment, portal: Portal) -> None:
    """Its next call is refused; nothing is remembered."""
    assert portal.calls(MATCHES, {"number": number_of()}).status_code == 200
    shut_portal(deployment, "city", by="boss")

    assert portal.calls(MATCHES, {"number": number_of()}).status_code == 401


def test_another_secret(deployment: Deployment, portal: Portal) -> None:
    """Registered again, the secret before is worth nothing."""
    secret = register_portal(deployment, "city", may=[PortalScope.MATCHES], kinds=["enterprise"], by="boss")

    assert portal.calls(MATCHES, {"number": number_of()}).status_code == 401
    portal.signer = Signer("city", secret)
    assert portal.calls(MATCHES, {"number": number_of()}).status_code == 200
    assert portal.calls("/subject/payments", {"number": number_of()}).status_code == 403


NAMED = {"policy": "hightech-award", "category": "advice"}
"""What paths name; of anything else some id will do."""


def test_every_endpoint_of_a_subject_needs_its_scope(deployment: Deployment, portal: Portal) -> None:
    """A portal that may do everything but that is refused, and nothing is recorded."""
    before = entry_count(deployment)
    asked = 0
    for each in declared():
        if each.scope is None:
            continue
        poor = registered(deployment, f"poor{asked}", may=set(PortalScope) - {each.scope}, client=portal.client)
        path = re.sub("{([a-z]+)}", lambda part: NAMED.get(part[1], "n"), each.path.removeprefix("/v1"))
        answer = poor.calls(path, {"number": number_of()}, once="key-00000001")
        assert (answer.status_code, answer.json()["code"]) == (403, "E702"), each.path
        asked += 1
    assert asked > 10
    assert entry_count(deployment) == before + asked  # the registrations


def test_whom_a_portal_may_name(deployment: Deployment, portal: Portal) -> None:
    """Somebody of another kind looks like nobody at all, byte for byte, and is not looked at."""
    other = registered(deployment, "people", kinds=["person"], client=portal.client)
    before = entry_count(deployment)

    theirs, nobody = (other.calls(MATCHES, {"number": number}) for number in (number_of(), "91310118MA1XXXXXXX"))

    assert (theirs.status_code, theirs.content) == (404, nobody.content)
    assert entry_count(deployment) == before


def test_an_id_of_ours_is_no_number(portal: Portal) -> None:
    """Ids are opaque and stay inside: a subject is named by its official number alone."""
    with portal.deployment.store.reading() as rx:
        (subject,) = rx.connection.exec_driver_sql(
            "select subject_id from trial_account where login_name = 'qiye1'"
        ).one()

    assert portal.calls(MATCHES, {"number": subject}).status_code == 404


def test_every_reading_is_recorded(portal: Portal) -> None:
    """Who looked, at what, for what; of whom, by a digest."""
    portal.calls(MATCHES, {"number": number_of()})

    with portal.deployment.store.reading() as rx:
        entry = list(read_entries(rx))[-1]
    assert (entry.event, entry.done_by, entry.about) == ("facts.read", "portal:city", "portal")
    assert (entry.said["fields"], entry.said["subject_count"]) == (["matches"], 1)
    assert number_of() not in str(entry)


@pytest.mark.parametrize(
    ("sent", "status", "instead"),
    [
        (b"{", 422, {}),
        (b"\xff", 422, {}),
        (b"[" * 60_000, 422, {}),
        (b"", 422, {}),
        (b"1e999999", 422, {}),
        ({}, 422, {}),
        ({"number": 1}, 422, {}),
        ({"number": ""}, 422, {}),
        ({"number": "9\x00"}, 422, {}),
        ({"number": "9" * 41}, 422, {}),
        ({"number": "\ud800"}, 422, {}),
        ({"number": "1", "secret-word": 1}, 422, {}),
        (b" " * (BODIES.bytes_max + 1), 413, {}),
        ({"number": "1"}, 415, {"Content-Type": "text/plain"}),
    ],
    ids=[
        "no-json", "no-text", "too-deep", "empty", "huge", "a-field-short", "no-words", "nothing", "a-nul", "too-long",
        "half-a-sign", "a-field-more", "too-large", "another-type",
    ],
)  # fmt: skip
def test_what_is_not_in_its_form(portal: Portal, sent: object, status: int, instead: dict[str, str]) -> None:
    """It is refused as a problem that says where, and nothing of what was sent."""
    answer = portal.calls(MATCHES, sent, instead=instead)

    assert (answer.status_code, answer.json()["code"]) == (status, "E703")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "secret-word" not in answer.text


def test_a_problem_is_told_in_chinese_unless_asked_otherwise(portal: Portal) -> None:
    """Whoever shows it to a citizen need not translate it."""
    chinese, english = (
        portal.calls(MATCHES, {"number": "1"}, instead={"Accept-Language": language}) for language in ("zh-CN", "en-GB")
    )

    assert (chinese.headers["Content-Language"], english.headers["Content-Language"]) == ("zh", "en")
    assert chinese.json()["detail"] == "没有该号码的对象，或该门户不得查询"
    assert english.json()["detail"] == "nobody whom the portal may name goes by this number"


def test_too_many_calls(deployment: Deployment, portal: Portal) -> None:
    """Every answer says how many are left; beyond that one waits as long as it is told, and others do not."""
    slow = registered(deployment, "slow", a_minute=2, client=portal.client)
    answers = [slow.calls(MATCHES, {"number": number_of()}) for _ in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert [each.headers["RateLimit"] for each in answers] == [
        '"calls";r=1;t=30',
        '"calls";r=0;t=60',
        '"calls";r=0;t=60',
    ]
    assert answers[2].headers["RateLimit-Policy"] == '"calls";q=2;w=60'
    assert answers[2].headers["Retry-After"] == "30"
    assert portal.calls(MATCHES, {"number": number_of()}).status_code == 200
    later(deployment, seconds=30)
    assert slow.calls(MATCHES, {"number": number_of()}).status_code == 200


def test_strangers_are_counted_by_address(portal: Portal) -> None:
    """Who guesses signatures is told to wait after twenty; the portal at the same address goes on."""
    forged = {"X-Signature": "0" * 64}
    statuses = [portal.calls(MATCHES, {"number": "1"}, instead=forged).status_code for _ in range(22)]

    assert statuses == [401] * 20 + [429] * 2
    assert portal.calls(MATCHES, {"number": number_of()}).status_code == 200
