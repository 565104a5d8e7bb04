"""Moves of notices that no attempt makes: by the hour, by age, and by people, whose acts are recorded."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from core.ledger import NoticeKind
from store.audit import record, words_digest
from store.codes import StoreCode
from store.faults import refused
from store.opening import Reading, Writing
from store.outbox import check_move
from store.rows import insert_rows, is_among
from store.states.notices import NOTICE_TRANSITIONS, NoticeState
from store.tables import NoticeAct, NoticeAttempt, NoticeRow, table_of
from store.tables.base import as_indexed
from store.tables.sending import IN_DOUBT, WAITING

_NOTICE = table_of(NoticeRow)
_ATTEMPT = table_of(NoticeAttempt)

DECIDED_BY_PEOPLE = frozenset(
    {NoticeState.QUEUED, NoticeState.ACCEPTED, NoticeState.TEMP_FAILED, NoticeState.DEAD, NoticeState.CANCELLED}
)
"""Where a person may put a message: back into the queue, or what became of one in doubt."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A message of which nobody knows whether it went out."""

    reference: str
    number: int  # of the try
    business_date: dt.date
    notice_ids: tuple[str, ...]
    carrier: str  # who was given it


def defer_waiting(tx: Writing, channel: str, *, until: dt.datetime, but: Collection[NoticeKind]) -> int:
    """Let what waits for a channel wait until an instant, but for some kinds; return how many."""
    due = sa.update(_NOTICE).where(as_indexed(WAITING), _NOTICE.c.channel == channel, _NOTICE.c.not_before <= tx.now)
    if but:
        due = due.where(_NOTICE.c.kind.not_in(sorted(but)))
    return tx.connection.execute(due.values(state=NoticeState.DEFERRED, not_before=until, changed_at=tx.now)).rowcount


def expire_unconfirmed(tx: Writing, channels: Collection[str], *, before: dt.datetime) -> int:
    """Give up waiting for receipts of what channels took before an instant; return how many messages."""
    old = sa.update(_NOTICE).where(
        _NOTICE.c.state == NoticeState.ACCEPTED, _NOTICE.c.channel.in_(sorted(channels)), _NOTICE.c.changed_at < before
    )
    return tx.connection.execute(old.values(state=NoticeState.EXPIRED, changed_at=tx.now)).rowcount


def read_doubts(rx: Reading, channel: str, *, before: dt.datetime, count_max: int) -> list[Doubt]:
    """Return messages of a channel that are in doubt since before an instant, oldest first, up to so many."""
    last = sa.and_(_ATTEMPT.c.notice_id == _NOTICE.c.notice_id, _ATTEMPT.c.number == _NOTICE.c.attempt_count)
    chosen = (
        sa.select(
            _ATTEMPT.c.message_reference,
            _ATTEMPT.c.number,
            _NOTICE.c.business_date,
            _NOTICE.c.notice_id,
            _ATTEMPT.c.channel,
        )
        .select_from(_NOTICE.join(_ATTEMPT, last))
        .where(sa.text(IN_DOUBT), _NOTICE.c.channel == channel, _NOTICE.c.changed_at < before)
        .order_by(_NOTICE.c.changed_at, _NOTICE.c.notice_id)
    )
    found: dict[tuple[str, str], list[tuple[int, dt.date, str]]] = {}
    for reference, number, day, notice_id, carrier in rx.connection.execute(chosen.limit(count_max)):
        found.setdefault((reference, carrier or channel), []).append((number, day, notice_id))
    return [
        Doubt(
            reference,
            max(number for number, _, _ in rows),
            min(day for _, day, _ in rows),
            tuple(notice_id for _, _, notice_id in rows),
            carrier,
        )
        for (reference, carrier), rows in found.items()
    ]


def resolve_doubt(tx: Writing, doubt: Doubt, state: NoticeState, *, not_before: dt.datetime | None) -> int:
    """Move the notices of a message that its channel never got out of doubt; return how many."""
    check_move(NoticeState.UNKNOWN, state)
    own = sa.update(_NOTICE).where(
        is_among(tx, _NOTICE.c.notice_id, doubt.notice_ids), _NOTICE.c.state == NoticeState.UNKNOWN
    )
    moved = own.values(state=state, changed_at=tx.now, not_before=not_before or tx.now)
    return tx.connection.execute(moved).rowcount


def decide_notice(  # all by name; a decision has this many parts
    tx: Writing, notice_id: str, target: NoticeState, *, by: str, reason: str
) -> NoticeState:
    """Move a message as a person says, and record it; return where it was.

    Fails: RefusedError where there is no such message, or where it may not go there.
    """
    record(
        tx,
        "notices.decided",
        by=by,
        about=notice_id,
        said={"target": target.value, "reason": words_digest(reason)},
    )
    own = _NOTICE.c.notice_id == notice_id
    source: NoticeState | None = tx.connection.scalar(sa.select(_NOTICE.c.state).where(own).with_for_update())
    if source is None:
        raise refused(StoreCode.UNKNOWN_NAME, notice_id, "there is no such message", "see `mianshen notices list`")
    if target not in NOTICE_TRANSITIONS[source] or target not in DECIDED_BY_PEOPLE:
        message = f"a message that is `{source.value}` cannot become `{target.value}`"
        raise refused(StoreCode.WRONG_STATE, notice_id, message, _remedy(source))
    moved = sa.update(_NOTICE).where(own).values(state=target, changed_at=tx.now, not_before=tx.now, because=f"by {by}")
    tx.connection.execute(moved)
    act = {"notice_id": notice_id, "source": source, "target": target, "taken_at": tx.now, "taken_by": by}
    insert_rows(tx, NoticeAct, [act | {"reason": reason}])
    return source


def _remedy(source: NoticeState) -> str:
    match source:
        case NoticeState.UNKNOWN:
            return "say whether it arrived: `mianshen notices resolve`"
        case NoticeState.SENDING:
            return "wait until it has been sent"
        case NoticeState.ACCEPTED | NoticeState.DELIVERED:
            return "it went out; what is to be told again is another event"
        case _:
            return "nothing is to be done with it"
