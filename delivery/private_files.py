"""Files that name people: written whole or not at all, readable by their owner alone."""

import os
import tempfile
from pathlib import Path

_OWNER_ONLY = 0o700


def write_private(path: Path, data: bytes) -> None:
    """Put a file in place in one step, with 0600; folders that are missing are made with 0700."""
    for folder in reversed([each for each in path.parents if not each.exists()]):
        folder.mkdir(mode=_OWNER_ONLY, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")  # made with 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
