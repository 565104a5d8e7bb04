"""How often somebody may do something: buckets that fill up again with time, so that a burst is free and a flood is not.

In memory: what is counted is worth nothing after a restart, and no write to the database is made for it. Processes that answer together
share it (`pages.web.shared_limits`); several machines count each for itself.
"""

import datetime as dt
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from math import ceil
from pathlib import Path
from typing import Final, Protocol

KEYS_MAX: Final = 20_000  # whoever was not seen for longest is forgotten, which only favours them
_SALT_BYTES: Final = 16
_IPV6_OWN: Final = 64  # the bits that name a household or an office


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and so many a minute after that."""

    at_once: int
    a_minute: int


DOOR: Final = Rate(20, 20)
"""Of one address, at what is open to everybody: an office behind one address may come to work at the same minute."""

DEEDS: Final = Rate(120, 60)
"""Of one session: what hands can do."""


OPEN: Final = Rate(240, 120)
"""Of one address, at what anybody may read by machine."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of taking one: for how long to wait where there was none, how many are left, and when all are back."""

    wait_seconds: int
    left: int
    full_seconds: int


Change = Callable[[tuple[float, float] | None], tuple[float, float]]
"""Makes, of what was left of a bucket at an instant, what is left at another."""


class Table(Protocol):
    """Where buckets are kept."""

    def change(self, key: str, change: Change) -> None:
        """Put into a key's place what a change makes of what is there; None where nothing is."""


@dataclass(slots=True)
class OwnTable:
    """Buckets of one process."""

    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._left)

    def change(self, key: str, change: Change) -> None:
        """Change one; whoever was not seen for longest is forgotten where there are too many."""
        with self._lock:
            self._left[key] = change(self._left.pop(key, None))
            if len(self._left) > KEYS_MAX:
                self._left.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Buckets:
    """The buckets of one rate, by whoever takes from them."""

    rate: Rate
    table: Table = field(default_factory=OwnTable)

    def wait_seconds(self, key: str, now: dt.datetime) -> int:
        """Take one, and return 0; or take none, and return in how many seconds there is one again."""
        return self.take(key, now).wait_seconds

    def take(self, key: str, now: dt.datetime) -> Taken:
        """Take one where there is one, and say what came of it."""
        a_second, instant, found = self.rate.a_minute / 60, now.timestamp(), 0.0

        def change(was: tuple[float, float] | None) -> tuple[float, float]:
            nonlocal found
            left, since = was or (float(self.rate.at_once), instant)
            found = min(float(self.rate.at_once), left + max(0.0, instant - since) * a_second)
            return found - 1 if found >= 1 else found, max(instant, since)

        self.table.change(key, change)
        after = found - 1 if found >= 1 else found
        wait = 0 if found >= 1 else ceil((1 - found) / a_second)
        return Taken(wait, int(after), ceil((self.rate.at_once - after) / a_second))


@dataclass(frozen=True, slots=True)
class Shared:
    """Where processes that answer together keep their buckets: a folder of theirs, and what salts its keys."""

    folder: Path
    salt: bytes

    @classmethod
    def within(cls, folder: Path) -> "Shared":
        """Return a place within a folder, with a salt that nobody knows."""
        return cls(folder, secrets.token_bytes(_SALT_BYTES))


class Rates:
    """Makes the buckets of an application: its own, or those that it shares with others."""

    def __init__(self, shared: Shared | None = None) -> None:
        self._shared = shared

    def buckets(self, name: str, rate: Rate) -> Buckets:
        """Return the buckets of a name, which are full to begin with; every process that shares them has the same."""
        if self._shared is None:
            return Buckets(rate)
        from pages.web.shared_limits import SharedTable  # systems without POSIX locks serve with one process

        return Buckets(rate, SharedTable(self._shared.folder / f"{name}.buckets", self._shared.salt))


def address_key(host: str | None) -> str:
    """Return by what an address is counted: itself, or the network of an IPv6 one, of which anybody has many."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return host or ""
    if address.version == 4:  # noqa: PLR2004  # the version of the protocol
        return str(address)
    return str(ip_network((address, _IPV6_OWN), strict=False))
