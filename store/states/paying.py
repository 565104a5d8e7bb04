"""Payment: where a batch stands, each attempt in it, and each of its files; and what becomes of a line of the bank's."""

from enum import StrEnum


class BatchState(StrEnum):
    """Where a payout batch stands."""

    FROZEN = "frozen"  # totals and content hash computed; waits for approval
    IN_APPROVAL = "in_approval"  # some, not yet enough, have approved exactly this content
    APPROVED = "approved"
    REJECTED = "rejected"  # an approver says no; its items go back with it
    CANCELLED = "cancelled"  # taken back before it went out
    STOPPED = "stopped"  # nothing of it goes out until another person lets it go on
    EXPORTED = "exported"  # its files are written; from now on its money may move
    SUBMITTED = "submitted"  # handed to the bank
    SUBMISSION_UNKNOWN = "submission_unknown"  # the bank's answer was lost
    NOT_RECEIVED = "not_received"  # the bank never had it: the same file may go again
    ACKNOWLEDGED = "acknowledged"
    FILE_REJECTED = "file_rejected"  # the bank took none of its files
    STOP_REQUESTED = "stop_requested"  # the bank was asked not to carry it out
    STOP_CONFIRMED = "stop_confirmed"
    STOP_FAILED = "stop_failed"  # too late
    SETTLING = "settling"  # the bank has answered for some lines
    SETTLED = "settled"  # and for all
    RECONCILED = "reconciled"  # the account's statement shows the same
    CLOSED = "closed"
    RELEASED = "released"  # its items go another way


BEFORE_EXPORT = frozenset({BatchState.FROZEN, BatchState.IN_APPROVAL, BatchState.APPROVED, BatchState.STOPPED})
"""A batch in one of these holds items that nobody has instructed."""


AT_THE_BANK = frozenset(
    {
        BatchState.EXPORTED,
        BatchState.SUBMITTED,
        BatchState.SUBMISSION_UNKNOWN,
        BatchState.NOT_RECEIVED,
        BatchState.ACKNOWLEDGED,
        BatchState.STOP_REQUESTED,
        BatchState.STOP_FAILED,
        BatchState.SETTLING,
    }
)
"""A batch in one of these has lines for which the bank has still to answer."""


_ANSWERED = frozenset({BatchState.SETTLING, BatchState.SETTLED})


BATCH_TRANSITIONS: dict[BatchState, frozenset[BatchState]] = {
    # From frozen to frozen: it lost an item, and has new totals and a new hash; approvals of the former are void.
    BatchState.FROZEN: frozenset(
        {
            BatchState.FROZEN,
            BatchState.IN_APPROVAL,
            BatchState.APPROVED,
            BatchState.REJECTED,
            BatchState.CANCELLED,
            BatchState.STOPPED,
        }
    ),
    BatchState.IN_APPROVAL: frozenset(
        {BatchState.FROZEN, BatchState.APPROVED, BatchState.REJECTED, BatchState.CANCELLED, BatchState.STOPPED}
    ),
    BatchState.APPROVED: frozenset(
        {
            BatchState.FROZEN,
            BatchState.IN_APPROVAL,  # approvals have lapsed
            BatchState.EXPORTED,
            BatchState.REJECTED,
            BatchState.CANCELLED,
            BatchState.STOPPED,
        }
    ),
    BatchState.REJECTED: frozenset({BatchState.RELEASED}),
    BatchState.CANCELLED: frozenset(),
    BatchState.STOPPED: frozenset({BatchState.STOPPED, BatchState.FROZEN, BatchState.CANCELLED}),
    BatchState.EXPORTED: frozenset(
        {
            BatchState.SUBMITTED,
            BatchState.SUBMISSION_UNKNOWN,
            BatchState.ACKNOWLEDGED,
            BatchState.FILE_REJECTED,
            BatchState.STOP_REQUESTED,
            *_ANSWERED,
        }
    ),
    BatchState.SUBMITTED: frozenset(
        {
            BatchState.SUBMISSION_UNKNOWN,
            BatchState.ACKNOWLEDGED,
            BatchState.FILE_REJECTED,
            BatchState.STOP_REQUESTED,
            *_ANSWERED,
        }
    ),
    BatchState.SUBMISSION_UNKNOWN: frozenset(
        {
            BatchState.NOT_RECEIVED,
            BatchState.SUBMITTED,  # of several files one went again, and the bank has the others
            BatchState.ACKNOWLEDGED,
            BatchState.FILE_REJECTED,
            BatchState.STOP_REQUESTED,
            *_ANSWERED,
        }
    ),
    BatchState.NOT_RECEIVED: frozenset(
        {
            BatchState.SUBMITTED,
            BatchState.SUBMISSION_UNKNOWN,  # of several files one went again, and its answer was lost too
            BatchState.STOP_REQUESTED,
            *_ANSWERED,
        }
    ),
    BatchState.ACKNOWLEDGED: frozenset({BatchState.FILE_REJECTED, BatchState.STOP_REQUESTED, *_ANSWERED}),
    BatchState.FILE_REJECTED: frozenset({BatchState.RELEASED}),
    BatchState.STOP_REQUESTED: frozenset({BatchState.STOP_CONFIRMED, BatchState.STOP_FAILED}),
    BatchState.STOP_CONFIRMED: frozenset({BatchState.SETTLED, BatchState.RELEASED}),  # settled: some of it was paid
    BatchState.STOP_FAILED: _ANSWERED | {BatchState.FILE_REJECTED},
    # The bank may refuse the files one after another.
    BatchState.SETTLING: frozenset({BatchState.SETTLED, BatchState.FILE_REJECTED, BatchState.STOP_REQUESTED}),
    BatchState.SETTLED: frozenset({BatchState.RECONCILED}),
    BatchState.RECONCILED: frozenset({BatchState.SETTLED, BatchState.CLOSED}),  # settled anew: money came back late
    BatchState.CLOSED: frozenset(),
    BatchState.RELEASED: frozenset(),
}


