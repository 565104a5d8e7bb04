"""Delivered files after loading: kept, destroyed, or sealed where they lie, as the setting `raw` says.

A sealed file is a row of sealed blocks, each bound to the file, to its place in it, and to being the last or not, so
that no block can be altered, moved or cut off.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal

from core.errors import ProfileError, RunError
from core.settings import SettingsCode
from profiles.codes import ProfileCode
from profiles.identity import Seals

SEALED_SUFFIX = ".sealed"
BLOCK_BYTES = 1 << 22
_LENGTH_BYTES = 4
_HEAD_BYTES = 32  # more than a suite and the name of a key take


def settle_raw_file(path: Path, raw: Literal["keep", "destroy", "encrypt"], seals: Seals) -> Path | None:
    """Do with a loaded file what the setting says, and return where it is now.

    Fails: ProfileError where the folder may not be written; the file then still stands as it was.
    """
    try:
        match raw:
            case "keep":
                return path
            case "destroy":
                path.unlink()
                return None
            case "encrypt":
                return _seal(path, seals)
    except OSError as fault:
        message = f"the delivered file cannot be {'removed' if raw == 'destroy' else 'sealed'}"
        help_line = "remove it by hand, or give the right to write in its folder"
        raise ProfileError.one(ProfileCode.NO_WRITING, path.name, message, help_line) from fault


def open_raw_file(path: Path, target: Path, seals: Seals) -> None:
    """Write a sealed file in the open again, for the owner's eyes only.

    Fails: RunError where it was altered or cut off; FileExistsError where the target is there.
    """
    name = path.name.removesuffix(SEALED_SUFFIX)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as plain, path.open("rb") as sealed:
        is_whole = False
        for number, block in enumerate(_blocks(sealed)):
            is_last = sealed.tell() == path.stat().st_size
            bound_to = _place(name, number, is_last=is_last)
            plain.write(seals.open_bytes(block, bound_to=bound_to, place=path.name))
            is_whole = is_last
    if not is_whole:
        raise RunError.one(SettingsCode.SEAL_BROKEN, path.name, "the sealed file is cut off", "take it from a backup")


def head_of(path: Path) -> bytes:
    """Return how a sealed file's first block begins: by it `Seals.heads` tells the key."""
    with path.open("rb") as sealed:
        sealed.read(_LENGTH_BYTES)
        return sealed.read(_HEAD_BYTES)


def _seal(path: Path, seals: Seals) -> Path:
    target = path.with_name(path.name + SEALED_SUFFIX)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    size = path.stat().st_size
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as sealed, path.open("rb") as plain:
            number = 0
            while (block := plain.read(BLOCK_BYTES)) or number == 0:
                bound_to = _place(path.name, number, is_last=plain.tell() == size)
                body = seals.seal_bytes(block, bound_to=bound_to)
                sealed.write(len(body).to_bytes(_LENGTH_BYTES) + body)
                number += 1
            sealed.flush()
            os.fsync(sealed.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    path.unlink()
    return target


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while head := file.read(_LENGTH_BYTES):
        yield file.read(int.from_bytes(head))


def _place(name: str, number: int, *, is_last: bool) -> str:
    return f"raw|{name}|{number}|{'last' if is_last else 'more'}"
