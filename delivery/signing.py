"""Signatures of HTTP calls: HMAC over method, path, instant, nonce and body, under a secret that both sides know.

Where a call has an `Idempotency-Key`, that is signed too: who records a call cannot have it done again under another one.
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
ONCE = "Idempotency-Key"
_WHOLE_SECONDS = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Signer:
    """A key by its public name and its secret."""

    key_id: str
    secret: str = field(repr=False)

    def headers(
        self, method: str, path: str, body: bytes, *, at: dt.datetime, nonce: str, once: str = ""
    ) -> dict[str, str]:
        """Return the headers that sign a call, `once` being its key where it has one."""
        instant = str(int(at.timestamp()))
        signature = self._signature((method, path, instant, nonce), body, once)
        signed = {KEY: self.key_id, INSTANT: instant, NONCE: nonce, SIGNATURE: signature}
        return signed | {ONCE: once} if once else signed

    def is_signed(self, headers: Mapping[str, str], method: str, path: str, body: bytes, *, now: dt.datetime) -> bool:
        """Say whether headers sign a call, and did so just now; the names of headers are compared without case."""
        said = {name.lower(): value for name, value in headers.items()}
        names = (KEY, INSTANT, NONCE, SIGNATURE, ONCE)
        key_id, instant, nonce, signature, once = (said.get(name.lower(), "") for name in names)
        if key_id != self.key_id or not nonce or not _WHOLE_SECONDS.fullmatch(instant):
            return False
        if abs(now.timestamp() - int(instant)) > WINDOW.total_seconds():
            return False
        expected = self._signature((method, path, instant, nonce), body, once)
        return hmac.compare_digest(expected.encode(), signature.encode())

    def _signature(self, head: tuple[str, str, str, str], body: bytes, once: str) -> str:
        signed = "\n".join((*head, bytes_digest(body), *([once] if once else ())))
        return hmac.digest(self.secret.encode(), signed.encode(), "sha256").hex()
