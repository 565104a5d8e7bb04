"""How often somebody may do something: buckets that fill up again with time, so that a burst is free and a flood is not.

In memory and per process: what is counted is worth nothing after a restart, and no write is made for it.
"""

import datetime as dt
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from math import ceil
from typing import Final

KEYS_MAX: Final = 20_000  # whoever was not seen for longest is forgotten, which only favours them
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


@dataclass(slots=True)
class Buckets:
    """The buckets of one rate, by whoever takes from them."""

    rate: Rate
    _left: OrderedDict[str, tuple[float, dt.datetime]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_seconds(self, key: str, now: dt.datetime) -> int:
        """Take one, and return 0; or take none, and return in how many seconds there is one again."""
        return self.take(key, now).wait_seconds

    def take(self, key: str, now: dt.datetime) -> Taken:
        """Take one where there is one, and say what came of it."""
        a_second = self.rate.a_minute / 60
        with self._lock:
            left, since = self._left.pop(key, (float(self.rate.at_once), now))
            passed = max(0.0, (now - since).total_seconds())
            left = min(float(self.rate.at_once), left + passed * a_second)
            may = left >= 1
            after = left - 1 if may else left
            self._left[key] = (after, max(now, since))
            if len(self._left) > KEYS_MAX:
                self._left.popitem(last=False)
        wait = 0 if may else ceil((1 - left) / a_second)
        return Taken(wait, int(after), ceil((self.rate.at_once - after) / a_second))


def address_key(host: str | None) -> str:
    """Return by what an address is counted: itself, or the network of an IPv6 one, of which anybody has many."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return host or ""
    if address.version == 4:  # noqa: PLR2004  # the version of the protocol
        return str(address)
    return str(ip_network((address, _IPV6_OWN), strict=False))
