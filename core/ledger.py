"""The ledger's records: grants, obligations, items, cases, acts and notices, as they pass between stages.

Amounts are whole fen. States and their transitions: `docs/flow.md`, drawn from the tables below.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class GrantState(StrEnum):
    """Where a grant stands; `core.grant_steps` says what may follow, `engine.lanes.steps` what may be paid."""

    PROPOSED = "proposed"  # found by a night
    OFFERED = "offered"  # lane confirm: asked whether the subject wants it
    ASKED = "asked"  # lane guided: asked the one question that is open
    CONFIRMED = "confirmed"  # the subject said yes
    ANSWERED = "answered"  # lane guided: the subject has answered
    DECLINED = "declined"  # the subject said no; may be offered it again on request
    LAPSED = "lapsed"  # nobody answered in time; may be offered it again on request
    CHECKED = "checked"  # the department has confirmed it
    PUBLICISED = "publicised"  # stands on a public list
    OBJECTED = "objected"  # somebody has objected; waits for the decision
    ACTIVE = "active"
    HELD = "held"
    WAIVED = "waived"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"  # before it became active: no longer met, or struck off the list


class Cause(StrEnum):
    """Why a time before the discovery of a grant became payable, where its rule tells causes apart."""

    RULE = "rule"  # the rule that pays it was published later
    HOLD = "hold"  # it was unknown, for want of data, and is known now
    DELIVERY = "delivery"  # a department delivered or corrected a fact later


@dataclass(frozen=True, slots=True)
class Grant:
    """A subject's standing under a policy, or for one event; one for ever.

    `discovered_on` is the civil day from which the first met answer could be known; with the rule's
    arrears, which may go by the `cause`, it bounds the first payable period. `event` is `""` unless the policy decides
    on events.
    """

    grant_id: str
    policy: str
    subject_id: str
    event: str
    state: GrantState
    discovered_on: dt.date
    cause: Cause | None = None


class ActKind(StrEnum):
    """What happened to a grant on a day: a person's act, or, where it says so, a night's."""

    OFFER = "offer"  # asked whether the subject wants it: by a night, or again on request
    ASK = "ask"  # asked the open question, likewise
    REMIND = "remind"  # by a night
    CONFIRM = "confirm"
    ANSWER = "answer"
    DEEM = "deem"  # by a night: no answer counts as yes, where the rule says so
    DECLINE = "decline"
    LAPSE = "lapse"  # by a night: no answer in time
    CHECK = "check"  # by the department
    STRIKE = "strike"  # by the department: off the list, with a reason
    RESTORE = "restore"  # what was struck is back
    PUBLICISE = "publicise"  # put on a public list
    OBJECT = "object"  # somebody objects to it
    DISMISS = "dismiss"  # the last open objection is rejected
    UPHOLD = "uphold"  # an objection is right
    CLEAR = "clear"  # the public list was closed without an open objection
    WITHDRAW = "withdraw"  # by a night: no longer met before it became active; begins anew
    WAIVE = "waive"
    REVOKE_WAIVER = "revoke_waiver"
    SUSPECT_RENUMBERING = "suspect_renumbering"  # by a night: the subject may be one we know under a former number
    CONFIRM_IDENTITY = "confirm_identity"  # by a person: it is somebody else after all
    HOLD = "hold"  # a grievance is open: what is due waits
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Act:
    """A dated act on a grant, known from `recorded_at` on.

    `by` is who recorded it; `is_assisted`: a clerk for the subject (帮办代办); the name of whoever stood for the subject is
    in the vault. `through` is the last day for an answer, of an offer or a question.
    """

    grant_id: str
    kind: ActKind
    acted_on: dt.date
    recorded_at: dt.datetime
    by: str
    reason: str | None = None
    witness: str | None = None
    is_assisted: bool = False
    through: dt.date | None = None


@dataclass(frozen=True, slots=True)
class LedgerMark:
    """Which changes of the ledger a moment saw: all through a number, but for those that were still under way."""

    through: int
    without: tuple[int, ...] = ()


class ItemState(StrEnum):
    """Where one delta stands."""

    OPEN = "open"
    ON_HOLD = "on_hold"
    IN_BATCH = "in_batch"
    INSTRUCTED = "instructed"
    PAID = "paid"
    SET_OFF = "set_off"  # 抵扣: kept back for a claim; its obligation has got it
    RETURNED = "returned"
    CANCELLED = "cancelled"


UNINSTRUCTED = frozenset({ItemState.OPEN, ItemState.ON_HOLD, ItemState.IN_BATCH, ItemState.RETURNED})

GONE_OUT = frozenset({ItemState.INSTRUCTED, ItemState.PAID, ItemState.SET_OFF})
"""What its obligation has got, or is about to: too much of it is claimed, not cancelled."""

HAD = frozenset({ItemState.PAID, ItemState.SET_OFF})
"""What its obligation has got."""

ITEM_TRANSITIONS: dict[ItemState, frozenset[ItemState]] = {
    # What came back, and whatever has become of it since, is paid where two people settle that the bank had paid it.
    ItemState.OPEN: frozenset(
        {ItemState.IN_BATCH, ItemState.ON_HOLD, ItemState.PAID, ItemState.SET_OFF, ItemState.CANCELLED}
    ),
    ItemState.ON_HOLD: frozenset({ItemState.OPEN, ItemState.PAID, ItemState.CANCELLED}),
    ItemState.IN_BATCH: frozenset({ItemState.INSTRUCTED, ItemState.OPEN, ItemState.ON_HOLD, ItemState.CANCELLED}),
    ItemState.INSTRUCTED: frozenset({ItemState.PAID, ItemState.RETURNED}),
    ItemState.PAID: frozenset({ItemState.RETURNED}),
    ItemState.SET_OFF: frozenset(),
    ItemState.RETURNED: frozenset({ItemState.OPEN, ItemState.PAID, ItemState.CANCELLED}),
    ItemState.CANCELLED: frozenset(),
}


class ItemKind(StrEnum):
    """Why a delta is paid."""

    REGULAR = "regular"  # the period's own payment
    ARREARS = "arrears"  # 补发: nothing was held for a period already over
    TOP_UP = "top_up"  # 补差: more than what is held already


@dataclass(frozen=True, slots=True)
class Item:
    """One delta to pay on an obligation; `sequence` counts from 1 on the obligation."""

    item_id: str
    obligation_id: str
    sequence: int
    amount_fen: int
    kind: ItemKind
    state: ItemState


@dataclass(frozen=True, slots=True)
class Obligation:
    """The one row of a grant, period and component, with what was posted on it.

    `case_open_fen` is the amount of its open overpayment case, 0 where there is none.
    Recovery, write-off and keep are amounts here, never item states.
    """

    obligation_id: str
    grant_id: str
    policy: str
    subject_id: str
    event: str
    period: str
    component: str
    recovered_fen: int = 0
    written_off_fen: int = 0
    kept_fen: int = 0
    case_open_fen: int = 0
    version: int = 0
    items: tuple[Item, ...] = ()

    def sum_fen(self, states: Collection[ItemState]) -> int:
        """Return what its items in these states come to."""
        return sum(item.amount_fen for item in self.items if item.state in states)

    @property
    def held_fen(self) -> int:
        """Return its items not cancelled, less what was recovered."""
        return sum(i.amount_fen for i in self.items if i.state is not ItemState.CANCELLED) - self.recovered_fen

    @property
    def committed_fen(self) -> int:
        """Return what it holds for good: less what is claimed back, written off or kept beyond the due."""
        return self.held_fen - self.case_open_fen - self.written_off_fen - self.kept_fen


@dataclass(frozen=True, slots=True)
class Due:
    """What is due by today's knowledge: between `at_least_fen` and `at_most_fen` (None: no limit).

    Equal when everything is known. `is_open` says that the outcome is met but the amount is not yet
    known, so that an item for it waits on hold.
    """

    at_least_fen: int
    at_most_fen: int | None
    is_open: bool = False

    def __post_init__(self) -> None:
        """Refuse an empty range."""
        assert self.at_least_fen >= 0
        assert self.at_most_fen is None or self.at_least_fen <= self.at_most_fen

    def holds(self, amount_fen: int) -> bool:
        """Say whether an amount lies in the range."""
        return self.at_least_fen <= amount_fen and (self.at_most_fen is None or amount_fen <= self.at_most_fen)


NOTHING_DUE = Due(0, 0)


class NoticeKind(StrEnum):
    """What a subject is told; of one event, once over each channel."""

    STARTED = "started"
    AMOUNT_CHANGED = "amount_changed"
    ENDED = "ended"
    HELD = "held"
    OFFERED = "offered"
    ASKED = "asked"
    REMINDED = "reminded"  # of an offer or a question that nobody has answered
    LAPSED = "lapsed"  # nobody has answered in time
    INFORMED = "informed"
    RECORDED = "recorded"  # what somebody told us: confirmed, declined, waived; who never said it can object
    EXPIRING = "expiring"  # a certificate on which a benefit rests
    PUBLICISED = "publicised"  # 公示: where and until when one's name may be seen
    PAID = "paid"
    PAYMENT_RETURNED = "payment_returned"
    OVERPAID = "overpaid"
    OVERPAYMENT_DECIDED = "overpayment_decided"
    GRIEVANCE_RECEIVED = "grievance_received"
    GRIEVANCE_DECIDED = "grievance_decided"


class NoticeCategory(StrEnum):
    """What a notice is for; a subject may decline whole categories, but for those that the settings make mandatory."""

    BENEFIT = "benefit"  # what one has, gets or may have by a word
    ADVICE = "advice"  # what one could see to oneself
    PAYMENT = "payment"
    DECISION = "decision"  # what one can object to, and what one loses without acting


NOTICE_CATEGORY: dict[NoticeKind, NoticeCategory] = {
    NoticeKind.STARTED: NoticeCategory.BENEFIT,
    NoticeKind.AMOUNT_CHANGED: NoticeCategory.BENEFIT,
    NoticeKind.ENDED: NoticeCategory.DECISION,
    NoticeKind.HELD: NoticeCategory.DECISION,
    NoticeKind.OFFERED: NoticeCategory.BENEFIT,
    NoticeKind.ASKED: NoticeCategory.BENEFIT,
    NoticeKind.REMINDED: NoticeCategory.BENEFIT,
    NoticeKind.LAPSED: NoticeCategory.DECISION,
    NoticeKind.INFORMED: NoticeCategory.ADVICE,
    NoticeKind.RECORDED: NoticeCategory.DECISION,
    NoticeKind.EXPIRING: NoticeCategory.ADVICE,
    NoticeKind.PUBLICISED: NoticeCategory.DECISION,
    NoticeKind.PAID: NoticeCategory.PAYMENT,
    NoticeKind.PAYMENT_RETURNED: NoticeCategory.DECISION,
    NoticeKind.OVERPAID: NoticeCategory.DECISION,
    NoticeKind.OVERPAYMENT_DECIDED: NoticeCategory.DECISION,
    NoticeKind.GRIEVANCE_RECEIVED: NoticeCategory.DECISION,
    NoticeKind.GRIEVANCE_DECIDED: NoticeCategory.DECISION,
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one subject, over one channel, about one event under one policy.

    `notice_id` follows from event, subject, policy, kind and channel: it is the key by which nothing is told twice.
    `values` are what the template shows, in words: amounts, days, labels; nothing personal, which is
    added from the vault when the notice is delivered.
    """

    notice_id: str
    subject_id: str
    policy: str
    kind: NoticeKind
    channel: str
    event: str  # what it tells about: `night 2025-08-01`, or the word and id of a case, a line, an objection
    business_date: dt.date
    values: tuple[tuple[str, str], ...]
