"""Overpayment cases: where they stand, what is done on them, and what of them is given up."""

from enum import StrEnum


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
