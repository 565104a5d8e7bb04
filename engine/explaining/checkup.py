"""政策体检: every published policy for one subject, in the groups of its page, with what the ledger holds for it.

Outcomes and reasons are `engine.explaining.examine`'s; grants, payments and claims are those of `engine.explaining.books`. What is
said of a subject that was merged covers all ids that it ever went by.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from operator import attrgetter

from core.ledger import GONE_OUT, GrantState, ItemState
from core.once import once
from engine.explaining.books import NOTHING, WAITING, Books, Held, StatementLine
from engine.explaining.examination import Examination, ExaminedFact, Outcome, Profile
from engine.explaining.examine import Viewpoint
from engine.explaining.examine_events import events_of, examine_event
from engine.explaining.outline import Outline
from engine.explaining.state_words import GRANT_WORDS
from engine.night import NightPolicy
from engine.units import NO_EVENT
from rules.tariff import Range
from store.cases import Claim
from store.opening import Reading


class PageGroup(StrEnum):
    """Where a policy stands on a subject's page, in the order of the page."""

    ENJOYED = "已享"  # a grant is active
    AVAILABLE = "可享"  # met, with nothing to confirm here
    TO_CONFIRM = "待确认"  # met, and waits for the subject's word
    ONE_STEP = "差一步"  # one criterion fails, and it can be acted on
    UNKNOWN = "待核"  # a department owes a fact
    NOT_APPLICABLE = "不适用"


_ENJOYED = frozenset({GrantState.ACTIVE, GrantState.CONFIRMED, GrantState.ANSWERED})


@dataclass(eq=False)  # not frozen: a page has three hundred, and what is frozen takes five times as long to make
class PolicyCheckup:
    """One policy for one subject; no examination where no version stands on the day and only the past counts.

    `is_asked`: one question is open. A policy that decides on events has one of these for each of the subject's `events`,
    and no examination and no grant of its own. `failing_count` is how many conditions stand in the way; of several events,
    of the nearest. While it `is_stopped` nothing follows from it.
    """

    outline: Outline = field(repr=False)
    group: PageGroup
    failing_count: int
    held: Held
    examine: Callable[[], Examination] | None = field(default=None, repr=False)
    is_stopped: bool = False
    is_asked: bool = False
    events: tuple["PolicyCheckup", ...] = ()

    @once
    def examination(self) -> Examination | None:
        """Return what the version says that stands, worked out when somebody reads it."""
        return None if self.examine is None else self.examine()

    @property
    def policy(self) -> str:
        """Return the policy's code."""
        return self.outline.policy

    @property
    def title(self) -> str:
        """Return what it is called."""
        return self.outline.title

    @property
    def owner(self) -> str:
        """Return the department that answers for it."""
        return self.outline.owner

    @property
    def grant(self) -> GrantState | None:
        """Return where the grant stands, or None where there is none."""
        return self.held.grant.state if self.held.grant else None

    @property
    def grant_id(self) -> str | None:
        """Return the grant's id."""
        return self.held.grant.grant_id if self.held.grant else None

    @property
    def grant_words(self) -> str:
        """Return where the grant stands, in words; of several events, how many there are."""
        if self.events:
            return f"共{len(self.events)}项"
        return GRANT_WORDS[self.held.grant.state] if self.held.grant else ""

    @property
    def discovered_on(self) -> dt.date | None:
        """Return on which day a night found the subject."""
        return self.held.grant.discovered_on if self.held.grant else None

    @property
    def lines(self) -> tuple[StatementLine, ...]:
        """Return what was ever to be paid."""
        return tuple(each.held_back for each in self.held.lines) if self.is_stopped else self.held.lines

    @property
    def claimed_fen(self) -> int:
        """Return what open overpayment cases claim back."""
        return self.held.claimed_fen

    @property
    def valid_through(self) -> dt.date | None:
        """Return the last day of the version that stands; None where no end is set."""
        return self.outline.valid_through

    @property
    def reply_through(self) -> dt.date | None:
        """Return the last day for a word that is waited for; None where none is set."""
        return self.held.reply_through

    @once
    def standard(self) -> Range | None:
        """Return what it comes to, should its conditions be met; None where it pays nothing."""
        if self.outline.is_fixed:
            return self.outline.standard
        if not self.events:
            return self.examination.amount if self.examination else None
        amounts = [each.amount for each in self._examinations if each.amount is not None]
        return _sum(amounts) if amounts else None

    @property
    def facts(self) -> tuple[ExaminedFact, ...]:
        """Return every fact that was read, each once."""
        read = {fact.code: fact for each in reversed(self._examinations) for fact in each.facts}
        return tuple(read.values())

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
        return self.is_stopped or any(event.is_suspended for event in self.events)

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
    """All policies for one subject, by code; `ids` are all that it ever went by, `claims` what is claimed back of it."""

    subject_id: str
    kind: str
    day: dt.date
    known_at: dt.datetime
    policies: tuple[PolicyCheckup, ...]
    ids: tuple[str, ...]
    claims: Sequence[Claim]

    @once
    def groups(self) -> Mapping[PageGroup, tuple[PolicyCheckup, ...]]:
        """Return the policies of each group, in the order of the page, nearest misses first; a group may be empty."""
        found: dict[PageGroup, list[PolicyCheckup]] = {group: [] for group in PageGroup}
        for each in self.policies:
            found[each.group].append(each)
        return {group: tuple(sorted(own, key=lambda each: each.failing_count)) for group, own in found.items()}

    @once
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
    books = Books.read(rx, subject_id)
    policies = [*_standing(viewpoint, kind, profile, books), *_past(viewpoint, kind, books)]
    for policy in viewpoint.over_events(kind):
        events = _of_events(viewpoint, policy, subject_id, books)
        if events:
            policies.append(_over_events(policy, events))
    policies.sort(key=attrgetter("outline.policy"))
    return Checkup(subject_id, kind, viewpoint.day, viewpoint.known_at, tuple(policies), books.ids, books.claims)


