"""What looked suspicious of payments, until somebody has looked at it; and who ever received on which account."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from core.findings import nearest_help
from core.remits import WHOLE, Remit
from store.audit import record, words_digest
from store.codes import FundsCode, StoreCode
from store.faults import refused
from store.opening import Reading, Writing
from store.rows import insert_frame, insert_rows, read_frame
from store.tables import AccountHolder, Batch, BatchItem, SuspicionRow, table_of

_HOLDER = table_of(AccountHolder)
_SUSPICION = table_of(SuspicionRow)
_LINE = table_of(BatchItem)
_BATCH = table_of(Batch)


@dataclass(frozen=True, slots=True)
class SuspicionRecord:
    """One suspicion; `key` tells what its payments share without saying what it is."""

    suspicion_id: str
    kind: str
    key: str
    policies: str  # by comma, as last found
    item_count: int
    first_found_at: dt.datetime
    last_found_at: dt.datetime
    cleared_by: str | None
    cleared_at: dt.datetime | None
    reason: str | None


_FIELDS = tuple(SuspicionRecord.__dataclass_fields__)


def read_holders(rx: Reading) -> pl.DataFrame:
    """Return who ever received on which account: `account`, `subject_id`."""
    return read_frame(rx, sa.select(_HOLDER.c.account, _HOLDER.c.subject_id))


def keep_holders(tx: Writing, pairs: pl.DataFrame) -> None:
    """Write down accounts under new subjects; those known already are left out by the caller."""
    insert_frame(tx, AccountHolder, pairs.with_columns(since=pl.lit(tx.now)))


def collected_since(rx: Reading, policies: Collection[str], since: dt.date) -> pl.DataFrame:
    """Return what was collected of some policies from a pay day on: `name_digest`, `amount_fen`, `subject_id`."""
    chosen = (
        sa.select(_LINE.c.name_digest, _LINE.c.amount_fen, _LINE.c.subject_id)
        .join_from(_LINE, _BATCH, _LINE.c.batch_id == _BATCH.c.batch_id)
        .where(_BATCH.c.policy.in_(sorted(policies)), _BATCH.c.pay_day >= since)
        .distinct()
    )
    return read_frame(rx, chosen)


def read_suspicions(rx: Reading, *, is_open: bool = True, remit: Remit = WHOLE) -> tuple[SuspicionRecord, ...]:
    """Return the suspicions that nobody has cleared, or all, by kind and key: those of which a remit covers every policy."""
    chosen = sa.select(*(_SUSPICION.c[name] for name in _FIELDS))
    if is_open:
        chosen = chosen.where(_SUSPICION.c.cleared_at.is_(None))
    every = (
        SuspicionRecord(*row) for row in rx.connection.execute(chosen.order_by(_SUSPICION.c.kind, _SUSPICION.c.key))
    )
    return tuple(each for each in every if remit.covers(*each.policies.split(",")))


def is_cleared_since(rx: Reading, instant: dt.datetime | None) -> bool:
    """Say whether somebody has cleared something since an instant, or ever."""
    chosen = sa.select(_SUSPICION.c.suspicion_id).where(_SUSPICION.c.cleared_at.is_not(None))
    if instant is not None:
        chosen = chosen.where(_SUSPICION.c.cleared_at >= instant)
    return rx.connection.execute(chosen.limit(1)).first() is not None


def cleared_suspicions(rx: Reading) -> frozenset[str]:
    """Return the ids of the suspicions that somebody has looked at."""
    chosen = sa.select(_SUSPICION.c.suspicion_id).where(_SUSPICION.c.cleared_at.is_not(None))
    return frozenset(rx.connection.scalars(chosen))


def keep_suspicions(tx: Writing, found: Mapping[str, tuple[str, str, str, int]]) -> None:
    """Write down what a night suspects: by id, the kind, the key, the policies and how many payments."""
    known = {each.suspicion_id for each in read_suspicions(tx, is_open=False)}
    rows = [
        {
            "suspicion_id": suspicion_id,
            "kind": kind,
            "key": key,
            "policies": policies,
            "item_count": count,
            "first_found_at": tx.now,
            "last_found_at": tx.now,
            "cleared_by": None,
            "cleared_at": None,
            "reason": None,
        }
        for suspicion_id, (kind, key, policies, count) in sorted(found.items())
    ]
    insert_rows(tx, SuspicionRow, [row for row in rows if row["suspicion_id"] not in known])
    again = [{"its_id": row["suspicion_id"], "of": row["policies"], "count": row["item_count"]} for row in rows]
    again = [row for row in again if row["its_id"] in known]
    if again:
        own = _SUSPICION.c.suspicion_id == sa.bindparam("its_id")
        change = {"policies": sa.bindparam("of"), "item_count": sa.bindparam("count"), "last_found_at": tx.now}
        tx.connection.execute(sa.update(_SUSPICION).where(own).values(change), again)


def clear_suspicion(tx: Writing, suspicion_id: str, *, by: str, reason: str) -> SuspicionRecord:
    """Say that somebody has looked and that all is well: it is suspected no more.

    Fails: RefusedError where there is none, or it is cleared already.
    """
    record(tx, "suspicion.cleared", by=by, about=suspicion_id, said={"reason": words_digest(reason)})
    known = {each.suspicion_id: each for each in read_suspicions(tx, is_open=False)}
    found = known.get(suspicion_id)
    if found is None:
        help_line = nearest_help(suspicion_id, known, "suspicion") or "see `mianshen suspicions list`"
        raise refused(StoreCode.UNKNOWN_NAME, suspicion_id, f"there is no suspicion `{suspicion_id}`", help_line)
    if found.cleared_at is not None:
        message = f"{found.cleared_by} has cleared it already"
        raise refused(FundsCode.DECIDED, suspicion_id, message, "nothing is left to do")
    own = _SUSPICION.c.suspicion_id == suspicion_id
    tx.connection.execute(sa.update(_SUSPICION).where(own).values(cleared_by=by, cleared_at=tx.now, reason=reason))
    return found
