"""政策体检: every published policy for one subject, in the groups of its page, with what the ledger holds for it.

Outcomes and reasons are `engine.explaining.examine`'s; grants, payments and claims are the ledger's. What is said of a subject
that was merged covers all ids that it ever went by.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from core.clock import civil_day
from core.ledger import GONE_OUT, ActKind, Grant, GrantState, ItemKind, ItemState
from delivery.period_words import period_words
from engine.explaining.examination import Examination, ExaminedFact, Outcome
from engine.explaining.examine import Viewpoint, examine
from engine.explaining.examine_events import events_of, examine_event, policies_over_events
from engine.explaining.state_words import GRANT_WORDS, ITEM_KIND_WORDS, ITEM_STATE_WORDS
from engine.night import NightPolicy
from engine.units import NO_EVENT
from rules.tariff import Range
from store.cases import read_cases
from store.grants import grants_of, read_acts, read_grants
from store.merges import Canon
from store.opening import Reading
from store.questions import open_questions
from store.statements import read_statement
from store.suspensions import suspended_policies


class PageGroup(StrEnum):
    """Where a policy stands on a subject's page, in the order of the page."""

    ENJOYED = "已享"  # a grant is active
    AVAILABLE = "可享"  # met, with nothing to confirm here
    TO_CONFIRM = "待确认"  # met, and waits for the subject's word
    ONE_STEP = "差一步"  # one criterion fails, and it can be acted on
    UNKNOWN = "待核"  # a department owes a fact
    NOT_APPLICABLE = "不适用"


_What = tuple[str, str]  # a policy, and the event that is decided or `""`

