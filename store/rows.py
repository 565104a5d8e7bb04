"""Frames in and out of tables without an object per row: COPY on PostgreSQL, executemany on SQLite.

Both work on the transaction's own connection. ADBC does not: its SQLite would drop our locks.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel.sql.sqltypes import UTCDateTime

from store.opening import Reading, Writing
from store.row_security import is_narrowed
from store.tables import Row, table_of

ASKED_MAX = 5_000  # that are looked up at once, however small the table is
SMALL_PART = 5  # looking a row up takes as long as reading so many
FEW_ROWS = 10  # that are quicker one by one
FEW_CHANGES = {"postgresql": FEW_ROWS, "sqlite": 1_000}  # that are quicker one by one, by the kind of database
SLICE_BYTES = 1 << 26  # bounds the text of rows that are read, beside their frame
SLICE_ROWS = 100_000  # bounds the memory of one COPY message, and of rows that are not yet a frame
INSTANT = pl.Datetime("us", "UTC")
_ASIDE = "set_aside"
_BETWEEN, _NULL = "\x1e", "\x1d"  # cells of a column that SQLite joins; no text of ours has such signs
_SQLITE_INSTANT = "%Y-%m-%d %H:%M:%S%.6f"  # as SQLAlchemy writes instants on SQLite; they compare as texts


def read_frame(rx: Reading, statement: sa.Select[Any] | sa.CompoundSelect[Any]) -> pl.DataFrame:
    """Return the rows of a select as a frame; columns are named and typed by the statement.

    Shape: enum members are String, money Int64, instants Datetime in UTC, JSON String.
    """
    columns = list(statement.selected_columns)
    result = rx.connection.execute(statement)
    assert result.cursor is not None
    cursor, parts = result.cursor, list[pl.DataFrame]()
    while fetched := cursor.fetchmany(SLICE_ROWS):  # the driver's own rows: no object of SQLAlchemy for each
        values = zip(*fetched, strict=True)
        parts.append(pl.DataFrame([_series(column, own) for column, own in zip(columns, values, strict=True)]))
    result.close()
    return pl.concat(parts) if parts else pl.DataFrame(schema={each.key or "": dtype_of(each) for each in columns})


def read_many(rx: Reading, statement: sa.Select[Any]) -> pl.DataFrame:
    """Return what `read_frame` does, quicker where rows are many: they come as texts, and Python makes no object of a cell.

    Shape:   as `read_frame`; the rows in any order.
    Expects: parameters that can be written into the statement: texts, numbers, days and words of enums.
    """
    if rx.connection.dialect.name != "postgresql":
        return read_joined(rx, statement)
    columns = list(statement.selected_columns)
    whole = statement.compile(dialect=rx.connection.dialect, compile_kwargs={"literal_binds": True})
    below = rx.connection.connection.driver_connection
    assert below is not None
    parts, text = list[pl.DataFrame](), bytearray()
    with below.cursor() as cursor, cursor.copy(f"copy ({whole}) to stdout (format csv)") as copy:
        for row in copy:
            text += row
            if len(text) > SLICE_BYTES:
                parts.append(_parsed(bytes(text), columns))
                text.clear()
    parts.append(_parsed(bytes(text), columns))
    return pl.concat(parts)


def read_joined(rx: Reading, statement: sa.Select[Any]) -> pl.DataFrame:
    """Return what `read_frame` does, quicker where rows of SQLite are many: as one text for each column, its cells joined.

    Shape: as `read_frame`; the rows in any order.
    """
    if rx.connection.dialect.name == "postgresql":
        return read_frame(rx, statement)
    rows = statement.subquery()
    columns = list(rows.columns)
    texts = [sa.func.group_concat(_cell(column), _BETWEEN) for column in columns]
    nulls = [sa.func.count() - sa.func.count(column) if _may_lack(column) else sa.literal(0) for column in columns]
    try:
        count, *said = rx.connection.execute(sa.select(sa.func.count(), *texts, *nulls)).one()
    except sa.exc.DataError:  # SQLite makes no text of more than a thousand million bytes
        return read_frame(rx, statement)
    parts = zip(columns, said, said[len(columns) :], strict=False)
    made = [each for part in parts if count and (each := _separated(*part, count)) is not None]
    return pl.DataFrame(made) if len(made) == len(columns) else read_frame(rx, statement)


def _may_lack(column: sa.ColumnElement[Any]) -> bool:
    """Say whether a column may be null, as far as its table says."""
    return not isinstance(column, sa.Column) or bool(column.nullable)


def _cell(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return a column as it is joined: as SQLite holds it, bytes in hexadecimal."""
    plain = sa.func.hex(column) if isinstance(column.type, sa.LargeBinary) else sa.type_coerce(column, sa.String())
    return sa.case((column.is_(None), _NULL), else_=plain) if _may_lack(column) else plain


