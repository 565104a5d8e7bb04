"""Batches on their way to the bank: exported once, handed over, stopped, taken back.

What the bank says about lines: `store.bank_lines`. What somebody learned about what is in doubt: `store.inquiries`.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import polars as pl
import sqlalchemy as sa

from core.ledger import ItemState
from store.approvals import refuse_release, with_content
from store.batch_steps import (
    lock_attempts,
    move_batch,
    move_lines,
    release_lines,
    steps_of_batch,
    take_lines,
    take_obligations,
)
from store.batches import BatchRecord, batch_of, content_hash, kept_lines
from store.changing import touch_all
from store.codes import StoreCode, StoreInvariantError
from store.faults import refused
from store.freezing import leave_batches
from store.items import changed_in_between
from store.line_funds import send
from store.opening import Reading, Writing
from store.past import replace_rows
from store.rows import insert_rows, is_among
from store.states.paying import (
    AT_THE_BANK,
    ATTEMPT_TRANSITIONS,
    FILE_TRANSITIONS,
    IN_DOUBT,
    AttemptState,
    BatchState,
    FileState,
)
from store.suspensions import refuse_unseen
from store.tables import BankLine, BatchItem, ItemRow, ObligationRow, PaymentFileRow, table_of
from store.tables.paying import UNSETTLED

_LINE = table_of(BatchItem)
_FILE = table_of(PaymentFileRow)
_ITEM = table_of(ItemRow)
_OBLIGATION = table_of(ObligationRow)
_BANK_LINE = table_of(BankLine)


@dataclass(frozen=True, slots=True)
class FileHead:
    """A payment file as it is to be exported: what it holds, and the digest of its bytes."""

    number: int
    name: str
    profile: str
    profile_version: int
    line_count: int
    total_fen: int
    hash_total: str
    sha256: str


@dataclass(frozen=True, slots=True)
class FileRecord(FileHead):
    """A payment file that was exported, and where it stands."""

    batch_id: str
    state: FileState
    exported_at: dt.datetime
    exported_by: str
    changed_at: dt.datetime

    @property
    def count(self) -> int:
        """Return how many payments it holds."""
        return self.line_count


@dataclass(frozen=True, slots=True)
class Release:
    """Who lets a batch go out, on which content, and how many approvals that takes."""

    approved_hash: str
    needed: int
    by: str


@dataclass(frozen=True, slots=True)
class Instructed:
    """A batch that goes out, and its lines: `store.batches.kept_lines`."""

    batch: BatchRecord
    lines: pl.DataFrame


def instruct_batch(tx: Writing, batch_id: str, release: Release) -> Instructed:
    """Let a batch go out: its items are instructed from now on. `carry_lines` follows in the same transaction.

    Fails:   RefusedError where the batch holds something other than what was approved, is not approved, was stopped, or
             is let go by somebody who made or approved it; where its policy was suspended since the last night; where the
             bank contradicts itself about one of its items. StoreInvariantError where its lines do not come to its hash.
    """
    refuse_unseen(tx, batch_of(tx, batch_id).policy)
    take_lines(tx, batch_id)
    batch = with_content(tx, batch_id, release.approved_hash)
    if batch.state is not BatchState.APPROVED:
        raise _not_approved(batch)
    refuse_release(tx, batch, by=release.by, needed=release.needed)
    _refuse_contradicted(tx, batch)
    lines = kept_lines(tx, batch_id)
    if content_hash(lines) != release.approved_hash:
        raise StoreInvariantError(f"the lines of batch {batch_id} do not come to its hash")
    gone = move_batch(tx, batch, BatchState.EXPORTED, by=release.by)
    if move_lines(tx, batch_id, (ItemState.IN_BATCH, ItemState.INSTRUCTED)) != batch.item_count:
        raise changed_in_between()
    send(tx, batch_id, lines)
    return Instructed(gone, lines)


def carry_lines(
    tx: Writing, gone: Instructed, files: Sequence[FileHead], carried: pl.DataFrame, *, by: str
) -> BatchRecord:
    """Say which file carries each line of a batch that goes out.

    Shape:   `carried` has `item_id` and `file_number`.
    Fails:   StoreInvariantError where the files do not come to the lines.
    """
    batch_id = gone.batch.batch_id
    if _by_file(gone.lines, carried) != {each.number: (each.line_count, each.total_fen) for each in files}:
        raise StoreInvariantError(f"the files of batch {batch_id} do not come to its lines")
    _instruct(tx, batch_id, carried)
    insert_rows(tx, PaymentFileRow, [_row(tx, batch_id, each, by) for each in files])
    return gone.batch


def _row(tx: Writing, batch_id: str, head: FileHead, by: str) -> dict[str, object]:
    made = {"batch_id": batch_id, "state": FileState.EXPORTED, "exported_at": tx.now, "exported_by": by}
    return asdict(head) | made | {"changed_at": tx.now}


def _by_file(lines: pl.DataFrame, carried: pl.DataFrame) -> dict[int, tuple[int, int]]:
    """Return how many lines each file carries, and what they come to; a line that none carries is under 0."""
    amounts = lines.select("item_id", "amount_fen")
    joined = amounts.join(carried, on="item_id", how="left", validate="1:1")
    sums = joined.group_by(pl.col("file_number").fill_null(0)).agg(pl.len(), pl.col("amount_fen").sum())
    return {number: (count, total_fen) for number, count, total_fen in sums.iter_rows()}


def _instruct(tx: Writing, batch_id: str, carried: pl.DataFrame) -> None:
    # By the key of the table: by reference SQLite would go through the whole batch.
    own = (_LINE.c.batch_id == batch_id, _LINE.c.item_id == sa.bindparam("key"), _LINE.c.state == AttemptState.CREATED)
    instructed = {"state": AttemptState.INSTRUCTED, "file_number": sa.bindparam("file"), "changed_at": tx.now}
    rows = carried.sort("item_id").select(key="item_id", file="file_number")
    if not touch_all(tx, sa.update(_LINE).where(*own).values(instructed), rows):
        raise changed_in_between()


def files_of(rx: Reading, batch_id: str) -> tuple[FileRecord, ...]:
    """Return the files that a batch was exported in, by number."""
    return _files(rx, _FILE.c.batch_id == batch_id)


def file_named(rx: Reading, name: str) -> FileRecord | None:
    """Return the exported file with a name, or None."""
    return next(iter(_files(rx, _FILE.c.name == name)), None)


def _files(rx: Reading, which: sa.ColumnElement[bool]) -> tuple[FileRecord, ...]:
    names = FileRecord.__dataclass_fields__
    chosen = sa.select(*(_FILE.c[name] for name in names)).where(which).order_by(_FILE.c.batch_id, _FILE.c.number)
    return tuple(FileRecord(*row) for row in rx.connection.execute(chosen))


def move_file(tx: Writing, file: FileRecord, target: FileState, *, by: str | None, reason: str | None = None) -> None:
    """Move a file, as it was read, to another state; its lines follow, and its batch once all its files are so far.

    Fails: RefusedError where the table of transitions does not allow it, or it was moved in between.
    """
    if target not in FILE_TRANSITIONS[file.state]:
        message = f"the file is `{file.state}` and may not become `{target}`"
        raise refused(StoreCode.WRONG_STATE, file.name, message, "look at it again: `mianshen payouts show BATCH`")
    lock_attempts(tx, file.batch_id, file.number)
    own = (_FILE.c.batch_id == file.batch_id, _FILE.c.number == file.number, _FILE.c.state == file.state)
    change = sa.update(_FILE).where(*own).values(state=target, changed_at=tx.now)
    if tx.connection.execute(change).rowcount != 1:
        raise changed_in_between()
    if target in {FileState.SUBMISSION_UNKNOWN, FileState.NOT_RECEIVED}:
        _follow(tx, file, (AttemptState.INSTRUCTED, AttemptState.UNKNOWN))
    elif target in {FileState.ACKNOWLEDGED, FileState.SUBMITTED}:
        _follow(tx, file, (AttemptState.UNKNOWN, AttemptState.INSTRUCTED))
    follow_files(tx, file.batch_id, by=by, reason=reason)


def _follow(tx: Writing, file: FileRecord, move: tuple[AttemptState, AttemptState]) -> None:
    source, target = move
    assert target in ATTEMPT_TRANSITIONS[source]
    own = sa.and_(_LINE.c.batch_id == file.batch_id, _LINE.c.file_number == file.number, _LINE.c.state == source)
    tx.connection.execute(sa.update(_LINE).where(own).values(state=target, changed_at=tx.now))


_AS_FILES = {
    frozenset({FileState.EXPORTED}): BatchState.EXPORTED,
    frozenset({FileState.ACKNOWLEDGED}): BatchState.ACKNOWLEDGED,
    frozenset({FileState.REJECTED}): BatchState.FILE_REJECTED,
}
"""Where a batch stands when all its files stand so."""


def follow_files(tx: Writing, batch_id: str, *, by: str | None, reason: str | None = None) -> BatchRecord:
    """Move a batch to where its files and lines say that it is; nothing happens where it is there already."""
    batch = batch_of(tx, batch_id)
    if batch.state not in AT_THE_BANK or batch.state is BatchState.STOP_REQUESTED:
        return batch
    target = _target(tx, batch)
    return batch if target is batch.state else move_batch(tx, batch, target, by=by, reason=reason)


def _target(rx: Reading, batch: BatchRecord) -> BatchState:
    states = frozenset(each.state for each in files_of(rx, batch.batch_id))
    if states == {FileState.REJECTED}:
        return BatchState.FILE_REJECTED
    own = _LINE.c.batch_id == batch.batch_id
    is_in_doubt = sa.exists().where(own, _LINE.c.state.in_(sorted(IN_DOUBT)))
    is_answered = sa.exists().where(own, _LINE.c.state.not_in(sorted({*IN_DOUBT, AttemptState.VOIDED})))
    if not rx.connection.scalar(sa.select(is_in_doubt)):
        return BatchState.SETTLED
    if rx.connection.scalar(sa.select(is_answered)):
        return BatchState.SETTLING
    if batch.state is BatchState.STOP_FAILED:
        return batch.state
    if FileState.SUBMISSION_UNKNOWN in states:
        return BatchState.SUBMISSION_UNKNOWN
    if FileState.NOT_RECEIVED in states:
        return BatchState.NOT_RECEIVED if batch.state is BatchState.SUBMISSION_UNKNOWN else batch.state
    return _AS_FILES.get(states, BatchState.SUBMITTED)


def cancel_batch(tx: Writing, batch_id: str, *, by: str, reason: str) -> BatchRecord:
    """Take a batch back that has not gone out: its items are open again.

    Fails: RefusedError where it has gone out.
    """
    take_lines(tx, batch_id)
    cancelled = move_batch(tx, batch_of(tx, batch_id), BatchState.CANCELLED, by=by, reason=reason)
    release_lines(tx, cancelled)
    return cancelled


def stop_batch(tx: Writing, batch_id: str, *, by: str, reason: str) -> BatchRecord:
    """Stop a batch at any time: before it goes out nothing of it can; afterwards the bank has to be asked.

    INVARIANT: it waits for whoever lets the batch go, and the other way round: both move the one row, so that once a stop
    is committed no later commit instructs an item of it.
    Fails: RefusedError where every line of it is answered, or it was stopped already.
    """
    batch = batch_of(tx, batch_id)
    if batch.state in AT_THE_BANK:
        return move_batch(tx, batch, BatchState.STOP_REQUESTED, by=by, reason=reason)
    if batch.state is BatchState.STOPPED:
        raise refused(StoreCode.WRONG_STATE, batch_id, "it is stopped already", "nothing is left to do")
    return move_batch(tx, batch, BatchState.STOPPED, by=by, reason=reason)


def resume_batch(tx: Writing, batch_id: str, *, by: str, reason: str) -> BatchRecord:
    """Let a stopped batch go on: frozen, with every approval void.

    Fails: RefusedError where it is not stopped, or who lets it go on is who stopped it.
    """
    batch = batch_of(tx, batch_id)
    if batch.state is not BatchState.STOPPED:
        remedy = "look at it again: `mianshen payouts show BATCH`"
        raise refused(StoreCode.WRONG_STATE, batch_id, f"the batch is `{batch.state}`, not stopped", remedy)
    if by == last_step_by(tx, batch_id, BatchState.STOPPED):
        message = f"`{by}` stopped it, and another person lets it go on"
        raise refused(StoreCode.OWN_APPROVAL, batch_id, message, "have a colleague look at the reason")
    return move_batch(tx, batch, BatchState.FROZEN, by=by, reason=reason)


def last_step_by(rx: Reading, batch_id: str, target: BatchState) -> str | None:
    """Return which person took a batch's last step into a state, or None; what leaves it of itself is nobody's step."""
    steps = reversed(steps_of_batch(rx, batch_id))
    return next((each.taken_by for each in steps if each.target is target and each.taken_by is not None), None)


def _not_approved(batch: BatchRecord) -> Exception:
    if batch.state is BatchState.STOPPED:
        message, remedy = "somebody stopped it", "see `mianshen payouts show`; another person may let it go on"
        return refused(StoreCode.STOPPED, batch.batch_id, message, remedy)
    message = f"the batch is `{batch.state}`, not approved"
    return refused(StoreCode.WRONG_STATE, batch.batch_id, message, "look at it: `mianshen payouts show BATCH`")


def _refuse_contradicted(rx: Reading, batch: BatchRecord) -> None:
    """Refuse to pay an item about which the bank contradicts itself: it may have been paid already."""
    own = sa.select(_LINE.c.item_id).where(_LINE.c.batch_id == batch.batch_id, _LINE.c.state == AttemptState.CREATED)
    waiting = sa.select(sa.func.count()).where(sa.text(UNSETTLED), _BANK_LINE.c.item_id.in_(own))
    count = int(rx.connection.scalar(waiting) or 0)
    if count:
        message = f"{count} lines of the bank's about its items wait for somebody to look at them"
        raise refused(StoreCode.UNSETTLED, batch.batch_id, message, "settle them: `mianshen payouts exceptions`")


def drop_lines(tx: Writing, batch_id: str, item_ids: pl.Series, *, reason: str) -> BatchRecord:
    """Take some items out of a batch that has not gone out: they are open again, and the rest is frozen anew.

    Fails: RefusedError where it has gone out by now, or one of them is not in it.
    """
    own = sa.and_(is_among(tx, _ITEM.c.item_id, item_ids), _ITEM.c.state == ItemState.IN_BATCH)
    take_obligations(tx, _OBLIGATION.c.obligation_id.in_(sa.select(_ITEM.c.obligation_id).where(own)))
    leave_batches(tx, item_ids, reason=reason)
    if replace_rows(tx, ItemRow, own, state=ItemState.OPEN, changed_at=tx.now) != item_ids.len():
        raise changed_in_between()
    return batch_of(tx, batch_id)
