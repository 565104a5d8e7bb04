"""The states that only the database keeps, and which of them may follow which.

The states of grants and items stand in `core.ledger`, with their transitions.
"""

from enum import StrEnum


class VersionState(StrEnum):
    """Where a rule version stands between its author's file and force; a proposal that carries none goes the same way."""

    DRAFT = "draft"  # a file that nobody has submitted, or that came back
    SUBMITTED = "submitted"  # frozen with the plan of its effect; waits for another person
    RETURNED = "returned"  # sent back with a reason; its next revision begins as a draft
    APPROVED = "approved"  # somebody else has signed the fingerprint of exactly this plan
    PUBLISHED = "published"  # kept for ever; its activations say on which days it stands
    WITHDRAWN = "withdrawn"  # taken back before it was published


PENDING_VERSION = frozenset({VersionState.SUBMITTED, VersionState.APPROVED})
"""What waits for somebody; a policy has one proposal of the kind at a time."""

VERSION_TRANSITIONS: dict[VersionState, frozenset[VersionState]] = {
    VersionState.DRAFT: frozenset({VersionState.SUBMITTED}),
    VersionState.SUBMITTED: frozenset({VersionState.APPROVED, VersionState.RETURNED, VersionState.WITHDRAWN}),
    VersionState.RETURNED: frozenset({VersionState.DRAFT}),
    VersionState.APPROVED: frozenset({VersionState.PUBLISHED, VersionState.WITHDRAWN}),
    VersionState.PUBLISHED: frozenset(),
    VersionState.WITHDRAWN: frozenset(),
}


class ActivationState(StrEnum):
    """Where an activation stands; which version decides a day is for `rules.standing` to say."""

    SCHEDULED = "scheduled"  # published; no night has reached its first day
    SHADOW = "shadow"  # computed beside each night; nothing leaves
    IN_FORCE = "in_force"
    SUSPENDED = "suspended"  # stopped by a person: nothing follows from it until another lets it go on
    LAPSED = "lapsed"  # a night has passed its last day


ACTIVATION_TRANSITIONS: dict[ActivationState, frozenset[ActivationState]] = {
    # One that was published this afternoon is stopped before its first night, and one whose days are over still decides
    # about them; from a suspension each goes back to where it came from.
    ActivationState.SCHEDULED: frozenset({ActivationState.SHADOW, ActivationState.IN_FORCE, ActivationState.SUSPENDED}),
    ActivationState.SHADOW: frozenset({ActivationState.IN_FORCE, ActivationState.SUSPENDED}),
    ActivationState.IN_FORCE: frozenset({ActivationState.LAPSED, ActivationState.SUSPENDED}),
    ActivationState.SUSPENDED: frozenset(
        {ActivationState.SCHEDULED, ActivationState.SHADOW, ActivationState.IN_FORCE, ActivationState.LAPSED}
    ),
    ActivationState.LAPSED: frozenset({ActivationState.SUSPENDED}),
}


class RunState(StrEnum):
    """Where one night stands."""

    CLAIMED = "claimed"
    RUNNING = "running"
    VERIFYING = "verifying"  # computed; its guards are being asked
    PUBLISHED = "published"
    ABORTED = "aborted"


LIVE_RUN = frozenset({RunState.CLAIMED, RunState.RUNNING, RunState.VERIFYING})
"""A run in one of these belongs to the holder of its lease."""

RUN_TRANSITIONS: dict[RunState, frozenset[RunState]] = {
    RunState.CLAIMED: frozenset({RunState.RUNNING, RunState.ABORTED}),
    RunState.RUNNING: frozenset({RunState.VERIFYING, RunState.ABORTED}),
    RunState.VERIFYING: frozenset({RunState.PUBLISHED, RunState.ABORTED}),
    RunState.PUBLISHED: frozenset(),
    RunState.ABORTED: frozenset({RunState.CLAIMED}),
}


class Account(StrEnum):
    """Amounts that stand on an obligation beside its items."""

    RECOVERED = "recovered"  # 追回: money that came back
    WRITTEN_OFF = "written_off"  # 核销
    KEPT = "kept"  # the rule lets an overpayment stand
    CASE = "case"  # the open overpayment case


class PotAccount(StrEnum):
    """Where the money of a pot stands: one policy's money of one fiscal year and purse."""

    GRANTED = "granted"  # 指标下达: where it comes from; as much below zero as was appropriated
    BUDGET = "budget"  # 可用指标: nobody has it yet
    RESERVED = "reserved"  # 已占用: in a batch that has not gone out
    IN_TRANSIT = "in_transit"  # 在途: instructed
    PAID = "paid"  # 已支付
    RETURNED = "returned"  # 退票待处理: came back, and waits to be paid again or given up
    RECEIVABLE = "receivable"  # 应收: overpaid, to be decided or collected
    WRITTEN_OFF = "written_off"  # 核销
    CARRIED = "carried"  # 结转: the other side of what crosses from a closed year into the next
    SURRENDERED = "surrendered"  # 收回上缴: what a closed year did not use, and what comes back to it


