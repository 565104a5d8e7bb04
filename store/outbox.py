"""The outbox: notices written with what they tell about, read, counted, and moved by hand.

What a dispatcher does with them stands in `store.attempts`.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import sqlalchemy as sa

from core.ledger import Notice, NoticeKind
from core.remits import WHOLE, Remit
from store.codes import StoreInvariantError
from store.of_some import Among, OfSome
from store.opening import Reading, Writing
from store.rows import insert_frame, read_frame, read_matching
from store.states.notices import NOTICE_TRANSITIONS, NoticeState
from store.tables import NoticeRow, table_of
from store.tables.base import as_indexed
from store.tables.sending import IN_DOUBT, WAITING

_NOTICE = table_of(NoticeRow)
FIELDS = tuple(Notice.__dataclass_fields__)
INBOX = "inbox"  # the channel that ends in our own tables

NOTICES = pl.Schema({name: pl.Date() if name == "business_date" else pl.String() for name in FIELDS})
"""New notices: the fields of `core.ledger.Notice`, `values` as JSON."""


@dataclass(frozen=True, slots=True)
class KeptNotice:
    """A notice as the outbox holds it."""

    notice: Notice
    state: NoticeState
    planned_at: dt.datetime
    changed_at: dt.datetime
    attempt_count: int
    because: str | None


def add_notices(tx: Writing, notices: pl.DataFrame, *, run_id: str | None) -> int:
    """Write notices in the transaction of what they tell about; return how many were new.

    Shape: `NOTICES`.
    A notice whose id is known is left as it is, so that the same night twice tells nobody twice. What goes into an inbox
    is there with its row: nobody has to carry it.
    """
    known = read_matching(tx, sa.select(_NOTICE.c.notice_id), _NOTICE.c.notice_id, notices["notice_id"])
    new = notices.join(known, on="notice_id", how="anti")
    now = pl.lit(tx.now)
    insert_frame(
        tx,
        NoticeRow,
        new.select(NOTICES.names()).with_columns(
            run_id=pl.lit(run_id, dtype=pl.String),
            state=pl.when(pl.col("channel") == INBOX)
            .then(pl.lit(NoticeState.ACCEPTED.value))
            .otherwise(pl.lit(NoticeState.QUEUED.value)),
            planned_at=now,
            changed_at=now,
            not_before=now,
            attempt_count=pl.lit(0),
        ),
    )
    return new.height


def check_move(source: NoticeState, target: NoticeState) -> None:
    """Check a move against the table.

    Fails: StoreInvariantError where the target may not follow.
    """
    if target not in NOTICE_TRANSITIONS[source]:
        raise StoreInvariantError(f"a notice may not go from {source} to {target}")


def move_notices(
    tx: Writing, notice_ids: Iterable[str], source: NoticeState, target: NoticeState, *, because: str | None = None
) -> int:
    """Move notices that are in a state to another, as an operator or a receipt says; return how many moved.

    Fails: StoreInvariantError where the table of transitions does not allow it, or where it is an attempt.
    """
    check_move(source, target)
    if NoticeState.SENDING in {source, target}:
        raise StoreInvariantError("a notice is sent by an attempt, and by its result it is sent no more")
    own = sa.update(_NOTICE).where(_NOTICE.c.notice_id.in_(list(notice_ids)), _NOTICE.c.state == source)
    moved = own.values(state=target, changed_at=tx.now, not_before=tx.now, because=because)
    return tx.connection.execute(moved).rowcount


def read_notices(
    rx: Reading,
    *,
    notice_ids: Sequence[str] | None = None,
    subjects: Sequence[str] | None = None,
    channel: str | None = None,
    policies: Collection[str] | None = None,
    states: Iterable[NoticeState] = tuple(NoticeState),
    count_max: int = 1000,
) -> list[KeptNotice]:
    """Return notices newest first, up to so many: by id, of some subjects, over a channel, about some policies, or all."""
    more = ("state", "planned_at", "changed_at", "attempt_count", "because")
    chosen = sa.select(*(_NOTICE.c[name] for name in (*FIELDS, *more))).where(_NOTICE.c.state.in_(sorted(states)))
    if subjects is not None:
        chosen = chosen.where(_NOTICE.c.subject_id.in_(list(subjects)))
    if notice_ids is not None:
        chosen = chosen.where(_NOTICE.c.notice_id.in_(list(notice_ids)))
    if channel is not None:
        chosen = chosen.where(_NOTICE.c.channel == channel)
    if policies is not None:
        chosen = chosen.where(_NOTICE.c.policy.in_(sorted(policies)))
    rows = rx.connection.execute(chosen.order_by(_NOTICE.c.planned_at.desc(), _NOTICE.c.notice_id).limit(count_max))
    return [
        KeptNotice(notice_of(row), row.state, row.planned_at, row.changed_at, row.attempt_count, row.because)
        for row in rows
    ]


def told_of(rx: Reading, subjects: Iterable[str], kind: NoticeKind) -> list[Notice]:
    """Return the notices of one kind to some subjects, newest first."""
    return [notice_of(row) for row in _TOLD.rows(rx, subjects, kind=kind)]


def _told(among: Among) -> sa.Select[Any]:
    of_kind = _NOTICE.c.kind == sa.bindparam("kind", type_=_NOTICE.c.kind.type)
    chosen = sa.select(*(_NOTICE.c[name] for name in FIELDS)).where(among(_NOTICE.c.subject_id), of_kind)
    return chosen.order_by(_NOTICE.c.planned_at.desc(), _NOTICE.c.notice_id)


_TOLD = OfSome(_told)


def delivered_offers(
    rx: Reading, policies: Sequence[str], *, known_at: dt.datetime
) -> dict[tuple[str, str], tuple[dt.date, ...]]:
    """Return of which nights an offer, or a reminder of one, had arrived by an instant, by policy and subject."""
    if not policies:
        return {}
    asking = [NoticeKind.OFFERED, NoticeKind.REMINDED]
    chosen = sa.select(_NOTICE.c.policy, _NOTICE.c.subject_id, _NOTICE.c.business_date).where(
        _NOTICE.c.policy.in_(list(policies)),
        _NOTICE.c.kind.in_(asking),
        _NOTICE.c.state == NoticeState.DELIVERED,  # nothing follows it, so that it came there when it last changed
        _NOTICE.c.changed_at <= known_at,
    )
    found: dict[tuple[str, str], tuple[dt.date, ...]] = {}
    for policy, subject_id, date in rx.connection.execute(chosen.order_by(_NOTICE.c.business_date)):
        found[policy, subject_id] = (*found.get((policy, subject_id), ()), date)
    return found


def count_notices(
    rx: Reading, *, by: Sequence[str] = ("policy", "kind", "state"), remit: Remit = WHOLE
) -> pl.DataFrame:
    """Return how many notices of a remit there are, by some of their columns."""
    names = [_NOTICE.c[name] for name in by]
    chosen = sa.select(*names, sa.func.count().label("count")).group_by(*names).order_by(*names)
    if remit.policies is not None:
        chosen = chosen.where(_NOTICE.c.policy.in_(sorted(remit.policies)))
    return read_frame(rx, chosen)


def count_in_doubt(rx: Reading) -> int:
    """Return of how many notices nobody knows whether they went out."""
    return rx.connection.scalar(sa.select(sa.func.count()).select_from(_NOTICE).where(sa.text(IN_DOUBT))) or 0


def count_stranded(rx: Reading, channels: Collection[str]) -> dict[str, int]:
    """Return how many notices wait for a channel that is none of those given, by channel."""
    chosen = sa.select(_NOTICE.c.channel, sa.func.count().label("waiting_count")).where(
        as_indexed(WAITING), _NOTICE.c.channel.not_in(channels)
    )
    grouped = chosen.group_by(_NOTICE.c.channel).order_by(_NOTICE.c.channel)
    return {row.channel: row.waiting_count for row in rx.connection.execute(grouped)}


def notice_of(row: Any) -> Notice:  # noqa: ANN401  # a row of SQLAlchemy's or of a prepared select
    """Return the notice of a row that has its columns."""
    kept = row._asdict()
    values = tuple((name, value) for name, value in kept["values"])
    return Notice(**{name: kept[name] for name in FIELDS if name != "values"}, values=values)
