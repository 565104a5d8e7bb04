"""Selects of what some ids have, made once: pages ask the same of one subject after the other, and pay for the rows alone.

SQLAlchemy knows a statement again that is the same object; one that is put together anew has to be read through to be known.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from store.opening import Reading

Among = Callable[[sa.ColumnElement[Any]], sa.ColumnElement[bool]]
"""Makes the condition that a column holds one of the ids."""

_IDS: Final = "ids"


class OfSome:
    """A select of what some ids have; `make` is given what says that a column holds one of them.

    However many ids there are they are one parameter, as in `store.rows.is_among`.
    """

    def __init__(self, make: Callable[[Among], sa.Select[Any]]) -> None:
        self._make = make

    def rows(self, rx: Reading, ids: Iterable[str], **given: object) -> Sequence[sa.Row[Any]]:
        """Return the rows; `given` are other parameters of the select, by name."""
        if rx.connection.dialect.name == "postgresql":
            return rx.connection.execute(self._on_server, {_IDS: list(ids), **given}).all()
        return rx.connection.execute(self._on_sqlite, {_IDS: json.dumps(list(ids)), **given}).all()

    @cached_property
    def _on_server(self) -> sa.Select[Any]:
        listed = sa.bindparam(_IDS, type_=postgresql.ARRAY(sa.String()))
        return self._make(lambda column: column == sa.any_(listed))

    @cached_property
    def _on_sqlite(self) -> sa.Select[Any]:
        listed = sa.func.json_each(sa.bindparam(_IDS, type_=sa.String())).table_valued("value")
        return self._make(lambda column: column.in_(sa.select(listed.c.value)))
