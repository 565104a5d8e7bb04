"""A file that a form sent, as one on disk for as long as it is read."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Final

from starlette.datastructures import UploadFile

from pages.web.visits import Visit, missing

_NAME_MAX: Final = 120
_PART: Final = 1 << 20


@contextmanager
def kept_file(visit: Visit) -> Iterator[Path]:
    """Give the file under the last part of its own name; whoever sent none asked for something that is missing."""
    sent = visit.form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise missing()
    with tempfile.TemporaryDirectory(prefix="sent") as folder:
        path = Path(folder) / PurePath(sent.filename.replace("\\", "/")).name[-_NAME_MAX:]
        with path.open("xb") as kept:
            while part := sent.file.read(_PART):
                kept.write(part)
        yield path
