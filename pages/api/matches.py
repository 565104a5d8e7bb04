"""What a subject gets and could get, with the reasons: the very checkup that its own page shows."""

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from typing import Literal, Self

from core.clock import civil_day
from core.ledger import GrantState, ItemState
from engine.explaining.checkup import Checkup, PageGroup, PolicyCheckup, check_up
from engine.explaining.deadlines import deadlines_of
from engine.explaining.examination import Examination, ExaminedCriterion, ExaminedFact
from engine.explaining.examine import Viewpoint
from engine.explaining.explain import viewpoint_on
from pages.api.calls import Calling, Named, not_there
from pages.api.forms import Amount, PolicyCode, Said, Subject
from pages.api.offers import Offer, offer_of
from pages.api.policies import Document
from pages.api.routes import Endpoint, read
from profiles.asking import FactState
from rules.version import Lane
from store.opening import Reading
from store.states.entry import PortalScope

_RESULTS: dict[bool | None, Literal["met", "not_met", "unknown"]] = {True: "met", False: "not_met", None: "unknown"}


class Group(StrEnum):
    """Where a policy stands for a subject: 已享, 可享, 待确认, 差一步, 待核, 不适用."""

    ENJOYED = "enjoyed"
    AVAILABLE = "available"
    TO_CONFIRM = "to_confirm"
    ONE_STEP = "one_step"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"

    @classmethod
    def of(cls, group: PageGroup) -> Self:
        """Return a group under the name that calls know."""
        return cls[group.name]


class Fact(Said):
    """A fact with who told it, in which table, for which day; `value` is null where it is unknown."""

    code: str
    label: str
    value: str | None
    unit: str
    state: FactState
    department: str
    table: str
    data_date: dt.date | None

    @classmethod
    def of(cls, fact: ExaminedFact) -> Self:
        """Return a fact as an examination read it."""
        return cls(
            code=fact.code,
            label=fact.label,
            value=fact.words if fact.is_known else None,
            unit=fact.unit,
            state=fact.state,
            department=fact.owner,
            table=fact.source,
            data_date=fact.data_date,
        )


class Gap(Said):
    """How far one comparison is from holding: what is held, what is asked, and what lies between, in words."""

    what: str
    held: str
    limit: str
    gap: str


class Criterion(Said):
    """A condition for this subject; `remedy` is there only where it fails and can be acted on."""

    id: str
    label: str
    wording: str
    result: Literal["met", "not_met", "unknown"]
    remedy: str | None
    facts: list[Fact]
    missing: list[Fact]
    gaps: list[Gap]

    @classmethod
    def of(cls, seen: ExaminedCriterion) -> Self:
        """Return a condition as an examination found it."""
        return cls(
            id=seen.id,
            label=seen.label,
            wording=seen.wording,
            result=_RESULTS[seen.result],
            remedy=seen.remedy if seen.result is False and seen.actionable else None,
            facts=[Fact.of(each) for each in seen.facts],
            missing=[Fact.of(each) for each in seen.missing],
            gaps=[Gap.model_validate(each) for each in seen.distances],
        )


class Match(Said):
    """A policy in brief; `step` is the one condition that is missing, `missing` are facts that departments owe.

    `standard` is the amount of the period that holds the day, should the conditions be met; null where nothing is paid or held
    out. `paid_fen` has gone out, `waiting_fen` is decided, `claimed_fen` is being looked into as overpaid.
    """

    policy: str
    title: str
    owner: str
    group: Group
    outcome: Literal["met", "not_met", "unknown"] | None
    lane: Lane | None
    standard: Amount | None
    grant: GrantState | None
    grant_words: str
    paid_fen: int
    waiting_fen: int
    claimed_fen: int
    step: Criterion | None
    missing: list[Fact]
    failing: list[str]
    is_asked: bool
    is_suspended: bool
    reply_through: dt.date | None
    valid_through: dt.date | None


class GroupSum(Said):
    """A group with how many policies it has, and what they come to; policies that exclude each other are all counted."""

    group: Group
    words: str
    count: int
    amount: Amount | None


class Deadline(Said):
    """A last day, and what for; `policy` is empty where it is not about one."""

    through: dt.date
    ending: str
    what: str
    policy: str
    remedy: str


class Matches(Said):
    """Everything for a subject, nearest misses first within a group; `day` is the day that was compared for."""

    kind: str
    day: dt.date
    known_at: dt.datetime
    groups: list[GroupSum]
    matches: list[Match]
    deadlines: list[Deadline]


class Payment(Said):
    """A payment of a policy, and where it stands."""

    item_id: str
    period: str
    component: str
    amount_fen: int
    kind: str
    state: ItemState
    state_words: str
    opened_on: dt.date
    changed_on: dt.date
    pay_day: dt.date | None


