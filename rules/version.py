"""A rule version as its author writes it: one strict YAML file, immutable once published.

These are the models of the file; `rules.reading` binds and types its expressions.
"""

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from core.days import PeriodKind
from core.strict_yaml import Written

Number = int | Decimal | str  # the text form is an expression: `5%`, `10万`, `低保标准 * 1.3`


class Lane(StrEnum):
    """What must happen between a match and the money."""

    AUTOMATIC = "automatic"
    CONFIRM = "confirm"
    GUIDED = "guided"
    INFORM = "inform"


class Verified(Written):
    """Who compared a figure with the original that it comes from, and when."""

    by: str
    on: dt.date
    against: str


class Basis(Written):
    """The document that a rule carries out."""

    doc: str
    article: str | None = None
    signed_on: dt.date | None = None
    certainty: Literal["S", "K", "K-low", "I"]  # `docs/decisions.md`: found in a source, known, unsure, concluded
    source: str | None = None
    verified: Verified | None = None  # without it, what is only known (K, K-low) is an example and is not published


class Criterion(Written):
    """One named condition; all of a version's criteria must hold."""

    id: str
    label: str
    when: str
    article: str | None = None  # where the document says it
    actionable: bool = True
    remedy: str | None = None


class TariffLine(Written):
    """An amount in yuan for those to whom `when` applies; the first line that applies, per component."""

    when: str | None = None
    amount: Number
    component: str = "main"
    instalment: int | None = None  # due in the nth period of the grant alone, if it is met then
    article: str | None = None  # where the document says it


class Backdate(Written):
    """Earlier months asked with some criteria waived and some facts as on the anchor day."""

    from_: Annotated[str, Field(alias="from")]  # the attribute that holds the anchor day
    months: int
    waives: tuple[str, ...]
    reads: tuple[str, ...] = ()


class Pay(Written):
    """On which days open items are collected into batches."""

    calendar: Literal["daily", "monthly", "quarterly", "yearly"]
    day: int = 1
    month: int = 1  # of the quarter (1-3) or of the year (1-12)
    first: Literal["next", "monthly"] = "next"  # `monthly`: a first payment goes out on that day of any month
    advance: bool = False  # coming periods are paid ahead, up to the next pay day
    after: Literal["quarter", "year"] | None = None  # what is due for one queues until the next has begun


class PayeeTerm(Written):
    """Who receives for the subject: the other end of a relation; `otherwise`: where there surely is nobody."""

    relation: str
    otherwise: Literal["hold", "subject"] = "hold"


MonthsBack = int | Literal["unlimited"]


class ArrearsCauses(Written):
    """How many months back a first grant reaches, by why its past became payable; else as `Arrears` says."""

    rule: MonthsBack | None = None  # the rule was published later
    hold: MonthsBack | None = None  # it was unknown until then, for want of data
    delivery: MonthsBack | None = None  # a department delivered or corrected a fact later


class Arrears(Written):
    """How many months back from its discovery a first grant reaches."""

    months: MonthsBack
    causes: ArrearsCauses | None = None


class Grace(Written):
    """For how many periods the last known due goes on while the answer is unknown."""

    periods: int = 0


class CountsAsPaid(Written):
    """Money that the subject got elsewhere, in yuan, used up by what is due over a span, the oldest period first."""

    amount: Number
    span: Literal["period", "year", "lifetime"] = "period"


class Duration(Written):
    """For how many months a grant pays; fixed by the facts and the version of the period in which it was first met."""

    months: Number
    counts: Literal["calendar", "paid"] = "calendar"  # a window from the first period, or only months with money due
    extended_by: Number = 0  # months that a later decision added, as known now


class Deferred(Written):
    """How long after the end of its period a sum that was put off falls due."""

    months: int


class FundingLine(Written):
    """One purse that pays a part of every amount, and the account that it is booked on."""

    name: str
    level: Literal["central", "province", "city", "county", "town"]
    share: Number
    account: str | None = None  # 支出功能分类科目
    project: str | None = None  # 项目编码


class Pot(Written):
    """What becomes of payments that the year's money does not cover, and which of them come first."""

    at_end: Literal["wait", "stop_new", "pay_on"] = "wait"
    order: tuple[str, ...] = ("period", "discovered")


class Offset(Written):
    """How much of each later payment may be kept back for a claim, and of which policies beside this one."""

    share: Number
    from_: Annotated[tuple[str, ...], Field(alias="from")] = ()  # of the same payer


class Confirmation(Written):
    """How long an offer or a question waits for the subject's answer, and what no answer means; days are working days."""

    working_days: int | None = None  # none: as long as the policy stands
    remind: tuple[int, ...] = ()  # on the nth working day after it was offered
    deemed: bool = False  # no answer in time is a yes, once the notice was delivered; else it lapses
    needs_account: bool = False  # the answer brings the account to pay to


class Question(Written):
    """快申快享: the one fact that a subject is asked for, where everything else is known."""

    fact: str
    writes: str  # the declared list that takes the answers, a source of that fact


