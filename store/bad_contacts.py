"""Addresses that a channel refused for good: not asked again until the department delivers another.

Kept by a keyed mark of the address, never the address: another address has another mark, and is good until it is refused.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

import sqlalchemy as sa

from store.opening import Reading, Writing
from store.rows import insert_rows, is_among
from store.tables import BadContact, table_of

_BAD = table_of(BadContact)


class BadAddress(NamedTuple):
    """An address of a subject, on the channel that refused it."""

    subject_id: str
    channel: str
    address_mark: str
    because: str | None = None


def mark_bad(tx: Writing, addresses: Iterable[BadAddress]) -> None:
    """Keep that addresses are bad; one that is known stays as it was found."""
    new = {each[:3]: each for each in addresses}
    known = bad_addresses(tx, {each.subject_id for each in new.values()})
    rows = [each._asdict() | {"found_at": tx.now} for key, each in new.items() if key not in known]
    insert_rows(tx, BadContact, rows)


def bad_addresses(rx: Reading, subject_ids: Collection[str]) -> frozenset[tuple[str, str, str]]:
    """Return what is bad of some subjects: id, channel and mark."""
    names = (_BAD.c.subject_id, _BAD.c.channel, _BAD.c.address_mark)
    chosen = sa.select(*names).where(is_among(rx, _BAD.c.subject_id, subject_ids))
    return frozenset((row.subject_id, row.channel, row.address_mark) for row in rx.connection.execute(chosen))
