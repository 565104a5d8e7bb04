"""Fills the largest tables of a database in bulk, past the product: their keys and indexes are made when all rows are there.

Constraints stand afterwards as they stood before. PostgreSQL takes them away and checks them anew; SQLite cannot, so
rows and indexes are made beside the table, and change places with its own.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import TypeAlias

import polars as pl
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from store.opening import Store
from store.rows import insert_frame
from store.tables import Row, table_of

Fill: TypeAlias = Callable[[type[Row], pl.DataFrame, Mapping[str, object]], None]
"""Takes rows into a table: the columns in which they differ as a frame, and what all of them have."""

_PRAGMAS = ("journal_mode = off", "synchronous = off", "cache_size = -524288", "threads = 2")
"""Nobody reads meanwhile, and what breaks off is made anew; a sort has half a GiB and a thread beside it."""

_BESIDE = "beside_"


@contextmanager
def filling(store: Store, models: Sequence[type[Row]]) -> Iterator[Fill]:
    """Give what fills some tables, which are empty, and that alone until the block ends.

    Expects: rows that fit: SQLite checks none of them.
    """
    tables = [table_of(model) for model in models]
    if store.is_postgresql:
        with store.writing() as tx, _unbound(tx.connection, tables):
            yield lambda model, rows, same: insert_frame(tx, model, filled(rows, same))
        return
    path = store.engine.url.database
    store.close()  # the last connection takes the log in
    with closing(sqlite3.connect(str(path), isolation_level=None)) as connection, _beside(connection, tables):
        yield lambda model, rows, same: _insert(connection, table_of(model), rows, same)


def filled(rows: pl.DataFrame, same: Mapping[str, object]) -> pl.DataFrame:
    """Return rows with what all of them have."""
    return rows.with_columns(pl.lit(value).alias(name) for name, value in same.items())


@contextmanager
def _unbound(connection: sa.Connection, tables: Sequence[sa.Table]) -> Iterator[None]:
    """Take away what binds tables and makes their rows quick to find, and put it back."""
    named = {"tables": [table.name for table in tables]}
    bound = """
        select c.conrelid::regclass::text, quote_ident(c.conname), pg_get_constraintdef(c.oid)
        from pg_constraint c where c.contype = any(array['p', 'u', 'f']::"char"[])
        and (c.conrelid::regclass::text = any(:tables) or c.confrelid::regclass::text = any(:tables))
        order by c.contype = 'f', c.conrelid::regclass::text, c.conname"""
    constraints = connection.execute(sa.text(bound), named).all()
    for table, name, _ in reversed(constraints):
        connection.exec_driver_sql(f"alter table {table} drop constraint {name}")
    indexes = [index for table in tables for index in sorted(table.indexes, key=lambda index: str(index.name))]
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        index.create(connection)
    for table, name, definition in constraints:
        connection.exec_driver_sql(f"alter table {table} add constraint {name} {definition}")


@contextmanager
def _beside(connection: sqlite3.Connection, tables: Sequence[sa.Table]) -> Iterator[None]:
    """Make a table without keys beside each, and at the end have each of them change places with it."""
    for pragma in _PRAGMAS:
        connection.execute(f"pragma {pragma}")
    for table in tables:
        connection.execute(f'create table "{_BESIDE}{table.name}" as select * from "{table.name}" where false')  # noqa: S608  # names of our own
    connection.execute("begin")
    yield
    connection.execute("commit")
    own = dict[str, str]()  # what is made beside, by what it changes places with
    for table in tables:
        own |= {table.name: f"{_BESIDE}{table.name}"} | _indexed_beside(connection, table.name)
    others = "select name, sql from sqlite_schema where type = 'index' and tbl_name = ? and sql is not null"
    later = [row for table in tables for row in connection.execute(others, [table.name]).fetchall()]
    _swap(connection, own)
    for table in tables:
        connection.execute(f'drop table "{_BESIDE}{table.name}"')
    for name, words in later:
        connection.execute(f'drop index "{name}"')
        connection.execute(words)


def _indexed_beside(connection: sqlite3.Connection, table: str) -> dict[str, str]:
    """Make the indexes of a table's keys beside it; return their names by those of its own."""
    made = {}
    for _, name, _, origin, _ in connection.execute(f'pragma index_list("{table}")').fetchall():
        if origin != "c":  # it belongs to a constraint, and there is no making it later
            named = ", ".join(f'"{column}"' for _, _, column in connection.execute(f'pragma index_info("{name}")'))
            made[name] = f"{_BESIDE}{name}"
            connection.execute(f'create unique index "{made[name]}" on "{_BESIDE}{table}" ({named})')
    return made


def _swap(connection: sqlite3.Connection, names: dict[str, str]) -> None:
    """Have tables and indexes change their places in the file."""
    places = dict(connection.execute("select name, rootpage from sqlite_schema").fetchall())
    connection.execute("pragma writable_schema = on")
    for name, other in names.items():
        for one, place in ((name, places[other]), (other, places[name])):
            connection.execute("update sqlite_schema set rootpage = ? where name = ?", (place, one))
    connection.execute("pragma writable_schema = reset")  # and reads it again


def _insert(connection: sqlite3.Connection, table: sa.Table, rows: pl.DataFrame, same: Mapping[str, object]) -> None:
    dialect = sqlite.dialect()
    words = {
        name: sa.literal(value, table.c[name].type).compile(dialect=dialect, compile_kwargs={"literal_binds": True})
        for name, value in same.items()
    }
    names = ", ".join(f'"{name}"' for name in [*rows.columns, *words])
    values = ", ".join(["?"] * rows.width + [str(each) for each in words.values()])
    connection.executemany(f'insert into "{_BESIDE}{table.name}" ({names}) values ({values})', rows.iter_rows())  # noqa: S608  # as above
