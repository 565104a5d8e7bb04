"""Rows found once for several statements."""

import sqlalchemy as sa

from core.ledger import ItemState
from store.located import located
from store.opening import Store
from store.past import replace_rows
from store.tables import ItemPast, ItemRow, ObligationRow, table_of
from tests.store.worlds import open_grant, owe, register

ITEM, OBLIGATION, PAST = table_of(ItemRow), table_of(ObligationRow), table_of(ItemPast)


def _three_items(store: Store) -> list[str]:
    (subject_id,) = register(store, "a")
    with store.writing() as tx:
        grant = open_grant(tx, subject_id)
        for period in ("2025-07", "2025-08", "2025-09"):
            owe(tx, grant, 15_000, period=period)
        return list(tx.connection.scalars(sa.select(ITEM.c.item_id).order_by(ITEM.c.item_id)))


def test_it_picks_what_the_condition_picks(store: Store) -> None:
    """Also where another table has its own rows located in between."""
    items = _three_items(store)

    with store.writing() as tx:
        some = located(tx, ITEM, ITEM.c.item_id.in_(items[:2]))
        owing = located(tx, OBLIGATION, OBLIGATION.c.obligation_id.in_(sa.select(ITEM.c.obligation_id).where(some)))
        picked = set(tx.connection.scalars(sa.select(ITEM.c.item_id).where(some)))
        owed = tx.connection.scalar(sa.select(sa.func.count()).select_from(OBLIGATION).where(owing))

    assert (picked, owed) == (set(items[:2]), 2)


def test_it_stands_until_the_next_of_its_table(store: Store) -> None:
    """One transaction after the other begins with nothing located."""
    items = _three_items(store)

    found = []
    for item_id in items:
        with store.writing() as tx:
            some = located(tx, ITEM, ITEM.c.item_id == item_id)
            found.append(list(tx.connection.scalars(sa.select(ITEM.c.item_id).where(some))))

    assert found == [[item_id] for item_id in items]


def test_what_is_written_on_is_kept_as_it_was(store: Store) -> None:
    """As many as are meant, once each; what the condition does not pick stays and is not kept."""
    items = _three_items(store)

    with store.writing() as tx:
        is_meant = sa.and_(ITEM.c.item_id.in_(items[:2]), ITEM.c.state == ItemState.OPEN)
        count = replace_rows(tx, ItemRow, is_meant, state=ItemState.ON_HOLD)
        again = replace_rows(tx, ItemRow, is_meant, state=ItemState.ON_HOLD)
        states = dict(tx.connection.execute(sa.select(ITEM.c.item_id, ITEM.c.state)).all())
        past = tx.connection.execute(sa.select(PAST.c.item_id, PAST.c.state)).all()

    assert (count, again) == (2, 0)
    assert [states[each] for each in items] == [ItemState.ON_HOLD, ItemState.ON_HOLD, ItemState.OPEN]
    assert sorted(past) == [(each, ItemState.OPEN) for each in items[:2]]