def _standing(viewpoint: Viewpoint, kind: str, profile: Profile, books: Books) -> Iterator[PolicyCheckup]:
    """Give every policy of which a version stands; by its bits alone, unless somebody reads what it says."""
    failing, unknown = viewpoint.asked(kind, profile)
    held_by = {policy: held for (policy, event), held in books.held.items() if event == NO_EVENT}
    for each in viewpoint.standing(kind):
        code, bits = each.outline.policy, each.bits
        own, is_stopped, held = failing & bits.all, code in viewpoint.stopped, held_by.get(code, NOTHING)
        failing_count, is_unknown = own.bit_count(), bool(unknown & bits.all)
        group = group_of(
            "not_met" if own else "unknown" if is_unknown else "met",
            held.grant.state if held.grant else None,
            is_one_step_away=failing_count == 1 and not is_unknown and bool(own & bits.actionable),
            is_suspended=is_stopped,
        )
        seen = partial(Examination, each.version, each.closed, profile, viewpoint.day, is_stopped)
        yield PolicyCheckup(each.outline, group, failing_count, held, seen, is_stopped, code in books.asked)


def _past(viewpoint: Viewpoint, kind: str, books: Books) -> Iterator[PolicyCheckup]:
    """Give every policy of which no version stands on the day and under which the subject ever had a grant."""
    for outline in viewpoint.past(kind):
        held = books.of(outline.policy, NO_EVENT)
        if held.grant is not None:
            group = group_of(None, held.grant.state, is_one_step_away=False)
            yield PolicyCheckup(outline, group, 0, held, is_asked=outline.policy in books.asked)


def _of_events(viewpoint: Viewpoint, policy: NightPolicy, owner_id: str, books: Books) -> list[PolicyCheckup]:
    """Return every event of somebody under one policy that was ever granted, or can be examined."""
    granted = books.granted(policy.policy)
    seen = [(event, examine_event(viewpoint, policy, event)) for event in events_of(viewpoint, policy, owner_id)]
    return [
        _of_event(policy, examination, books.of(policy.policy, event), books)
        for event, examination in [*seen, *((event, None) for event in sorted(granted - {event for event, _ in seen}))]
        if examination is not None or event in granted
    ]


def _of_event(policy: NightPolicy, seen: Examination | None, held: Held, books: Books) -> PolicyCheckup:
    """Return what one event comes to; None was seen where no version stands on its day."""
    grant, is_asked = held.grant.state if held.grant else None, policy.policy in books.asked
    if seen is None:
        group = group_of(None, grant, is_one_step_away=False)
        return PolicyCheckup(Outline.named(policy), group, 0, held, is_asked=is_asked)
    group = group_of(seen.outcome, grant, is_one_step_away=seen.is_one_step_away, is_suspended=seen.is_suspended)
    outline = Outline.of(policy, seen)
    return PolicyCheckup(outline, group, seen.failing_count, held, lambda: seen, seen.is_suspended, is_asked)


def _over_events(policy: NightPolicy, events: Sequence[PolicyCheckup]) -> PolicyCheckup:
    """Return what a policy comes to for somebody over all events; it stands where its best event does."""
    order = list(PageGroup)
    return PolicyCheckup(
        Outline.named(policy),
        min((each.group for each in events), key=order.index),
        min((each.failing_count for each in events if each.examine is not None), default=0),
        held=replace(
            NOTHING,
            lines=tuple(replace(line, period=each.event or line.period) for each in events for line in each.lines),
            claimed_fen=sum(each.claimed_fen for each in events),
        ),
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
        return PageGroup.TO_CONFIRM if grant in WAITING else PageGroup.AVAILABLE
    return PageGroup.ONE_STEP if is_one_step_away else PageGroup.NOT_APPLICABLE
