"""The ledger as a moment saw it: every change has a number, and what an update replaces is kept beside the row.

Nights read the ledger as it is and note its mark; a replay reads it again as that mark saw it, by the very
functions that nights use. Whoever updates rows of the ledger does so by `replace_rows`, or calls `keep_replaced` before.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl
import sqlalchemy as sa

from core.ledger import LedgerMark
from store.located import located
from store.opening import Reading, Writing
from store.rows import is_among
from store.tables import (
    ActRow,
    GrantPast,
    GrantRow,
    ItemPast,
    ItemRow,
    LedgerRevision,
    ObligationPast,
    ObligationRow,
    Row,
    table_of,
)

_REVISION = table_of(LedgerRevision)

UNDER_WAY_MOST = 10_000
"""How many revisions back a writer may still be under way: its transaction lives for minutes, a revision is a call."""

_PAST: Mapping[type[Row], sa.Table] = {
    GrantRow: table_of(GrantPast),
    ObligationRow: table_of(ObligationPast),
    ItemRow: table_of(ItemPast),
}
_BOOKKEEPING = frozenset({"number", "until"})


def next_revision(tx: Writing) -> int:
    """Number a change of the ledger: the rows it makes carry the number, and the rows it replaces are kept until it."""
    made = tx.connection.execute(sa.insert(_REVISION).values(written_at=tx.now).returning(_REVISION.c.number))
    return int(made.scalar_one())


def keep_replaced(tx: Writing, model: type[Row], which: pl.Series | sa.ColumnElement[bool]) -> None:
    """Keep what some rows say: those with these ids, or those that a condition picks. Comes before their update.

    INVARIANT: a server locks rows that are named by their ids in the order of these, so that two writers never wait for
    each other here; what is kept of a row is what its update then replaces.
    """
    if isinstance(which, pl.Series) and which.is_empty():
        return
    table, past = table_of(model), _PAST[model]
    until = next_revision(tx)
    (key,) = table.primary_key.columns
    kept = [column.name for column in past.columns if column.name not in _BOOKKEEPING]
    now = sa.select(*(table.c[name] for name in kept), sa.literal(until, sa.Integer()))
    if isinstance(which, pl.Series):  # of ids
        which, now = is_among(tx, key, which), now.order_by(key).with_for_update()
    tx.connection.execute(sa.insert(past).from_select([*kept, "until"], now.where(which)))


def is_kept(table: sa.Table) -> bool:
    """Say whether rows of a table are kept before they are replaced, and so are locked by then."""
    return table in {table_of(model) for model in _PAST}


def replace_rows(tx: Writing, model: type[Row], which: sa.ColumnElement[bool], **values: object) -> int:
    """Write on the rows that a condition picks, and keep what they said; return how many they are."""
    table = table_of(model)
    own = located(tx, table, which)
    keep_replaced(tx, model, own)
    return tx.connection.execute(sa.update(table).where(own).values(**values)).rowcount


def ledger_mark(rx: Reading) -> LedgerMark:
    """Return which changes of the ledger this moment sees.

    On PostgreSQL a writer under way may hold a lower number than one that has committed; it is named.
    """
    if rx.mark is not None:
        return rx.mark
    through = int(rx.connection.scalar(sa.select(sa.func.max(_REVISION.c.number))) or 0)
    begun = max(through - UNDER_WAY_MOST, 0)
    seen = set(rx.connection.scalars(sa.select(_REVISION.c.number).where(_REVISION.c.number > begun)))
    return LedgerMark(through, tuple(number for number in range(begun + 1, through) if number not in seen))


def as_seen(rx: Reading, model: type[Row]) -> sa.FromClause:
    """Return a table of the ledger as the reading sees it: as it is, or as it was at the reading's mark."""
    table = table_of(model)
    if rx.mark is None:
        return table
    was_there = sa.not_(_is_unseen(table.c.revision, rx.mark))
    if model is ActRow:  # never edited
        return sa.select(*table.c).where(was_there).subquery(f"{table.name}_seen")
    past = _PAST[model]
    (key,) = table.primary_key.columns
    first = (
        sa.select(sa.func.min(past.c.number).label("number"))
        .where(_is_unseen(past.c.until, rx.mark))
        .group_by(past.c[key.name])
        .subquery()
    )
    then = sa.select(past).join(first, first.c.number == past.c.number).subquery()
    is_replaced = then.c.number.is_not(None)
    columns = [
        sa.case((is_replaced, then.c[column.name]), else_=column).label(column.name)
        if column.name in then.c and column is not key
        else column
        for column in table.columns
    ]
    joined = table.outerjoin(then, then.c[key.name] == key)
    return sa.select(*columns).select_from(joined).where(was_there).subquery(f"{table.name}_seen")


def changed_since(model: type[Row], mark: LedgerMark, column: str) -> sa.CompoundSelect[Any]:
    """Return a select of what a column says in rows that a mark does not show as they are: new ones, and those replaced since."""
    table, past = table_of(model), _PAST[model]
    (key,) = table.primary_key.columns
    made = made_since(model, mark, column)
    replaced = sa.select(table.c[column]).join_from(past, table, past.c[key.name] == key)
    return sa.union(made, replaced.where(_is_unseen(past.c.until, mark)))


def made_since(model: type[Row], mark: LedgerMark, column: str) -> sa.Select[Any]:
    """Return a select of what a column says in rows that were made since a mark."""
    table = table_of(model)
    return sa.select(table.c[column]).where(_is_unseen(table.c.revision, mark))


def written_at(rx: Reading, number: int) -> dt.datetime | None:
    """Return when a change of the ledger was written; None: there is no such number."""
    return rx.connection.scalar(sa.select(_REVISION.c.written_at).where(_REVISION.c.number == number))


def _is_unseen(revision: sa.ColumnElement[int], mark: LedgerMark) -> sa.ColumnElement[bool]:
    later = revision > mark.through
    return sa.or_(later, revision.in_(mark.without)) if mark.without else later
