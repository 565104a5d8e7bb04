"""Who is who: numbers go in, opaque ids come out; names, phones and accounts stay sealed.

The stages see only the `Vault` protocol; `store.vault` keeps it with the help of `Seals`.
"""

import base64
import datetime as dt
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import polars as pl
from cryptography.exceptions import InvalidTag

from core.errors import RunError
from core.keys import INDEX, Keys
from core.settings import SettingsCode
from profiles.suites import NONCE_BYTES, SUITES, CryptoSuite, Transform, self_test

INDEX_BYTES = 16  # 128 bits: no two of a nation's numbers meet
ID_BYTES = 10  # 80 bits: short enough to be read aloud, long enough for 10**9 subjects


@dataclass(frozen=True, slots=True)
class LoadRef:
    """The load that brings something to the vault."""

    load_id: str
    resource: str


class Vault(Protocol):
    """Keeps numbers, names, phones and accounts, and gives out opaque ids.

    Every method may be called again with the same arguments and then changes nothing.
    """

    def resolve(self, kind: str, numbers: pl.Series, *, load: LoadRef, first_seen_at: dt.datetime) -> pl.Series:
        """Return the subject that each number names, registering numbers never seen.

        Shape:   String in, String out, same length and order; repeated numbers give the same id.
        Nulls:   a null number gives a null id.
        Expects: `kind` is a subject kind of the catalogue; numbers are normalised (`profiles.numbers`).
        """

    def keep(self, kind: str, fields: pl.DataFrame, *, load: LoadRef, loaded_at: dt.datetime) -> None:
        """Keep personal fields, sealed; a value already held for the subject and field is not written again.

        Shape:   columns `subject_id`, `field` (name, phone, email, account or bank) and `value`, all String, none
                 null; one row per subject and field.
        """

    def add_aliases(self, kind: str, pairs: pl.DataFrame, *, load: LoadRef, at: dt.datetime) -> None:
        """Learn that former numbers and present numbers name the same subjects, from the instant `at` on.

        Shape:   columns `former` and `present`, String, normalised, none null, never equal; distinct rows. Many,
                 where a register carries old registration numbers. Called before the present numbers are resolved.
        """


