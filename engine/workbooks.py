"""Workbooks that come back from somebody's hands: opened with care, whatever was done to them."""

import io
import warnings
import zipfile
import zlib
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # it ships no types
from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]  # it ships no types

BYTES_MAX = 20_000_000  # unpacked; what officers edit has some kilobytes

_DAMAGE = (
    zipfile.BadZipFile, zlib.error, InvalidFileException, LookupError, ValueError, SyntaxError, TypeError,
    AttributeError, EOFError, NotImplementedError, RuntimeError,
)  # fmt: skip
"""What openpyxl was seen to raise, or may, on files of which signs were changed."""


class UnreadableWorkbookError(ValueError):
    """A file that is no workbook, or one that nobody should open; its text says why."""


def open_edited(path: Path) -> openpyxl.Workbook:
    """Return a workbook with its formulas as they stand.

    Fails: UnreadableWorkbookError where it is none, or too large when unpacked.
    """
    try:
        data = path.read_bytes()
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            is_small = sum(entry.file_size for entry in archive.infolist()) <= BYTES_MAX
        if is_small:
            with warnings.catch_warnings():  # what it says of damage is said below, or does not matter
                warnings.simplefilter("ignore")
                return openpyxl.load_workbook(io.BytesIO(data))
        message = f"the workbook would unpack to more than {BYTES_MAX:,} bytes"
    except OSError as fault:
        message = f"the file cannot be read: {fault.strerror}"
    except _DAMAGE:
        message = "it is no workbook, or a damaged one"
    raise UnreadableWorkbookError(message)
