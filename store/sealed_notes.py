"""What people wrote about persons in their own words, sealed like the vault; each opening is recorded."""

import sqlalchemy as sa

from profiles.identity import Seals
from store.opening import Reading, Writing
from store.rows import insert_rows
from store.tables import SealedNote, table_of
from store.vault_openings import record_reading

_NOTE = table_of(SealedNote)
_PLACE = {"table": "sealed_note", "column": "sealed"}


def keep_note(tx: Writing, seals: Seals, *, about: str, field: str, text: str, by: str) -> None:
    """Keep a note; a later one of the same field takes the place of an earlier one."""
    own = (_NOTE.c.about == about, _NOTE.c.field == field)
    tx.connection.execute(sa.delete(_NOTE).where(*own))
    sealed = seals.seal(text, **_PLACE, row=_row(about, field))
    insert_rows(tx, SealedNote, [{"about": about, "field": field, "sealed": sealed, "kept_at": tx.now, "kept_by": by}])


def has_note(rx: Reading, *, about: str, field: str) -> bool:
    """Say whether there is a note."""
    chosen = sa.select(sa.func.count()).where(_NOTE.c.about == about, _NOTE.c.field == field)
    return bool(rx.connection.scalar(chosen))


def open_note(tx: Writing, seals: Seals, *, about: str, field: str, subject_id: str, by: str, why: str) -> str | None:
    """Return a note about a subject, or None; who opened it and why is recorded in the same transaction.

    Fails: RunError where it does not open.
    """
    chosen = sa.select(_NOTE.c.sealed).where(_NOTE.c.about == about, _NOTE.c.field == field)
    sealed = tx.connection.scalar(chosen)
    if sealed is None:
        return None
    record_reading(tx, [subject_id], [field], by=by, why=why)
    return seals.open(sealed, **_PLACE, row=_row(about, field))


def rotate_notes(tx: Writing, seals: Seals) -> int:
    """Seal anew what was sealed with another key or suite; return how many notes changed."""
    count = 0
    for about, field, sealed in tx.connection.execute(sa.select(_NOTE.c.about, _NOTE.c.field, _NOTE.c.sealed)).all():
        if seals.is_current(sealed):
            continue
        text = seals.open(sealed, **_PLACE, row=_row(about, field))
        own = sa.update(_NOTE).where(_NOTE.c.about == about, _NOTE.c.field == field)
        tx.connection.execute(own.values(sealed=seals.seal(text, **_PLACE, row=_row(about, field))))
        count += 1
    return count


def _row(about: str, field: str) -> str:
    return f"{about}|{field}"
