import datetime as dt

import polars as pl
import pytest
import sqlalchemy as sa

from core.errors import RefusedError
from core.ids import item_id
from core.ledger import ItemState
from store.approvals import Ballot, approvals_of, approve_batch, lapse_approvals, reject_batch
from store.batch_steps import steps_of_batch
from store.batches import BatchHead, BatchRecord, batch_of, read_lines
from store.codes import StoreCode, StoreInvariantError
from store.freezing import add_batch
from store.opening import Store
from store.payouts import cancel_batch, drop_lines, files_of, move_file, resume_batch, stop_batch
from store.positions import read_obligations
from store.states.paying import AttemptState, BatchState, FileState
from store.tables import BatchItem, table_of
from tests.store.paying import answer, approve, export, send
from tests.store.worlds import DAY, later, lines, open_grant, owe, register

HEAD = BatchHead("b_1", "nursing-allowance", "护理补贴", "区残联", DAY)
OPEN, IN_BATCH, INSTRUCTED, PAID, RETURNED = (
    ItemState.OPEN,
    ItemState.IN_BATCH,
    ItemState.INSTRUCTED,
    ItemState.PAID,
    ItemState.RETURNED,
)


def _batch(store: Store, *amounts_fen: int, made_by: str | None = None) -> tuple[str, BatchRecord]:
    (subject,) = register(store, "a")
    with store.writing() as tx:
        key = owe(tx, open_grant(tx, subject), *amounts_fen)
        numbers = range(1, len(amounts_fen) + 1)
        return key, add_batch(tx, HEAD, lines(tx, key, *numbers), run_id=None, made_by=made_by)


def _exported(store: Store, *amounts_fen: int, files: int = 1) -> str:
    key, _ = _batch(store, *amounts_fen)
    with store.writing() as tx:
        approve(tx, "b_1")
        export(tx, "b_1", files=files)
    return key


def _states(store: Store, key: str) -> list[ItemState]:
    with store.reading() as rx:
        return [item.state for item in read_obligations(rx, [key])[0].items]


def _state(store: Store) -> BatchState:
    with store.reading() as rx:
        return batch_of(rx, "b_1").state


def test_a_batch_goes_out_once_and_only_approved(store: Store) -> None:
    """No approval, no export; after the export, no second one, no cancelling, no approving."""
    key, _ = _batch(store, 100)
    with pytest.raises(RefusedError) as early, store.writing() as tx:
        export(tx, "b_1")
    with store.writing() as tx:
        assert approve(tx, "b_1").state is BatchState.APPROVED
        assert export(tx, "b_1").state is BatchState.EXPORTED
    with pytest.raises(RefusedError) as again, store.writing() as tx:
        export(tx, "b_1")
    with pytest.raises(RefusedError), store.writing() as tx:
        cancel_batch(tx, "b_1", by="maker", reason="too late")
    with pytest.raises(RefusedError), store.writing() as tx:
        approve(tx, "b_1", by="another")

    assert {each.value.findings[0].code for each in (early, again)} == {StoreCode.WRONG_STATE}
    assert _states(store, key) == [INSTRUCTED]


def test_what_is_approved_is_what_was_looked_at(store: Store) -> None:
    """Another hash is refused."""
    _batch(store, 100)
    with pytest.raises(RefusedError) as caught, store.writing() as tx:
        approve_batch(tx, "b_1", approved_hash="another", by="officer", ballot=Ballot(1, tx.now + dt.timedelta(days=1)))

    assert caught.value.findings[0].code is StoreCode.CHANGED


def test_so_many_people_approve_as_the_amount_needs(store: Store) -> None:
    """The first of two leaves it waiting; the same person does not count twice."""
    _batch(store, 100)

    with store.writing() as tx:
        assert approve(tx, "b_1", by="first", needed=2).state is BatchState.IN_APPROVAL
    with pytest.raises(RefusedError) as caught, store.writing() as tx:
        approve(tx, "b_1", by="first", needed=2)
    with store.writing() as tx:
        assert approve(tx, "b_1", by="second", needed=2).state is BatchState.APPROVED
        assert [each.approved_by for each in approvals_of(tx, batch_of(tx, "b_1"))] == ["first", "second"]

    assert caught.value.findings[0].code is StoreCode.OWN_APPROVAL


