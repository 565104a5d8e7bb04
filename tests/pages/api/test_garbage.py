"""Nonsense at the interface: whatever comes, signed or not, is no fault of ours, and nothing of it is said back."""

import datetime as dt
import json
import random

from starlette.testclient import TestClient

from core.clock import FixedClock
from pages.api.app import declared
from pages.api.guard import MOUNT
from pages.web.app import create_app
from tests.pages.api.portal import Portal
from tests.pages.api.test_by_schema import SIGNED, Signing
from tests.pages.test_limits import garbage, path_of
from tests.trial_world import trial_world

REQUESTS = 10_000
METHODS = ["POST", "POST", "POST", "GET", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "BREW"]
TYPES = [
    "application/json",
    "application/json",
    "application/json; charset=utf-16",
    "text/plain",
    "multipart/form-data",
    "",
]
FIELDS = ["number", "grant", "account", "reason", "answer", "since", "is_wanted"]


def body_of(draw: random.Random, mark: str) -> bytes:
    """Return a body: nothing, nonsense, or JSON of nonsense under names that some endpoint knows."""
    if draw.random() < 0.3:
        return garbage(draw).encode("utf-8", "replace")
    values: list[object] = [garbage(draw), mark, None, True, -1, 1e308, [], {"number": garbage(draw)}, "9" * 70_000]
    sent = {name: draw.choice(values) for name in [*FIELDS, mark] if draw.random() < 0.4}
    return json.dumps(draw.choice([sent, sent, [sent], mark])).encode()


def test_nonsense_breaks_nothing(portal: Portal) -> None:
    """S5: ten thousand calls, most of them signed: no fault, no word of what was sent, and no name or number of anybody."""
    draw = random.Random(11)  # noqa: S311  # the same nonsense every time
    paths = [f"{MOUNT}{each.path}" for each in declared()] + [f"{MOUNT}/openapi.json", f"{MOUNT}/docs", f"{MOUNT}/"]
    theirs = [word for account in trial_world().plan.trial_accounts for word in (account.name, account.number)]
    clock = portal.deployment.clock
    assert isinstance(clock, FixedClock)
    statuses = set[int]()
    with TestClient(Signing(create_app(portal.deployment), portal)) as client:
        for number in range(REQUESTS):
            clock.instant += dt.timedelta(milliseconds=draw.randrange(200))
            mark = f"<b>{number}"
            headers = (
                dict.fromkeys(SIGNED, "x") if draw.random() < 0.7 else {"X-Key-Id": garbage(draw)[:9].strip() or "x"}
            )
            more = {
                "Content-Type": draw.choice(TYPES),
                "Idempotency-Key": draw.choice(["", f"key-{number}", "key-00000001"]),
            }
            answer = client.request(
                draw.choice(METHODS),
                path_of(draw, paths, mark),
                content=body_of(draw, mark) if draw.random() < 0.8 else None,
                headers=[
                    (name.encode(), value.encode("latin-1", "ignore")) for name, value in (headers | more).items()
                ],
            )

            statuses.add(answer.status_code)
            assert answer.status_code < 500, (answer.request.method, answer.request.url)
            assert mark not in answer.text
            assert not any(word in answer.text for word in theirs)
    assert statuses >= {200, 400, 401, 404, 405, 413, 415, 422}
