from typing import Any

import sqlalchemy as sa

from core.ids import item_id
from core.ledger import ItemState
from store.batches import BatchHead
from store.freezing import add_batch
from store.ledger import LedgerChanges, write_ledger
from store.opening import Store
from store.past import ledger_mark
from store.positions import read_items, read_obligations, read_positions
from store.states.funds import Account
from tests.store.paying import answer, send
from tests.store.worlds import DAY, lines, moves, open_grant, owe, posting, postings, register, seen

OPEN, HOLD, RETURNED, CANCELLED = ItemState.OPEN, ItemState.ON_HOLD, ItemState.RETURNED, ItemState.CANCELLED


def test_sums_by_where_the_money_stands(store: Store) -> None:
    """Held is everything not cancelled less what was recovered; committed less claims, write-offs and keeps."""
    (subject,) = register(store, "a")
    with store.writing() as tx:
        key = owe(tx, open_grant(tx, subject), 1, 20, 300, 4000, 50000)
        head = BatchHead("b_1", "nursing-allowance", "护理补贴", "区残联", DAY)
        add_batch(tx, head, lines(tx, key, 3, 4), run_id=None)
        send(tx, "b_1")
        answer(tx, "b_1", paid=[item_id(key, 3)])
        version = read_obligations(tx, [key])[0].version
        write_ledger(
            tx,
            LedgerChanges(
                item_moves=moves(key, (2, OPEN, HOLD), (5, OPEN, CANCELLED)),
                postings=postings(
                    posting(key, Account.RECOVERED, 0, 5),
                    posting(key, Account.CASE, 0, 6),
                    posting(key, Account.WRITTEN_OFF, 0, 7),
                    posting(key, Account.KEPT, 0, 8),
                ),
                seen=seen(**{key: version}),
            ),
            run_id=None,
        )

    with store.reading() as rx:
        (row,) = read_positions(rx, subjects=[subject]).iter_rows(named=True)
        (record,) = read_obligations(rx, [key])
    assert {name: row[name] for name in ("payable_fen", "on_hold_fen", "returned_fen", "uninstructed_fen")} == {
        "payable_fen": 1,
        "on_hold_fen": 20,
        "returned_fen": 0,
        "uninstructed_fen": 21,
    }
    assert (row["instructed_fen"], row["paid_fen"], row["last_sequence"]) == (4300, 300, 5)
    assert (row["held_fen"], row["committed_fen"]) == (4321 - 5, 4321 - 5 - 6 - 7 - 8)
    assert (record.held_fen, record.committed_fen) == (row["held_fen"], row["committed_fen"])


def test_an_obligation_without_items_holds_nothing(store: Store) -> None:
    """It has sums of zero, not nulls."""
    (subject,) = register(store, "a")
    with store.writing() as tx:
        owe(tx, open_grant(tx, subject))

    with store.reading() as rx:
        (row,) = read_positions(rx).iter_rows(named=True)
    assert (row["held_fen"], row["paid_fen"], row["last_sequence"]) == (0, 0, 0)


def test_positions_of_one_policy_or_of_some_subjects(store: Store) -> None:
    """Each choice gives its own, in the order of ids."""
    a, b = register(store, "a", "b")
    with store.writing() as tx:
        keys = [owe(tx, open_grant(tx, subject, policy=policy), 100) for subject in (a, b) for policy in ("p", "q")]

    with store.reading() as rx:
        assert read_positions(rx)["obligation_id"].to_list() == sorted(keys)
        whole, mark = read_positions(rx), ledger_mark(rx)
        assert read_positions(rx, policy="q").equals(whole.filter(policy="q"))
        assert set(read_positions(rx, policy="q", subjects=[a])["subject_id"]) == {a}
        assert read_positions(rx, subjects=[]).is_empty()
        assert read_obligations(rx, ["o_none"]) == []
    with store.reading(mark=mark) as rx:
        assert read_positions(rx, policy="q").equals(whole.filter(policy="q"))


def test_open_items_know_whether_they_are_first(store: Store) -> None:
    """Once anything went out on a grant, no later item of it is a first payment; a returned one is tried again."""
    (subject,) = register(store, "a")
    with store.writing() as tx:
        grant = open_grant(tx, subject)
        key = owe(tx, grant, 100)
        owe(tx, grant, 200, period="2026-03")
        assert read_items(tx, states=[OPEN])["is_first"].to_list() == [True, True]
        add_batch(tx, BatchHead("b_1", "p", "t", "o", DAY), lines(tx, key, 1), run_id=None)
        send(tx, "b_1")

        (waiting,) = read_items(tx, states=[OPEN]).iter_rows(named=True)
        assert (waiting["amount_fen"], waiting["is_first"], waiting["attempt"]) == (200, False, 1)

        answer(tx, "b_1", failed=[item_id(key, 1)])
        (back,) = read_items(tx, states=[RETURNED], policy="nursing-allowance").iter_rows(named=True)
        assert (back["is_first"], back["attempt"], back["is_reissue"], back["period"]) == (False, 2, True, "2026-02")
        assert read_items(tx, states=[RETURNED], policy="another").is_empty()


def test_items_that_wait_are_found_among_many_that_do_not(store: Store) -> None:
    """A pay day reads what is open, not all that was ever paid: the index has just those that wait."""
    if store.is_postgresql:
        return  # its planner reads small tables whole, whatever indexes they have
    seen: list[tuple[str, Any]] = []

    def keep(_: sa.Connection, __: object, statement: str, values: Any, *___: object) -> None:  # noqa: ANN401
        seen.append((statement, values))

    sa.event.listen(store.engine, "before_cursor_execute", keep)
    with store.reading() as rx:
        read_items(rx, states=[OPEN])
        chosen, values = next(each for each in seen if each[0].startswith("SELECT"))
        plan = rx.connection.exec_driver_sql(f"explain query plan {chosen}", values).all()

    assert "SEARCH item USING INDEX ix_item_waiting (state=?)" in [row.detail for row in plan]
