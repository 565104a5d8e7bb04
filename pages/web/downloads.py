"""A file that is made for a person: written where nobody else reads it, sent, and gone."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from starlette.responses import Response

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HTML: Final = "text/html; charset=utf-8"


def sent_file(name: str, media_type: str, write: Callable[[Path], object]) -> Response:
    """Answer with a file that something writes, under a name of plain letters."""
    with tempfile.TemporaryDirectory(prefix="made") as folder:
        path = Path(folder) / name
        write(path)
        return attachment(name, media_type, path.read_bytes())


def attachment(name: str, media_type: str, content: bytes) -> Response:
    """Answer with content that a browser keeps as a file, and does not show."""
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
