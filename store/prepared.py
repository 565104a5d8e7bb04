"""Selects whose text is made once: what every page asks goes to the driver as it is, and pays for the rows alone.

SQLAlchemy makes the text, and says how values go in and come out; what it does beside that for each execution costs several
times as much as the database takes for a few rows.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from store.opening import Reading

Make = Callable[[sa.Dialect], sa.Select[Any]]
_Process = Callable[[Any], Any]
_NAMED: Final[Callable[..., Any]] = namedtuple  # noqa: PYI024  # the names are the select's


class Prepared:
    """A select that is made once for each of the two databases.

    INVARIANT: the text depends on the database alone; what differs from one asking to the next is a parameter.
    """

    def __init__(self, make: Make) -> None:
        self._make = make
        self._texts: dict[str, _Text] = {}

    def rows(self, rx: Reading, **given: object) -> list[Any]:
        """Return the rows, as tuples whose parts have the names of the columns; `given` are its parameters, by name."""
        dialect = rx.connection.dialect
        text = self._texts.get(dialect.name)
        if text is None:
            text = self._texts[dialect.name] = _Text.of(self._make(dialect), dialect)
        driver = rx.connection.connection.driver_connection
        assert driver is not None, "a transaction goes on"
        return text.read(driver.execute(text.words, text.parameters(given)).fetchall())

    def row(self, rx: Reading, **given: object) -> Any | None:  # noqa: ANN401  # as many types as selects
        """Return the one row, or None where there is none."""
        rows = self.rows(rx, **given)
        assert len(rows) <= 1, "it was said that there is one"
        return rows[0] if rows else None


@dataclass(frozen=True, slots=True)
class _Text:
    """What one database is sent, and how values go in and come out."""

    words: str
    order: Sequence[str] | None  # of parameters by place; None: they go by name
    fixed: Mapping[str, object]
    open: frozenset[str]
    ways_in: Mapping[str, _Process]
    ways_out: Sequence[tuple[int, _Process]]
    row: Callable[..., Any]

    @classmethod
    def of(cls, select: sa.Select[Any], dialect: sa.Dialect) -> "_Text":
        compiled = select.compile(dialect=dialect)
        assert isinstance(compiled, sa.sql.compiler.SQLCompiler)
        assert not compiled.post_compile_params, "a list of values is one parameter, or is written out"
        kinds = {name: bind.type.dialect_impl(dialect) for bind, name in compiled.bind_names.items()}
        ways_in = {name: way for name, kind in kinds.items() if (way := kind.bind_processor(dialect)) is not None}
        open_ = frozenset(name for bind, name in compiled.bind_names.items() if bind.required)
        fixed = {name: _put(ways_in, name, value) for name, value in compiled.params.items() if name not in open_}
        columns = list(select.selected_columns)
        types = (column.type.dialect_impl(dialect) for column in columns)
        ways_out = [
            (place, way)
            for place, kind in enumerate(types)
            if (way := kind.result_processor(dialect, None)) is not None
        ]
        made = _NAMED("Row", [column.name for column in columns])
        return cls(
            compiled.string,
            compiled.positiontup if compiled.positional else None,
            fixed,
            open_,
            ways_in,
            ways_out,
            made._make,
        )

    def parameters(self, given: Mapping[str, object]) -> Any:  # noqa: ANN401  # by place or by name
        """Return the parameters as the driver takes them."""
        assert given.keys() == self.open, "a value for each parameter, and for nothing else"
        values = {**self.fixed, **{name: _put(self.ways_in, name, value) for name, value in given.items()}}
        return values if self.order is None else [values[name] for name in self.order]

    def read(self, rows: Sequence[Sequence[Any]]) -> list[Any]:
        """Return rows of the driver as rows of ours."""
        if not self.ways_out:
            return [self.row(row) for row in rows]
        read = []
        for row in rows:
            cells = list(row)
            for place, way in self.ways_out:
                cells[place] = way(cells[place])
            read.append(self.row(cells))
        return read


def _put(ways_in: Mapping[str, _Process], name: str, value: object) -> object:
    way = ways_in.get(name)
    return value if way is None else way(value)
