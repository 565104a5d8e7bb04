"""Whose rows a transaction sees on PostgreSQL: those of some subjects alone, by the database's own row security.

The second belt of a subject's pages. The first is that every query names the subject; where one forgot to, or named another,
the database gives nothing of anybody else. A transaction takes a role of the database that owns no table, and says whose it
is; both end with it. Nights, commands and officers' pages go by the login that owns the tables, to which this does not apply.
Source: PostgreSQL, "Row Security Policies"; OWASP ASVS 5.0, 8.4.1.
"""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from core.errors import RunError
from core.settings import SettingsCode

SETTING: Final = "mianshen.subjects"
NARROWED: Final = "mianshen_narrowed"
"""The execution option of a connection that is narrowed: COPY cannot write under row security."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Through which role of the database a transaction goes, and whose rows it may see and write."""

    role: str
    subjects: tuple[str, ...]


def narrow(connection: sa.Connection, whose: Whose) -> None:
    """Let a transaction that has just begun on PostgreSQL see the rows of some subjects alone, until it ends."""
    connection.execution_options(**{NARROWED: True})
    subjects = ",".join(whose.subjects)
    connection.execute(
        sa.select(
            sa.func.set_config("role", whose.role, True), sa.func.set_config(SETTING, subjects, True)
        )  # PostgreSQL's own
    )


def is_narrowed(connection: sa.Connection) -> bool:
    """Say whether a connection sees the rows of some subjects alone."""
    return bool(connection.get_execution_options().get(NARROWED))


def prepare_role(connection: sa.Connection, role: str) -> None:
    """Let a role of the database do what subjects' pages do on every table; on which rows, row security says.

    Fails: RunError where there is no such role, where our login may not take it, or where row security would not hold it.
    """
    if connection.dialect.name != "postgresql":
        raise _unusable(role, "needs PostgreSQL", "leave the setting out: SQLite has no roles")
    asked = sa.text(
        "select rolsuper or rolbypassrls, pg_has_role(current_user, oid, 'member') from pg_roles where rolname = :role"
    )
    found = connection.execute(asked, {"role": role}).one_or_none()
    if found is None:
        raise _unusable(role, "is not there", "make it as docs/deploy.md says: `create role … nologin`")
    is_above, is_ours = found
    if is_above:
        raise _unusable(role, "is above row security", "take `superuser` and `bypassrls` from it")
    if not is_ours:
        raise _unusable(role, "may not be taken by our login", "grant it to the login of the services: `grant … to …`")
    name = connection.dialect.identifier_preparer.quote(role)
    schema = connection.dialect.identifier_preparer.quote(str(connection.scalar(sa.select(sa.func.current_schema()))))
    for what in (
        f"usage on schema {schema}",
        f"select, insert, update on all tables in schema {schema}",
        # An account that its holder names again, and words that others replace; nothing else is ever removed.
        "delete on table closed_account, sealed_note",
        f"usage on all sequences in schema {schema}",
    ):
        connection.execute(sa.text(f"grant {what} to {name}"))


def _unusable(role: str, why: str, remedy: str) -> RunError:
    message = f"`web.database_role`: the role `{role}` of the database {why}"
    return RunError.one(SettingsCode.WRONG_SETTING, "workspace.toml", message, remedy)
