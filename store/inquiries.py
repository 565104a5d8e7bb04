"""What is in doubt ends by what the bank sends, or by two people: one says what they learned, another confirms it.

So does a payment of which the bank says both that it was paid and that it was not: they settle that it was
(`store.paid_after_all`).
"""

import datetime as dt
from dataclasses import asdict, dataclass
from enum import StrEnum

import sqlalchemy as sa

from store.bank_lines import fail_lines, move_attempts, settle_files
from store.batch_steps import lock_attempts, take_batch
from store.codes import StoreCode
from store.faults import refused
from store.items import changed_in_between
from store.opening import Reading, Writing
from store.paid_after_all import hold_as_paid, refuse_unproved
from store.payouts import FileRecord, files_of, move_file
from store.rows import insert_rows
from store.states.paying import CAME_BACK, AttemptState, FileState
from store.tables import BatchItem, table_of
from store.tables import Inquiry as InquiryRow

_INQUIRY = table_of(InquiryRow)
_ATTEMPT = table_of(BatchItem)


class Found(StrEnum):
    """What somebody learned, of a file or of a line."""

    ACKNOWLEDGED = "acknowledged"  # the bank has the file
    NOT_RECEIVED = "not_received"  # it never had it: the same file may go again
    REJECTED = "rejected"  # it has refused the file
    PAID = "paid"
    FAILED = "failed"


OF_FILES = frozenset({Found.ACKNOWLEDGED, Found.NOT_RECEIVED, Found.REJECTED})
_FILE_AFTER = {
    Found.ACKNOWLEDGED: FileState.ACKNOWLEDGED,
    Found.NOT_RECEIVED: FileState.NOT_RECEIVED,
    Found.REJECTED: FileState.REJECTED,
}
_ATTEMPT_AFTER = {Found.PAID: AttemptState.CONFIRMED_PAID, Found.FAILED: AttemptState.CONFIRMED_FAILED}


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody says that they learned, about one file or one line of a batch, and from where."""

    found: Found
    evidence: str
    file_number: int | None = None
    reference: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is about neither or both, or does not fit."""
        assert (self.file_number is None) is not (self.reference is None)
        assert (self.found in OF_FILES) is (self.file_number is not None)


@dataclass(frozen=True, slots=True)
class InquiryRecord:
    """A statement, and who confirmed it; until then nothing follows from it."""

    batch_id: str
    number: int
    file_number: int | None
    reference: str | None
    found: str
    evidence: str
    stated_at: dt.datetime
    stated_by: str
    confirmed_at: dt.datetime | None
    confirmed_by: str | None


def inquiries_of(rx: Reading, batch_id: str) -> tuple[InquiryRecord, ...]:
    """Return what was ever learned about a batch, in order."""
    names = InquiryRecord.__dataclass_fields__
    chosen = sa.select(*(_INQUIRY.c[name] for name in names)).where(_INQUIRY.c.batch_id == batch_id)
    return tuple(InquiryRecord(*row) for row in rx.connection.execute(chosen.order_by(_INQUIRY.c.number)))


def mark_unknown(tx: Writing, batch_id: str, *, by: str) -> int:
    """Say that the bank's answer is overdue: nobody knows what became of the lines without one. Return how many there are.

    Only the bank's word or two people end that. Files that nobody knows the bank to have are in doubt as a whole.
    """
    lock_attempts(tx, batch_id)
    for file in files_of(tx, batch_id):
        if file.state in {FileState.EXPORTED, FileState.SUBMITTED}:
            move_file(tx, file, FileState.SUBMISSION_UNKNOWN, by=by, reason="the bank's answer is overdue")
    own = sa.and_(_ATTEMPT.c.batch_id == batch_id, _ATTEMPT.c.state == AttemptState.INSTRUCTED)
    tx.connection.execute(sa.update(_ATTEMPT).where(own).values(state=AttemptState.UNKNOWN, changed_at=tx.now))
    unknown = (_ATTEMPT.c.batch_id == batch_id, _ATTEMPT.c.state == AttemptState.UNKNOWN)
    return int(tx.connection.scalar(sa.select(sa.func.count()).where(*unknown)) or 0)


def state_found(tx: Writing, batch_id: str, statement: Statement, *, by: str) -> InquiryRecord:
    """Keep what somebody learned; it waits for another person.

    Fails: RefusedError where the file or line is not in doubt.
    """
    take_batch(tx, batch_id)
    _refuse_certain(tx, batch_id, statement, by=by)
    number = len(inquiries_of(tx, batch_id)) + 1
    row = asdict(statement) | {
        "batch_id": batch_id,
        "number": number,
        "stated_at": tx.now,
        "stated_by": by,
        "confirmed_at": None,
        "confirmed_by": None,
    }
    insert_rows(tx, InquiryRow, [row])
    return InquiryRecord(**row)


