"""How often somebody may do something, and that a flood of nonsense breaks nothing."""

import datetime as dt
import json
import logging
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response
from starlette.testclient import TestClient

from core.clock import FixedClock
from engine.deployment import Deployment
from pages.web.app import create_app, declared
from pages.web.envelope import HEADERS, LOG
from pages.web.guard import BODY_BYTES_MAX, Guard
from pages.web.limits import DOOR, KEYS_MAX, Buckets, OwnTable, Rate, address_key
from pages.web.rendering import Rendering
from pages.web.visits import Visit
from tests.trial_world import PASSWORD, trial_world

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
REQUESTS = 10_000


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with trial_world().open(tmp_path_factory.mktemp("limits") / "w") as opened:
        yield opened


@pytest.fixture
def client(deployment: Deployment) -> Iterator[TestClient]:
    with TestClient(create_app(deployment)) as made:
        yield made


def test_a_burst_is_free_and_a_flood_is_not() -> None:
    """So many at once; then one for each part of a minute, and what was refused costs nothing."""
    buckets = Buckets(Rate(3, 6))
    assert [buckets.wait_seconds("a", NOW) for _ in range(5)] == [0, 0, 0, 10, 10]
    assert buckets.wait_seconds("b", NOW) == 0

    assert buckets.wait_seconds("a", NOW + dt.timedelta(seconds=9)) == 1
    assert buckets.wait_seconds("a", NOW + dt.timedelta(seconds=10)) == 0
    assert buckets.wait_seconds("a", NOW + dt.timedelta(seconds=10)) == 10
    assert buckets.wait_seconds("a", NOW - dt.timedelta(hours=1)) > 0  # a clock set back gives nothing
    later = NOW + dt.timedelta(days=1)
    assert [buckets.wait_seconds("a", later) for _ in range(4)] == [0, 0, 0, 10]


@given(st.lists(st.integers(0, 30), max_size=60))
def test_never_more_than_the_rate(pauses: list[int]) -> None:
    """Whatever the pauses: what was let through is at most the burst and what came in since."""
    buckets, now, let_through = Buckets(Rate(5, 12)), NOW, 0
    for pause in pauses:
        now += dt.timedelta(seconds=pause)
        let_through += buckets.wait_seconds("a", now) == 0
        assert let_through <= 5 + (now - NOW).total_seconds() * 12 / 60 + 1e-6


def test_memory_is_bounded() -> None:
    """Of many addresses the one not seen for longest is forgotten."""
    table = OwnTable()
    buckets = Buckets(Rate(1, 1), table)
    assert buckets.wait_seconds("first", NOW) == 0
    for number in range(KEYS_MAX):
        buckets.wait_seconds(str(number), NOW)

    assert len(table) == KEYS_MAX
    assert buckets.wait_seconds("first", NOW) == 0


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        (None, ""),
    ],
)
def test_by_what_an_address_is_counted(host: str | None, key: str) -> None:
    """An IPv6 network is one, for whoever has it has all of its addresses."""
    assert address_key(host) == key


def test_guessing_at_the_door_has_to_wait(deployment: Deployment) -> None:
    """After the burst even the right password waits, until time has passed; who is in is counted apart."""
    clock = FixedClock(deployment.clock.now())
    with TestClient(create_app(replace(deployment, clock=clock))) as client:
        inside = TestClient(client.app)
        inside.post("/login", data={"login": "qiye1", "password": PASSWORD})
        for number in range(DOOR.at_once - 1):
            assert client.post("/login", data={"login": f"nobody{number}", "password": "x"}).status_code == 401
        refused = client.post("/login", data={"login": "qiye1", "password": PASSWORD})
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "3")
        assert "请等 3 秒" in refused.text
        assert inside.post("/reading").status_code == 200

        clock.instant += dt.timedelta(seconds=3)
        assert client.post("/login", data={"login": "qiye1", "password": PASSWORD}).url.path == "/"


def test_a_stranger_may_send_little(client: TestClient) -> None:
    """Too long a form, one without its length, and a file where nobody is logged in are not read."""
    large = "x" * BODY_BYTES_MAX
    answers = [
        client.post("/login", data={"login": large}),
        client.post("/login", files={"file": ("a", large)}, data={"login": "a"}),
        client.post("/login", content=(part for part in [b"login=a"])),
    ]

    assert [answer.status_code for answer in answers] == [413] * 3


