"""Addresses that a channel refused for good: not asked again until the department delivers another.

Kept by a keyed mark of the address, never the address: another address has another mark, and is good until it is refused.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

import sqlalchemy as sa

from store.merges import Canon
from store.opening import Reading, Writing
from store.rows import insert_rows, read_matching
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
    """Return what is bad of some subjects: id, channel and mark; of one that was merged, under whichever id it was found."""
    pairs = Canon.read(rx).pairs(subject_ids)
    chosen = sa.select(_BAD.c.subject_id, _BAD.c.channel, _BAD.c.address_mark)
    found = read_matching(rx, chosen, _BAD.c.subject_id, pairs["subject_id"].unique().sort())
    bad = found.join(pairs, on="subject_id", how="inner").select("asked_id", "channel", "address_mark")
    return frozenset((asked_id, channel, mark) for asked_id, channel, mark in bad.iter_rows())
