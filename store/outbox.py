"""The outbox: notices written with what they tell about, claimed, tried and marked, each try with its own reference.

A dispatcher claims in one transaction, calls the channel outside any, and marks in another.
Where it dies in between, the lease passes and the notice is in doubt: it is never sent again in silence.
"""

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import polars as pl
import sqlalchemy as sa

from core.ids import derive_id
from core.ledger import Notice
from store.codes import StoreCode, StoreInvariantError
from store.faults import refused
from store.opening import Reading, Writing
from store.rows import insert_frame, insert_rows, read_frame, read_matching, run_many
from store.states import NOTICE_TRANSITIONS, NoticeState
from store.tables import NoticeAttempt, NoticeRow, table_of

_NOTICE = table_of(NoticeRow)
_ATTEMPT = table_of(NoticeAttempt)
_FIELDS = tuple(Notice.__dataclass_fields__)

_NEW = pl.Schema({name: pl.Date() if name == "business_date" else pl.String() for name in _FIELDS})
_WAITING = tuple(sorted(state for state, targets in NOTICE_TRANSITIONS.items() if NoticeState.SENDING in targets))


@dataclass(frozen=True, slots=True)
class Attempt:
    """The right to try to send one notice once; `reference` goes to the channel."""

    notice: Notice
    number: int
    reference: str


class Said(NamedTuple):
    """What exactly was sent: the template and the digest of the words."""

    template_id: str
    message_digest: str


@dataclass(frozen=True, slots=True)
class KeptNotice:
    """A notice as the outbox holds it."""

    notice: Notice
    state: NoticeState
    planned_at: dt.datetime
    changed_at: dt.datetime
    attempt_count: int
    because: str | None


def add_notices(
    tx: Writing, notices: Sequence[Notice], *, run_id: str | None, state: NoticeState = NoticeState.QUEUED
) -> int:
    """Write notices in the transaction of what they tell about; return how many were new.

    A notice whose id is known is left as it is, so that the same night twice tells nobody twice.
    """
    ids = pl.Series("notice_id", [notice.notice_id for notice in notices], dtype=pl.String)
    known = set(read_matching(tx, sa.select(_NOTICE.c.notice_id), _NOTICE.c.notice_id, ids)["notice_id"])
    new = [notice for notice in notices if notice.notice_id not in known]
    rows = [
        {name: getattr(notice, name) for name in _FIELDS} | {"values": json.dumps(notice.values, ensure_ascii=False)}
        for notice in new
    ]
    now = pl.lit(tx.now)
    insert_frame(
        tx,
        NoticeRow,
        pl.DataFrame(rows, schema=_NEW).with_columns(
            run_id=pl.lit(run_id, dtype=pl.String),
            state=pl.lit(state.value),
            planned_at=now,
            changed_at=now,
            not_before=now,
            attempt_count=pl.lit(0),
        ),
    )
    return len(new)


def claim_notices(tx: Writing, *, holder: str, lease: dt.timedelta, count_max: int) -> list[Attempt]:
    """Claim notices whose time has come, oldest first, each with a new attempt and its reference.

    Notices that another dispatcher is claiming at this moment are passed over.
    """
    chosen = (
        sa.select(*(_NOTICE.c[name] for name in _FIELDS), _NOTICE.c.attempt_count)
        .where(_NOTICE.c.state.in_(_WAITING), _NOTICE.c.not_before <= tx.now)
        .order_by(_NOTICE.c.not_before, _NOTICE.c.notice_id)
        .limit(count_max)
        .with_for_update(skip_locked=True)  # SQLite's write lock does this already; the words are left out there
    )
    attempts = [
        Attempt(_notice(row), row.attempt_count + 1, derive_id("m", row.notice_id, str(row.attempt_count + 1)))
        for row in tx.connection.execute(chosen)
    ]
    taken = (
        sa.update(_NOTICE)
        .where(_NOTICE.c.notice_id == sa.bindparam("key"))
        .values(
            state=NoticeState.SENDING,
            attempt_count=_NOTICE.c.attempt_count + 1,
            holder=holder,
            lease_until=tx.now + lease,
            changed_at=tx.now,
        )
    )
    run_many(tx, taken, ({"key": attempt.notice.notice_id} for attempt in attempts))
    insert_rows(tx, NoticeAttempt, [_begun(tx, attempt, holder) for attempt in attempts])
    return attempts


def _begun(tx: Writing, attempt: Attempt, holder: str) -> dict[str, Any]:
    return {
        "notice_id": attempt.notice.notice_id,
        "number": attempt.number,
        "reference": attempt.reference,
        "holder": holder,
        "began_at": tx.now,
    }