def test_a_fault_says_nothing(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A view that fails is a page in Chinese with all headers; the log has the place and no word of the fault."""

    def fails(_: Visit) -> Response:
        message = "上海某某有限公司 91310118MA1K35XX02"
        raise ValueError(message)

    monkeypatch.setattr("pages.web.health.Health.lives", staticmethod(fails))
    with TestClient(create_app(deployment)) as client, caplog.at_level(logging.INFO, LOG.name):
        answer = client.get("/healthz?who=91310118")

    assert answer.status_code == 500
    assert "暂时无法显示" in answer.text
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    fault, request = (json.loads(each.message) for each in caplog.records if each.name == LOG.name)
    assert (fault["kind"], fault["route"]) == ("ValueError", "/healthz")
    assert fault["at"][-1].endswith("fails")
    assert (request["route"], request["method"], request["status"]) == ("/healthz", "GET", 500)
    assert "91310118" not in caplog.text
    assert "某某" not in caplog.text


@pytest.mark.parametrize("path", ["/static/style.css", "/static/none.css", "/nowhere", "/login", "/callbacks/x"])
def test_every_answer_has_the_headers(client: TestClient, path: str) -> None:
    """Files, what is missing, and what other systems call, too."""
    for method in ("GET", "POST", "PUT"):
        answer = client.request(method, path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS, (method, path)


def test_over_tls_browsers_come_back_over_tls(deployment: Deployment) -> None:
    """Where people reach the pages by https, they are told never to come otherwise."""
    settings = deployment.workspace.settings
    web = settings.web.model_copy(update={"address": "https://pages.example", "metrics": True})
    workspace = replace(deployment.workspace, settings=settings.model_copy(update={"web": web}))
    with TestClient(create_app(replace(deployment, workspace=workspace))) as client:
        assert client.get("/login").headers["strict-transport-security"].startswith("max-age=31536000")
        assert client.get("/metrics").status_code == 404  # the test's own client is no machine of ours
        here = TestClient(client.app, client=("127.0.0.1", 50_000))
        counted = here.get("/metrics").text
    assert 'mianshen_requests_total{method="GET",route="/login",status="200"} 1.0' in counted


def test_whether_it_can_serve(deployment: Deployment, client: TestClient, tmp_path: Path) -> None:
    """Ready with a database at the schema of this version; not without."""
    assert (client.get("/readyz").status_code, client.get("/healthz").text) == (200, "ok")
    assert client.get("/metrics").status_code == 404
    with trial_world().open(tmp_path / "w") as own, TestClient(create_app(own)) as other:
        with own.store.writing() as tx:
            tx.connection.exec_driver_sql("update alembic_version set version_num = '0001'")
        answer = other.get("/readyz")

        assert (answer.status_code, answer.text) == (503, "not ready")


def test_nonsense_breaks_nothing(deployment: Deployment) -> None:
    """Ten thousand requests of garbage, some of them logged in: no fault, and nothing that was sent becomes a part of a page."""
    draw = random.Random(7)  # noqa: S311  # the same nonsense every time
    paths = [each.path for each in declared(Guard(deployment, Rendering({})))] + [
        "/static/style.css",
        "/hotline/grievances",
    ]
    clock = FixedClock(deployment.clock.now())
    with TestClient(create_app(replace(deployment, clock=clock)), follow_redirects=False) as client:
        client.post("/login", data={"login": "qiye1", "password": PASSWORD})
        token = client.cookies["mianshen"]
        for number in range(REQUESTS):
            clock.instant += dt.timedelta(milliseconds=draw.randrange(200))
            client.cookies.clear()
            cookie = draw.choice([token, token[:-1], garbage(draw), *[""] * 7])
            headers = [
                (b"cookie", b"mianshen=" + cookie.encode("latin-1", "ignore").replace(b"\r", b"").replace(b"\n", b""))
            ]
            mark = f"<b>{number}"
            answer = client.request(
                draw.choice(["GET", "GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "BREW"]),
                path_of(draw, paths, mark),
                content=garbage(draw).encode("utf-8", "replace") if draw.random() < 0.5 else None,
                headers=[*headers, (b"content-type", draw.choice(KINDS)), (b"origin", b"null")],
            )

            assert answer.status_code < 500, (answer.request.method, answer.request.url)
            assert mark not in answer.text


KINDS = [
    b"application/x-www-form-urlencoded",
    b"multipart/form-data; boundary=x",
    b"multipart/form-data",
    b"application/json",
    b"",
]


def garbage(draw: random.Random) -> str:
    signs = [*map(chr, range(256)), "\u202e", "企", "\U0001f600", "%", "&", "=", "--x\r\n", "../", "\x00"]
    return "".join(draw.choices(signs, k=draw.randrange(40)))


def path_of(draw: random.Random, paths: list[str], mark: str) -> str:
    path = draw.choice(paths)
    while "{" in path:
        before, _, rest = path.partition("{")
        path = before + mark + draw.choice(["", "%00", "%ff", "%2f..%2f", "'--"]) + rest.partition("}")[2]
    return path + draw.choice(["", "?next=//x", f"?group={mark}", "?%00=%ff", "?" + "a" * 3000, f"/{mark}"])
