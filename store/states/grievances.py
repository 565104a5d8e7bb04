"""Grievances: what somebody comes with, where it stands, and how it is decided."""

from enum import StrEnum


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