def mark_notice(
    tx: Writing,
    attempt: Attempt,
    state: NoticeState,
    *,
    channel: str,
    because: str | None = None,
    not_before: dt.datetime | None = None,
    said: Said | None = None,
) -> None:
    """Keep what came of an attempt; `not_before` says when a failure that passes may be tried again.

    Fails: RefusedError where the notice is not being sent by this attempt; StoreInvariantError where the state
           cannot follow from sending.
    """
    _check_move(NoticeState.SENDING, state)
    own = sa.update(_NOTICE).where(
        _NOTICE.c.notice_id == attempt.notice.notice_id,
        _NOTICE.c.attempt_count == attempt.number,
        _NOTICE.c.state == NoticeState.SENDING,
    )
    left = own.values(**_left(tx, state), not_before=not_before or tx.now, because=because)
    if tx.connection.execute(left).rowcount != 1:
        raise refused(
            StoreCode.CHANGED,
            attempt.notice.notice_id,
            "the message is no longer being sent by this attempt",
            "its lease ran out and it was put in doubt; look at the channel's own log, then decide by hand",
        )
    ended = {"ended_at": tx.now, "outcome": state.value, "because": because, "channel": channel}
    words = {} if said is None else said._asdict()
    tx.connection.execute(sa.update(_ATTEMPT).where(_ATTEMPT.c.reference == attempt.reference).values(**ended, **words))


def put_in_doubt(tx: Writing) -> int:
    """Mark notices whose dispatcher vanished while sending, for an operator to look at; return how many."""
    lost = sa.update(_NOTICE).where(_NOTICE.c.state == NoticeState.SENDING, _NOTICE.c.lease_until < tx.now)
    return tx.connection.execute(lost.values(**_left(tx, NoticeState.UNKNOWN))).rowcount


def _left(tx: Writing, state: NoticeState) -> dict[str, Any]:
    """Return the columns of a notice that is no longer being sent."""
    return {"state": state, "holder": None, "lease_until": None, "changed_at": tx.now}


def _check_move(source: NoticeState, target: NoticeState) -> None:
    if target not in NOTICE_TRANSITIONS[source]:
        raise StoreInvariantError(f"a notice may not go from {source} to {target}")


def move_notices(
    tx: Writing, notice_ids: Iterable[str], source: NoticeState, target: NoticeState, *, because: str | None = None
) -> int:
    """Move notices that are in a state to another, as an operator or a receipt says; return how many moved.

    Fails: StoreInvariantError where the table of transitions does not allow it, or where it is an attempt.
    """
    _check_move(source, target)
    if NoticeState.SENDING in {source, target}:
        raise StoreInvariantError("a notice is sent by an attempt, and by its result it is sent no more")
    own = sa.update(_NOTICE).where(_NOTICE.c.notice_id.in_(list(notice_ids)), _NOTICE.c.state == source)
    moved = own.values(state=target, changed_at=tx.now, not_before=tx.now, because=because)
    return tx.connection.execute(moved).rowcount


def read_notices(
    rx: Reading,
    *,
    subjects: Sequence[str] | None = None,
    states: Iterable[NoticeState] = tuple(NoticeState),
    count_max: int = 1000,
) -> list[KeptNotice]:
    """Return notices of everyone or of some subjects, newest first, up to so many."""
    more = ("state", "planned_at", "changed_at", "attempt_count", "because")
    chosen = sa.select(*(_NOTICE.c[name] for name in (*_FIELDS, *more))).where(_NOTICE.c.state.in_(sorted(states)))
    if subjects is not None:
        chosen = chosen.where(_NOTICE.c.subject_id.in_(list(subjects)))
    rows = rx.connection.execute(chosen.order_by(_NOTICE.c.planned_at.desc(), _NOTICE.c.notice_id).limit(count_max))
    return [
        KeptNotice(_notice(row), row.state, row.planned_at, row.changed_at, row.attempt_count, row.because)
        for row in rows
    ]


def count_notices(rx: Reading) -> pl.DataFrame:
    """Return how many notices are in each state, by policy, kind and state."""
    names = (_NOTICE.c.policy, _NOTICE.c.kind, _NOTICE.c.state)
    chosen = sa.select(*names, sa.func.count().label("count")).group_by(*names).order_by(*names)
    return read_frame(rx, chosen)


def _notice(row: sa.Row[*tuple[object, ...]]) -> Notice:
    kept = row._mapping  # noqa: SLF001  # the public name of a row's columns
    values = tuple((name, value) for name, value in kept["values"])
    return Notice(**{name: kept[name] for name in _FIELDS if name != "values"}, values=values)
