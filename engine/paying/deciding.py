"""What people decide about a batch before it goes out, and how it is stopped: each deed with its reason and its doer."""

import datetime as dt

from core.clock import civil_day, civil_instant
from core.days import add_days
from core.ledger import ItemState
from engine.deployment import Deployment
from engine.paying.doers import SENDS, SIGNS, STOPS, may
from store.approvals import Ballot, approve_batch, reject_batch
from store.audit import record, words_digest
from store.audit_chain import JSON
from store.bank_lines import attempts_with, fail_lines, reopen_items
from store.batch_steps import move_batch
from store.batches import BatchRecord, batch_of, read_lines
from store.closed_accounts import mark_right
from store.codes import StoreCode
from store.faults import refused
from store.opening import Reading
from store.payouts import cancel_batch, follow_files, last_step_by, resume_batch, stop_batch
from store.states.paying import AttemptState, BatchState

HASH_LENGTH_MIN = 12  # of what a person types: as many as stand out on an approval sheet


def people_for(deployment: Deployment, batch: BatchRecord) -> int:
    """Return how many people have to approve a batch."""
    return deployment.workspace.settings.payouts.people_for(batch.total_fen)


def ballot_for(deployment: Deployment, batch: BatchRecord, now: dt.datetime) -> Ballot:
    """Return what an approval is worth: by the amount of its batch, until the end of the last working day it counts on."""
    days = deployment.workspace.settings.payouts.approval_days
    last = deployment.calendar.nth(add_days(civil_day(now), 1), days)
    return Ballot(people_for(deployment, batch), civil_instant(add_days(last, 1)))


def approve(deployment: Deployment, batch_id: str, *, content_hash: str, by: str) -> BatchRecord:
    """Approve exactly the content that was looked at; the first characters of its hash say which, as on the sheet.

    Fails: RefusedError; as `store.approvals.approve_batch`.
    """
    may(deployment, by, SIGNS, batch_id)
    with deployment.store.writing() as tx:
        record(tx, "batch.approved", by=by, about=batch_id, said={"hash": content_hash})
        batch = batch_of(tx, batch_id)
        is_meant = len(content_hash) >= HASH_LENGTH_MIN and batch.content_hash.startswith(content_hash)
        approved_hash = batch.content_hash if is_meant else content_hash
        return approve_batch(
            tx, batch_id, approved_hash=approved_hash, by=by, ballot=ballot_for(deployment, batch, tx.now)
        )


def reject(deployment: Deployment, batch_id: str, *, by: str, reason: str) -> BatchRecord:
    """Say no to a batch: its items are open again, and are collected anew.

    Fails: RefusedError where it has gone out.
    """
    may(deployment, by, SIGNS, batch_id)
    with deployment.store.writing() as tx:
        record(tx, "batch.rejected", by=by, about=batch_id, said={"reason": words_digest(reason)})
        return reject_batch(tx, batch_id, by=by, reason=reason)


def cancel(deployment: Deployment, batch_id: str, *, by: str, reason: str) -> BatchRecord:
    """Take a batch back that has not gone out; as `reject`."""
    may(deployment, by, STOPS, batch_id)
    with deployment.store.writing() as tx:
        record(tx, "batch.cancelled", by=by, about=batch_id, said={"reason": words_digest(reason)})
        return cancel_batch(tx, batch_id, by=by, reason=reason)


def stop(deployment: Deployment, batch_id: str, *, by: str, reason: str) -> BatchRecord:
    """Stop a batch at any time; as `store.payouts.stop_batch`."""
    may(deployment, by, STOPS, batch_id)
    with deployment.store.writing() as tx:
        record(tx, "batch.stopped", by=by, about=batch_id, said={"reason": words_digest(reason)})
        return stop_batch(tx, batch_id, by=by, reason=reason)


def resume(deployment: Deployment, batch_id: str, *, by: str, reason: str) -> BatchRecord:
    """Let a stopped batch go on; as `store.payouts.resume_batch`."""
    may(deployment, by, STOPS, batch_id)
    with deployment.store.writing() as tx:
        record(tx, "batch.resumed", by=by, about=batch_id, said={"reason": words_digest(reason)})
        return resume_batch(tx, batch_id, by=by, reason=reason)