class Event(Said):
    """One of a subject's events under a policy that decides on events, such as a loan."""

    event: str
    group: Group
    outcome: Literal["met", "not_met", "unknown"] | None
    standard: Amount | None
    grant: GrantState | None
    criteria: list[Criterion]


class WholeMatch(Match):
    """A policy with every condition, value, source and date, what was paid, and what may be done about it now."""

    item_code: str | None
    version: int | None
    summary: str | None
    period: str | None
    basis: list[Document]
    criteria: list[Criterion]
    events: list[Event]
    payments: list[Payment]
    offer: Offer


def endpoints() -> Sequence[Endpoint]:
    """Return the endpoints."""
    return [
        read("/v1/subject/matches", matches, Matches, PortalScope.MATCHES, "比对结果 · what it gets and could get"),
        read(
            "/v1/subject/matches/{policy}",
            match,
            WholeMatch,
            PortalScope.MATCHES,
            "一项政策的依据 · one policy with all reasons",
        ),
    ]


def matches(call: Calling, asked: Subject) -> Matches:
    """Say where every policy stands for a subject, as its own page does: groups, amounts, near misses, facts that are owed."""
    subject = call.subject(asked.number)
    with call.deployment.store.reading() as rx:
        checkup = checkup_of(rx, subject, viewpoint_on(rx, call.deployment, None))
        deadlines = deadlines_of(rx, checkup, civil_day(rx.now))
    sums = checkup.sums
    return Matches(
        kind=checkup.kind,
        day=checkup.day,
        known_at=checkup.known_at,
        groups=[
            GroupSum(group=Group.of(group), words=group.value, count=len(members), amount=Amount.of(sums[group]))
            for group, members in checkup.groups.items()
        ],
        matches=[Match(**_brief(each)) for members in checkup.groups.values() for each in members],
        deadlines=[Deadline.model_validate(each) for each in deadlines],
    )


def match(call: Calling, policy: PolicyCode, asked: Subject) -> WholeMatch:
    """Say why one policy stands where it does, and what the subject may do about it."""
    subject = call.subject(asked.number)
    with call.deployment.store.reading() as rx:
        viewpoint = viewpoint_on(rx, call.deployment, None)
        found = checkup_of(rx, subject, viewpoint).policy(policy)
        if found is None:
            raise not_there()
        offer = offer_of(rx, viewpoint, found, subject.subject_id)
    seen = found.examination
    return WholeMatch(
        **_brief(found),
        item_code=seen and seen.item_code,
        version=seen and seen.version,
        summary=seen and seen.summary,
        period=seen and seen.period,
        basis=[Document.model_validate(each) for each in seen.basis] if seen else [],
        criteria=_criteria(seen),
        events=[_event(each) for each in found.events],
        payments=[Payment.model_validate(each) for each in found.lines],
        offer=offer,
    )


def checkup_of(rx: Reading, subject: Named, viewpoint: Viewpoint) -> Checkup:
    """Return everything for a subject."""
    return check_up(rx, viewpoint, kind=subject.kind, subject_id=subject.subject_id)


def _brief(found: PolicyCheckup) -> dict[str, object]:
    """Return the fields of a policy in brief."""
    seen = found.examination
    return {
        "policy": found.policy,
        "title": found.title,
        "owner": found.owner,
        "group": Group.of(found.group),
        "outcome": seen.outcome if seen else None,
        "lane": seen.lane if seen else None,
        "standard": None if found.is_suspended else Amount.of(found.standard),
        "grant": found.grant,
        "grant_words": found.grant_words,
        "paid_fen": found.paid_fen,
        "waiting_fen": found.waiting_fen,
        "claimed_fen": found.claimed_fen,
        "step": Criterion.of(seen.failing[0]) if seen and seen.is_one_step_away else None,
        "missing": [Fact.of(each) for each in seen.missing] if seen else [],
        "failing": [each.label for each in seen.failing] if seen else [],
        "is_asked": found.is_asked,
        "is_suspended": found.is_suspended,
        "reply_through": found.reply_through,
        "valid_through": found.valid_through,
    }


def _event(found: PolicyCheckup) -> Event:
    seen = found.examination
    return Event(
        event=found.event,
        group=Group.of(found.group),
        outcome=seen.outcome if seen else None,
        standard=None if found.is_suspended else Amount.of(found.standard),
        grant=found.grant,
        criteria=_criteria(seen),
    )


def _criteria(seen: Examination | None) -> list[Criterion]:
    return [Criterion.of(each) for each in seen.criteria] if seen else []