def test_maker_approver_and_releaser_are_different_people(store: Store) -> None:
    """Whoever made the batch neither approves nor exports it; whoever approves it does not export it."""
    _batch(store, 100, made_by="maker")
    with pytest.raises(RefusedError) as made, store.writing() as tx:
        approve(tx, "b_1", by="maker")
    with store.writing() as tx:
        approve(tx, "b_1", by="officer")
    for who in ("maker", "officer"):
        with pytest.raises(RefusedError) as released, store.writing() as tx:
            export(tx, "b_1", by=who)
        assert released.value.findings[0].code is StoreCode.OWN_APPROVAL

    assert made.value.findings[0].code is StoreCode.OWN_APPROVAL


def test_approvals_lapse(store: Store) -> None:
    """After its days an approval counts for nothing: the batch waits again, and the same person may look again."""
    _batch(store, 100)
    with store.writing() as tx:
        approve(tx, "b_1")
    later(store, days=6)

    with pytest.raises(RefusedError) as caught, store.writing() as tx:
        export(tx, "b_1")
    with store.writing() as tx:
        assert lapse_approvals(tx, "b_1", needed=1)
        assert not lapse_approvals(tx, "b_1", needed=1)
    assert _state(store) is BatchState.IN_APPROVAL
    with store.writing() as tx:
        assert approve(tx, "b_1").state is BatchState.APPROVED

    assert caught.value.findings[0].code is StoreCode.NOT_ENOUGH_APPROVALS


def test_a_rejected_batch_gives_its_items_back(store: Store) -> None:
    """Why is kept with the step; the items may be collected anew, under new references."""
    key, _ = _batch(store, 100)
    with store.writing() as tx:
        first = read_lines(tx, "b_1")["reference"][0]
        assert reject_batch(tx, "b_1", by="officer", reason="wrong month").state is BatchState.RELEASED
        add_batch(tx, BatchHead("b_2", "nursing-allowance", "护理补贴", "区残联", DAY), lines(tx, key, 1), run_id=None)
        second = read_lines(tx, "b_2")["reference"][0]
        steps = [(each.target, each.taken_by, each.reason) for each in steps_of_batch(tx, "b_1")]

    assert steps == [
        (BatchState.REJECTED, "officer", "wrong month"),
        (BatchState.RELEASED, "officer", "wrong month"),
    ]
    assert first != second
    assert _states(store, key) == [IN_BATCH]


def test_lines_that_were_tampered_with_do_not_go_out(store: Store) -> None:
    """The hash is computed again from the stored lines at the export."""
    _batch(store, 100)
    with store.writing() as tx:
        approve(tx, "b_1")
        tx.connection.execute(sa.update(table_of(BatchItem)).values(payee_digest="another"))

    with pytest.raises(StoreInvariantError), store.writing() as tx:
        export(tx, "b_1")


def test_nothing_of_a_stopped_batch_goes_out(store: Store) -> None:
    """Another person lets it go on, frozen: it has to be approved anew."""
    key, _ = _batch(store, 100)
    with store.writing() as tx:
        approve(tx, "b_1")
        stop_batch(tx, "b_1", by="supervisor", reason="a death was reported")
    with pytest.raises(RefusedError) as caught, store.writing() as tx:
        export(tx, "b_1")
    with pytest.raises(RefusedError), store.writing() as tx:
        resume_batch(tx, "b_1", by="supervisor", reason="mistake")
    with store.writing() as tx:
        assert resume_batch(tx, "b_1", by="colleague", reason="somebody else").state is BatchState.FROZEN
    with pytest.raises(RefusedError), store.writing() as tx:
        export(tx, "b_1")

    assert caught.value.findings[0].code is StoreCode.STOPPED
    assert _states(store, key) == [IN_BATCH]