def answer_stop(deployment: Deployment, batch_id: str, *, is_stopped: bool, by: str, evidence: str) -> BatchRecord:
    """Say what the bank answered when it was asked not to carry a batch out; who asked it does not say so.

    Stopped, every line without an answer comes back and may be paid again, and what was paid before is to be reconciled;
    else the bank goes on answering.
    Fails: RefusedError where nobody has asked, or who says it is who asked.
    """
    may(deployment, by, SENDS, batch_id)
    with deployment.store.writing() as tx:
        said = {"is_stopped": is_stopped, "evidence": words_digest(evidence)}
        record(tx, "batch.stop_answered", by=by, about=batch_id, said=said)
        batch = batch_of(tx, batch_id)
        _refuse_asker(tx, batch, by)
        if not is_stopped:
            moved = move_batch(tx, batch, BatchState.STOP_FAILED, by=by, reason=evidence)
            return follow_files(tx, moved.batch_id, by=by)
        moved = move_batch(tx, batch, BatchState.STOP_CONFIRMED, by=by, reason=evidence)
        fail_lines(tx, batch_id)
        if AttemptState.CONFIRMED_PAID in set(read_lines(tx, batch_id)["attempt_state"]):
            return move_batch(
                tx, batch_of(tx, batch_id), BatchState.SETTLED, by=by, reason="some of it was paid before"
            )
        return moved


def reissue(  # all by name; an act has this many parts
    deployment: Deployment,
    batch_id: str,
    *,
    by: str,
    reason: str,
    references: list[str] | None = None,
    to_same_account: bool = False,
) -> int:
    """Let what came back of a batch be paid again, all of it or some; return how many payments that is.

    They are collected on the next working day, each under a new reference. `to_same_account`: where the bank called an
    account closed, somebody has found out that it is right after all.
    Fails: RefusedError where one of them did not come back, or where the bank contradicts itself about it.
    """
    may(deployment, by, SENDS, batch_id)
    with deployment.store.writing() as tx:
        said: dict[str, JSON] = {"reason": words_digest(reason), "count": len(references or ())}
        said |= {"to_same_account": True} if to_same_account else {}
        record(tx, "batch.reissued", by=by, about=batch_id, said=said)
        lines = read_lines(tx, batch_id, is_whole=True)
        back = lines.filter(lines["attempt_state"].is_in([AttemptState.CONFIRMED_FAILED, AttemptState.RETURNED]))
        waiting = back.filter(back["state"] == ItemState.RETURNED)["reference"]
        if references is None and waiting.is_empty():
            message = "nothing of it came back that is not being paid again"
            raise refused(StoreCode.WRONG_STATE, batch_id, message, "see its lines: `mianshen payouts show BATCH`")
        if references is not None:
            waiting = lines.filter(lines["reference"].is_in(references))["reference"]
            if waiting.len() != len(set(references)):
                message = f"{len(set(references)) - waiting.len()} of these references are not of its lines"
                raise refused(StoreCode.UNKNOWN_NAME, batch_id, message, "see its lines: `mianshen payouts show BATCH`")
        count = reopen_items(tx, waiting)
        if to_same_account:
            mark_right(tx, attempts_with(tx, waiting)["account_digest"])
        batch = batch_of(tx, batch_id)
        if batch.state in {BatchState.FILE_REJECTED, BatchState.STOP_CONFIRMED} and count == batch.item_count:
            move_batch(tx, batch, BatchState.RELEASED, by=by, reason=reason)
        return count


def _refuse_asker(rx: Reading, batch: BatchRecord, by: str) -> None:
    if by == last_step_by(rx, batch.batch_id, BatchState.STOP_REQUESTED):
        message = f"`{by}` asked the bank, and another person says what it answered"
        raise refused(StoreCode.OWN_APPROVAL, batch.batch_id, message, "have a colleague look at the bank's answer")
