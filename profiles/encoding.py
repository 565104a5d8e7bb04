"""Which encoding a delivered text file has, found by reading all of it; and its bytes as UTF-8.

Departments deliver UTF-8 with and without a mark, GB18030 (and its subsets GBK and GB2312), and UTF-16 out of
Excel. UTF-8 is tried first, because hardly any other text is valid UTF-8.
"""

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import MianshenError, ProfileError
from core.findings import Place
from profiles.codes import ProfileCode

BLOCK_BYTES = 1 << 23  # 8 MiB: large enough for speed, small enough for any machine
UTF8_SIGNS = 24  # so many continuation bytes before the first fault are no accident: the file is UTF-8, damaged
TAIL_BYTES = 1 << 17  # a last line longer than this is no row
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True, slots=True)
class Survey:
    """What one pass over a text file found; `last_line` is empty where the file ends with a line end."""

    path: Path
    digest: str
    encoding: str
    quote_count: int
    last_line: str

    def blocks(self) -> Iterator[bytes]:
        """Give the file as UTF-8, without a mark, block by block; a block may end inside a character."""
        decoder = codecs.getincrementaldecoder(self.encoding)()
        for block in _raw_blocks(self.path):
            yield block if self.encoding == "utf-8" else decoder.decode(block).encode()
        yield decoder.decode(b"", final=True).encode() if self.encoding != "utf-8" else b""


def survey(path: Path) -> Survey:
    """Read a text file once.

    Fails: ProfileError where it is no text, or ends inside a character.
    """
    sha, quotes, nulls, tail = hashlib.sha256(), 0, 0, b""
    with path.open("rb") as file:
        head = file.read(4)
    encoding = next((name for mark, name in _MARKS.items() if head.startswith(mark)), None)
    for block in _raw_blocks(path):
        sha.update(block)
        quotes += block.count(b'"')
        nulls += block.count(b"\0")
        tail = (tail + block)[-TAIL_BYTES:]
    if nulls and encoding not in {"utf-16-le", "utf-16-be"}:
        message = "the file holds bytes that no text holds"
        raise ProfileError.one(ProfileCode.ENCODING, path.name, message, "deliver CSV, XLSX or Parquet")
    if encoding is None or encoding == "utf-8-sig":
        encoding = _utf8_or_gb18030(path, encoding or "utf-8")
    else:
        _check(path, encoding)
    last_line = tail.decode(encoding, "replace").rsplit("\n", 1)[-1]
    return Survey(path, sha.hexdigest(), encoding, quotes, last_line)


def _utf8_or_gb18030(path: Path, utf8: str) -> str:
    fault = _first_fault(path, utf8)
    if fault is None:
        return utf8
    if fault.signs >= UTF8_SIGNS or utf8 == "utf-8-sig":
        raise _error(path, "UTF-8", fault)
    _check(path, "gb18030")
    return "gb18030"


def _check(path: Path, encoding: str) -> None:
    fault = _first_fault(path, encoding)
    if fault is not None:
        raise _error(path, "UTF-8 or GB18030" if encoding == "gb18030" else "UTF-16", fault)


@dataclass(frozen=True, slots=True)
class _Fault:
    """The first place where bytes are not of an encoding; `signs` counts signs before it that they are."""

    line: int
    signs: int
    at_end: bool


def _first_fault(path: Path, encoding: str) -> _Fault | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, signs = 1, 0
    for block in _raw_blocks(path):
        try:
            text = decoder.decode(block)
        except UnicodeDecodeError as fault:
            good = fault.object[: fault.start].decode(encoding, "ignore")
            signs += len(good.encode()) - len(good)
            return _Fault(lines + good.count("\n"), signs, at_end=False)
        lines += text.count("\n")
        signs += len(block) - len(text)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _Fault(lines, signs, at_end=True)
    return None


def _error(path: Path, expected: str, fault: _Fault) -> MianshenError:
    place = Place(path.name, fault.line)
    if fault.at_end:
        help_line = "deliver it again; the transfer may have broken off"
        return ProfileError.one(ProfileCode.TRUNCATED, place, "the file ends inside a character", help_line)
    help_line = "deliver it again as UTF-8"
    return ProfileError.one(ProfileCode.ENCODING, place, f"the text is not {expected}", help_line)


def _raw_blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield block
