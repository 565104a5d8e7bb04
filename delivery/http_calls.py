"""Signed calls to one machine over HTTP, which tell apart what never left from what nobody answered.

No redirect is followed, for it would carry somebody's phone number to a machine that nobody allowed. Proxies of the
environment are not asked.
"""

import datetime as dt
import http.client
import json
import ssl
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from delivery.signing import Signer

TIMEOUT_SECONDS = 15.0  # a gateway that is alive answers within a few
ANSWER_BYTES_MAX = 65_536  # an answer is a few words


class NotSentError(Exception):
    """Nothing of the call reached the other side; `args` hold the fault's name."""


class NoAnswerError(Exception):
    """The call went out, at least in part, and no answer came; `args` hold the fault's name."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said."""

    status: int
    body: bytes = field(repr=False)

    def said(self) -> dict[str, Any]:
        """Return the answer as a JSON object; empty where it is none."""
        try:
            tree = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return tree if isinstance(tree, dict) else {}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A machine and a path below which it is called; `authorities` are those of the machine unless given."""

    url: str
    signer: Signer
    timeout_seconds: float = TIMEOUT_SECONDS
    authorities: ssl.SSLContext | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """Return the machine's name."""
        return urlsplit(self.url).hostname or ""

    def call(self, method: str, below: str, tree: object = None, *, at: dt.datetime, nonce: str) -> Answer:
        """Make one call with a JSON body, or with none.

        Fails: NotSentError where no connection was made; NoAnswerError where it was and no whole answer came.
        """
        parts = urlsplit(self.url)
        path = f"{parts.path.rstrip('/')}/{below}"
        body = b"" if tree is None else json.dumps(tree, ensure_ascii=False).encode()
        headers = self.signer.headers(method, path, body, at=at, nonce=nonce)
        connection = self._connection(parts.scheme, parts.port)
        try:
            connection.connect()
        except (OSError, http.client.HTTPException) as fault:
            connection.close()
            raise NotSentError(type(fault).__name__) from fault
        try:
            connection.request(method, path, body, headers | {"Content-Type": "application/json; charset=utf-8"})
            response = connection.getresponse()
            content = response.read(ANSWER_BYTES_MAX)
        except (OSError, http.client.HTTPException) as fault:
            raise NoAnswerError(type(fault).__name__) from fault
        finally:
            connection.close()
        return Answer(response.status, content)

    def _connection(self, scheme: str, port: int | None) -> http.client.HTTPConnection:
        if scheme == "https":
            context = self.authorities or ssl.create_default_context()
            return http.client.HTTPSConnection(self.host, port, timeout=self.timeout_seconds, context=context)
        return http.client.HTTPConnection(self.host, port, timeout=self.timeout_seconds)
