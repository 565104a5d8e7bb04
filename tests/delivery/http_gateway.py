"""A gateway on the loopback that checks signatures, keeps what it takes, and misbehaves as it is told to."""

import contextlib
import datetime as dt
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from delivery.http_calls import Endpoint
from delivery.signing import Signer

SIGNER = Signer("mianshen", "a secret for tests")
NOW = dt.datetime(2025, 8, 1, 4, tzinfo=dt.UTC)  # the noon of `tests.delivery.a_store`


@dataclass
class Gateway:
    """What it is to do with the next calls, in order, the last for ever; and what it was given.

    `accept`, `refuse`, `busy`; a status as a number; `redirect`, `malformed`, `slow`, `close` (reads, then hangs up), and
    `lose` (takes the message, then hangs up).
    """

    behaviours: list[str] = field(default_factory=lambda: ["accept"])
    code: str = "bad_number"
    now: dt.datetime = NOW
    taken: dict[str, dict[str, Any]] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    unsigned_count: int = 0
    states: dict[str, str] = field(default_factory=dict)  # what it says of a reference when it is asked
    ended: threading.Event = field(default_factory=threading.Event)

    def next(self) -> str:
        """Return what to do now."""
        return self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]


@contextlib.contextmanager
def http_gateway(gateway: Gateway) -> Iterator[str]:
    """Run the gateway for a while; give its address."""
    server = _Server(gateway)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        gateway.ended.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


def endpoint(url: str, *, signer: Signer = SIGNER, timeout_seconds: float = 5) -> Endpoint:
    """Return how to call it."""
    return Endpoint(url, signer, timeout_seconds)


class _Server(ThreadingHTTPServer):
    def __init__(self, gateway: Gateway) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.gateway = gateway


class _Handler(BaseHTTPRequestHandler):
    @property
    def gateway(self) -> Gateway:
        """Return what is behind it."""
        assert isinstance(self.server, _Server)
        return self.server.gateway

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:  # http.server calls it so
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.gateway.paths.append(self.path)
        if not SIGNER.is_signed(dict(self.headers), "POST", self.path, body, now=self.gateway.now):
            self.gateway.unsigned_count += 1
            self._answer(401, {"status": "refused", "code": "signature"})
            return
        self._behave(self.gateway.next(), json.loads(body))

    def do_GET(self) -> None:  # http.server calls it so
        self.gateway.paths.append(self.path)
        reference = self.path.rsplit("/", 1)[-1]
        if self.gateway.behaviours[0] == "mute":
            self._answer(500, {})
        elif reference in self.gateway.states or reference in self.gateway.taken:
            self._answer(200, {"status": self.gateway.states.get(reference, "accepted")})
        else:
            self._answer(404, {"status": "no_such_reference"})

    def _behave(self, behaviour: str, asked: dict[str, Any]) -> None:
        key = asked.get("reference") or asked["message_id"]
        if behaviour in {"accept", "lose", "malformed"}:
            self.gateway.taken[key] = asked
        if behaviour == "slow":
            self.gateway.ended.wait(10)
        match behaviour:
            case "accept":
                self._answer(200, {"status": "accepted", "code": "ok"})
            case "refuse" | "busy":
                self._answer(
                    200, {"status": {"refuse": "refused"}.get(behaviour, behaviour), "code": self.gateway.code}
                )
            case "malformed":
                self._answer(200, b"<html>fine</html>")
            case "redirect":
                self._answer(302, {}, {"Location": "http://127.0.0.1:9/elsewhere"})
            case "slow" | "close" | "lose":
                self.close_connection = True
            case status:
                self._answer(int(status), {})

    def _answer(self, status: int, said: object, headers: dict[str, str] | None = None) -> None:
        content = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:  # noqa: ANN401  # as http.server has it
        """Keep quiet."""