class Seals:
    """Seals, opens and indexes values under the keys and the suite of a workspace.

    A sealed value begins with the suite's mark and its key's name, so that values outlive a rotation and a change
    of suite. It is bound to its table, column and row: moved elsewhere, it does not open.
    """

    def __init__(self, keys: Keys, suite_name: str) -> None:
        """Take the suite that seals from now on, after testing it.

        Fails: RunError where the suite gives wrong answers.
        """
        self._keys = keys
        self._suite = SUITES[suite_name]
        self._openers: dict[bytes, Transform] = {}
        self_test(self._suite)

    def seal(self, text: str, *, table: str, column: str, row: str) -> bytes:
        """Return a value as it may stand in the database."""
        return self.seal_many([text], table=table, column=column, rows=[row])[0]

    def seal_many(self, texts: Sequence[str], *, table: str, column: str, rows: Sequence[str]) -> list[bytes]:
        """Return many values of one column, each bound to its row."""
        head, seal, place = self._head, self._sealer, f"{table}|{column}|"
        nonces = os.urandom(NONCE_BYTES * len(texts))
        sealed = []
        for index, (text, row) in enumerate(zip(texts, rows, strict=True)):
            nonce = nonces[index * NONCE_BYTES : (index + 1) * NONCE_BYTES]
            sealed.append(head + nonce + seal(nonce, text.encode(), (place + row).encode()))
        return sealed

    def open(self, sealed: bytes, *, table: str, column: str, row: str) -> str:
        """Return what was sealed for this table, column and row.

        Fails: RunError where the key is not there, or where the value was altered or moved.
        """
        return self.open_many([sealed], table=table, column=column, rows=[row])[0]

    def open_many(self, sealed: Iterable[bytes], *, table: str, column: str, rows: Iterable[str]) -> list[str]:
        """Return what was sealed for rows of one column, each value for its row.

        Fails: RunError, as `open`.
        """
        pairs = list(zip(sealed, rows, strict=True))
        if not pairs:
            return []
        bound_to, place, texts = f"{table}|{column}|", f"{table}.{column}", list[str]()
        head = _head_of(pairs[0][0])
        opened, start = self._opener(head, place), len(head)
        with _broken_at(place):
            for value, row in pairs:
                if not value.startswith(head):  # nearly all were sealed with one key
                    head = _head_of(value)
                    opened, start = self._opener(head, place), len(head)
                end = start + NONCE_BYTES
                texts.append(opened(value[start:end], value[end:], (bound_to + row).encode()).decode())
        return texts

    def seal_bytes(self, plain: bytes, *, bound_to: str) -> bytes:
        """Return bytes as they may stand in a file, bound to a place that is said again on opening."""
        nonce = os.urandom(NONCE_BYTES)
        return self._head + nonce + self._sealer(nonce, plain, bound_to.encode())

    def open_bytes(self, sealed: bytes, *, bound_to: str, place: str) -> bytes:
        """Return what was sealed for this place.

        Fails: RunError, whose message names `place`, where the key is not there or the value was altered or moved.
        """
        head = _head_of(sealed)
        opened, end = self._opener(head, place), len(head) + NONCE_BYTES
        with _broken_at(place):
            return opened(sealed[len(head) : end], sealed[end:], bound_to.encode())

    def _opener(self, head: bytes, place: str) -> Transform:
        """Return what opens values that begin so, and remember it."""
        if head in self._openers:
            return self._openers[head]
        suite = next((suite for suite in SUITES.values() if suite.mark == head[:1]), None)
        name = head[2:].decode("ascii", "replace")
        if suite is None or name not in self._keys.names:
            help_line = "add that key to the key file again" if suite else None
            message = f"a value was sealed with the key `{name}`, which is not here" if suite else "not a sealed value"
            raise RunError.one(SettingsCode.SEAL_BROKEN, place, message, help_line)
        return self._openers.setdefault(head, suite.opener(self._key(suite, name)))

    def is_current(self, sealed: bytes) -> bool:
        """Say whether a value is sealed with the present suite and key; a rotation seals the others again."""
        return sealed.startswith(self._head)

    def heads(self) -> dict[bytes, str]:
        """Return what sealed values may begin with, to the name of the key that sealed them, under any suite."""
        names = {name: bytes([len(name)]) + name.encode() for name in self._keys.names}
        return {suite.mark + tail: name for suite in SUITES.values() for name, tail in names.items()}

    def blind_index(self, kind: str, number: str) -> bytes:
        """Return what a number is looked up by: 16 bytes that tell nothing without the key."""
        return self.blind_indexes(kind, [number])[0]

    def blind_indexes(self, kind: str, numbers: Iterable[str]) -> list[bytes]:
        """Return the blind index of each number; a million in about two seconds."""
        place = f"{kind}|".encode()
        digests = self._suite.digests(self._index_key, (place + number.encode() for number in numbers))
        return [digest[:INDEX_BYTES] for digest in digests]

    @cached_property
    def index_name(self) -> str:
        """Return the name of the present index; where it changes, the vault makes its indexes anew."""
        return f"{self._suite.name}:{self._keys.derive(INDEX, 'index name', 4).hex()}"

    @cached_property
    def _index_key(self) -> bytes:
        return self._keys.derive(INDEX, f"index {self._suite.name}", 32)

    @cached_property
    def _head(self) -> bytes:
        """Return what values begin with that are sealed from now on: the suite's mark and the key's name."""
        name = self._keys.current.encode()
        return self._suite.mark + bytes([len(name)]) + name

    @cached_property
    def _sealer(self) -> Transform:
        return self._suite.sealer(self._key(self._suite, self._keys.current))

    def _key(self, suite: CryptoSuite, name: str) -> bytes:
        return self._keys.derive(name, f"seal {suite.name}", suite.key_bytes)


def _head_of(sealed: bytes) -> bytes:
    """Return what a value begins with: the mark of its suite, and the name of its key."""
    return sealed[: 2 + sealed[1]] if len(sealed) > 1 else sealed


@contextmanager
def _broken_at(place: str) -> Iterator[None]:
    """Say of what does not open that it is broken."""
    try:
        yield
    except (InvalidTag, ValueError):
        message = "a sealed value does not open: it was altered, moved, or sealed with another key"
        help_line = "compare it with a backup; tell the person who keeps the keys"
        raise RunError.one(SettingsCode.SEAL_BROKEN, place, message, help_line) from None


def subject_id_of(index: bytes) -> str:
    """Return the opaque id of a subject first seen under a blind index; from then on the vault owns it."""
    return f"s_{base64.b32encode(index[:ID_BYTES]).decode().lower()}"
