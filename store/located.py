"""Rows that several statements are about, found once: where they lie is kept aside until the next of their table.

SQLite would look each of them up by its key again in every statement, through all the tables that a condition names;
PostgreSQL joins, and locks what it finds, so there the condition itself stands.
"""

import sqlalchemy as sa

from store.opening import Writing


def located(tx: Writing, table: sa.Table, which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Return a condition that picks the rows of a table which another one picks now.

    It stands, whatever is written on them, until rows of the same table are located again, or the transaction ends.
    """
    if tx.connection.dialect.name == "postgresql":
        return which
    aside = sa.table(f"located_{table.name}", sa.column("place", sa.Integer()))
    place = sa.literal_column(f'"{table.name}".rowid', sa.Integer())
    # One for each table, as long as the connection lives: a new one would have every statement prepared anew.
    tx.connection.exec_driver_sql(f'create temp table if not exists "{aside.name}" (place integer primary key)')
    tx.connection.execute(sa.delete(aside))
    tx.connection.execute(sa.insert(aside).from_select(["place"], sa.select(place).select_from(table).where(which)))
    return place.in_(sa.select(aside.c.place))
