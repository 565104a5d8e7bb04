import polars as pl
import pytest
import sqlalchemy as sa

from core.errors import RefusedError
from core.ids import item_id
from core.ledger import ItemState
from store.batches import BatchHead, BatchRecord, add_batch, batch_of
from store.codes import StoreCode, StoreInvariantError
from store.ledger import LedgerChanges, write_ledger
from store.opening import Store
from store.payouts import BankWord, approve_batch, cancel_batch, export_batch, record_results
from store.positions import read_obligations
from store.states import BatchState
from store.tables import BatchItem, table_of
from tests.store.worlds import DAY, lines, moves, open_grant, owe, register, seen

HEAD = BatchHead("b_1", "nursing-allowance", "护理补贴", "区残联", DAY)
INSTRUCTED, PAID, RETURNED = ItemState.INSTRUCTED, ItemState.PAID, ItemState.RETURNED


def _batch(store: Store, *amounts_fen: int) -> tuple[str, BatchRecord]:
    (subject,) = register(store, "a")
    with store.writing() as tx:
        key = owe(tx, open_grant(tx, subject), *amounts_fen)
        return key, add_batch(tx, HEAD, lines(tx, key, *range(1, len(amounts_fen) + 1)), run_id="r_1")


def _exported(store: Store, *amounts_fen: int) -> str:
    key, batch = _batch(store, *amounts_fen)
    with store.writing() as tx:
        approve_batch(tx, "b_1", approved_hash=batch.content_hash, by="officer")
        export_batch(tx, "b_1", approved_hash=batch.content_hash)
    return key


def _say(store: Store, key: str, *, paid: tuple[int, ...] = (), returned: tuple[int, ...] = ()) -> BankWord:
    def ids(numbers: tuple[int, ...]) -> pl.Series:
        return pl.Series([item_id(key, number) for number in numbers], dtype=pl.String)

    with store.writing() as tx:
        return record_results(tx, "b_1", paid=ids(paid), returned=ids(returned))


def _states(store: Store, key: str) -> list[ItemState]:
    with store.reading() as rx:
        return [item.state for item in read_obligations(rx, [key])[0].items]


def _batch_state(store: Store) -> BatchState:
    with store.reading() as rx:
        return batch_of(rx, "b_1").state


def test_a_batch_goes_out_once_and_only_approved(store: Store) -> None:
    """No approval, no export; after the export, no second one and no cancelling."""
    key, batch = _batch(store, 100)
    with pytest.raises(RefusedError) as early, store.writing() as tx:
        export_batch(tx, "b_1", approved_hash=batch.content_hash)
    with store.writing() as tx:
        assert approve_batch(tx, "b_1", approved_hash=batch.content_hash, by="officer").approved_by == "officer"
        assert export_batch(tx, "b_1", approved_hash=batch.content_hash).state is BatchState.EXPORTED
    with pytest.raises(RefusedError) as again, store.writing() as tx:
        export_batch(tx, "b_1", approved_hash=batch.content_hash)
    with pytest.raises(RefusedError), store.writing() as tx:
        cancel_batch(tx, "b_1")

    assert {each.value.findings[0].code for each in (early, again)} == {StoreCode.WRONG_STATE}
    assert _states(store, key) == [INSTRUCTED]


def test_what_is_approved_is_what_was_looked_at(store: Store) -> None:
    """Another hash is refused, before and after the approval."""
    _, batch = _batch(store, 100)
    with pytest.raises(RefusedError) as caught, store.writing() as tx:
        approve_batch(tx, "b_1", approved_hash="another", by="officer")
    with store.writing() as tx:
        approve_batch(tx, "b_1", approved_hash=batch.content_hash, by="officer")
    with pytest.raises(RefusedError), store.writing() as tx:
        export_batch(tx, "b_1", approved_hash="another")

    assert caught.value.findings[0].code is StoreCode.CHANGED


def test_lines_that_were_tampered_with_do_not_go_out(store: Store) -> None:
    """The hash is computed again from the stored lines at the export."""
    _, batch = _batch(store, 100)
    with store.writing() as tx:
        approve_batch(tx, "b_1", approved_hash=batch.content_hash, by="officer")
        tx.connection.execute(sa.update(table_of(BatchItem)).values(payee_digest="another"))

    with pytest.raises(StoreInvariantError), store.writing() as tx:
        export_batch(tx, "b_1", approved_hash=batch.content_hash)


def test_the_bank_settles_line_by_line(store: Store) -> None:
    """A batch with a line in doubt waits; with none it is settled."""
    key = _exported(store, 100, 200, 300)

    assert _say(store, key, paid=(1,)) == BankWord(1, 0, ())
    assert _batch_state(store) is BatchState.EXPORTED
    assert _say(store, key, paid=(2,), returned=(3,)) == BankWord(2, 0, ())
    assert _batch_state(store) is BatchState.SETTLED
    assert _states(store, key) == [PAID, PAID, RETURNED]


def test_the_same_file_twice_counts_once(store: Store) -> None:
    """Nothing moves and no version rises, so that no night under way is disturbed."""
    key = _exported(store, 100, 200)
    _say(store, key, paid=(1,), returned=(2,))
    with store.reading() as rx:
        before = read_obligations(rx, [key])

    assert _say(store, key, paid=(1,), returned=(2,)) == BankWord(0, 2, ())
    with store.reading() as rx:
        assert read_obligations(rx, [key]) == before


def test_a_late_return_after_success(store: Store) -> None:
    """Paid may become returned, exactly once; returned never becomes paid."""
    key = _exported(store, 100)
    _say(store, key, paid=(1,))

    assert _say(store, key, returned=(1,)) == BankWord(1, 0, ())
    assert _say(store, key, returned=(1,)) == BankWord(0, 1, ())
    assert _say(store, key, paid=(1,)) == BankWord(0, 0, (item_id(key, 1),))
    assert _states(store, key) == [RETURNED]


def test_one_file_that_says_both(store: Store) -> None:
    """Paid and returned in one breath is returned."""
    key = _exported(store, 100)

    _say(store, key, paid=(1,), returned=(1,))

    assert _states(store, key) == [RETURNED]


def test_an_old_word_does_not_reach_the_next_attempt(store: Store) -> None:
    """A returned item that was mended and collected again is not touched by the first batch's file."""
    key = _exported(store, 100)
    _say(store, key, returned=(1,))
    with store.writing() as tx:
        version = read_obligations(tx, [key])[0].version
        mended = moves(key, (1, RETURNED, ItemState.OPEN))
        write_ledger(tx, LedgerChanges(item_moves=mended, seen=seen(**{key: version})), run_id=None)
        second = BatchHead("b_2", "nursing-allowance", "护理补贴", "区残联", DAY)
        add_batch(tx, second, lines(tx, key, 1), run_id=None)

    assert _say(store, key, returned=(1,)) == BankWord(0, 1, ())
    assert _states(store, key) == [ItemState.IN_BATCH]


def test_the_bank_may_not_speak_of_strangers(store: Store) -> None:
    """Matching a file's lines to items is done before; what is not matched never comes here."""
    key = _exported(store, 100)

    with pytest.raises(StoreInvariantError):
        _say(store, key, paid=(9,))
