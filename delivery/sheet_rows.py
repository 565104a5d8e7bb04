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
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import polars as pl

UNDATED = dt.datetime(1980, 1, 1, tzinfo=dt.UTC)  # the earliest that an archive can hold

_ROWS_AT_ONCE = 50_000  # bounds the text that is built before it is written
_ROW = "\x1frow"  # no heading is called so
_PLAIN = r"^[\p{L}\d_.:-]+$"  # digits, ids, names
_MARK = "_x"  # what an escaped character begins with
_CELL = re.compile(rb'<c r="([A-Z]+)\d+"((?: s="\d+")?)')
_DIMENSION = re.compile(rb"<dimension [^>]*/>")  # how far the model reaches; readers that find none look for themselves
_ESCAPED_ALIKE = re.compile(r"(_x[0-9A-Fa-f]{4}_)")  # a text that a reader would take for an escaped character
_UNSHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")  # XML cannot hold them


@dataclass(frozen=True, slots=True)
class Rows:
    """What takes the place of the model row `at`, counted from 1; each row has the model's columns.

    `cells` are texts, one String column per column of the model; those in `numbers` are numbers, digit by digit.
    """

    at: int
    cells: pl.DataFrame
    numbers: Collection[str] = ()


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
    numbered = rows.cells.with_row_index(_ROW, offset=rows.at)
    for part in numbered.iter_slices(_ROWS_AT_ONCE):
        yield "".join(part.select(_row(part, columns, rows.numbers)).to_series()).encode()
    yield sheet[end:]


def _row(part: pl.DataFrame, columns: Sequence[tuple[str, str]], numbers: Collection[str]) -> pl.Expr:
    """Return each row as the sheet holds it."""
    row = pl.col(_ROW).cast(pl.String)
    pieces: list[pl.Expr] = [pl.lit('<row r="'), row, pl.lit('">')]
    for (letters, style), name in zip(columns, part.columns[1:], strict=True):
        pieces += [pl.lit(f'<c r="{letters}'), row]
        if name in numbers:
            pieces += [pl.lit(f'"{style}><v>'), pl.col(name), pl.lit("</v></c>")]
        else:
            pieces += [pl.lit(f'"{style} t="inlineStr"><is>'), _texts(part[name]), pl.lit("</is></c>")]
    return pl.concat_str([*pieces, pl.lit("</row>")])


def _texts(words: pl.Series) -> pl.Expr:
    """Return words as cells hold them; most have nothing to escape, and of the others few are distinct."""
    is_plain = words.str.contains(_PLAIN) & words.str.contains(_MARK, literal=True).not_()
    special = words.filter(is_plain.not_()).unique()
    plain = pl.lit("<t>") + pl.col(words.name) + pl.lit("</t>")
    if special.is_empty():
        return plain
    written = pl.Series([_text(each) for each in special], dtype=pl.String)
    kept = pl.col(words.name).replace_strict(special, written, default=None, return_dtype=pl.String)
    return pl.coalesce(kept, plain)


def _text(words: str) -> str:
    """Return words as a cell holds them; ECMA-376, 22.9.2.19 (ST_Xstring)."""
    kept = _ESCAPED_ALIKE.sub(r"_x005F\1", words)
    shown = _UNSHOWN.sub(lambda each: f"_x{ord(each[0]):04X}_", escape(kept))
    return f'<t xml:space="preserve">{shown}</t>' if words != words.strip() else f"<t>{shown}</t>"