def test_whoever_stopped_a_batch_does_not_let_it_go_on_because_an_item_left_it(store: Store) -> None:
    """An item that leaves takes nobody's place: another person than who stopped it is still needed."""
    key, _ = _batch(store, 100, 200)
    with store.writing() as tx:
        stop_batch(tx, "b_1", by="supervisor", reason="a call")
        drop_lines(tx, "b_1", pl.Series([item_id(key, 1)]), reason="another account")
    with pytest.raises(RefusedError) as caught, store.writing() as tx:
        resume_batch(tx, "b_1", by="supervisor", reason="mistake")

    assert caught.value.findings[0].code is StoreCode.OWN_APPROVAL


def test_a_batch_at_the_bank_is_asked_to_stop(store: Store) -> None:
    """Nobody can take back what is out; what the bank answers is another step."""
    key = _exported(store, 100)

    with store.writing() as tx:
        assert stop_batch(tx, "b_1", by="supervisor", reason="wrong file").state is BatchState.STOP_REQUESTED
        answer(tx, "b_1", paid=[item_id(key, 1)])

    assert _states(store, key) == [PAID]


def test_a_batch_moves_when_all_its_files_have(store: Store) -> None:
    """One file acknowledged is not all; a lost answer leaves every line of the file in doubt."""
    _exported(store, 100, 200, files=2)
    with store.writing() as tx:
        first, second = files_of(tx, "b_1")
        move_file(tx, first, FileState.ACKNOWLEDGED, by=None)
        assert batch_of(tx, "b_1").state is BatchState.SUBMITTED
        move_file(tx, second, FileState.SUBMISSION_UNKNOWN, by="paymaster")
        assert batch_of(tx, "b_1").state is BatchState.SUBMISSION_UNKNOWN
        states = dict(read_lines(tx, "b_1").select("file_number", "attempt_state").iter_rows())
        assert states == {1: AttemptState.INSTRUCTED, 2: AttemptState.UNKNOWN}
    with pytest.raises(RefusedError), store.writing() as tx:
        move_file(tx, files_of(tx, "b_1")[0], FileState.SUBMITTED, by="paymaster")


def test_the_bank_settles_line_by_line(store: Store) -> None:
    """A batch with a line in doubt waits; with none it is settled."""
    key = _exported(store, 100, 200, 300)
    first, second, third = (item_id(key, number) for number in (1, 2, 3))

    with store.writing() as tx:
        answer(tx, "b_1", paid=[first])
    assert _state(store) is BatchState.SETTLING
    with store.writing() as tx:
        answer(tx, "b_1", paid=[second], failed=[third])
    assert _state(store) is BatchState.SETTLED
    assert _states(store, key) == [PAID, PAID, RETURNED]
    with store.reading() as rx:
        assert [each.state for each in files_of(rx, "b_1")] == [FileState.SETTLED]


def test_a_line_in_two_batches_is_refused_by_the_database(store: Store) -> None:
    """One live attempt for an item, whatever the code does."""
    key, _ = _batch(store, 100)
    attempts = table_of(BatchItem)
    with store.reading() as rx:
        row = rx.connection.execute(sa.select(attempts)).one()._asdict()
    (subject,) = register(store, "b")
    with store.writing() as tx:
        other = owe(tx, open_grant(tx, subject), 100)
        add_batch(tx, BatchHead("b_2", "nursing-allowance", "t", "o", DAY), lines(tx, other, 1), run_id=None)

    again = row | {"batch_id": "b_2", "reference": "another", "number": 2}
    with pytest.raises(StoreInvariantError), store.writing() as tx:
        tx.connection.execute(sa.insert(attempts).values(**again))
    with pytest.raises(StoreInvariantError), store.writing() as tx:
        tx.connection.execute(
            sa.update(attempts).where(attempts.c.batch_id == "b_2").values(reference=row["reference"])
        )

    assert _states(store, key) == [IN_BATCH]


def test_sending_tells_each_step(store: Store) -> None:
    """Who did what, in order."""
    _batch(store, 100)
    with store.writing() as tx:
        send(tx, "b_1")
        steps = [(each.source, each.target, each.taken_by) for each in steps_of_batch(tx, "b_1")]

    assert steps == [
        (BatchState.FROZEN, BatchState.APPROVED, "signatory"),
        (BatchState.APPROVED, BatchState.EXPORTED, "paymaster"),
    ]
