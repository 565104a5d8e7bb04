"""What the disk has to keep: files and the names of files, through a power cut."""

import os
from pathlib import Path


def sync_file(path: Path) -> None:
    """Wait until the disk has a file's bytes."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Wait until the disk has the names in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
