"""Many rows into a workbook: they take the place of one row that XlsxWriter wrote as their model.

XlsxWriter builds each cell as an object, which for the hundreds of thousands of lines of a city's batch takes longer
than everything else of a night. So it writes the sheet with one line, in all its formats, and the lines are written
as text in the styles of that one. The archive is byte for byte the same on every machine: parts are stored and
undated, because compressors differ from one zlib to the next.
"""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice
from xml.sax.saxutils import escape

UNDATED = dt.datetime(1980, 1, 1, tzinfo=dt.UTC)  # the earliest that an archive can hold

_ROWS_AT_ONCE = 5_000  # bounds the text that is built before it is written
_CELL = re.compile(rb'<c r="([A-Z]+)\d+"((?: s="\d+")?)')
_DIMENSION = re.compile(rb"<dimension [^>]*/>")  # how far the model reaches; readers that find none look for themselves
_ESCAPED_ALIKE = re.compile(r"(_x[0-9A-Fa-f]{4}_)")  # a text that a reader would take for an escaped character
_UNSHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")  # XML cannot hold them


@dataclass(frozen=True, slots=True)
class Number:
    """A cell that is a number, digit by digit."""

    digits: str


Cell = str | Number


@dataclass(frozen=True, slots=True)
class Rows:
    """What takes the place of the model row `at`, counted from 1; each row has the model's columns."""

    at: int
    cells: Iterable[Sequence[Cell]]


def filled(book: bytes, rows: Mapping[int, Rows]) -> bytes:
    """Return a workbook whose sheets, counted from 1, have rows in place of their models.

    Expects: the rows below a model leave room for those that take its place.
    """
    packed = io.BytesIO()
    parts = {f"xl/worksheets/sheet{number}.xml": each for number, each in rows.items()}
    with zipfile.ZipFile(io.BytesIO(book)) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, date_time=UNDATED.timetuple()[:6])
            part.create_system = 3  # otherwise the name of the operating system
            part.external_attr = 0o600 << 16
            content = source.read(name)
            with target.open(part, "w") as written:
                written.writelines(_with_rows(content, parts[name]) if name in parts else [content])
    return packed.getvalue()


def _with_rows(sheet: bytes, rows: Rows) -> Iterable[bytes]:
    start = sheet.index(b'<row r="%d"' % rows.at)
    end = sheet.index(b"</row>", start) + len(b"</row>")
    columns = [(name.decode(), style.decode()) for name, style in _CELL.findall(sheet[start:end])]
    yield _DIMENSION.sub(b"", sheet[:start])
    numbered = zip(count(rows.at), rows.cells, strict=False)
    while some := [_row(number, cells, columns) for number, cells in islice(numbered, _ROWS_AT_ONCE)]:
        yield "".join(some).encode()
    yield sheet[end:]


def _row(number: int, cells: Sequence[Cell], columns: Sequence[tuple[str, str]]) -> str:
    written = [
        f'<c r="{name}{number}"{style}><v>{cell.digits}</v></c>'
        if isinstance(cell, Number)
        else f'<c r="{name}{number}"{style} t="inlineStr"><is>{_text(cell)}</is></c>'
        for (name, style), cell in zip(columns, cells, strict=True)
    ]
    return f'<row r="{number}">{"".join(written)}</row>'


def _text(words: str) -> str:
    """Return words as a cell holds them; ECMA-376, 22.9.2.19 (ST_Xstring)."""
    if words.isalnum():
        return f"<t>{words}</t>"  # nearly all: digits, ids, names
    kept = _ESCAPED_ALIKE.sub(r"_x005F\1", words)
    shown = _UNSHOWN.sub(lambda each: f"_x{ord(each[0]):04X}_", escape(kept))
    return f'<t xml:space="preserve">{shown}</t>' if words != words.strip() else f"<t>{shown}</t>"
