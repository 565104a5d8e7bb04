"""Passwords of local accounts as they are kept: argon2id, slow to try; those of before are still read.

Source: RFC 9106 §4 (its second recommended choice); OWASP Password Storage Cheat Sheet.
"""

import base64
import hashlib
import hmac
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

COST: Final = (65_536, 3, 4)
"""KiB of memory, passes, lanes: a tenth of a second here, and much for whoever tries many."""

NOBODY: Final = "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
"""What an unknown name is asked for, so that it takes as long as a known one."""

_MEMORY_MAX = 64 * 1024 * 1024  # twice what scrypt took
_SCRYPT = "scrypt"


def hashed(password: str, *, cost: tuple[int, int, int] = COST) -> str:
    """Return a password as it is kept, with its salt and cost."""
    return _hasher(cost).hash(password)


def matches(password: str, secret: str) -> bool:
    """Say whether a password is the one that is kept."""
    if secret.startswith(f"{_SCRYPT}$"):
        return _matches_scrypt(password, secret)
    try:
        return _hasher(COST).verify(secret, password)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(secret: str) -> bool:
    """Say whether a password is kept in another way than one is now."""
    return secret.startswith(f"{_SCRYPT}$")


def _hasher(cost: tuple[int, int, int]) -> PasswordHasher:
    memory, passes, lanes = cost
    return PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=lanes, type=Type.ID)


def _matches_scrypt(password: str, secret: str) -> bool:
    _, work, block, lanes, salt, kept = secret.split("$")
    digest = hashlib.scrypt(
        password.encode(),
        salt=base64.b64decode(salt),
        n=int(work),
        r=int(block),
        p=int(lanes),
        maxmem=_MEMORY_MAX,
        dklen=32,
    )
    return hmac.compare_digest(base64.b64encode(digest).decode(), kept)
