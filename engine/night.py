"""What one night works from: everything that was known at one instant, for one business date.

Read once, in one transaction; nothing later in the night asks the store or the clock again.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TypedDict

import polars as pl

from core.clock import civil_day
from core.days import LAST_DAY, MONTHS_OF, MONTHS_PER_YEAR, DayRange, Period, PeriodKind, add_days, add_months
from core.errors import RunError
from core.ledger import Act, LedgerMark
from core.loads import Loads
from core.timetables import Timetable
from core.workspace import LEDGER_COPIES, RUNS
from delivery.pay_days import pay_horizon
from delivery.working_days import WorkingDays
from engine.codes import RunCode
from engine.grants import FirstPeriod
from engine.last_look import LastLook, last_look
from engine.ledger_copy import LedgerCopy, LedgerRead, read_ledger
from engine.lookback import EVERYTHING, Lookback
from engine.nights_before import NightBefore, nights_before
from engine.prints import Prints
from profiles.catalogue import Catalogue
from rules.bound import RuleVersion
from rules.compiled import CompiledVersion, compile_version
from rules.reading import parse_version
from rules.standing import Activation, Stand, StandState, resumed, standing
from rules.version import Terms
from store.activation_steps import ActivationRecord, read_activations
from store.activations import decisive, published_versions
from store.grants import opened_since, read_acts, read_grants
from store.loads import read_loads
from store.opening import Reading
from store.outbox import delivered_offers
from store.past import ledger_mark
from store.positions import written_periods
from store.questions import QUESTIONS, Answer, read_answers, read_questions
from store.runs import latest_published
from store.samples import unjudged
from store.states.rules import ActivationState

JOB = "night"
BY = "mianshen"  # who acts where a night does

_LOOKED_BACK = {**MONTHS_OF, PeriodKind.DECLARED: MONTHS_PER_YEAR}
"""How many months a period stands for in looking back."""


@dataclass(frozen=True)
class NightPolicy:
    """A published policy as a night sees it; `current` is the version whose terms govern.

    `version_on_date` is the version that stands on the business date, or would if nobody had suspended it. What versions
    in `waiting` pay is on hold: they came out of shadow, and nobody has judged a sample yet. `before` is the night that it
    goes on from, where that is not the last published one.
    """

    policy: str
    versions: Mapping[int, RuleVersion]
    activations: tuple[Activation, ...]
    current: RuleVersion
    version_on_date: int | None
    is_suspended: bool = False  # on the business date
    waiting: frozenset[int] = frozenset()
    before: NightBefore | None = None

    @property
    def terms(self) -> Terms:
        """Return the terms that govern."""
        return self.current.written.terms

    @property
    def kind(self) -> str:
        """Return which kind of subject it is for."""
        return self.current.written.subject

    @cached_property
    def compiled(self) -> dict[int, CompiledVersion]:
        """Return every version as expressions."""
        return {number: compile_version(version) for number, version in self.versions.items()}

    @cached_property
    def waived(self) -> dict[int, CompiledVersion]:
        """Return every version with the criteria true that its backdate term waives."""
        waives = self.current.backdate.waives if self.current.backdate else frozenset[str]()
        return {number: each.with_waived(waives & each.nodes.keys()) for number, each in self.compiled.items()}

    @cached_property
    def last_day(self) -> dt.date | None:
        """Return the last day on which the version stands that stands on the date, as it is written and activated; None: no end."""
        if self.version_on_date is None:
            return None
        own = [each.valid_through for each in self.activations if each.version == self.version_on_date]
        return None if None in own else max((each for each in own if each), default=None)

    @property
    def timetable(self) -> Timetable:
        """Return how days are cut into its periods."""
        return self.current.timetable

    @property
    def pays(self) -> bool:
        """Say whether it makes items."""
        return self.current.written.benefit == "cash"

    @property
    def has_measures(self) -> bool:
        """Say whether some version asks for an amount that is not paid."""
        return any(version.measures for version in self.versions.values())

    @property
    def has_constant_measures(self) -> bool:
        """Say whether some version has a measure that is the same for everybody, such as a ceiling."""
        return any(version.constant_measures for version in self.versions.values())

    @property
    def attributes(self) -> frozenset[str]:
        """Return every attribute that some version reads."""
        return frozenset[str]().union(*(version.attributes for version in self.versions.values()))

    def stands(self, days: DayRange, known_at: dt.datetime) -> tuple[Stand, ...]:
        """Return which version stands on which days."""
        return standing(self.activations, days, known_at=known_at)

    def stands_if_resumed(self, days: DayRange, known_at: dt.datetime) -> tuple[Stand, ...]:
        """Return which version would stand on which days if nobody had suspended any."""
        return standing(resumed(self.activations), days, known_at=known_at)


@dataclass(frozen=True)
class Night:
    """Everything a night for `business_date` may use, as known at `known_at`.

    `after` and `known_before` are the date and the knowledge of the last published night, None before the first.
    Grants and positions go by the ids under which they were written; `loads.merges` say who is who. `mark` says which
    moment of the ledger they show. `shadow_policies` are the policies as they would be with everything that stands in
    shadow; empty where nothing does. Policies `behind` are not decided here; their outcomes may be facts of those that are.
    `delivered`: by policy and subject, of which nights an offer or its reminder has arrived; of policies that take silence
    for consent. `questions` and `answers`: of policies that ask for a fact, what they have asked and who has answered.
    `provisional`: grants opened while something of their policy was suspended that goes on now: this night finds their day anew.
    `written`: for which periods of which policies there are obligations. `positions`: those that the night looks at, by its
    `lookback`; `unpaid`: the others of which something is still to go to the bank. `engine.looking_back` reads both from the
    `ledger`, None where everything was read. `last`: what the night goes on from, None where it has to look at everything;
    `prints`: what the next one may go by.
    """

    business_date: dt.date
    known_at: dt.datetime
    catalogue: Catalogue
    loads: Loads
    policies: tuple[NightPolicy, ...]
    grants: pl.DataFrame
    acts: tuple[Act, ...]
    written: pl.DataFrame
    after: dt.date | None
    known_before: dt.datetime | None
    mark: LedgerMark
    shadow_policies: tuple[NightPolicy, ...] = ()
    behind: tuple[NightPolicy, ...] = ()
    calendar: WorkingDays = field(default_factory=WorkingDays)
    delivered: Mapping[tuple[str, str], tuple[dt.date, ...]] = field(default_factory=dict)
    questions: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=QUESTIONS | {"state": pl.String()}))
    answers: Mapping[tuple[str, str], Answer] = field(default_factory=dict)
    provisional: pl.Series = field(default_factory=lambda: pl.Series("grant_id", dtype=pl.String))
    positions: pl.DataFrame = field(default_factory=pl.DataFrame)
    unpaid: pl.DataFrame = field(default_factory=pl.DataFrame)
    lookback: Lookback = EVERYTHING
    ledger: LedgerRead | None = None
    last: LastLook | None = None
    prints: Mapping[str, Prints] = field(default_factory=dict)

    @property
    def shadow(self) -> "Night | None":
        """Return the same night with everything that stands in shadow, or None where nothing does.

        It has every policy, also those that stay: benefits of one group net against each other; and it looks at everything.
        """
        if not self.shadow_policies:
            return None
        return replace(self, policies=self.shadow_policies, shadow_policies=(), lookback=EVERYTHING, last=None)

    def days_asked(self, policy: NightPolicy) -> DayRange:
        """Return every day that a policy may have to be asked about, through the pay horizon where it pays ahead.

        Earlier days can change nothing: they lie before every period that is payable or on the ledger, with the months
        that grace and backdating look back over.
        """
        own = pl.col("policy") == policy.policy
        written = [Period.named(name) for name in self.written.filter(own)["period"].unique()]
        dated = [period for period in written if period.kind is not PeriodKind.ONCE]
        ahead = [period.days.last for period in dated if period.days.first > self.business_date]
        last = max([pay_horizon(policy.terms.pay, self.business_date), *ahead])
        begun = min(activation.valid_from for activation in policy.activations)
        first = min([self._first_payable(policy, begun), *(each.days.first for each in dated)])
        if policy.timetable.is_own:  # one that holds the first of these days may have begun before
            first = add_months(first, -MONTHS_OF[policy.terms.period])
        return DayRange(min(first, self.business_date), last)

    def _first_payable(self, policy: NightPolicy, begun: dt.date) -> dt.date:
        """Return a day not after the first that is payable to anybody, a first grant of this night among them."""
        terms, months = policy.terms, _LOOKED_BACK.get(policy.terms.period)
        reach = FirstPeriod.of(terms.arrears, policy.timetable).widest.months
        if reach is None or months is None:
            return begun
        discovered = self.grants.filter(pl.col("policy") == policy.policy)["discovered_on"].to_list()
        learned = min([*discovered, *(day for day, _ in self.steps_since(self.before(policy)))])
        back = reach + terms.grace.periods * months + (terms.backdate.months if terms.backdate else 0)
        reached = policy.timetable.of(add_months(learned, -back)).days.first
        return max(begun, reached)

    def before(self, policy: NightPolicy) -> NightBefore:
        """Return the night that a policy goes on from."""
        return policy.before or NightBefore(self.after, self.known_before)

    @cached_property
    def steps_of_learning(self) -> tuple[tuple[dt.date, dt.datetime], ...]:
        """Return what was known by the end of each civil day since the last published night."""
        return self._steps(NightBefore(self.after, self.known_before))

    def steps_since(self, before: NightBefore) -> tuple[tuple[dt.date, dt.datetime], ...]:
        """Return what was known by the end of each civil day since a night on which anything was learned.

        First comes what that night knew, from its own date on: time goes on without news, and birthdays pass. The
        last step is this night's own knowledge.
        """
        is_last = before == NightBefore(self.after, self.known_before)
        return self.steps_of_learning if is_last else self._steps(before)

    def _steps(self, since: NightBefore) -> tuple[tuple[dt.date, dt.datetime], ...]:
        instants = {load.loaded_at for load in self.loads.infos} | {merge.at for merge in self.loads.merges}
        instants |= {activation.activated_at for policy in self.policies for activation in policy.activations}
        new = sorted(each for each in instants if since.known_at is None or each > since.known_at)
        by_day = [(min(day, self.business_date), max(same)) for day, same in groupby(new, key=civil_day)]
        before = [(since.business_date, since.known_at)] if since.business_date and since.known_at else []
        steps = [*before, *by_day] or [(self.business_date, self.known_at)]
        return (*steps[:-1], (steps[-1][0], self.known_at))


def gather(  # all by name; a night has this many parts
    rx: Reading,
    root: Path,
    catalogue: Catalogue,
    *,
    business_date: dt.date,
    known_at: dt.datetime,
    as_if: Sequence[ActivationRecord] | None = None,
    calendar: WorkingDays | None = None,
) -> Night:
    """Read everything that a night needs; with a reading at a mark, what a past night for that date needed.

    `as_if` are the activations as they would stand instead.
    Fails: RunError where no rule version was ever published; RuleError where one no longer fits the catalogue.
    """
    policies = published_policies(rx, catalogue, business_date=business_date, known_at=known_at, as_if=as_if)
    if not policies:
        raise RunError.one(
            RunCode.NOTHING_PUBLISHED,
            "policies",
            "no rule version has been published, so there is nothing to decide",
            "plan one, have it approved, then `mianshen apply`: docs/rules.md",
        )
    night = night_of(rx, root, catalogue, policies, business_date=business_date, known_at=known_at)
    return replace(night, calendar=calendar or night.calendar)


def night_of(  # a night has this many parts
    rx: Reading,
    root: Path,
    catalogue: Catalogue,
    policies: tuple[NightPolicy, ...],
    *,
    business_date: dt.date,
    known_at: dt.datetime,
    only: Collection[str] | None = None,
) -> Night:
    """Return a night of some policies.

    Shape: grants and positions of all policies, and what stands in shadow; or only the grants of those in `only`, and of
           their positions which policy has which periods.
    """
    latest = latest_published(rx, JOB, before=None if rx.mark is None else business_date)
    copy = LedgerCopy.of(latest.manifest if latest else None)
    ledger = read_ledger(rx, root / LEDGER_COPIES, copy) if only is None else None
    return Night(
        business_date=business_date,
        known_at=known_at,
        catalogue=catalogue,
        loads=read_loads(rx, root).known_at(known_at),
        policies=policies,
        grants=ledger.grants if ledger else pl.concat(read_grants(rx, policy=policy) for policy in sorted(only or ())),
        acts=tuple(act for act in read_acts(rx) if act.recorded_at <= known_at),
        written=ledger.written if ledger else written_periods(rx, only or ()),
        after=latest.business_date if latest else None,
        known_before=latest.known_at if latest else None,
        mark=ledger.mark if ledger else ledger_mark(rx),
        ledger=ledger,
        last=last_look(rx, root / RUNS, root / LEDGER_COPIES, latest) if only is None and rx.mark is None else None,
        shadow_policies=_shadow_policies(rx, catalogue, business_date=business_date, known_at=known_at)
        if only is None
        else (),
        provisional=_provisional(rx, policies),
        delivered=delivered_offers(rx, _deeming(policies), known_at=known_at),
        **_asked(rx, policies, known_at),
    )


def _provisional(rx: Reading, policies: Iterable[NightPolicy]) -> pl.Series:
    """Return the grants that were opened since the night that a resumed policy goes on from."""
    opened = [opened_since(rx, each.policy, each.before.known_at) for each in policies if each.before]
    return pl.concat([pl.Series("grant_id", dtype=pl.String), *opened])


class _Asked(TypedDict, total=False):
    questions: pl.DataFrame
    answers: Mapping[tuple[str, str], Answer]


def _asked(rx: Reading, policies: Iterable[NightPolicy], known_at: dt.datetime) -> _Asked:
    """Return what was asked and answered under the policies that ask; nothing where none does."""
    asking = [each.policy for each in policies if each.terms.asks]
    if not asking:
        return {}
    return {
        "questions": read_questions(rx, policies=asking, known_at=known_at),
        "answers": read_answers(rx, policies=asking, known_at=known_at),
    }


def _deeming(policies: Iterable[NightPolicy]) -> list[str]:
    """Return the policies that take silence for consent."""
    return [each.policy for each in policies if each.terms.confirmation and each.terms.confirmation.deemed]


def published_policies(
    rx: Reading,
    catalogue: Catalogue,
    *,
    business_date: dt.date,
    known_at: dt.datetime,
    as_if: Sequence[ActivationRecord] | None = None,
) -> tuple[NightPolicy, ...]:
    """Return the policies that stand, stood or will stand by what was activated at an instant, by code.

    Fails: RuleError where a published text no longer fits the catalogue.
    """
    records = read_activations(rx, known_at=known_at) if as_if is None else as_if
    live = decisive(records)
    begun = {activation.policy for activation in live}
    # What stands in shadow and nowhere else is there, and begins for nobody: a night may have nothing but shadows.
    ahead = [
        replace(record.activation, valid_from=LAST_DAY, valid_through=None)
        for record in records
        if not record.decides and record.activation.policy not in begun
    ]
    policies = policies_of(published_texts(rx), (*live, *ahead), catalogue, on=business_date, known_at=known_at)
    waiting: dict[str, set[int]] = {}
    for record in unjudged(rx, records, known_at=known_at):
        if record.activation.version is not None:
            waiting.setdefault(record.activation.policy, set()).add(record.activation.version)
    before = _nights_before(rx, records, business_date, known_at)
    return tuple(
        replace(each, waiting=frozenset(waiting.get(each.policy, ())), before=before.get(each.policy))
        for each in policies
    )


def _nights_before(
    rx: Reading, records: Iterable[ActivationRecord], business_date: dt.date, known_at: dt.datetime
) -> Mapping[str, NightBefore]:
    through = LAST_DAY if rx.mark is None else add_days(business_date, -1)  # a new night, or a past one
    return nights_before(rx, JOB, records, known_at=known_at, through=through)


def _shadow_policies(
    rx: Reading, catalogue: Catalogue, *, business_date: dt.date, known_at: dt.datetime
) -> tuple[NightPolicy, ...]:
    every = read_activations(rx, known_at=known_at)
    records = in_shadow(every, on=business_date)
    if not records:
        return ()
    activations = (*decisive(every), *(record.activation for record in records))
    policies = policies_of(published_texts(rx), activations, catalogue, on=business_date, known_at=known_at)
    before = _nights_before(rx, every, business_date, known_at)
    return tuple(replace(each, before=before.get(each.policy)) for each in policies)


def published_texts(rx: Reading) -> dict[str, dict[int, str]]:
    """Return the text of every published version, by policy and number."""
    texts: dict[str, dict[int, str]] = {}
    for published in published_versions(rx):
        texts.setdefault(published.policy, {})[published.version] = published.text
    return texts


def in_shadow(records: Iterable[ActivationRecord], *, on: dt.date) -> list[ActivationRecord]:
    """Return the activations that a night computes and lets nothing leave of."""
    return [
        record
        for record in records
        if record.shadow_nights
        and record.state in {ActivationState.SCHEDULED, ActivationState.SHADOW}
        and record.activation.valid_from <= on
    ]


def policies_of(
    texts: Mapping[str, Mapping[int, str]],
    activations: Iterable[Activation],
    catalogue: Catalogue,
    *,
    on: dt.date,
    known_at: dt.datetime,
    parsed: Iterable[RuleVersion] = (),
) -> tuple[NightPolicy, ...]:
    """Return the policies that some activations let stand, their terms as on a day; as `published_policies`.

    A text that somebody has `parsed` already is not parsed again.
    """
    known = {(each.policy, each.text): each for each in parsed}
    by_policy: dict[str, list[Activation]] = {}
    for activation in activations:
        by_policy.setdefault(activation.policy, []).append(activation)
    policies = []
    for policy, own in sorted(by_policy.items()):
        used = {activation.version for activation in own}
        versions = {
            number: known.get((policy, text)) or parse_version(text, catalogue, f"{policy}/{number}")
            for number, text in texts[policy].items()
            if number in used
        }
        if versions:  # else only ever repealed
            policies.append(_night_policy(versions, own, on, known_at))
    return tuple(policies)


def _night_policy(
    versions: Mapping[int, RuleVersion],
    activations: Sequence[Activation],
    business_date: dt.date,
    known_at: dt.datetime,
) -> NightPolicy:
    """Return a policy whose terms are those of the version that stands today, or else of the newest begun."""
    on = DayRange(business_date, business_date)
    (today,) = standing(resumed(activations), on, known_at=known_at)
    (as_it_is,) = standing(activations, on, known_at=known_at)
    in_force = [each for each in activations if each.version is not None]
    begun = [each for each in in_force if each.valid_from <= business_date]
    newest = max(begun or in_force, key=lambda each: (each.valid_from, each.activated_at))
    number = today.version or newest.version
    assert number is not None
    return NightPolicy(
        versions[number].policy,
        versions,
        tuple(activations),
        versions[number],
        today.version,
        is_suspended=as_it_is.state is StandState.SUSPENDED,
    )
