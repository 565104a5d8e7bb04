"""What all tables share: one metadata with fixed constraint names, and the types of columns.

Tables are SQLModel classes so that the shape stands once, in Python's own words. They are never built as
objects: a table class does not validate, so records are checked before they come here and the database
checks again.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import registry
from sqlalchemy.sql.compiler import DDLCompiler
from sqlmodel import Field, SQLModel

ID_LENGTH = 40  # `core.ids` gives 18 characters; the rest is room for longer digests
ENUM_LENGTH = 20  # the longest state has 13

# Of two words SQLite makes comparisons itself.
_LIST = re.compile(r"\b(?!not\b)(?P<column>\w+) in \((?P<words>'[^']*'(?:, '[^']*'){2,})\)", re.IGNORECASE)

_State = TypeVar("_State", bound=StrEnum)

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Without fixed names a constraint cannot be dropped by a later migration on SQLite."""


class Row(SQLModel, registry=registry(metadata=METADATA)):
    """One row of one of our tables; the class describes the table."""

    __tablename__: ClassVar[Any]  # SQLModel says text or function, so that a plain text would be refused


def table_of(model: type[Row]) -> sa.Table:
    """Return the table that a class describes, for statements."""
    return METADATA.tables[str(model.__tablename__)]


def identifier(*, primary_key: bool = False, references: str | None = None, nullable: bool = False) -> Any:  # noqa: ANN401  # SQLModel's own field helper returns Any
    """Return the column for an id of `core.ids`."""
    if references is None:
        return Field(primary_key=primary_key, max_length=ID_LENGTH, nullable=nullable)
    return Field(primary_key=primary_key, max_length=ID_LENGTH, nullable=nullable, foreign_key=references)


def word(enum: type[StrEnum], name: str = "state", *, nullable: bool = False) -> Any:  # noqa: ANN401  # as above
    """Return the column for a member of an enum, kept as its value and checked by the database.

    A native enum of PostgreSQL would survive a downgrade and break the next upgrade.
    """
    kept = sa.Enum(
        enum,
        name=f"{name}_known",
        native_enum=False,
        length=ENUM_LENGTH,
        create_constraint=True,
        values_callable=lambda members: [member.value for member in members],
    )
    return Field(sa_type=kept, nullable=nullable)


def allowed_from(source: str, transitions: Mapping[Any, Collection[Any]]) -> sa.CheckConstraint:
    """Return the check that a row in a `state` came there, by its column `source`, only from where a table lets it."""
    steps = []
    for before, afters in transitions.items():
        named = ", ".join(f"'{after.value}'" for after in sorted(afters))
        steps.append(f"({source} = '{before.value}' and state in ({named}))")
    return sa.CheckConstraint(" or ".join([f"{source} is null", *steps]), name="state_allowed")


def fen() -> Any:  # noqa: ANN401  # as above
    """Return the column for an amount in whole fen."""
    return Field(sa_type=sa.BigInteger)


def not_negative(*columns: str) -> tuple[sa.CheckConstraint, ...]:
    """Return the checks that amounts or counts are never below zero."""
    return tuple(sa.CheckConstraint(f"{column} >= 0", name=f"{column}_not_negative") for column in columns)


def one_where(table: str, columns: tuple[str, ...], condition: str, *, name: str) -> sa.Index:
    """Return the index by which only one row of a kind may be in a condition; both databases know it."""
    where = sa.text(condition)
    return sa.Index(f"uq_{table}_{name}", *columns, unique=True, sqlite_where=where, postgresql_where=where)


def some_where(table: str, columns: tuple[str, ...], condition: str, *, name: str) -> sa.Index:
    """Return the index that makes the few rows in a condition quick to find."""
    where = sa.text(condition)
    return sa.Index(f"ix_{table}_{name}", *columns, sqlite_where=where, postgresql_where=where)


def among(column: str, members: Iterable[StrEnum]) -> str:
    """Return the condition that a column holds one of some words, the same text every time."""
    return f"{column} in ({', '.join(repr(member.value) for member in sorted(members))})"


def allowed_steps(transitions: Mapping[_State, frozenset[_State]]) -> sa.CheckConstraint:
    """Return the check that a step goes only from where to where the table of transitions lets it."""
    pairs = [(source.value, target.value) for source, targets in transitions.items() for target in sorted(targets)]
    either = " or ".join(f"(source = '{source}' and target = '{target}')" for source, target in pairs)
    return sa.CheckConstraint(either, name="step_allowed")


def by_comparisons(condition: str, *, of: str = "") -> str:
    """Return a condition with each list of constant words written as comparisons, its column qualified by a table.

    For a list, SQLite builds a table anew with every row that it checks against it or files under an index: half of
    what writing a night's rows took. It uses an index on some rows only where a statement says the index's own words.
    Example: `state in ('a', 'b', 'c')` is `(state = 'a' or state = 'b' or state = 'c')`.
    """

    def compared(found: re.Match[str]) -> str:
        column = f"{of}.{found['column']}" if of else found["column"]
        return "(" + " or ".join(f"{column} = {word}" for word in found["words"].split(", ")) + ")"

    return _LIST.sub(compared, condition)


def as_indexed(condition: str, *, of: str = "") -> sa.TextClause:
    """Return the condition of an index in the words by which a statement has it used; `of` is the table or its alias."""
    return sa.text(by_comparisons(condition, of=of))


@compiles(sa.CheckConstraint, "sqlite")
def _check(check: sa.CheckConstraint, compiler: DDLCompiler, **options: Any) -> str:  # noqa: ANN401  # SQLAlchemy's own
    words: str = compiler.visit_check_constraint(check, **options)  # type: ignore[no-untyped-call]  # as it is there
    return by_comparisons(words) if _is_ours(check.parent) else words


@compiles(sa.schema.CreateIndex, "sqlite")
def _index(index: sa.schema.CreateIndex, compiler: DDLCompiler, **options: Any) -> str:  # noqa: ANN401  # as above
    words: str = compiler.visit_create_index(index, **options)  # type: ignore[no-untyped-call]  # as above
    return by_comparisons(words) if _is_ours(index.element.table) else words


def _is_ours(table: object) -> bool:
    """Say whether a table is one of these; migrations that have landed write what they always wrote."""
    return isinstance(table, sa.Table) and table.metadata is METADATA
