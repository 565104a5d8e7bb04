"""The load of the bench of pages: one thread, sockets that stay open, and as little work for an answer as tells that it is whole.

What asks shares the machine with what answers, so that its own cost is told beside the server's.
"""

import os
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

READ_EVERY: Final = 25  # of so many answers one is read, the others are counted to their end
_CHUNK: Final = 1 << 18
_OK: Final = b"HTTP/1.1 200 "
_LENGTH: Final = b"content-length: "


@dataclass(frozen=True, slots=True)
class Load:
    """What came of asking: the milliseconds of each page, the seconds that passed, and those of CPU that asking took."""

    milliseconds: Sequence[float]
    seconds: float
    cpu_seconds: float
    sizes: Sequence[int]


def ask(port: int, tokens: Sequence[str], *, at_once: int) -> Load:
    """Have each session read its first page, so many at once, each on a connection of its own that stays open."""
    waiting = [_request(token) for token in reversed(tokens)]
    took, sizes = list[float](), list[int]()
    before, begun = _own_cpu(), time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for _ in range(min(at_once, len(waiting))):
            one = _Asking(socket.create_connection(("127.0.0.1", port)))
            selector.register(one.connection, selectors.EVENT_READ, one)
            one.ask(waiting.pop())
        for one in _answered(selector):
            took.append(1000 * (time.perf_counter() - one.begun))
            sizes.append(len(one.answer))
            assert len(took) % READ_EVERY or "不适用" in one.answer.decode()
            if waiting:
                one.ask(waiting.pop())
            else:
                selector.unregister(one.connection)
                one.connection.close()
    return Load(took, time.perf_counter() - begun, _own_cpu() - before, sizes)


def _answered(selector: selectors.BaseSelector) -> Iterator["_Asking"]:
    """Give who has a whole answer, until nobody asks any more."""
    while selector.get_map():
        for key, _ in selector.select():
            if key.data.has_all():
                yield key.data


@dataclass(slots=True)
class _Asking:
    """One connection, and what has come of the answer so far."""

    connection: socket.socket
    answer: bytearray = field(default_factory=bytearray)
    begun: float = 0.0
    size: int = 0

    def ask(self, request: bytes) -> None:
        self.answer, self.size, self.begun = bytearray(), 0, time.perf_counter()
        self.connection.sendall(request)

    def has_all(self) -> bool:
        """Take what has come, and say whether that is all."""
        came = self.connection.recv(_CHUNK)
        assert came, "the server closed the connection"
        self.answer += came
        if not self.size and (end := self.answer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.answer[:end]).lower()
            assert self.answer.startswith(_OK), head
            at = head.index(_LENGTH) + len(_LENGTH)
            self.size = end + 4 + int(head[at:].partition(b"\r\n")[0])
        return bool(self.size) and len(self.answer) >= self.size


def _request(token: str) -> bytes:
    return f"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: mianshen={token}\r\n\r\n".encode()


def _own_cpu() -> float:
    times = os.times()
    return times.user + times.system