NEVER_BELOW_ZERO = (
    PotAccount.RESERVED, PotAccount.IN_TRANSIT, PotAccount.RETURNED, PotAccount.RECEIVABLE, PotAccount.WRITTEN_OFF,
)  # fmt: skip
"""Accounts that hold what somebody put there; the budget has a floor of its own (`store.tables.funds.Pot`)."""

CROSSING = (PotAccount.RESERVED, PotAccount.IN_TRANSIT, PotAccount.RETURNED, PotAccount.RECEIVABLE)
"""What is under way when a year is closed, and goes on in the next."""


class DecisionKind(StrEnum):
    """What is decided about a budget."""

    SET = "set"  # how much a purse gives to a policy in a year, in all
    CLOSE = "close"  # no posting of the year from then on


class DecisionState(StrEnum):
    """Where a decision about a budget stands."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"  # by another person
    WITHDRAWN = "withdrawn"


class CaseState(StrEnum):
    """Where an overpayment case stands."""

    OPENED = "opened"  # by a night; nobody has been told, or it has grown beyond what was told
    NOTIFIED = "notified"  # the subject may object
    APPEALED = "appealed"  # the subject objected: nothing is collected until somebody decides
    CONFIRMED = "confirmed"  # decided, by another person than who told
    COLLECTING = "collecting"  # paid back in parts
    RECOVERED = "recovered"
    PARTLY_RECOVERED = "partly_recovered"  # the rest was given up
    WRITTEN_OFF = "written_off"
    KEPT = "kept"  # the subject may keep it
    WITHDRAWN = "withdrawn"  # nothing is overpaid any more


LIVE_CASE = frozenset(
    {CaseState.OPENED, CaseState.NOTIFIED, CaseState.APPEALED, CaseState.CONFIRMED, CaseState.COLLECTING}
)
"""A case in one of these has something outstanding; an obligation has one of them at most."""

COLLECTED_CASE = frozenset({CaseState.CONFIRMED, CaseState.COLLECTING})
"""Only now may money be asked for; what comes by itself is taken in always."""

CLOSED_CASE = frozenset(CaseState) - LIVE_CASE

CASE_TRANSITIONS: dict[CaseState, frozenset[CaseState]] = {
    # A live case may stay where it is: told again, objected to again, paid in part, changed by a night.
    # Money that comes, what is given up, and a later due may close it from anywhere.
    CaseState.OPENED: CLOSED_CASE | {CaseState.OPENED, CaseState.NOTIFIED},
    CaseState.NOTIFIED: CLOSED_CASE | {CaseState.NOTIFIED, CaseState.OPENED, CaseState.APPEALED, CaseState.CONFIRMED},
    CaseState.APPEALED: CLOSED_CASE | {CaseState.APPEALED, CaseState.OPENED, CaseState.CONFIRMED},
    CaseState.CONFIRMED: CLOSED_CASE
    | {CaseState.CONFIRMED, CaseState.OPENED, CaseState.APPEALED, CaseState.COLLECTING},
    CaseState.COLLECTING: CLOSED_CASE | {CaseState.COLLECTING, CaseState.OPENED, CaseState.APPEALED},
    # A closed case has no exits; money that comes all the same is written down on it.
    **{state: frozenset({state}) for state in sorted(CLOSED_CASE)},
}


class CaseAction(StrEnum):
    """What is done on an overpayment case."""

    RAISED = "raised"  # by a night: more is overpaid
    LOWERED = "lowered"  # by a night: less is
    NOTIFIED = "notified"
    OBJECTED = "objected"
    CONFIRMED = "confirmed"
    REOPENED = "reopened"  # the objection is right: the facts are mended first
    RECEIVED = "received"
    PLANNED = "planned"  # instalments were agreed
    SET_OFF = "set_off"  # from now on it is kept back from later payments
    KEPT_BACK = "kept_back"  # by a night, from a payment
    ASKED = "asked"  # that something be given up
    GRANTED = "granted"
    REFUSED = "refused"
    NOTED = "noted"  # whom to speak with


class ReliefKind(StrEnum):
    """Why something of a case is given up."""

    WAIVER = "waiver"  # 困难减免: paying back would be a hardship
    WRITE_OFF = "write_off"  # 核销: it cannot be collected
    KEEP = "keep"  # 保留: the subject relied on it, and the fault was not theirs


class ReliefState(StrEnum):
    """Where it stands that something is given up."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"


class ObjectionState(StrEnum):
    """Where an objection to a line of a public list stands."""

    OPEN = "open"
    DISMISSED = "dismissed"
    UPHELD = "upheld"


