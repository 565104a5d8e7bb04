"""What a portal was answered for each of its keys: kept in the transaction of the deed itself, for a number of days.

So a deed and its answer are there together or not at all, and the same key brings the same bytes again.
"""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from store.audit import record
from store.opening import Reading, Writing
from store.rows import insert_new
from store.tables import PortalAnswer, table_of

_ANSWER = table_of(PortalAnswer)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer, and the mark of the request that it was given to."""

    request_mark: str
    body: bytes


def kept_answer(rx: Reading, portal: str, key: str, *, lasts: dt.timedelta) -> KeptAnswer | None:
    """Return what a portal was answered for a key, or None where that was never, or too long ago."""
    chosen = sa.select(_ANSWER.c.request_mark, _ANSWER.c.body).where(
        _ANSWER.c.portal == portal, _ANSWER.c.key == key, _ANSWER.c.answered_at >= rx.now - lasts
    )
    row = rx.connection.execute(chosen).one_or_none()
    return None if row is None else KeptAnswer(row.request_mark, bytes(row.body))


def keep_answer(tx: Writing, portal: str, key: str, answer: KeptAnswer, *, lasts: dt.timedelta) -> bool:
    """Keep an answer, and say whether it is the first for its key; the key of one older than `lasts` is free."""
    row = {"request_mark": answer.request_mark, "body": answer.body, "answered_at": tx.now}
    over = (_ANSWER.c.portal == portal, _ANSWER.c.key == key, _ANSWER.c.answered_at < tx.now - lasts)
    if tx.connection.execute(sa.update(_ANSWER).where(*over).values(**row)).rowcount:
        return True
    return insert_new(tx, PortalAnswer, row | {"portal": portal, "key": key})


def forget_answers(tx: Writing, *, before: dt.datetime, by: str) -> int:
    """Forget what portals were answered before an instant; return how many answers that were."""
    record(tx, "portal.forgotten", by=by, about="portal", said={"before": before.isoformat()})
    return tx.connection.execute(sa.delete(_ANSWER).where(_ANSWER.c.answered_at < before)).rowcount


def has_answers(rx: Reading, *, before: dt.datetime) -> bool:
    """Say whether there is an answer that was given before an instant."""
    return bool(rx.connection.scalar(sa.select(sa.exists().where(_ANSWER.c.answered_at < before))))
