"""Approvals of batches: so many people for exactly one content, for a while; none of them made it or wrote its rule."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from store.batch_steps import move_batch, release_lines, take_batch, take_lines
from store.batches import BatchRecord, batch_of
from store.codes import StoreCode
from store.faults import refused
from store.opening import Reading, Writing
from store.rows import insert_rows
from store.states.paying import BatchState
from store.states.rules import VersionState
from store.tables import BatchApproval, ProposalRow, ProposedVersionRow, table_of

_APPROVAL = table_of(BatchApproval)
_PROPOSAL = table_of(ProposalRow)
_VERSION = table_of(ProposedVersionRow)

WAITS_FOR_APPROVAL = frozenset({BatchState.FROZEN, BatchState.IN_APPROVAL})


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's approval of one revision of a batch."""

    revision: int
    number: int
    content_hash: str
    approved_by: str
    approved_at: dt.datetime
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Ballot:
    """What an approval is worth: how many people a batch of its amount needs, and until when this one counts."""

    needed: int
    expires_at: dt.datetime


def approvals_of(rx: Reading, batch: BatchRecord) -> tuple[Approval, ...]:
    """Return the approvals that count now: of this very content, and not lapsed."""
    return tuple(
        each
        for each in all_approvals(rx, batch.batch_id)
        if each.revision == batch.revision and each.content_hash == batch.content_hash and each.expires_at > rx.now
    )


def all_approvals(rx: Reading, batch_id: str) -> tuple[Approval, ...]:
    """Return every approval that a batch ever had, in order."""
    names = Approval.__dataclass_fields__
    chosen = sa.select(*(_APPROVAL.c[name] for name in names)).where(_APPROVAL.c.batch_id == batch_id)
    return tuple(
        Approval(*row) for row in rx.connection.execute(chosen.order_by(_APPROVAL.c.revision, _APPROVAL.c.number))
    )


def authors_of(rx: Reading, policy: str) -> frozenset[str]:
    """Return who wrote or handed in any published version of a policy: they do not approve its money."""
    joined = _VERSION.join(_PROPOSAL, _VERSION.c.proposal_id == _PROPOSAL.c.proposal_id)
    chosen = (
        sa.select(_PROPOSAL.c.authored_by, _PROPOSAL.c.submitted_by)
        .select_from(joined)
        .where(_VERSION.c.policy == policy, _PROPOSAL.c.state == VersionState.PUBLISHED)
        .distinct()
    )
    return frozenset(name for row in rx.connection.execute(chosen) for name in row)


def approve_batch(tx: Writing, batch_id: str, *, approved_hash: str, by: str, ballot: Ballot) -> BatchRecord:
    """Approve exactly the content that was looked at; approved is the batch once enough people have.

    Fails: RefusedError where the batch holds something else by now or waits for no approval, where who approves made it,
           wrote its rule, or has approved it already.
    """
    take_batch(tx, batch_id)
    batch = with_content(tx, batch_id, approved_hash)
    if batch.state not in WAITS_FOR_APPROVAL:
        raise _not_waiting(batch)
    _refuse_partial(tx, batch, by)
    before = approvals_of(tx, batch)
    if by in {each.approved_by for each in before}:
        message = f"`{by}` has approved it already"
        raise refused(StoreCode.OWN_APPROVAL, batch_id, message, "have another officer look at it")
    every = [each for each in all_approvals(tx, batch_id) if each.revision == batch.revision]
    row = {
        "batch_id": batch_id,
        "revision": batch.revision,
        "number": len(every) + 1,
        "content_hash": approved_hash,
        "approved_by": by,
        "approved_at": tx.now,
        "expires_at": ballot.expires_at,
    }
    insert_rows(tx, BatchApproval, [row])
    if len(before) + 1 >= ballot.needed:
        return move_batch(tx, batch, BatchState.APPROVED, by=by)
    return batch if batch.state is BatchState.IN_APPROVAL else move_batch(tx, batch, BatchState.IN_APPROVAL, by=by)


def reject_batch(tx: Writing, batch_id: str, *, by: str, reason: str) -> BatchRecord:
    """Say no to a batch: its items are open again, and are collected anew.

    Fails: RefusedError where it has gone out.
    """
    take_lines(tx, batch_id)
    rejected = move_batch(tx, batch_of(tx, batch_id), BatchState.REJECTED, by=by, reason=reason)
    release_lines(tx, rejected)
    return move_batch(tx, rejected, BatchState.RELEASED, by=by, reason=reason)


def lapse_approvals(tx: Writing, batch_id: str, *, needed: int) -> bool:
    """Take an approved batch back where too few of its approvals still count; say whether it was."""
    batch = batch_of(tx, batch_id)
    if batch.state is not BatchState.APPROVED or len(approvals_of(tx, batch)) >= needed:
        return False
    move_batch(tx, batch, BatchState.IN_APPROVAL, by=None, reason="approvals have lapsed")
    return True


def refuse_release(rx: Reading, batch: BatchRecord, *, by: str, needed: int) -> None:
    """Refuse to let a batch go out without enough approvals, or by the hand of somebody who made or approved it.

    Fails: RefusedError.
    """
    standing = approvals_of(rx, batch)
    if len(standing) < needed:
        message = f"{len(standing)} of {needed} approvals of this content count"
        raise refused(
            StoreCode.NOT_ENOUGH_APPROVALS, batch.batch_id, message, "have it approved: `mianshen payouts approve`"
        )
    if by in {each.approved_by for each in standing} or by == batch.made_by:
        message = f"`{by}` made or approved it, and whoever lets money go did neither"
        raise refused(StoreCode.OWN_APPROVAL, batch.batch_id, message, "have the paymaster, or a colleague, export it")


def with_content(tx: Reading, batch_id: str, approved_hash: str) -> BatchRecord:
    """Return a batch, if it still holds what somebody looked at.

    Fails: RefusedError where it holds something else.
    """
    batch = batch_of(tx, batch_id)
    if batch.content_hash != approved_hash:
        raise refused(
            StoreCode.CHANGED,
            batch_id,
            "the batch holds something other than what was looked at",
            "look at it again: an item left it, and approvals of the former content are void",
        )
    return batch


def _refuse_partial(rx: Reading, batch: BatchRecord, by: str) -> None:
    """Refuse the approval of whoever made the batch or wrote the rule that it pays."""
    if by == batch.made_by:
        message = f"`{by}` made it, and nobody approves their own work"
    elif by in authors_of(rx, batch.policy):
        message = f"`{by}` wrote or submitted the rule that it pays, and nobody approves their own work"
    else:
        return
    raise refused(StoreCode.OWN_APPROVAL, batch.batch_id, message, "have another officer look at it and approve it")


def _not_waiting(batch: BatchRecord) -> Exception:
    message = f"the batch is `{batch.state}` and waits for no approval"
    return refused(StoreCode.WRONG_STATE, batch.batch_id, message, "look at it again: `mianshen payouts show BATCH`")
