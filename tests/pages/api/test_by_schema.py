"""Schemathesis makes calls of the document and against it: no fault of ours, and every answer as the document says.

A layer before the application signs what comes, as a portal does, and has it name somebody who is there most of the time.
"""

import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from delivery.signing import INSTANT, KEY, NONCE, ONCE, SIGNATURE
from pages.api.app import declared
from pages.api.guard import MOUNT
from pages.web.app import create_app
from tests.pages.api.portal import Portal, later, number_of, registered
from tests.trial_world import trial_world

EXAMPLES = 15
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PATHS: list[str] = [f"{MOUNT}{each.path}" for each in declared()]
SIGNED = {name.lower() for name in (KEY, INSTANT, NONCE, SIGNATURE)}
KNOWN = {"policy": ["hightech-award", "job-stabilisation-refund"], "category": ["advice"], "notice": ["n_1"]}


class Signing:
    """Signs calls about a subject on their way to the application."""

    def __init__(self, app: ASGIApp, portal: Portal) -> None:
        self._app, self._portal, self._numbers = app, portal, count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call on, signed."""
        is_signed = {name.encode() for name in SIGNED} <= {name for name, _ in scope.get("headers", ())}
        if scope["type"] != "http" or not is_signed:
            await self._app(scope, receive, send)
            return
        number = next(self._numbers)
        later(self._portal.deployment, seconds=1)
        body = _named(await _body(receive), is_known=number % 5 != 0)
        kept = [(name, value) for name, value in scope["headers"] if not name.startswith(b"x-")]
        once = next((value.decode("latin-1") for name, value in kept if name == ONCE.lower().encode()), "")
        at = self._portal.deployment.clock.now()
        signed = self._portal.signer.headers(
            scope["method"], scope["path"], body, at=at, nonce=f"schema-{number:06}", once=once
        )
        signed.pop(ONCE, None)
        kept += [(name.lower().encode(), value.encode("latin-1")) for name, value in signed.items()]

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app({**scope, "headers": kept}, again, send)


async def _body(receive: Receive) -> bytes:
    body, is_more = b"", True
    while is_more:
        message = await receive()
        body, is_more = body + message.get("body", b""), message.get("more_body", False)
    return body


def _named(body: bytes, *, is_known: bool) -> bytes:
    """Return a body that names an enterprise of the trial world in place of a number that was made up."""
    try:
        sent = json.loads(body)
    except ValueError:
        return body
    number = sent.get("number") if isinstance(sent, dict) else None
    if is_known and isinstance(number, str) and re.fullmatch(r"[^\x00-\x1f\x7f]{1,40}", number):
        return json.dumps(sent | {"number": number_of()}).encode()
    return body


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Give the document, as calls are made of it."""
    with trial_world().open(tmp_path_factory.mktemp("schema") / "w") as deployment:
        app = create_app(deployment)
        yield schemathesis.openapi.from_asgi(f"{MOUNT}/openapi.json", Signing(app, registered(deployment)))


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda each: each.value)
@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_as_the_document_says(schema: Any, path: str, mode: GenerationMode) -> None:  # noqa: ANN401  # untyped
    """Calls in their form and out of it: never a fault of ours; status, type, headers and body are documented."""
    operation = next(iter(schema[path].values()))
    checks = [*CHECKS, *([negative_data_rejection] if mode is GenerationMode.NEGATIVE else ())]

    seen = set[int]()

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def holds(case: Any) -> None:  # noqa: ANN401  # as above
        if mode is GenerationMode.POSITIVE:
            case.path_parameters = {
                name: KNOWN.get(name, [value])[0] for name, value in (case.path_parameters or {}).items()
            }
        seen.add(case.call_and_validate(checks=checks).status_code)

    holds()

    is_deed = "/policies/" in path.removeprefix(f"{MOUNT}/v1/") and path.startswith(f"{MOUNT}/v1/subject")
    is_named = any(
        f"{{{each}}}" in path for each in ("notice", "claim", "objection")
    )  # by ids that nobody knows before
    is_answered = mode is GenerationMode.POSITIVE and not is_deed and not is_named
    assert not is_answered or 200 in seen, seen


def test_the_document_has_every_endpoint(schema: Any) -> None:  # noqa: ANN401  # as above
    """With what it is for, its scope, and the key where it changes something; nothing stands there twice."""
    written = schema.raw_schema
    names = [what["operationId"] for paths in written["paths"].values() for what in paths.values()]
    assert len(set(names)) == len(names) == len(PATHS)
    for each in declared():
        what = written["paths"][f"{MOUNT}{each.path}"][each.method.lower()]
        assert what["description"]
        assert what.get("x-scope") == each.scope
        assert (ONCE in {parameter["name"] for parameter in what.get("parameters", [])}) == each.is_write
        assert bool(what["security"]) == (each.scope is not None)
        for status, answer in what["responses"].items():
            assert list(answer.get("content", {"none": 0})) == [
                "application/json" if status == "200" else "none" if status == "304" else "application/problem+json"
            ]
