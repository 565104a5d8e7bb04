"""The audit chain in our database: recorded with what happened, in the same transaction; read and verified in order.

`record` only notes what is to be said. `store.opening` seals it as the last thing before the commit
(`store.audit_sealing`), so that a night that writes for minutes holds the chain for as long as its commit takes. What
is rolled back leaves no entry, unless it was refused: then the refusal itself is recorded, in a transaction of its own.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa

from core.findings import Place
from core.ids import text_digest
from core.remits import WHOLE, Remit
from store.audit_chain import JSON, Anchor, Entry, Link, Said, Verdict, verify_chain
from store.audit_sealing import EMPTYING_GUARD, ENTRY_COLUMNS, GUARDS, read_head
from store.belonging import is_about
from store.codes import AuditCode
from store.opening import Reading, Writing
from store.tables import AuditEntry, table_of

_ENTRY = table_of(AuditEntry)
_COLUMNS = tuple(_ENTRY.c[name] for name in ENTRY_COLUMNS)
_ROWS_AT_ONCE = 10_000  # bounds the memory of a chain of any length


def record(tx: Writing, event: str, *, by: str, about: str, said: Mapping[str, JSON]) -> None:
    """Say in the audit chain what this transaction does; it is kept with it, or not at all.

    Call it before what may be refused is tried: where a transaction ends with a RefusedError, everything noted in it is
    recorded as refused, with the codes of the refusal.
    Expects: nothing personal: ids and counts; of free text, its digest.
    """
    tx.said.append(Said(event, by, about, dict(said)))


def words_digest(text: str | None) -> str | None:
    """Return what an entry says of free text, which may name people: its digest; None where there is none."""
    return None if text is None else text_digest(text)


def head(rx: Reading) -> Link:
    """Return the last entry's place in the chain: what is printed on an approval sheet and anchored outside."""
    return read_head(rx.connection)


def read_entries(rx: Reading, *, after: int = 0) -> Iterator[Entry]:
    """Give the entries after one, by sequence, without holding all of them."""
    chosen = sa.select(*_COLUMNS).where(_ENTRY.c.sequence > after).order_by(_ENTRY.c.sequence)
    streamed = rx.connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(chosen)
    return (Entry(*row) for row in streamed)


def last_entries(  # all by name; each narrows what is found
    rx: Reading,
    count: int,
    *,
    about: str | None = None,
    by: str | None = None,
    event: str | None = None,
    time: tuple[dt.datetime | None, dt.datetime | None] = (None, None),
    remit: Remit = WHOLE,
) -> list[Entry]:
    """Return the last entries about something, by somebody, of an event or of those whose names begin with it, in a time.

    The time is given by its first instant and the first one after it. Outside the whole only what is about the
    policies of a remit, or about things of theirs, is found.
    """
    chosen = sa.select(*_COLUMNS).order_by(_ENTRY.c.sequence.desc()).limit(count)
    if remit.policies is not None:
        chosen = chosen.where(is_about(remit.policies))
    if about is not None:
        chosen = chosen.where(_ENTRY.c.about == about)
    if by is not None:
        chosen = chosen.where(_ENTRY.c.done_by == by)
    if event is not None:
        below = _ENTRY.c.event.startswith(f"{event}.", autoescape=True)
        chosen = chosen.where(sa.or_(_ENTRY.c.event == event, below))
    since, before = time
    if since is not None:
        chosen = chosen.where(_ENTRY.c.happened_at >= since)
    if before is not None:
        chosen = chosen.where(_ENTRY.c.happened_at < before)
    return [Entry(*row) for row in rx.connection.execute(chosen)][::-1]


def verify(rx: Reading, anchors: Sequence[Anchor] = ()) -> Verdict:
    """Return what is wrong with the chain, and whether the database still refuses to change it."""
    verdict = verify_chain(read_entries(rx), anchors)
    for name in sorted(_guards_of(rx) - _present_guards(rx)):
        message = f"the guard `{name}` is gone: the database would let an entry be changed"
        remedy = "find out who took it away; restore the database from a backup that has it"
        verdict.add(AuditCode.UNGUARDED, Place("audit_entry"), message, remedy)
    return verdict


def _guards_of(rx: Reading) -> set[str]:
    """Return the triggers that a database has to have."""
    return {*GUARDS, EMPTYING_GUARD} if rx.connection.dialect.name == "postgresql" else set(GUARDS)


def _present_guards(rx: Reading) -> set[str]:
    if rx.connection.dialect.name == "postgresql":
        found = sa.text(
            "select tgname from pg_trigger where tgrelid = 'audit_entry'::regclass and not tgisinternal"
            " and tgenabled in ('O', 'A')"
        )
    else:
        found = sa.text("select name from sqlite_master where type = 'trigger' and tbl_name = 'audit_entry'")
    return set(rx.connection.scalars(found))
