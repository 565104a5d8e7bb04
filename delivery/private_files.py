"""Files that name people: written whole or not at all, readable by their owner alone."""

import os
import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from core.durable import sync_folder

_OWNER_ONLY_FOLDER = 0o700
_OWNER_ONLY = 0o600


def write_private(path: Path, data: bytes) -> None:
    """Put a file in place in one step, with 0600; folders that are missing are made with 0700.

    Fails: OSError.
    """
    write_all_private(path.parent, {path.name: data})


def write_all_private(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put files in place, each in one step, as `write_private` does; on return the disk has them all.

    Expects: no more files than may be open at once.
    Fails:   OSError; then some files may be in place and others not.
    """
    for each in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        each.mkdir(mode=_OWNER_ONLY_FOLDER, exist_ok=True)
    own = secrets.token_hex(4)  # another process may be writing the same file
    aside = {f"{folder}/.{name}.{own}": f"{folder}/{name}" for name in files}
    try:
        with ExitStack() as opened:
            begun = [opened.enter_context(_begin(*each)) for each in zip(aside, files.values(), strict=True)]
            # A file is synced before it gets its name: a power cut leaves no empty file for somebody to pick up.
            # All were begun before the first is synced, so that they share one commit of the file system's journal.
            for file in begun:
                os.fsync(file.fileno())
        for source, target in aside.items():
            os.replace(source, target)  # noqa: PTH105  # as below, once per message
    except BaseException:
        for source in aside:
            Path(source).unlink(missing_ok=True)
        raise
    sync_folder(folder)  # the names; one commit for all of them


def _begin(path: str, data: bytes) -> BinaryIO:
    """Write a new file and ask the system to start taking it to the disk; it stays open."""
    file = open(path, "xb", opener=_owners_own)  # noqa: SIM115  # a Path per message is a third of the cost
    try:
        file.write(data)
        file.flush()
        if hasattr(os, "posix_fadvise"):  # a mere hint; Linux then writes the bytes out without being waited for
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    except BaseException:
        file.close()
        raise
    return file


def _owners_own(path: str, flags: int) -> int:
    return os.open(path, flags, _OWNER_ONLY)
