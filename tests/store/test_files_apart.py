"""Files of one batch that fare differently at the bank: the batch follows each of them, and none is stuck."""

import pytest

from store.bank_lines import fail_lines
from store.batch_steps import move_batch
from store.batches import BatchHead, batch_of
from store.freezing import add_batch
from store.inquiries import Found, Statement, confirm_found, mark_unknown, state_found
from store.opening import Store, Writing
from store.payouts import files_of, move_file, stop_batch
from store.states.paying import BatchState, FileState
from tests.store.paying import approve, export
from tests.store.worlds import DAY, lines, open_grant, owe, register


@pytest.fixture
def two_files(store: Store) -> Store:
    """Return a store with a batch that has gone out in two files of one line each."""
    (subject,) = register(store, "a")
    with store.writing() as tx:
        key = owe(tx, open_grant(tx, subject), 100, 200)
        add_batch(tx, BatchHead("b_1", "nursing-allowance", "t", "o", DAY), lines(tx, key, 1, 2), run_id=None)
        approve(tx, "b_1")
        export(tx, "b_1", files=2)
    return store


def _learn(tx: Writing, file_number: int, found: Found) -> BatchState:
    said = state_found(tx, "b_1", Statement(found, "a call", file_number=file_number), by="one")
    confirm_found(tx, "b_1", said.number, by="other")
    return batch_of(tx, "b_1").state


def _move(tx: Writing, file_number: int, target: FileState) -> BatchState:
    if target is FileState.REJECTED:
        fail_lines(tx, "b_1", file_number)
    move_file(tx, files_of(tx, "b_1")[file_number - 1], target, by="one")
    return batch_of(tx, "b_1").state


def test_one_goes_again_and_the_bank_has_the_other(two_files: Store) -> None:
    """Both were in doubt; the batch is handed over again, in doubt no more."""
    with two_files.writing() as tx:
        assert mark_unknown(tx, "b_1", by="one") == 2
        assert _learn(tx, 1, Found.NOT_RECEIVED) is BatchState.SUBMISSION_UNKNOWN
        assert _move(tx, 1, FileState.SUBMITTED) is BatchState.SUBMISSION_UNKNOWN
        assert _learn(tx, 2, Found.ACKNOWLEDGED) is BatchState.SUBMITTED


def test_one_goes_again_and_its_answer_is_lost_too(two_files: Store) -> None:
    """The bank had neither; the one that went again is in doubt while the other waits to go."""
    with two_files.writing() as tx:
        mark_unknown(tx, "b_1", by="one")
        _learn(tx, 1, Found.NOT_RECEIVED)
        assert _learn(tx, 2, Found.NOT_RECEIVED) is BatchState.NOT_RECEIVED
        assert _move(tx, 1, FileState.SUBMITTED) is BatchState.NOT_RECEIVED
        mark_unknown(tx, "b_1", by="one")
        assert batch_of(tx, "b_1").state is BatchState.SUBMISSION_UNKNOWN


def test_the_bank_refuses_one_after_the_other(two_files: Store) -> None:
    """The first refusal settles some lines, the second is of the whole batch."""
    with two_files.writing() as tx:
        assert _move(tx, 1, FileState.REJECTED) is BatchState.SETTLING
        assert _move(tx, 2, FileState.REJECTED) is BatchState.FILE_REJECTED


def test_the_bank_refuses_what_it_could_not_stop(two_files: Store) -> None:
    """It said that it was too late, and refuses every file all the same."""
    with two_files.writing() as tx:
        stop_batch(tx, "b_1", by="one", reason="a call")
        move_batch(tx, batch_of(tx, "b_1"), BatchState.STOP_FAILED, by="other", reason="too late")
        assert _move(tx, 1, FileState.REJECTED) is BatchState.SETTLING
        assert _move(tx, 2, FileState.REJECTED) is BatchState.FILE_REJECTED
