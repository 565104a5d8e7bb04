"""Trying to send notices: claimed together, each attempt begun and ended, every step fenced against who was too slow.

A claim only keeps other dispatchers away: when it lapses, what was not begun goes back into the queue. An attempt is
begun by the transaction before the channel is asked; when its dispatcher is gone before it is ended, nobody knows
whether the message went out: the notice is in doubt, and never sent again in silence. Where a channel takes the same
message again without harm, attempts are begun and ended in one transaction after it was asked, and nothing is in doubt.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.ids import derive_id
from core.ledger import Notice
from store.codes import StoreCode
from store.faults import refused
from store.opening import Writing
from store.outbox import FIELDS, check_move, notice_of
from store.rows import insert_rows, is_among
from store.states.notices import NoticeState
from store.tables import NoticeAttempt, NoticeRow, table_of
from store.tables.base import as_indexed
from store.tables.sending import BEING_SENT, WAITING

WAITING_STATES = (NoticeState.QUEUED, NoticeState.DEFERRED, NoticeState.TEMP_FAILED)

_NOTICE = table_of(NoticeRow)
_ATTEMPT = table_of(NoticeAttempt)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The nth try to send one notice; `reference` goes to the channel."""

    notice: Notice
    number: int
    reference: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What one dispatcher may try to send; until an instant no other takes it."""

    holder: str
    until: dt.datetime
    attempts: tuple[Attempt, ...]


class Said(NamedTuple):
    """What exactly goes out: the letter, as it was written and as it was filled, the message, and who is given it."""

    template_id: str
    template_digest: str
    message_digest: str
    message_reference: str
    channel: str  # as `delivery.channels.carrier_of` names it


class Ended(NamedTuple):
    """What came of an attempt; `not_before` says when a failure that passes may be tried again."""

    attempt: Attempt
    state: NoticeState
    because: str | None = None
    not_before: dt.datetime | None = None


def claim_notices(  # all by name
    tx: Writing, channel: str, *, holder: str, lease: dt.timedelta, count_max: int, without: Collection[str] = ()
) -> Claim:
    """Claim notices of a channel whose time has come, oldest first; those of the policies in `without` wait.

    Whoever is among them is claimed whole: what waits for one subject can go in one message, so that there may be a few
    more than `count_max`. Notices that another dispatcher is claiming at this moment are passed over.
    """
    due = (
        sa.select(*(_NOTICE.c[name] for name in FIELDS), _NOTICE.c.attempt_count)
        .where(_NOTICE.c.channel == channel, _NOTICE.c.not_before <= tx.now)
        .where(_NOTICE.c.policy.not_in(sorted(without)) if without else sa.true())
        .order_by(_NOTICE.c.not_before, _NOTICE.c.subject_id, _NOTICE.c.notice_id)
        .with_for_update(skip_locked=True)  # SQLite's write lock does this already; the words are left out there
    )
    rows = list(tx.connection.execute(due.where(as_indexed(WAITING)).limit(count_max)))
    if len(rows) == count_max:
        known = {row.notice_id for row in rows}
        # Not in the words of the index of what waits: SQLite would read all of it, and not the few of these subjects.
        rest = due.where(_NOTICE.c.state.in_(WAITING_STATES))
        rest = rest.where(is_among(tx, _NOTICE.c.subject_id, {row.subject_id for row in rows}))
        rows += tx.connection.execute(rest.where(sa.not_(is_among(tx, _NOTICE.c.notice_id, known))))
    attempts = tuple(
        Attempt(notice_of(row), row.attempt_count + 1, derive_id("m", row.notice_id, str(row.attempt_count + 1)))
        for row in rows
    )
    until = tx.now + lease
    taken = sa.update(_NOTICE).where(_NOTICE.c.notice_id.in_(_ids(attempts)))
    tx.connection.execute(taken.values(state=NoticeState.SENDING, holder=holder, lease_until=until, changed_at=tx.now))
    return Claim(holder, until, attempts)


def begin_attempts(
    tx: Writing, claim: Claim, letters: Sequence[tuple[Attempt, Said]], *, lease: dt.timedelta
) -> frozenset[str]:
    """Begin claimed attempts; return the references of those begun.

    The others were claimed for too long: by now they are another dispatcher's, and not to be sent by this one.
    """
    begun = _held(claim, [attempt for attempt, _ in letters]).values(
        attempt_count=_NOTICE.c.attempt_count + 1, lease_until=tx.now + lease, changed_at=tx.now
    )
    ids = frozenset(tx.connection.scalars(begun.returning(_NOTICE.c.notice_id)))
    own = [(attempt, said) for attempt, said in letters if attempt.notice.notice_id in ids]
    insert_rows(tx, NoticeAttempt, [_begun(tx, claim.holder, attempt, said) for attempt, said in own])
    return frozenset(attempt.reference for attempt, _ in own)


def _begun(tx: Writing, holder: str, attempt: Attempt, said: Said) -> dict[str, Any]:
    return {
        "notice_id": attempt.notice.notice_id,
        "number": attempt.number,
        "reference": attempt.reference,
        "holder": holder,
        "began_at": tx.now,
        **said._asdict(),
    }


def end_attempts(tx: Writing, results: Iterable[Ended]) -> None:
    """Keep what came of attempts that were begun.

    Fails: RefusedError where a notice is no longer being sent by this attempt; StoreInvariantError where a state
           cannot follow from sending.
    """
    alike: defaultdict[tuple[Any, ...], list[Attempt]] = defaultdict(list)
    for attempt, state, because, not_before in results:
        check_move(NoticeState.SENDING, state)
        alike[attempt.number, state, because, not_before].append(attempt)
    for (number, state, because, not_before), attempts in alike.items():
        own = sa.update(_NOTICE).where(
            _NOTICE.c.notice_id.in_(_ids(attempts)),
            _NOTICE.c.state == NoticeState.SENDING,
            _NOTICE.c.attempt_count == number,  # INVARIANT: it only grows, and is `number` from the beginning on
        )
        left = own.values(**_left(tx, state), not_before=not_before or tx.now, because=because)
        _check_all(attempts, tx.connection.scalars(left.returning(_NOTICE.c.notice_id)))
        ended = sa.update(_ATTEMPT).where(_ATTEMPT.c.reference.in_([attempt.reference for attempt in attempts]))
        tx.connection.execute(ended.values(ended_at=tx.now, outcome=state.value, because=because))


def let_go(
    tx: Writing, claim: Claim, attempts: Sequence[Attempt], state: NoticeState, *, because: str | None = None
) -> None:
    """Let claimed notices go that were not tried: back into the queue, or where they end without a try."""
    check_move(NoticeState.SENDING, state)
    tx.connection.execute(_held(claim, attempts).values(**_left(tx, state), because=because))


def end_lapsed(tx: Writing, is_dead: Callable[[str], bool]) -> None:
    """Take notices from dispatchers that are gone: those begun are in doubt, the others wait again.

    A dispatcher is gone when its claim has lapsed, or when it is known to be dead.
    """
    holders = tx.connection.scalars(sa.select(_NOTICE.c.holder).where(sa.text(BEING_SENT)).distinct())
    dead = [holder for holder in holders if holder is not None and is_dead(holder)]
    begun = sa.exists().where(
        _ATTEMPT.c.notice_id == _NOTICE.c.notice_id,
        _ATTEMPT.c.number == _NOTICE.c.attempt_count,
        _ATTEMPT.c.ended_at.is_(None),
    )
    lapsed = sa.update(_NOTICE).where(
        sa.text(BEING_SENT), sa.or_(_NOTICE.c.lease_until < tx.now, _NOTICE.c.holder.in_(dead))
    )
    if tx.connection.execute(lapsed.where(begun).values(**_left(tx, NoticeState.UNKNOWN))).rowcount:
        doubtful = sa.select(_NOTICE.c.notice_id).where(_NOTICE.c.state == NoticeState.UNKNOWN)
        lost = sa.update(_ATTEMPT).where(_ATTEMPT.c.ended_at.is_(None), _ATTEMPT.c.notice_id.in_(doubtful))
        tx.connection.execute(lost.values(ended_at=tx.now, outcome=NoticeState.UNKNOWN.value))
    tx.connection.execute(lapsed.values(**_left(tx, NoticeState.QUEUED)))


def _held(claim: Claim, attempts: Sequence[Attempt]) -> sa.Update:
    """Return an update of those notices that are still held by a claim and were not begun."""
    return sa.update(_NOTICE).where(
        _NOTICE.c.notice_id.in_(_ids(attempts)),
        _NOTICE.c.state == NoticeState.SENDING,
        _NOTICE.c.holder == claim.holder,
        _NOTICE.c.lease_until == claim.until,
    )


def _ids(attempts: Iterable[Attempt]) -> list[str]:
    return [attempt.notice.notice_id for attempt in attempts]


def _left(tx: Writing, state: NoticeState) -> dict[str, Any]:
    """Return the columns of a notice that is no longer being sent."""
    return {"state": state, "holder": None, "lease_until": None, "changed_at": tx.now}


def _check_all(attempts: Sequence[Attempt], touched: Iterable[str]) -> None:
    lost = set(_ids(attempts)) - set(touched)
    if lost:
        raise refused(
            StoreCode.CHANGED,
            min(lost),
            "the message is no longer being sent by this attempt",
            "its lease ran out and it was put in doubt; look at the channel's own log, then decide by hand",
        )
