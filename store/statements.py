"""What some subjects were ever to be paid, line by line, with the pay day of the batch that carries each."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.ledger import ItemKind, ItemState
from store.of_some import Among, OfSome
from store.opening import Reading
from store.tables import Batch, BatchItem, GrantRow, ItemRow, ObligationRow, table_of
from store.tables.base import as_indexed
from store.tables.paying import LIVE

_GRANT = table_of(GrantRow)
_OBLIGATION = table_of(ObligationRow)
_ITEM = table_of(ItemRow)
_LINE = table_of(BatchItem)
_BATCH = table_of(Batch)


@dataclass(frozen=True, slots=True)
class StatedItem:
    """One item of a subject; `pay_day` is that of the batch that carries it, None while none does."""

    item_id: str
    obligation_id: str
    sequence: int
    amount_fen: int
    kind: ItemKind
    state: ItemState
    opened_at: dt.datetime
    changed_at: dt.datetime
    grant_id: str
    period: str
    component: str
    policy: str
    subject_id: str
    event: str
    pay_day: dt.date | None


def read_statement(rx: Reading, subjects: Iterable[str]) -> list[StatedItem]:
    """Return every item of some subjects, newest period first, then in the order they were opened."""
    items = [StatedItem(*tuple(row)) for row in _ITEMS.rows(rx, subjects)]
    items.sort(key=lambda each: (each.policy, each.component, each.sequence, each.item_id))
    items.sort(key=lambda each: each.period, reverse=True)
    return items


def _items(among: Among) -> sa.Select[Any]:
    # Asked of each item by itself: joined as one, SQLite would first read every line that was ever paid to anybody.
    carried = (
        sa.select(_BATCH.c.pay_day)
        .join_from(_LINE, _BATCH, _LINE.c.batch_id == _BATCH.c.batch_id)
        .where(_LINE.c.item_id == _ITEM.c.item_id, as_indexed(LIVE, of=_LINE.name))
        .scalar_subquery()
    )
    of_item = ("item_id", "obligation_id", "sequence", "amount_fen", "kind", "state", "opened_at", "changed_at")
    of_obligation, of_grant = ("grant_id", "period", "component"), ("policy", "subject_id", "event")
    chosen = sa.select(
        *(_ITEM.c[name] for name in of_item),
        *(_OBLIGATION.c[name] for name in of_obligation),
        *(_GRANT.c[name] for name in of_grant),
        carried.label("pay_day"),
    )
    return (
        chosen.join_from(_ITEM, _OBLIGATION, _ITEM.c.obligation_id == _OBLIGATION.c.obligation_id)
        .join(_GRANT, _OBLIGATION.c.grant_id == _GRANT.c.grant_id)
        .where(among(_GRANT.c.subject_id))
    )


_ITEMS = OfSome(_items)