_ENJOYED = frozenset({GrantState.ACTIVE, GrantState.CONFIRMED, GrantState.ANSWERED})
_WAITING = frozenset({GrantState.OFFERED, GrantState.ASKED})


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One payment as its receiver reads it.

    `pay_day` is that of the batch that carries it; `changed_on` the day on which it came to its state.
    """

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


@dataclass(frozen=True)
class PolicyCheckup:
    """One policy for one subject; no examination where no version stands on the day and only the past counts.

    `claimed_fen` is what open overpayment cases claim back. `valid_through` is the last day of the version that stands,
    `reply_through` the last one for a word that is waited for; None where none is set. `is_asked`: one question is open.
    A policy that decides on events has one of these for each of the subject's `events`, and no examination and no grant of
    its own.
    """

    policy: str
    title: str
    owner: str
    group: PageGroup
    examination: Examination | None
    grant: GrantState | None
    grant_words: str
    discovered_on: dt.date | None
    lines: tuple[StatementLine, ...]
    claimed_fen: int
    events: tuple["PolicyCheckup", ...] = ()
    grant_id: str | None = None
    valid_through: dt.date | None = None
    reply_through: dt.date | None = None
    is_asked: bool = False

    @cached_property
    def standard(self) -> Range | None:
        """Return what it comes to, should its conditions be met; None where it pays nothing."""
        amounts = [each.amount for each in self._examinations if each.amount is not None]
        return _sum(amounts) if amounts else None

    @property
    def facts(self) -> tuple[ExaminedFact, ...]:
        """Return every fact that was read, each once."""
        read = {fact.code: fact for each in reversed(self._examinations) for fact in each.facts}
        return tuple(read.values())

    @property
    def failing_count(self) -> int:
        """Return how many conditions stand in the way; of several events, of the nearest."""
        return min((len(each.failing_labels) for each in self._examinations), default=0)

    @property
    def _examinations(self) -> list[Examination]:
        return [each for each in (self.examination, *(event.examination for event in self.events)) if each]

    @property
    def event(self) -> str:
        """Return which event it is about, in words; empty where it is about the subject itself."""
        return self.examination.event if self.examination else ""

    @property
    def is_suspended(self) -> bool:
        """Say whether a person has stopped the policy: what it held out so far is not held out now."""
        return any(each.is_suspended for each in self._examinations)

    @property
    def paid_fen(self) -> int:
        """Return what has gone out, as far as the bank has not sent it back."""
        return sum(line.amount_fen for line in self.lines if line.state in GONE_OUT)

    @property
    def waiting_fen(self) -> int:
        """Return what is decided and has not gone out."""
        gone = {*GONE_OUT, ItemState.CANCELLED}
        return sum(line.amount_fen for line in self.lines if line.state not in gone)


@dataclass(frozen=True)
class Checkup:
    """All policies for one subject, by code."""

    subject_id: str
    kind: str
    day: dt.date
    known_at: dt.datetime
    policies: tuple[PolicyCheckup, ...]

    @cached_property
    def groups(self) -> Mapping[PageGroup, tuple[PolicyCheckup, ...]]:
        """Return the policies of each group, in the order of the page, nearest misses first; a group may be empty."""
        near = sorted(self.policies, key=lambda each: each.failing_count)
        return {group: tuple(each for each in near if each.group is group) for group in PageGroup}

    @property
    def sums(self) -> Mapping[PageGroup, Range | None]:
        """Return what each group comes to: of what is enjoyed what is paid or decided, else what its standards add up to.

        Nulls: None where nothing of it pays, or nothing is held out.
        Units: fen; of the period that holds the day.
        """
        return {group: _worth(group, members) for group, members in self.groups.items()}

    def policy(self, code: str) -> PolicyCheckup | None:
        """Return the policy with a code, or None."""
        return next((each for each in self.policies if each.policy == code), None)


def _worth(group: PageGroup, members: Sequence[PolicyCheckup]) -> Range | None:
    if group is PageGroup.NOT_APPLICABLE:
        return None
    if group is PageGroup.ENJOYED:
        decided = sum(each.paid_fen + each.waiting_fen for each in members)
        return (decided, decided) if decided else None
    amounts = [each.standard for each in members if each.standard is not None and not each.is_suspended]
    return _sum(amounts) if amounts else None


def _sum(amounts: Sequence[Range]) -> Range:
    mosts = [most for _, most in amounts]
    known = [most for most in mosts if most is not None]
    return sum(least for least, _ in amounts), sum(known) if len(known) == len(mosts) else None


def check_up(rx: Reading, viewpoint: Viewpoint, *, kind: str, subject_id: str) -> Checkup:
    """Check one subject up on every policy for its kind.

    A policy of which no version stands on the day is there only if the subject ever had a grant; one that decides on
    events, only if the subject has some.
    """
    profile = viewpoint.profile_of(kind, subject_id)
    books = _Books.read(rx, subject_id)
    policies = []
    for policy in viewpoint.of_kind(kind):
        is_standing = policy.version_on_date is not None
        if is_standing or (policy.policy, NO_EVENT) in books.grants:
            examination = examine(viewpoint, policy, profile) if is_standing else None
            policies.append(_of_policy(policy, examination, books))
    for policy in policies_over_events(viewpoint, kind):
        events = _of_events(viewpoint, policy, subject_id, books)
        if events:
            policies.append(_over_events(policy, events))
    policies.sort(key=lambda each: each.policy)
    return Checkup(subject_id, kind, viewpoint.day, viewpoint.known_at, tuple(policies))


def statement_of(rx: Reading, subject_id: str) -> Mapping[str, tuple[StatementLine, ...]]:
    """Return every payment of a subject by policy, as its checkup shows them: no rule is asked for them."""
    stopped = suspended_policies(rx, on=civil_day(rx.now))
    found: dict[str, tuple[StatementLine, ...]] = {}
    for (policy, _), lines in _Books.read(rx, subject_id).lines.items():
        told = (_held_back(each) for each in lines) if policy in stopped else lines
        found[policy] = (*found.get(policy, ()), *told)
    return found


def _of_events(viewpoint: Viewpoint, policy: NightPolicy, owner_id: str, books: "_Books") -> list[PolicyCheckup]:
    """Return every event of somebody under one policy that was ever granted, or can be examined."""
    granted = {event for code, event in books.grants if code == policy.policy}
    seen = [(event, examine_event(viewpoint, policy, event)) for event in events_of(viewpoint, policy, owner_id)]
    return [
        _of_policy(policy, examination, books, event)
        for event, examination in [*seen, *((event, None) for event in sorted(granted - {event for event, _ in seen}))]
        if examination is not None or event in granted
    ]


def _over_events(policy: NightPolicy, events: Sequence[PolicyCheckup]) -> PolicyCheckup:
    """Return what a policy comes to for somebody over all events; it stands where its best event does."""
    written, order = policy.current.written, list(PageGroup)
    return PolicyCheckup(
        policy=policy.policy,
        title=written.title,
        owner=written.owner,
        group=min((each.group for each in events), key=order.index),
        examination=None,
        grant=None,
        grant_words=f"共{len(events)}项",
        discovered_on=None,
        lines=tuple(replace(line, period=each.event or line.period) for each in events for line in each.lines),
        claimed_fen=sum(each.claimed_fen for each in events),
        events=tuple(events),
    )


def group_of(
    outcome: Outcome | None, grant: GrantState | None, *, is_one_step_away: bool, is_suspended: bool = False
) -> PageGroup:
    """Return where a policy stands, by its outcome on the day (None: no version stands) and its grant.

    One that is suspended neither offers anything nor asks for a step: whoever does not enjoy it waits.
    """
    if grant in _ENJOYED:
        return PageGroup.ENJOYED
    if grant is GrantState.HELD or outcome == "unknown":
        return PageGroup.UNKNOWN
    if is_suspended and (outcome == "met" or is_one_step_away):
        return PageGroup.UNKNOWN
    if outcome == "met":
        return PageGroup.TO_CONFIRM if grant in _WAITING else PageGroup.AVAILABLE
    return PageGroup.ONE_STEP if is_one_step_away else PageGroup.NOT_APPLICABLE


@dataclass(frozen=True, slots=True)
class _Granted:
    grant_id: str
    state: GrantState
    discovered_on: dt.date
    reply_through: dt.date | None


def _reply_by(rx: Reading, grants: Sequence[Grant]) -> Mapping[str, dt.date | None]:
    """Return until when the last offer or question of each waiting grant is to be answered."""
    waiting = [each.grant_id for each in grants if each.state in _WAITING]
    acts = read_acts(rx, grants=waiting) if waiting else []
    return {act.grant_id: act.through for act in acts if act.kind in {ActKind.OFFER, ActKind.ASK}}


@dataclass(frozen=True, slots=True)
class _Books:
    """What the ledger holds for one subject, by policy and event."""

    grants: Mapping[_What, "_Granted"]
    lines: Mapping[_What, Sequence[StatementLine]]
    claimed_fen: Mapping[_What, int]
    asked: frozenset[str]  # policies with an open question

    @classmethod
    def read(cls, rx: Reading, subject_id: str) -> "_Books":
        canon = Canon.read(rx)
        ids = canon.ids_of(subject_id)
        # Of merged subjects the grant under the id that stands, here the last, is the one that nights go on with.
        grants = sorted(
            grants_of(read_grants(rx, subjects=ids)), key=lambda each: (each.subject_id == subject_id, each.grant_id)
        )
        lines: dict[_What, list[StatementLine]] = {}
        for row in read_statement(rx, ids).iter_rows(named=True):
            lines.setdefault((row["policy"], canon.of(row["event"])), []).append(_line(row))
        claimed: Counter[_What] = Counter()
        for case in read_cases(rx, subjects=ids).iter_rows(named=True):
            claimed[case["policy"], canon.of(case["event"])] += case["amount_fen"]
        reply_by = _reply_by(rx, grants)
        return cls(
            {
                (each.policy, canon.of(each.event)): _Granted(
                    each.grant_id, each.state, each.discovered_on, reply_by.get(each.grant_id)
                )
                for each in grants
            },
            lines,
            claimed,
            frozenset(open_questions(rx, ids)["policy"]),
        )


def _line(row: Mapping[str, object]) -> StatementLine:
    state, opened_at, changed_at = ItemState(str(row["state"])), row["opened_at"], row["changed_at"]
    amount_fen, pay_day = row["amount_fen"], row["pay_day"]
    assert isinstance(opened_at, dt.datetime)
    assert isinstance(changed_at, dt.datetime)
    assert isinstance(amount_fen, int)
    assert pay_day is None or isinstance(pay_day, dt.date)
    return StatementLine(
        item_id=str(row["item_id"]),
        period=period_words(str(row["period"])),
        component=str(row["component"]),
        amount_fen=amount_fen,
        kind=ITEM_KIND_WORDS[ItemKind(str(row["kind"]))],
        state=state,
        state_words=ITEM_STATE_WORDS[state],
        opened_on=civil_day(opened_at),
        changed_on=civil_day(changed_at),
        pay_day=pay_day,
    )


def _held_back(line: StatementLine) -> StatementLine:
    """Return a payment of a suspended policy: what has not gone out waits, whether or not a night has said so yet."""
    waits = line.state in {ItemState.OPEN, ItemState.IN_BATCH}
    return replace(line, state_words=ITEM_STATE_WORDS[ItemState.ON_HOLD], pay_day=None) if waits else line


def _of_policy(
    policy: NightPolicy, examination: Examination | None, books: _Books, event: str = NO_EVENT
) -> PolicyCheckup:
    what = (policy.policy, event)
    granted = books.grants.get(what)
    grant = granted.state if granted else None
    written = policy.current.written
    is_suspended = examination is not None and examination.is_suspended
    lines = books.lines.get(what, ())
    return PolicyCheckup(
        policy=policy.policy,
        title=examination.title if examination else written.title,
        owner=examination.owner if examination else written.owner,
        group=group_of(
            examination.outcome if examination else None,
            grant,
            is_one_step_away=examination is not None and examination.is_one_step_away,
            is_suspended=is_suspended,
        ),
        examination=examination,
        grant=grant,
        grant_words=GRANT_WORDS[grant] if grant else "",
        discovered_on=granted.discovered_on if granted else None,
        lines=tuple(_held_back(each) for each in lines) if is_suspended else tuple(lines),
        claimed_fen=books.claimed_fen.get(what, 0),
        grant_id=granted.grant_id if granted else None,
        valid_through=_last_day(policy) if examination else None,
        reply_through=granted.reply_through if granted else None,
        is_asked=policy.policy in books.asked,
    )


def _last_day(policy: NightPolicy) -> dt.date | None:
    """Return the last day on which the version stands that stands now, as it is written and activated; None: no end is set."""
    if policy.version_on_date is None:
        return None
    own = [each.valid_through for each in policy.activations if each.version == policy.version_on_date]
    return None if None in own else max((each for each in own if each), default=None)
