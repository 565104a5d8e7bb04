"""Inboxes: the notices of a subject's own page, unread until their owner opens them.

An item is the outbox's row. Opening it keeps what exactly was shown, and is its receipt.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.ledger import Notice
from store.codes import StoreCode, StoreInvariantError
from store.faults import refused
from store.merges import same_subject
from store.of_some import Among, OfSome
from store.opening import Reading, Writing
from store.outbox import FIELDS, INBOX, notice_of
from store.rows import insert_rows
from store.states.notices import INBOX_TRANSITIONS, InboxState, NoticeState
from store.tables import InboxItem, NoticeRow, table_of

_NOTICE = table_of(NoticeRow)
_ITEM = table_of(InboxItem)


@dataclass(frozen=True, slots=True)
class KeptItem:
    """An item of an inbox."""

    notice: Notice
    state: InboxState
    arrived_at: dt.datetime
    read_at: dt.datetime | None
    archived_at: dt.datetime | None


def read_inbox(rx: Reading, subject_id: str, *, with_archived: bool = False, count_max: int = 200) -> list[KeptItem]:
    """Return what is in a subject's inbox, newest first, up to so many; of one that was merged, what came under any id."""
    chosen = _chosen().where(_is_of(rx, subject_id))
    if not with_archived:
        chosen = chosen.where(sa.or_(_ITEM.c.state.is_(None), _ITEM.c.state != InboxState.ARCHIVED))
    rows = rx.connection.execute(chosen.order_by(_NOTICE.c.planned_at.desc(), _NOTICE.c.notice_id).limit(count_max))
    return [_item(row) for row in rows]


def count_unread(rx: Reading, subjects: Iterable[str]) -> int:
    """Return how many items in the inbox of a subject, under any of its ids, nobody has opened."""
    ((count,),) = _UNREAD.rows(rx, subjects)
    return int(count)


def _unread(among: Among) -> sa.Select[Any]:
    joined = _NOTICE.outerjoin(_ITEM, _ITEM.c.notice_id == _NOTICE.c.notice_id)
    is_unread = sa.or_(_ITEM.c.state.is_(None), _ITEM.c.state == InboxState.UNREAD)
    counted = sa.select(sa.func.count()).select_from(joined)
    return counted.where(among(_NOTICE.c.subject_id), _NOTICE.c.channel == INBOX, is_unread)


_UNREAD = OfSome(_unread)


def read_item(rx: Reading, subject_id: str, notice_id: str) -> KeptItem:
    """Return one item of a subject's inbox.

    Fails: RefusedError where the subject has no such item; whose it is otherwise is not said.
    """
    chosen = _chosen().where(_is_of(rx, subject_id), _NOTICE.c.notice_id == notice_id)
    row = rx.connection.execute(chosen).one_or_none()
    if row is None:
        raise refused(StoreCode.UNKNOWN_NAME, notice_id, "there is no such item in this inbox", "open the inbox again")
    return _item(row)


def mark_read(tx: Writing, subject_id: str, notice_id: str, *, template_id: str, message_digest: str) -> None:
    """Keep that an item was opened, and what it showed; opened again, the first time stands.

    Fails: RefusedError where the subject has no such item.
    """
    if read_item(tx, subject_id, notice_id).state is not InboxState.UNREAD:
        return
    shown = {"template_id": template_id, "message_digest": message_digest}
    insert_rows(tx, InboxItem, [{"notice_id": notice_id, "state": InboxState.READ, "read_at": tx.now, **shown}])
    own = sa.update(_NOTICE).where(_NOTICE.c.notice_id == notice_id, _NOTICE.c.state == NoticeState.ACCEPTED)
    tx.connection.execute(own.values(state=NoticeState.DELIVERED, changed_at=tx.now))


def archive(tx: Writing, subject_id: str, notice_id: str) -> None:
    """Put an item away that was read; put away again, the first time stands.

    Fails: RefusedError where the subject has no such item; StoreInvariantError where it was not read.
    """
    state = read_item(tx, subject_id, notice_id).state
    if state is InboxState.ARCHIVED:
        return
    if InboxState.ARCHIVED not in INBOX_TRANSITIONS[state]:
        raise StoreInvariantError("an item that was not read cannot be put away")
    own = sa.update(_ITEM).where(_ITEM.c.notice_id == notice_id)
    tx.connection.execute(own.values(state=InboxState.ARCHIVED, archived_at=tx.now))


def _is_of(rx: Reading, subject_id: str) -> sa.ColumnElement[bool]:
    return _NOTICE.c.subject_id.in_(same_subject(rx, subject_id))


def _chosen() -> sa.Select[*tuple[object, ...]]:
    joined = _NOTICE.outerjoin(_ITEM, _ITEM.c.notice_id == _NOTICE.c.notice_id)
    names = (*(_NOTICE.c[name] for name in FIELDS), _NOTICE.c.planned_at)
    marks = (_ITEM.c.state.label("inbox_state"), _ITEM.c.read_at, _ITEM.c.archived_at)
    return sa.select(*names, *marks).select_from(joined).where(_NOTICE.c.channel == INBOX)


def _item(row: sa.Row[*tuple[object, ...]]) -> KeptItem:
    kept = row._mapping  # noqa: SLF001  # the public name of a row's columns
    state = kept["inbox_state"] or InboxState.UNREAD
    return KeptItem(notice_of(row), state, kept["planned_at"], kept["read_at"], kept["archived_at"])
