"""Identifiers that are functions of what they name, so that the same inputs give the same bytes."""

import hashlib
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"  # RFC 4648, base 32
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]  # a night makes millions of ids
_SHIFTS = range(70, -1, -10)
_LINES_AT_ONCE = 10_000


def derive_id(prefix: str, *parts: str) -> str:
    """Return a short opaque id for a tuple of words, the same on every machine and every day.

    Shape: ten bytes of the words' SHA-256 in base 32, lower case.
    """
    number = int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest()[:10])
    return f"{prefix}_{''.join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])}"


def grant_id(policy: str, subject_id: str, event: str) -> str:
    """Return the id of the one grant of a subject under a policy, or for one event (`""`: none)."""
    return derive_id("g", policy, subject_id, event)


def obligation_id(grant: str, period: str, component: str) -> str:
    """Return the id of the one obligation of a grant for a period and component."""
    return derive_id("o", grant, period, component)


def item_id(obligation: str, sequence: int) -> str:
    """Return the id of the nth delta on an obligation."""
    return derive_id("i", obligation, str(sequence))


def text_digest(*texts: str) -> str:
    """Return the SHA-256 of texts, each closed by a separator, in hexadecimal."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode())
        digest.update(b"\x1e")
    return digest.hexdigest()


def bytes_digest(content: bytes) -> str:
    """Return the SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def lines_digest(lines: Iterable[str]) -> str:
    """Return the SHA-256 of lines as they would stand in a file, in hexadecimal."""
    digest, rest = hashlib.sha256(), iter(lines)
    while part := list(islice(rest, _LINES_AT_ONCE)):
        digest.update("\n".join([*part, ""]).encode())
    return digest.hexdigest()