def confirm_found(tx: Writing, batch_id: str, number: int, *, by: str) -> InquiryRecord:
    """Confirm what another person learned: the file or line moves by it.

    Fails: RefusedError where who confirms is who said it, where it was confirmed already, or where the bank has answered
           since; where a payment that came back is to have been paid, also as `store.paid_after_all.refuse_unproved`.
    """
    said = next((each for each in inquiries_of(tx, batch_id) if each.number == number), None)
    if said is None:
        remedy = "see them with `mianshen payouts show BATCH`"
        raise refused(StoreCode.UNKNOWN_NAME, batch_id, f"nobody has said anything under number {number}", remedy)
    if said.confirmed_by is not None:
        raise refused(
            StoreCode.WRONG_STATE, batch_id, f"`{said.confirmed_by}` has confirmed it already", "nothing is left to do"
        )
    if said.stated_by == by:
        message = f"`{by}` said it, and another person confirms it"
        raise refused(StoreCode.OWN_APPROVAL, batch_id, message, "have a colleague look at the evidence")
    own = sa.and_(_INQUIRY.c.batch_id == batch_id, _INQUIRY.c.number == number, _INQUIRY.c.confirmed_by.is_(None))
    change = sa.update(_INQUIRY).where(own).values(confirmed_at=tx.now, confirmed_by=by)
    if tx.connection.execute(change).rowcount != 1:
        raise changed_in_between()
    statement = Statement(Found(said.found), said.evidence, said.file_number, said.reference)
    _refuse_certain(tx, batch_id, statement, by=by)
    _act_on(tx, batch_id, statement, by=by)
    return next(each for each in inquiries_of(tx, batch_id) if each.number == number)


def _act_on(tx: Writing, batch_id: str, statement: Statement, *, by: str) -> None:
    if statement.file_number is not None:
        file = _file(tx, batch_id, statement.file_number)
        if statement.found is Found.REJECTED:
            fail_lines(tx, batch_id, file.number)
        move_file(tx, file, _FILE_AFTER[statement.found], by=by, reason=statement.evidence)
        return
    assert statement.reference is not None
    if _state_of(tx, batch_id, statement.reference) is AttemptState.UNKNOWN:
        which = sa.select(_ATTEMPT.c.reference).where(_ATTEMPT.c.reference == statement.reference)
        move_attempts(tx, which, (AttemptState.UNKNOWN, _ATTEMPT_AFTER[statement.found]), count=1)
    else:
        hold_as_paid(tx, batch_id, statement.reference, by=by, evidence=statement.evidence)
    settle_files(tx, batch_id)


def _refuse_certain(tx: Writing, batch_id: str, statement: Statement, *, by: str) -> None:
    """Refuse what somebody says about something that is not in doubt.

    Fails: RefusedError.
    """
    if statement.file_number is not None:
        file = _file(tx, batch_id, statement.file_number)
        if file.state is not FileState.SUBMISSION_UNKNOWN:
            message, remedy = (
                f"the file is `{file.state}`, not in doubt",
                "look at it again: `mianshen payouts show BATCH`",
            )
            raise refused(StoreCode.WRONG_STATE, file.name, message, remedy)
        return
    assert statement.reference is not None
    state = _state_of(tx, batch_id, statement.reference)
    if state is AttemptState.UNKNOWN:
        return
    if state in CAME_BACK and statement.found is Found.PAID:
        refuse_unproved(tx, batch_id, statement.reference, by=by)
        return
    remedy = "say first that the bank's answer is overdue: `mianshen payouts inquire BATCH`"
    raise refused(StoreCode.WRONG_STATE, batch_id, f"the line is `{state}`, not `unknown`", remedy)


def _state_of(rx: Reading, batch_id: str, reference: str) -> AttemptState:
    own = (_ATTEMPT.c.batch_id == batch_id, _ATTEMPT.c.reference == reference)
    state = rx.connection.scalar(sa.select(_ATTEMPT.c.state).where(*own))
    if state is None:
        message, remedy = f"no line of it has the reference `{reference}`", "see `mianshen payouts show BATCH`"
        raise refused(StoreCode.UNKNOWN_NAME, batch_id, message, remedy)
    return AttemptState(state)


def _file(rx: Reading, batch_id: str, number: int) -> FileRecord:
    found = next((each for each in files_of(rx, batch_id) if each.number == number), None)
    if found is None:
        message = f"it was not exported in a file number {number}"
        raise refused(StoreCode.UNKNOWN_NAME, batch_id, message, "see its files with `mianshen payouts show BATCH`")
    return found
