"""Buckets that several processes on one machine take from: a table of fixed size in a file that all of them map.

A key's bucket lies in one of the few places that its digest names; where all of them are taken, the one that nobody took from for
longest gives way, which only favours whoever it was. Which places those are nobody outside can work out: the digest is salted.
"""

import fcntl
import mmap
import os
import struct
import threading
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Final

SETS: Final = 2_500
PLACES: Final = 8  # of each set: as many keys as one process keeps for itself, all in all
_ROW: Final = struct.Struct("<8sdd")  # the key's digest, how many are left, and since when
_SET_BYTES: Final = PLACES * _ROW.size


class SharedTable:
    """What is left in each bucket, and since when, by key; every process with the same file and salt sees the same."""

    def __init__(self, path: Path, salt: bytes) -> None:
        self._salt = salt
        self._lock = threading.Lock()  # the file's own lock is the process's, whichever of its threads has it
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(self._file, SETS * _SET_BYTES)  # the same for whoever comes later: nothing is lost
        self._table = mmap.mmap(self._file, SETS * _SET_BYTES)

    def change(self, key: str, change: Callable[[tuple[float, float] | None], tuple[float, float]]) -> None:
        """Put into a key's place what a change makes of what is there; None where nothing is."""
        digest = blake2b(key.encode(), digest_size=8, key=self._salt).digest()
        first = int.from_bytes(digest, "little") % SETS * _SET_BYTES
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX, _SET_BYTES, first)
            try:
                rows = list(_ROW.iter_unpack(self._table[first : first + _SET_BYTES]))
                own = next((place for place, row in enumerate(rows) if row[0] == digest), None)
                place = min(range(PLACES), key=lambda each: rows[each][2]) if own is None else own
                left, since = change(None if own is None else (rows[own][1], rows[own][2]))
                _ROW.pack_into(self._table, first + place * _ROW.size, digest, left, since)
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, _SET_BYTES, first)
