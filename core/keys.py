"""The secret keys of a workspace: one file that only its owner may read, or one environment variable.

A key is never used as it stands: every use derives its own (`Keys.derive`), so that one file serves sealing,
indexing and sessions under either crypto suite. Losing the file loses every name and account in the vault.
"""

import base64
import binascii
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import RunError
from core.findings import Place
from core.settings import SettingsCode

KEY_BYTES = 32  # 256 bits, for the strongest suite
KEYS_VARIABLE = "MIANSHEN_KEYS"
INDEX = "index"  # the name of the key behind blind indexes; it has to outlive every sealing key
OTHERS_MODE = 0o077  # what the owner's group and everyone else may do
_NAME = re.compile(r"[a-z0-9]{1,16}")
_HELP = "each line holds a name and a key, as `mianshen init` writes them"


@dataclass(frozen=True, slots=True)
class Keys:
    """Named keys; `current` seals what is new, the others still open what is old."""

    current: str
    _secrets: Mapping[str, bytes] = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the sealing keys, oldest first."""
        return tuple(name for name in self._secrets if name != INDEX)

    def derive(self, name: str, purpose: str, length: int) -> bytes:
        """Return the bytes for one purpose, by HKDF from the key with a name.

        Fails: KeyError where there is no such key.
        """
        kdf = HKDF(algorithm=SHA256(), length=length, salt=None, info=f"mianshen {purpose}".encode())
        return kdf.derive(self._secrets[name])


def read_keys(path: Path, environment: Mapping[str, str]) -> Keys:
    """Return the keys of the environment variable, else of the file.

    Fails: RunError where there are none, where others may read the file, or where a line is not a key.
    """
    text = environment.get(KEYS_VARIABLE)
    if text is not None:
        return parse_keys(text, KEYS_VARIABLE)
    try:
        if os.name == "posix" and path.stat().st_mode & OTHERS_MODE:
            raise RunError.one(
                SettingsCode.KEYS_EXPOSED, path.name, "others may read the keys", f"run `chmod 600 {path.name}`"
            )
        return parse_keys(path.read_text("utf-8"), path.name)
    except FileNotFoundError:
        raise RunError.one(
            SettingsCode.KEYS_MISSING,
            path.name,
            "there is no key file",
            f"restore it from its safe copy, or give the keys in {KEYS_VARIABLE}; new keys cannot open what is sealed",
        ) from None
    except (OSError, UnicodeDecodeError) as fault:
        raise RunError.one(SettingsCode.KEYS_UNREADABLE, path.name, "the key file cannot be read", _HELP) from fault


def parse_keys(text: str, name: str) -> Keys:
    """Return the keys that a text lists, one `name key` per line or between commas; the last one is current.

    Fails: RunError, whose message never holds a key.
    """
    found: dict[str, bytes] = {}
    entries = [
        (number, entry.split())
        for number, line in enumerate(text.splitlines(), start=1)
        for entry in line.split("#", 1)[0].split(",")
        if entry.strip()
    ]
    for number, words in entries:
        secret = _decode(words[1]) if len(words) == 2 and _NAME.fullmatch(words[0]) else None  # noqa: PLR2004  # name, key
        if secret is None or words[0] in found:
            raise RunError.one(SettingsCode.KEYS_UNREADABLE, Place(name, number), "this line is not a key", _HELP)
        found[words[0]] = secret
    sealing = [key for key in found if key != INDEX]
    if INDEX not in found or not sealing:
        raise RunError.one(
            SettingsCode.KEYS_UNREADABLE, name, f"expected the key `{INDEX}` and at least one other", _HELP
        )
    return Keys(sealing[-1], found)


def create_keys(path: Path) -> None:
    """Write a file of new keys that only its owner may read.

    Fails: FileExistsError where there is one; other OSErrors as they come.
    """
    lines = [
        "# The keys of this workspace. Keep a copy in a safe place: without them no name or account can be read.",
        "# `mianshen keys new` adds one below; the last key seals, the others still open.",
        f"{INDEX} {_fresh()}",
        f"k1 {_fresh()}",
    ]
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def with_new_key(text: str, name: str) -> tuple[str, str]:
    """Return a list of keys with a new sealing key at its end, and that key's name: it seals, and the others still open.

    Fails: RunError as `parse_keys`.
    """
    known = parse_keys(text, name).names
    number = next(each for each in count(len(known) + 1) if f"k{each}" not in known)
    return text.rstrip() + f"\nk{number} {_fresh()}\n", f"k{number}"


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _decode(word: str) -> bytes | None:
    try:
        secret = base64.b64decode(word, validate=True)
    except (binascii.Error, ValueError):
        return None
    return secret if len(secret) == KEY_BYTES else None