def _separated(column: sa.ColumnElement[Any], text: str | None, null_count: int, count: int) -> pl.Series | None:
    """Return so many cells that were joined; None where a cell holds what stands between cells, or for null."""
    if text is None:  # every cell is null where none may be: an outer join
        return None
    name = column.key or ""
    cells = pl.Series(name, [text], dtype=pl.String).str.split(_BETWEEN).explode()
    if _NULL in text:
        cells = cells.to_frame().select(pl.when(pl.col(name) != _NULL).then(name)).to_series()
    if (cells.len(), cells.null_count()) != (count, null_count):
        return None
    return _valued_on_sqlite(cells, dtype_of(column))


def _valued_on_sqlite(cells: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Return the values that SQLite's words for them stand for."""
    match dtype:
        case pl.Boolean():
            return cells == "1"
        case pl.Date():
            return cells.str.to_date("%Y-%m-%d")
        case pl.Datetime():
            return cells.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", time_zone="UTC")
        case pl.Binary():
            return cells.str.decode("hex")
        case _:
            return cells.cast(dtype)


def _parsed(text: bytes, columns: Sequence[sa.ColumnElement[Any]]) -> pl.DataFrame:
    """Return rows that a server wrote as CSV, in which a text without quotes is null where it is empty."""
    names = [column.key or "" for column in columns]
    types = [dtype_of(column) for column in columns]
    if not text:
        return pl.DataFrame(schema=dict(zip(names, types, strict=True)))
    plain = [dtype if dtype == pl.Int64 else pl.String() for dtype in types]
    read = pl.read_csv(text, has_header=False, schema=dict(zip(names, plain, strict=True)))
    return read.select(_valued(name, dtype) for name, dtype in zip(names, types, strict=True))


def _valued(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return the values that PostgreSQL's words for them stand for."""
    column = pl.col(name)
    match dtype:
        case pl.Boolean():
            return column == "t"
        case pl.Date():
            return column.str.to_date("%Y-%m-%d")
        case pl.Datetime():
            return column.str.strip_suffix("+00").str.to_datetime(
                "%Y-%m-%d %H:%M:%S%.f", time_unit="us", time_zone="UTC"
            )
        case pl.Binary():
            return column.str.strip_prefix("\\x").str.decode("hex")
        case _:
            return column


def read_matching(
    rx: Reading,
    statement: sa.Select[Any],
    column: sa.ColumnElement[Any],
    wanted: pl.Series,
    *,
    asked_max: int = ASKED_MAX,
) -> pl.DataFrame:
    """Return the rows of a select whose column, one of those selected, is among the wanted values.

    Expects: wanted values are distinct. They are looked up by an index of the column; where they are many, and no small part
             of the table, all rows are read and joined. `asked_max`: how many are looked up whatever the table holds.
    """
    if len(wanted) > asked_max and _is_large_part(rx, column, len(wanted)):
        wanted_frame = wanted.to_frame(column.key)
        return read_joined(rx, statement).join(wanted_frame, on=column.key, how="semi", maintain_order="left")
    read = read_joined if len(wanted) > ASKED_MAX else read_frame
    return read(rx, statement.where(is_among(rx, column, wanted)))


def _is_large_part(rx: Reading, column: sa.ColumnElement[Any], count: int) -> bool:
    """Say whether so many rows are more than a small part of a column's table, as far as the database knows its size at once."""
    table = getattr(column, "table", None)
    if not isinstance(table, sa.Table):
        return True
    if rx.connection.dialect.name == "postgresql":
        about = sa.text("select reltuples from pg_class where oid = to_regclass(:name)").bindparams(name=table.name)
    else:
        about = sa.text(f'select max(rowid) from "{table.name}"')  # noqa: S608  # a name of our own
    return count * SMALL_PART > (rx.connection.scalar(about) or 0)


def in_place(rx: Reading, table: sa.FromClause, which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Return a condition that picks the same rows of a table, for many: SQLite then reads them as they lie, one page after another.

    By an index alone it would read a page for each row, in the order of the index, and most of them again and again.
    """
    if rx.connection.dialect.name == "postgresql" or not isinstance(table, sa.Table):
        return which
    place = sa.literal_column(f'"{table.name}".rowid', sa.Integer())
    return place.in_(sa.select(place).select_from(table).where(which).correlate(None))


def in_order(frame: pl.DataFrame, *by: str, descending: bool | Sequence[bool] = False) -> pl.DataFrame:
    """Return a frame sorted; one of a single row or none as it is, which is what most subjects have."""
    return frame if frame.height <= 1 else frame.sort(*by, descending=descending)


def is_among(rx: Reading, column: sa.ColumnElement[Any], values: Iterable[Any]) -> sa.ColumnElement[bool]:
    """Return a condition with one parameter, however many texts there are; both databases limit parameters.

    Expects: of bytes, which SQLite's JSON does not know, at most `ASKED_MAX`.
    """
    wanted = values.to_list() if isinstance(values, pl.Series) else list(values)
    if isinstance(column.type, sa.LargeBinary):
        return column.in_(wanted)
    if rx.connection.dialect.name == "postgresql":
        return column == sa.any_(sa.literal(wanted, postgresql.ARRAY(sa.String())))
    listed = sa.func.json_each(json.dumps(wanted)).table_valued("value")
    return column.in_(sa.select(listed.c.value))


def insert_frame(tx: Writing, model: type[Row], frame: pl.DataFrame) -> None:
    """Insert a frame's rows; its columns are the table's, in any order.

    Expects: every column of the table that may not be null.
    """
    if frame.is_empty():
        return
    table = table_of(model)
    unknown = set(frame.columns) - set(table.columns.keys())
    assert not unknown, f"{table.name} has no {unknown}"
    if is_narrowed(tx.connection):
        _copy_aside(tx, table, frame)
    elif tx.connection.dialect.name == "postgresql":
        _copy(tx, table.name, frame)
    else:
        _insert_many(tx, table, frame)


def insert_rows(tx: Writing, model: type[Row], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert a few rows given as mappings."""
    if rows:
        tx.connection.execute(sa.insert(table_of(model)), [dict(row) for row in rows])


def insert_new(tx: Writing, model: type[Row], row: Mapping[str, Any]) -> bool:
    """Insert a row unless one with its key is there, and say whether it was new; of two at once one is the first."""
    insert = postgresql.insert if tx.connection.dialect.name == "postgresql" else sqlite.insert
    kept = insert(table_of(model)).values(**row).on_conflict_do_nothing().returning(sa.literal(1))
    return tx.connection.scalar(kept) is not None


def dtype_of(column: sa.ColumnElement[Any]) -> pl.DataType:
    """Return the Polars type in which frames hold a column."""
    match column.type:
        case sa.Boolean():
            return pl.Boolean()
        case sa.Integer():  # BigInteger is one
            return pl.Int64()
        case sa.Date():
            return pl.Date()
        case UTCDateTime():
            return INSTANT
        case sa.LargeBinary():
            return pl.Binary()
        case _:
            return pl.String()


def _series(column: sa.ColumnElement[Any], values: Sequence[Any]) -> pl.Series:
    dtype = dtype_of(column)
    name = column.key or ""
    is_text = isinstance(next((value for value in values if value is not None), None), str)
    if is_text and len(values) <= FEW_ROWS and dtype in {pl.Date, INSTANT}:  # Polars takes longer to begin
        read = dt.date.fromisoformat if dtype == pl.Date else _instant
        return pl.Series(name, [None if value is None else read(value) for value in values], dtype=dtype)
    if dtype == pl.Date and is_text:
        return pl.Series(name, values, dtype=pl.String).str.to_date("%Y-%m-%d")
    if dtype == INSTANT and is_text:
        return pl.Series(name, values, dtype=pl.String).str.to_datetime(
            "%Y-%m-%d %H:%M:%S%.f", time_unit="us", time_zone="UTC"
        )
    if dtype == pl.Boolean:
        return pl.Series(name, values, dtype=pl.Boolean, strict=False)
    return pl.Series(name, values, dtype=dtype)


def _instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def _insert_many(tx: Writing, table: sa.Table, frame: pl.DataFrame) -> None:
    in_order = frame.sort(table.primary_key.columns.keys())  # a tree that grows at its end reads no page twice
    _execute_many(tx, table.name, in_order)


def _execute_many(tx: Writing, table: str, frame: pl.DataFrame) -> None:
    """Write a frame's rows into a table of SQLite, in their order."""
    texts = [
        pl.col(name).dt.convert_time_zone("UTC").dt.to_string(_SQLITE_INSTANT)
        if isinstance(dtype, pl.Datetime)
        else pl.col(name).dt.to_string("%Y-%m-%d")
        if dtype == pl.Date
        else pl.col(name)
        for name, dtype in frame.schema.items()
    ]
    names = ", ".join(f'"{name}"' for name in frame.columns)
    marks = ", ".join("?" * frame.width)
    below = tx.connection.connection.driver_connection
    assert below is not None
    below.executemany(f'insert into "{table}" ({names}) values ({marks})', frame.select(texts).iter_rows())  # noqa: S608  # names come from our own tables


def _copy_aside(tx: Writing, table: sa.Table, frame: pl.DataFrame) -> None:
    """Insert by way of a table of the transaction's own: a server copies nothing into one under row security."""
    with set_aside(tx, frame, {name: table.c[name].type for name in frame.columns}) as aside:
        tx.connection.execute(sa.insert(table).from_select(frame.columns, sa.select(*aside.c)))


@contextmanager
def set_aside(
    tx: Writing, frame: pl.DataFrame, types: Mapping[str, sa.types.TypeEngine[Any]]
) -> Iterator[sa.TableClause]:
    """Give a table of the transaction's own that holds a frame; it is gone afterwards."""
    dialect = tx.connection.dialect
    if dialect.name == "postgresql":
        columns = ", ".join(f'"{name}" {types[name].compile(dialect=dialect)}' for name in frame.columns)
        tx.connection.exec_driver_sql(f'create temporary table "{_ASIDE}" ({columns}) on commit drop')
        _copy(tx, _ASIDE, frame)
    else:  # there a column without a type keeps what it is given
        columns = ", ".join(f'"{name}"' for name in frame.columns)
        tx.connection.exec_driver_sql(f'create temporary table "{_ASIDE}" ({columns})')
        _execute_many(tx, _ASIDE, frame)
    yield sa.table(_ASIDE, *(sa.column(name, types[name]) for name in frame.columns))
    tx.connection.exec_driver_sql(f'drop table "{_ASIDE}"')


def _copy(tx: Writing, table: str, frame: pl.DataFrame) -> None:
    texts = [
        pl.format("\\x{}", pl.col(name).bin.encode("hex")).alias(name) if dtype == pl.Binary else pl.col(name)
        for name, dtype in frame.schema.items()
    ]
    names = ", ".join(f'"{name}"' for name in frame.columns)
    below = tx.connection.connection.driver_connection
    assert below is not None
    with below.cursor() as cursor, cursor.copy(f'copy "{table}" ({names}) from stdin (format csv)') as copy:
        for part in frame.iter_slices(SLICE_ROWS):
            copy.write(part.select(texts).write_csv(include_header=False).encode())
