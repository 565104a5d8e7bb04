"""Binds what a transaction said to the audit chain, as the last thing before its commit.

Writers go one after the other: SQLite has one at a time, on PostgreSQL a lock is taken here and held until the commit is
done. INVARIANT: no other lock is taken after it, so nobody who holds the chain waits for anybody. The database itself
refuses an entry that does not follow from the last one, and every change or removal (`GUARDS`).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, fields

import sqlalchemy as sa

from store.audit_chain import Digest, Entry, Link, Said
from store.tables import AuditEntry, table_of

_ENTRY = table_of(AuditEntry)
_CHAIN_LOCK = 0x61756469  # "audi"; beside the one that an upgrade takes

ENTRY_COLUMNS = tuple(each.name for each in fields(Entry))

GUARDS = ("audit_entry_in_line", "audit_entry_not_changed", "audit_entry_not_removed")
"""The triggers that both databases have on the table."""

EMPTYING_GUARD = "audit_entry_not_emptied"  # PostgreSQL's fourth, for its own way to empty a table


def seal(connection: sa.Connection, said: Sequence[Said], *, at: dt.datetime, digest: Digest) -> None:
    """Write what was said as the next entries of the chain; nothing where nothing was said."""
    if not said:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CHAIN_LOCK)))
    link, entries = read_head(connection), []
    for each in said:
        entry = link.next(each, at, digest)
        entries.append(asdict(entry))
        link = entry.link
    connection.execute(sa.insert(_ENTRY), entries)


def read_head(connection: sa.Connection) -> Link:
    """Return the place after the last entry."""
    last = sa.select(_ENTRY.c.sequence, _ENTRY.c.hash).order_by(_ENTRY.c.sequence.desc()).limit(1)
    row = connection.execute(last).one_or_none()
    return Link() if row is None else Link(*row)