class QuestionState(StrEnum):
    """Where a question stands that a subject was asked."""

    OPEN = "open"
    ANSWERED = "answered"
    SETTLED = "settled"  # the answer no longer matters: a department told, or the rest is known


class NoticeState(StrEnum):
    """Where a message stands in the outbox."""

    PLANNED = "planned"
    SUPPRESSED = "suppressed"  # opt-out, duplicate, superseded
    QUEUED = "queued"
    DEFERRED = "deferred"  # quiet hours, digest
    SENDING = "sending"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
    EXPIRED = "expired"
    UNKNOWN = "unknown"  # the channel may or may not have taken it
    TEMP_FAILED = "temp_failed"
    DEAD = "dead"
    CANCELLED = "cancelled"


NOTICE_TRANSITIONS: dict[NoticeState, frozenset[NoticeState]] = {
    NoticeState.PLANNED: frozenset({NoticeState.QUEUED, NoticeState.SUPPRESSED, NoticeState.CANCELLED}),
    NoticeState.SUPPRESSED: frozenset(),
    NoticeState.QUEUED: frozenset(
        {
            NoticeState.SENDING,
            NoticeState.DEFERRED,
            NoticeState.SUPPRESSED,
            NoticeState.CANCELLED,
            NoticeState.DELIVERED,
        }
    ),
    # What is deferred or failed for now is sent again when its time has come, without being queued in between.
    NoticeState.DEFERRED: frozenset(
        {NoticeState.QUEUED, NoticeState.SENDING, NoticeState.CANCELLED, NoticeState.DELIVERED}
    ),
    NoticeState.SENDING: frozenset(
        {
            NoticeState.ACCEPTED,
            NoticeState.TEMP_FAILED,
            NoticeState.UNKNOWN,
            NoticeState.DEAD,
            NoticeState.SUPPRESSED,  # there was nowhere to send it
            NoticeState.QUEUED,  # claimed, and then not tried
        }
    ),
    NoticeState.ACCEPTED: frozenset({NoticeState.DELIVERED, NoticeState.UNDELIVERABLE, NoticeState.EXPIRED}),
    NoticeState.DELIVERED: frozenset(),
    # A receipt may come later than we waited for it, and a network may try again what it said it could not deliver.
    NoticeState.UNDELIVERABLE: frozenset({NoticeState.DELIVERED}),
    NoticeState.EXPIRED: frozenset({NoticeState.DELIVERED, NoticeState.UNDELIVERABLE}),
    NoticeState.UNKNOWN: frozenset(
        {
            NoticeState.ACCEPTED,
            NoticeState.DELIVERED,
            NoticeState.UNDELIVERABLE,
            NoticeState.TEMP_FAILED,
            NoticeState.DEAD,
        }
    ),
    # A receipt can say that the recipient has what we thought was refused: then it is not sent again.
    NoticeState.TEMP_FAILED: frozenset(
        {
            NoticeState.QUEUED,
            NoticeState.SENDING,
            NoticeState.DEFERRED,
            NoticeState.DEAD,
            NoticeState.ACCEPTED,
            NoticeState.UNDELIVERABLE,
            NoticeState.DELIVERED,
        }
    ),
    NoticeState.DEAD: frozenset(
        {NoticeState.QUEUED, NoticeState.ACCEPTED, NoticeState.UNDELIVERABLE, NoticeState.DELIVERED}
    ),
    NoticeState.CANCELLED: frozenset(),
}


class DoubtVerdict(StrEnum):
    """What a person found out about a message in doubt."""

    ARRIVED = "arrived"
    LOST = "lost"  # it never arrived, and is sent again
    GIVEN_UP = "given_up"  # nobody can tell; its recipient is reached another way


class ReceiptOutcome(StrEnum):
    """What a channel says later of a message that it was given."""

    ACCEPTED = "accepted"
    UNDELIVERABLE = "undeliverable"
    DELIVERED = "delivered"


class ReceiptState(StrEnum):
    """What came of a receipt; each is kept, whatever it says."""

    WAITING = "waiting"  # its message is being sent at this moment, or its reference is not known
    APPLIED = "applied"
    NOTHING_NEW = "nothing_new"  # as much, or more, was known already


class InboxState(StrEnum):
    """Where an item of somebody's inbox stands; one without a row is unread."""

    UNREAD = "unread"
    READ = "read"
    ARCHIVED = "archived"


INBOX_TRANSITIONS: dict[InboxState, frozenset[InboxState]] = {
    InboxState.UNREAD: frozenset({InboxState.READ}),
    InboxState.READ: frozenset({InboxState.ARCHIVED}),
    InboxState.ARCHIVED: frozenset(),
}


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


