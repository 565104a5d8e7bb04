"""Selects of what some ids have, made once: pages ask the same of one subject after the other, and pay for the rows alone."""

import json
from collections.abc import Callable, Iterable
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from store.opening import Reading
from store.prepared import Prepared

Among = Callable[[sa.ColumnElement[Any]], sa.ColumnElement[bool]]
"""Makes the condition that a column holds one of the ids."""

_IDS: Final = "ids"


class OfSome:
    """A select of what some ids have; `make` is given what says that a column holds one of them.

    However many ids there are they are one parameter, as in `store.rows.is_among`.
    """

    def __init__(self, make: Callable[[Among], sa.Select[Any]]) -> None:
        self._of_one = Prepared(lambda _: make(_is_the_one))
        self._prepared = Prepared(lambda dialect: make(_on_server if _is_server(dialect) else _on_sqlite))

    def rows(self, rx: Reading, ids: Iterable[str], **given: object) -> list[Any]:
        """Return the rows; `given` are other parameters of the select, by name."""
        listed = list(ids)
        if len(listed) == 1:  # as nearly every subject has
            return self._of_one.rows(rx, **{_IDS: listed[0]}, **given)
        return self._prepared.rows(
            rx, **{_IDS: listed if _is_server(rx.connection.dialect) else json.dumps(listed)}, **given
        )


def _is_the_one(column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return column == sa.bindparam(_IDS, type_=sa.String())


def _is_server(dialect: sa.Dialect) -> bool:
    return dialect.name == "postgresql"


def _on_server(column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return column == sa.any_(sa.bindparam(_IDS, type_=postgresql.ARRAY(sa.String())))


def _on_sqlite(column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    listed = sa.func.json_each(sa.bindparam(_IDS, type_=sa.String())).table_valued("value")
    return column.in_(sa.select(listed.c.value))