class Publicity(Written):
    """公示: for how many working days the names, masked, stand on a public list before money."""

    working_days: int


class Terms(Written):
    """How an outcome becomes dues and payments."""

    period: Annotated[PeriodKind, Field(strict=False)]
    calendar: str | None = None  # of the catalogue; for `period: calendar`
    starts: str | None = (
        None  # the fact with the day from which each subject's own months, quarters or years are counted
    )
    amount_for: Literal["year"] | None = None  # the tariff is for a year, of which each month or quarter has its part
    counts: Literal["first_day", "last_day", "any_day", "census_day", "each_day"] = "any_day"
    arrears: Arrears | None = None
    backdate: Backdate | None = None
    grace: Grace = Grace()
    pay: Pay
    payer: str | None = None  # who pays; the owner where left out
    payee: PayeeTerm | None = None  # who receives; the subject where left out
    version_by: str | None = None  # the fact with the day whose version and facts decide; for `once` and `event`
    facts: Literal["latest"] | None = None  # as they stand today; else those of the day in `version_by`
    counts_as_paid: CountsAsPaid | None = None
    duration: Duration | None = None
    confirmation: Confirmation | None = None  # for `lane: confirm` and `guided`
    asks: Question | None = None  # for `lane: guided`
    checked_by: str | None = None  # the department that confirms the list before money
    publicity: Publicity | None = None
    deferred: Deferred | None = None  # for `benefit: deferral`
    continues: bool | None = None  # goes on after its end for those who had it
    partial: Literal["hold", "pay"] = "hold"
    overpaid: Literal["case", "keep"] = "case"
    offset: Offset | None = None  # nothing is set off where left out
    rounding: Literal["half_up", "up", "down"] = "half_up"
    round_to: Number = "0.01"  # yuan
    least: Number | None = None  # yuan; an amount below it is not paid
    funding: tuple[FundingLine, ...] = ()  # in the order of a payment order; all out of one purse where left out
    pot: Pot | None = None  # as `Pot` says where left out


class Exclusion(Written):
    """Policies of one group do not add up: for one subject or, with `per`, for all who share a relation's other end."""

    group: str
    mode: Literal["highest", "priority", "stack", "at_most", "apart"]
    span: Literal["period", "year", "lifetime"] = "period"
    at_most: int | None = None
    months: int | None = None  # that events are apart from each other
    priority: int | None = None  # the smallest comes first
    per: str | None = None  # a relation


class Cap(Written):
    """A ceiling in yuan that everything in a pool shares over a span; the oldest period uses it first."""

    pool: str
    amount: Number
    span: Literal["period", "year", "lifetime", "event"] = "lifetime"
    per: str = "subject"  # or `version`: each rule version has a ceiling of its own; or a relation


class Guard(Written):
    """What the author expects of a night; beyond it, the night stops for a person."""

    count: tuple[int, int] | None = None
    amount_change: str | None = None


class Contact(Written):
    """Whom people ask: printed on guides and shown on pages; nothing depends on it."""

    office: str
    phone: str | None = None
    address: str | None = None
    hours: str | None = None


EFFORTS = ("steps", "visits", "documents")
"""What of an effort is counted."""


class Effort(Written):
    """What an application for it asks of a person, and what falls away without one: 环节, 跑动, 材料; nothing depends on it.

    `source` says where these are counted, such as the service guide of before.
    """

    steps: int | None = None
    visits: int | None = None
    documents: int | None = None
    source: str


class Budget(Written):
    """What is set aside for the policy in a calendar year; plans compare with it, nights do not."""

    year: int
    amount: Number


class Expectation(Written):
    """What an example must come to; `amount` in yuan."""

    outcome: Literal["met", "not_met", "unknown"]
    amount: Number | None = None
    components: dict[str, Number] = {}
    failing: tuple[str, ...] | None = None
    missing: tuple[str, ...] | None = None


class Example(Written):
    """A worked case: facts by code or label; null is unknown."""

    name: str
    day: dt.date
    facts: dict[str, str | int | bool | Decimal | dt.date | None]
    expect: Expectation


class WrittenVersion(Written):
    """One rule version, as written."""

    policy: str
    item_code: str
    title: str
    owner: str
    summary: str | None = None
    basis: tuple[Basis, ...]
    subject: str
    region: str
    lane: Annotated[Lane, Field(strict=False)]
    benefit: Literal["cash", "reduction", "voucher", "service", "tax_credit", "waiver", "deferral"]
    version: int
    valid_from: dt.date
    valid_through: dt.date | None = None
    parameters: dict[str, Number] = {}
    criteria: tuple[Criterion, ...]
    tariff: tuple[TariffLine, ...] = ()
    terms: Terms
    excludes: tuple[Exclusion, ...] = ()
    caps: tuple[Cap, ...] = ()
    guard: Guard = Guard()
    contact: Contact | None = None
    effort: Effort | None = None
    budget: tuple[Budget, ...] = ()
    examples: tuple[Example, ...] = ()
