from dataclasses import replace

import polars as pl
import pytest

from core.errors import RefusedError
from core.ids import item_id
from core.ledger import ItemState
from store.approvals import approvals_of
from store.batch_steps import move_batch
from store.batches import BatchHead, BatchRecord, batch_of, content_hash, read_batches, read_lines
from store.codes import StoreCode, StoreInvariantError
from store.freezing import add_batch
from store.ledger import LedgerChanges, write_ledger
from store.opening import Store
from store.payouts import cancel_batch
from store.positions import read_obligations
from store.states.paying import BatchState
from tests.store.paying import approve, send
from tests.store.worlds import DAY, lines, moves, open_grant, owe, register, seen

HEAD = BatchHead("b_1", "nursing-allowance", "护理补贴", "区残联", DAY)
OPEN, IN_BATCH, HOLD, CANCELLED = ItemState.OPEN, ItemState.IN_BATCH, ItemState.ON_HOLD, ItemState.CANCELLED


def _batch(store: Store, *amounts_fen: int) -> tuple[str, BatchRecord]:
    (subject,) = register(store, "a")
    with store.writing() as tx:
        key = owe(tx, open_grant(tx, subject), *amounts_fen)
        return key, add_batch(tx, HEAD, lines(tx, key, *range(1, len(amounts_fen) + 1)), run_id="r_1")


def _states(store: Store, key: str) -> list[ItemState]:
    with store.reading() as rx:
        return [item.state for item in read_obligations(rx, [key])[0].items]


def _move(store: Store, key: str, number: int, target: ItemState) -> None:
    with store.writing() as tx:
        version = read_obligations(tx, [key])[0].version
        changes = LedgerChanges(item_moves=moves(key, (number, IN_BATCH, target)), seen=seen(**{key: version}))
        write_ledger(tx, changes, run_id="r_2")


def test_items_are_frozen_into_a_batch(store: Store) -> None:
    """Totals and hash are those of its lines; its items are in it, under a new version of their obligation."""
    key, batch = _batch(store, 100, 200)

    assert (batch.state, batch.revision, batch.item_count, batch.total_fen) == (BatchState.FROZEN, 1, 2, 300)
    assert _states(store, key) == [IN_BATCH, IN_BATCH]
    with store.reading() as rx:
        assert content_hash(read_lines(rx, "b_1")) == batch.content_hash
        assert read_batches(rx) == (batch,)
        assert read_batches(rx, states=[BatchState.SETTLED]) == ()
        assert read_obligations(rx, [key])[0].version == 2


def test_the_hash_is_over_items_payees_and_amounts() -> None:
    """The order of lines does not matter; every fen and every account does."""
    frame = pl.DataFrame({"item_id": ["i_1", "i_2"], "payee_digest": ["x", "y"], "amount_fen": [1, 2]})

    assert content_hash(frame) == content_hash(frame.reverse())
    assert content_hash(frame) != content_hash(frame.with_columns(amount_fen=pl.col("amount_fen") + 1))
    assert content_hash(frame) != content_hash(frame.with_columns(payee_digest=pl.col("payee_digest").reverse()))


def test_an_item_is_in_one_batch(store: Store) -> None:
    """The second batch comes too late and leaves nothing behind."""
    key, _ = _batch(store, 100)
    with store.reading() as rx:
        again = lines(rx, key, 1)

    with pytest.raises(StoreInvariantError), store.writing() as tx:
        add_batch(tx, replace(HEAD, batch_id="b_2"), again, run_id=None)

    with store.reading() as rx:
        assert [batch.batch_id for batch in read_batches(rx)] == ["b_1"]


def test_a_line_has_its_items_amount(store: Store) -> None:
    """What is paid is what the ledger says."""
    (subject,) = register(store, "a")

    with store.writing() as tx:
        key = owe(tx, open_grant(tx, subject), 100)
        wrong = lines(tx, key, 1).with_columns(amount_fen=pl.lit(101))

    with pytest.raises(StoreInvariantError), store.writing() as tx:
        add_batch(tx, HEAD, wrong, run_id=None)