class AttemptState(StrEnum):
    """Where one instruction of one item stands: a line of a batch."""

    CREATED = "created"
    VOIDED = "voided"  # it left its batch before anything went out
    INSTRUCTED = "instructed"
    UNKNOWN = "unknown"  # nobody knows whether the bank carries it out
    CONFIRMED_PAID = "confirmed_paid"
    CONFIRMED_FAILED = "confirmed_failed"
    RETURNED = "returned"  # 退票: it came back


ATTEMPT_TRANSITIONS: dict[AttemptState, frozenset[AttemptState]] = {
    AttemptState.CREATED: frozenset({AttemptState.VOIDED, AttemptState.INSTRUCTED}),
    AttemptState.VOIDED: frozenset(),
    AttemptState.INSTRUCTED: frozenset(
        {
            AttemptState.UNKNOWN,
            AttemptState.CONFIRMED_PAID,
            AttemptState.CONFIRMED_FAILED,
            AttemptState.RETURNED,
        }
    ),
    AttemptState.UNKNOWN: frozenset(
        {
            AttemptState.INSTRUCTED,  # the bank has it after all, or has it now
            AttemptState.CONFIRMED_PAID,
            AttemptState.CONFIRMED_FAILED,
            AttemptState.RETURNED,
        }
    ),
    AttemptState.CONFIRMED_PAID: frozenset({AttemptState.RETURNED}),
    AttemptState.CONFIRMED_FAILED: frozenset({AttemptState.RETURNED}),
    AttemptState.RETURNED: frozenset({AttemptState.CONFIRMED_PAID}),  # two people settle that it was paid after all
}


LIVE_ATTEMPT = frozenset(
    {AttemptState.CREATED, AttemptState.INSTRUCTED, AttemptState.UNKNOWN, AttemptState.CONFIRMED_PAID}
)
"""An item has at most one attempt in one of these: it is being paid, or was."""


IN_DOUBT = frozenset({AttemptState.INSTRUCTED, AttemptState.UNKNOWN})
"""The bank has still to answer."""


CAME_BACK = frozenset({AttemptState.CONFIRMED_FAILED, AttemptState.RETURNED})


class FileState(StrEnum):
    """Where a payment file stands."""

    EXPORTED = "exported"
    SUBMITTED = "submitted"
    SUBMISSION_UNKNOWN = "submission_unknown"
    NOT_RECEIVED = "not_received"
    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"
    SETTLED = "settled"  # every line of it is answered


FILE_TRANSITIONS: dict[FileState, frozenset[FileState]] = {
    FileState.EXPORTED: frozenset(
        {
            FileState.SUBMITTED,
            FileState.SUBMISSION_UNKNOWN,
            FileState.ACKNOWLEDGED,
            FileState.REJECTED,
            FileState.SETTLED,
        }
    ),
    FileState.SUBMITTED: frozenset(
        {FileState.SUBMISSION_UNKNOWN, FileState.ACKNOWLEDGED, FileState.REJECTED, FileState.SETTLED}
    ),
    FileState.SUBMISSION_UNKNOWN: frozenset(
        {FileState.NOT_RECEIVED, FileState.ACKNOWLEDGED, FileState.REJECTED, FileState.SETTLED}
    ),
    FileState.NOT_RECEIVED: frozenset({FileState.SUBMITTED, FileState.SETTLED}),  # the same file, the same bytes
    FileState.ACKNOWLEDGED: frozenset({FileState.REJECTED, FileState.SETTLED}),
    FileState.REJECTED: frozenset(),
    FileState.SETTLED: frozenset(),
}


class Verdict(StrEnum):
    """What becomes of one line of what the bank sends."""

    MATCHED = "matched"
    DUPLICATE = "duplicate"  # it was said before
    LATE_CHANGE = "late_change"  # money that had arrived came back
    EXCEPTION = "exception"  # a person has to look; nothing moves by it
