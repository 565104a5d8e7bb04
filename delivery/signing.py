"""Signatures of HTTP calls: HMAC over method, path, instant, nonce and body, under a secret that both sides know.

A call that was recorded on the way is of no use later: its instant is old, or its nonce was seen. Whoever receives calls
keeps the nonces of the window for as long as it lasts; a receipt that comes twice is the same receipt, so that ours need
none.
"""

import datetime as dt
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.ids import bytes_digest

WINDOW = dt.timedelta(minutes=5)  # clocks of two machines, and a slow network
KEY, INSTANT, NONCE, SIGNATURE = "X-Key-Id", "X-Timestamp", "X-Nonce", "X-Signature"
_WHOLE_SECONDS = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Signer:
    """A key by its public name and its secret."""

    key_id: str
    secret: str = field(repr=False)

    def headers(self, method: str, path: str, body: bytes, *, at: dt.datetime, nonce: str) -> dict[str, str]:
        """Return the headers that sign a call."""
        instant = str(int(at.timestamp()))
        signature = self._signature(method, path, instant, nonce, body)
        return {KEY: self.key_id, INSTANT: instant, NONCE: nonce, SIGNATURE: signature}

    def is_signed(self, headers: Mapping[str, str], method: str, path: str, body: bytes, *, now: dt.datetime) -> bool:
        """Say whether headers sign a call, and did so just now; the names of headers are compared without case."""
        said = {name.lower(): value for name, value in headers.items()}
        key_id, instant, nonce, signature = (said.get(name.lower(), "") for name in (KEY, INSTANT, NONCE, SIGNATURE))
        if key_id != self.key_id or not nonce or not _WHOLE_SECONDS.fullmatch(instant):
            return False
        if abs(now.timestamp() - int(instant)) > WINDOW.total_seconds():
            return False
        expected = self._signature(method, path, instant, nonce, body)
        return hmac.compare_digest(expected.encode(), signature.encode())

    def _signature(self, method: str, path: str, instant: str, nonce: str, body: bytes) -> str:
        signed = "\n".join((method, path, instant, nonce, bytes_digest(body)))
        return hmac.digest(self.secret.encode(), signed.encode(), "sha256").hex()