def test_an_item_on_hold_is_not_collected(store: Store) -> None:
    """Only open items go into a batch."""
    (subject,) = register(store, "a")
    with store.writing() as tx:
        key = owe(tx, open_grant(tx, subject), 100)
        write_ledger(tx, LedgerChanges(item_moves=moves(key, (1, OPEN, HOLD)), seen=seen(**{key: 1})), run_id=None)

    with pytest.raises(RefusedError) as caught, store.writing() as tx:
        add_batch(tx, HEAD, lines(tx, key, 1), run_id=None)

    assert caught.value.findings[0].code is StoreCode.CHANGED


@pytest.mark.parametrize("target", [OPEN, HOLD, CANCELLED])
def test_a_batch_that_loses_an_item_is_frozen_anew(store: Store, target: ItemState) -> None:
    """New totals, new hash, and the approval is void."""
    key, batch = _batch(store, 100, 200)
    with store.writing() as tx:
        approve(tx, "b_1")

    _move(store, key, 1, target)

    with store.reading() as rx:
        anew = batch_of(rx, "b_1")
        kept = read_lines(rx, "b_1")
        whole = read_lines(rx, "b_1", is_whole=True)
        assert approvals_of(rx, anew) == ()
    assert (anew.state, anew.revision, anew.item_count, anew.total_fen) == (BatchState.FROZEN, 2, 1, 200)
    assert anew.content_hash == content_hash(kept) != batch.content_hash
    assert whole.height == 2
    assert _states(store, key) == [target, IN_BATCH]


def test_a_batch_that_loses_everything_is_cancelled(store: Store) -> None:
    """Nothing is left to pay."""
    key, _ = _batch(store, 100)

    _move(store, key, 1, CANCELLED)

    with store.reading() as rx:
        gone = batch_of(rx, "b_1")
    assert (gone.state, gone.item_count, gone.total_fen) == (BatchState.CANCELLED, 0, 0)


def test_an_item_that_left_can_be_collected_again(store: Store) -> None:
    """It is in one batch at a time, and may be in another later."""
    key, _ = _batch(store, 100)
    _move(store, key, 1, OPEN)

    with store.writing() as tx:
        add_batch(tx, replace(HEAD, batch_id="b_2"), lines(tx, key, 1), run_id=None)

    assert _states(store, key) == [IN_BATCH]


def test_an_item_that_is_in_no_batch_cannot_leave_one(store: Store) -> None:
    """Whoever thinks it is in one has read something else."""
    (subject,) = register(store, "a")
    with store.writing() as tx:
        key = owe(tx, open_grant(tx, subject), 100)

    with pytest.raises(RefusedError) as caught:
        _move(store, key, 1, CANCELLED)

    assert caught.value.findings[0].code is StoreCode.CHANGED


def test_a_batch_is_moved_only_as_it_was_read(store: Store) -> None:
    """Frozen anew in between, it is another batch, though it is frozen still."""
    key, batch = _batch(store, 100, 200)
    _move(store, key, 1, OPEN)

    with pytest.raises(RefusedError) as caught, store.writing() as tx:
        move_batch(tx, batch, BatchState.APPROVED, by="officer")

    assert caught.value.findings[0].code is StoreCode.CHANGED


def test_an_item_that_went_out_does_not_leave(store: Store) -> None:
    """After the export a night cannot cancel it: it has read an older version."""
    key, _ = _batch(store, 100)
    with store.writing() as tx:
        send(tx, "b_1")

    with pytest.raises(RefusedError):
        _move(store, key, 1, CANCELLED)

    assert _states(store, key) == [ItemState.INSTRUCTED]


def test_a_cancelled_batch_gives_its_items_back(store: Store) -> None:
    """They are open again; its lines are kept, marked."""
    key, _ = _batch(store, 100, 200)
    with store.writing() as tx:
        assert cancel_batch(tx, "b_1", by="maker", reason="too early").state is BatchState.CANCELLED

    assert _states(store, key) == [OPEN, OPEN]
    with store.reading() as rx:
        assert read_lines(rx, "b_1").is_empty()
        assert read_lines(rx, "b_1", is_whole=True)["item_id"].to_list() == sorted(item_id(key, n) for n in (1, 2))


def test_an_unknown_batch(store: Store) -> None:
    """A near name is offered."""
    _batch(store, 100)

    with pytest.raises(RefusedError) as caught, store.reading() as rx:
        batch_of(rx, "b_2")

    assert caught.value.findings[0].help == "the nearest batch is `b_1`"
