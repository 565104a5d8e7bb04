"""Load files come into being whole or not at all: written aside, synced, then renamed."""

import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from core.durable import sync_file, sync_folder
from core.errors import ProfileError
from profiles.codes import ProfileCode
from profiles.keyed_rows import keyed_path, write_keyed

ROW_GROUP_ROWS = 250_000  # fixed, so that the same rows give the same bytes


@contextmanager
def staging(folder: Path, name: str) -> Iterator[Path]:
    """Give a private folder inside another; it is gone at the end, whatever happens.

    Fails: ProfileError where the disk is full or may not be written.
    """
    aside = folder / f".{name}.{os.getpid()}"
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(folder)
        aside.mkdir(mode=0o700)
    try:
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def write_part(frame: pl.DataFrame, path: Path) -> None:
    """Write rows aside, quickly; nobody keeps them.

    Fails: ProfileError, as `staging`.
    """
    with _writing(path.parent.parent):
        frame.write_parquet(path, compression="lz4", statistics=False)


def publish(frames: dict[Path, pl.DataFrame], aside: Path) -> None:
    """Write frames to their final places, the last one last, each behind its keyed copy; each appears whole.

    Fails: ProfileError, as `staging`.
    """
    with _writing(aside.parent):
        written = list[tuple[Path, Path]]()
        for number, (path, frame) in enumerate(frames.items()):
            temporary = aside / f"final-{number}"
            frame.write_parquet(temporary, row_group_size=ROW_GROUP_ROWS)
            sync_file(temporary)
            if not frame.is_empty():
                keyed = aside / f"keyed-{number}"
                write_keyed(frame, keyed)
                written.append((keyed, keyed_path(path)))
            written.append((temporary, path))
        for temporary, path in written:
            temporary.replace(path)
        sync_folder(aside.parent)


def discard(paths: Iterable[Path]) -> None:
    """Remove load files that nobody recorded, and their copies."""
    for path in paths:
        path.unlink(missing_ok=True)
        forget_copies([path])


def forget_copies(paths: Iterable[Path]) -> None:
    """Remove the copies by key of some load files, which take their room and can be done without."""
    for path in paths:
        keyed_path(path).unlink(missing_ok=True)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error, pl.exceptions.PolarsError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else None
        message = f"the load cannot be written: {(reason or 'the disk refuses it').lower()}"
        help_line = "make room or give the right to write, then load the file again; nothing was kept"
        raise ProfileError.one(ProfileCode.NO_WRITING, folder.name, message, help_line) from None


def _remove_abandoned(folder: Path) -> None:
    """Remove what a killed process has left aside."""
    for aside in folder.glob(".*.*"):
        if aside.is_dir() and aside.suffix[1:].isdigit() and not _is_running(int(aside.suffix[1:])):
            shutil.rmtree(aside, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's, and so running
        return True
    return True
