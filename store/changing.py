"""One change for each row of a frame: a statement with its columns as parameters.

Many are taken in one statement from a table set aside, a row of it in microseconds; few one after the other.
"""

from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler

from store.codes import StoreInvariantError
from store.opening import Writing
from store.past import is_kept
from store.rows import FEW_CHANGES, set_aside


def run_many(tx: Writing, statement: sa.UpdateBase, rows: pl.DataFrame) -> int:
    """Run a statement once for each row of a frame; return how many rows of the table it touched in all.

    Shape: a column for each of the statement's parameters. An update of many names its row by the parameter `key`, which
           no two rows share.
    """
    if rows.is_empty():
        return 0
    is_many = rows.height > FEW_CHANGES[tx.connection.dialect.name]
    if is_many and isinstance(statement, sa.Update) and "key" in rows.columns:
        return _run_at_once(tx, statement, rows)
    return int(tx.connection.execute(statement, rows.to_dicts()).rowcount)


def touch_all(tx: Writing, statement: sa.UpdateBase, rows: pl.DataFrame) -> bool:
    """Run a guarded update for each row of a frame; say whether every one of them touched its row."""
    touched = run_many(tx, statement, rows)
    if touched > rows.height:
        raise StoreInvariantError("an update touched more rows than it named")
    return touched == rows.height


def _run_at_once(tx: Writing, statement: sa.Update, rows: pl.DataFrame) -> int:
    """Run an update for all rows in one statement.

    INVARIANT: a server locks rows by `key` in its order before, as by an update for each; those of the ledger as they are
    kept (`store.past`).
    """
    compiled = statement.compile(dialect=tx.connection.dialect)
    assert isinstance(compiled, SQLCompiler)
    assert isinstance(statement.table, sa.Table)
    types = {name: compiled.binds[name].type for name in rows.columns}  # those of the columns that they meet
    with set_aside(tx, rows, types) as given:
        if not is_kept(statement.table):
            _lock_in_order(tx, statement.table, given)

        def put(element: object, **_: object) -> sa.ColumnElement[Any] | None:
            return given.c[element.key] if isinstance(element, sa.BindParameter) and element.key in types else None

        whole = visitors.replacement_traverse(statement, {}, put)
        assert isinstance(whole, sa.Update)
        return int(tx.connection.execute(whole).rowcount)


def _lock_in_order(tx: Writing, table: sa.Table, given: sa.TableClause) -> None:
    if tx.connection.dialect.name == "postgresql" and len(table.primary_key.columns) == 1:
        (key,) = table.primary_key.columns
        named = sa.select(key).join_from(table, given, given.c.key == key)
        locked = named.order_by(key).with_for_update(of=table).subquery()
        tx.connection.execute(sa.select(sa.func.count()).select_from(locked))
