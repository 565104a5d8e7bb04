"""Notices: where a message stands on its way, what a channel says of it later, and where it stands in an inbox."""

from enum import StrEnum


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
