from core.ledger import ItemState
from store.batches import BatchHead
from store.freezing import add_batch
from store.opening import Store
from store.statements import read_statement
from tests.store.worlds import DAY, lines, open_grant, owe, register


def test_every_item_of_a_subject_with_the_pay_day_that_carries_it(store: Store) -> None:
    """Newest period first; an item that no batch carries has no pay day; strangers' items are not in it."""
    a, b = register(store, "a", "b")
    with store.writing() as tx:
        grant = open_grant(tx, a)
        key = owe(tx, grant, 100, 200)
        owe(tx, grant, 300, period="2026-03")
        owe(tx, open_grant(tx, b), 400)
        add_batch(tx, BatchHead("b_1", "p", "t", "o", DAY), lines(tx, key, 1), run_id=None)

    with store.reading() as rx:
        shown = read_statement(rx, [a])
        assert read_statement(rx, []) == []
    assert [(each.period, each.amount_fen, each.state, each.pay_day) for each in shown] == [
        ("2026-03", 300, ItemState.OPEN, None),
        ("2026-02", 100, ItemState.IN_BATCH, DAY),
        ("2026-02", 200, ItemState.OPEN, None),
    ]
