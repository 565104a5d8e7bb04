"""Writes SQLite's lists of constant words as comparisons, once tables stand; a migration that adds such lists ends with it.

`store.tables.base.by_comparisons` says why. Only the words of the conditions change and no row is looked at: SQLite's
documents name this way for checks (lang_altertable, "Making Other Kinds Of Table Schema Changes").
"""

import re
from collections.abc import Callable

import sqlalchemy as sa

from store.tables.base import by_comparisons

_COMPARED = re.compile(r"(?P<begun>CHECK \()?\((?P<column>\w+) = '[^']*'(?: or (?P=column) = '[^']*'){2,}\)")


def compare_words(connection: sa.Connection) -> None:
    """Change the checks and the conditions of indexes of a whole database; PostgreSQL compares a list as it is."""
    _rewrite(connection, by_comparisons)


def list_words(connection: sa.Connection) -> None:
    """Take it back, to the letter: what went before looks for its own words."""
    _rewrite(connection, lambda text: _COMPARED.sub(_listed, text))


def _listed(found: re.Match[str]) -> str:
    is_whole_check = found["begun"] is not None  # the check of an enum, which SQLAlchemy writes in capitals
    words = ", ".join(re.findall(r"'[^']*'", found[0]))
    return f"{found['begun'] or ''}{found['column']} {'IN' if is_whole_check else 'in'} ({words})"


def _rewrite(connection: sa.Connection, change: Callable[[str], str]) -> None:
    if connection.dialect.name != "sqlite":
        return
    said = connection.execute(
        sa.text("select name, sql from sqlite_master where type in ('table', 'index') and sql is not null")
    )
    changed = [{"name": name, "sql": change(sql)} for name, sql in said if change(sql) != sql]
    connection.execute(sa.text("pragma writable_schema = on"))
    if changed:
        connection.execute(sa.text("update sqlite_master set sql = :sql where name = :name"), changed)
    version = connection.scalar(sa.text("pragma schema_version"))
    connection.execute(sa.text(f"pragma schema_version = {version + 1}"))  # has every connection read them again
    connection.execute(sa.text("pragma writable_schema = reset"))