class GrievanceKind(StrEnum):
    """What somebody comes with."""

    ENTITLEMENT = "entitlement"  # 资格或金额异议: the subject says that something else is due
    CLAIM = "claim"  # 追回异议: the subject says that nothing was overpaid
    REPORT = "report"  # 举报: somebody says that a benefit is not due to who has it
    UNDONE = "undone"  # 办不成事: it cannot be got done
    SERVICE = "service"  # 服务投诉
    DISSATISFIED = "dissatisfied"  # 差评: rated so after a payment or a decision


class GrievanceSource(StrEnum):
    """Where it came in."""

    COUNTER = "counter"
    HOTLINE = "hotline"  # 12345
    PAGE = "page"
    RATING = "rating"


class GrievanceState(StrEnum):
    """Where a grievance stands; overdue is computed, and no state."""

    RECEIVED = "received"
    NOT_ACCEPTED = "not_accepted"  # with a reason
    ACCEPTED = "accepted"
    INVESTIGATING = "investigating"
    WAITING = "waiting"  # for the applicant; the clock stands still
    DECIDED = "decided"
    EXECUTED = "executed"  # what was decided is done
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    REAPPEALED = "reappealed"  # another one goes on with it, before another person


OPEN_GRIEVANCE = frozenset(
    {
        GrievanceState.RECEIVED,
        GrievanceState.ACCEPTED,
        GrievanceState.INVESTIGATING,
        GrievanceState.WAITING,
        GrievanceState.DECIDED,
        GrievanceState.EXECUTED,
    }
)
"""Somebody has still to do something."""

UNDECIDED_GRIEVANCE = OPEN_GRIEVANCE - {GrievanceState.DECIDED, GrievanceState.EXECUTED}
"""What it holds is held as long as it stands in one of these."""

GRIEVANCE_TRANSITIONS: dict[GrievanceState, frozenset[GrievanceState]] = {
    GrievanceState.RECEIVED: frozenset(
        {GrievanceState.ACCEPTED, GrievanceState.NOT_ACCEPTED, GrievanceState.WITHDRAWN}
    ),
    GrievanceState.NOT_ACCEPTED: frozenset({GrievanceState.REAPPEALED}),
    GrievanceState.ACCEPTED: frozenset({GrievanceState.INVESTIGATING, GrievanceState.WITHDRAWN}),
    GrievanceState.INVESTIGATING: frozenset({GrievanceState.WAITING, GrievanceState.DECIDED, GrievanceState.WITHDRAWN}),
    GrievanceState.WAITING: frozenset({GrievanceState.INVESTIGATING, GrievanceState.WITHDRAWN}),
    GrievanceState.DECIDED: frozenset({GrievanceState.EXECUTED, GrievanceState.CLOSED, GrievanceState.REAPPEALED}),
    GrievanceState.EXECUTED: frozenset({GrievanceState.CLOSED, GrievanceState.REAPPEALED}),
    GrievanceState.CLOSED: frozenset({GrievanceState.REAPPEALED}),
    GrievanceState.WITHDRAWN: frozenset(),
    GrievanceState.REAPPEALED: frozenset(),
}


class GrievanceOutcome(StrEnum):
    """How a grievance is decided."""

    UPHELD = "upheld"
    PARTLY = "partly"
    REJECTED = "rejected"


class ErrandKind(StrEnum):
    """What takes too long for a page, and is carried out beside it."""

    READINESS = "readiness"  # what a data steward does first
    REPLAY = "replay"  # a published night computed again
    PLAN = "plan"  # a change on everybody
    NIGHT = "night"


class ErrandState(StrEnum):
    """How far an errand is."""

    ASKED = "asked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # its result says why
    BROKEN_OFF = "broken_off"  # whoever worked on it is gone, or nobody took it


LIVE_ERRAND = frozenset({ErrandState.ASKED, ErrandState.RUNNING})


class LoginWay(StrEnum):
    """By what somebody showed who they are."""

    LOCAL = "local"  # an account of a trial
    OIDC = "oidc"  # the government's identity provider


class SessionEnd(StrEnum):
    """How a session came to its end before its time."""

    LOGGED_OUT = "logged_out"
    RENEWED = "renewed"  # under another token: the person showed again who they are, or acts for another subject
    REVOKED = "revoked"


class PortalScope(StrEnum):
    """What a portal of the city may read of a subject, and do in its name."""

    MATCHES = "matches"  # what it gets and could get, with the reasons
    PAYMENTS = "payments"  # each with its state, and what is claimed back
    NOTICES = "notices"  # its inbox; opening a letter is its receipt
    CONFIRM = "confirm"  # yes, with the account to pay to; no; and being asked once more
    WAIVE = "waive"  # giving it up, and taking that back
    ANSWER = "answer"  # the one question that is open
    OBJECT = "object"  # saying that a fact, an outcome or a claim is wrong, and reading what came of it
    SUBSCRIBE = "subscribe"  # which kinds of notices it wants
