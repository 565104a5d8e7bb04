"""The vocabulary: which tables departments share, and which facts about whom are drawn from them.

These are the models of the files under `catalogue/`; `profiles.catalogue_reading` reads and checks them.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from core.days import DayRange, Period, PeriodKind
from core.strict_yaml import Written
from core.timetables import Timetable
from core.values import FactType, ValueType


class ResourceKind(StrEnum):
    """What the rows of a resource mean."""

    SNAPSHOT = "snapshot"  # the whole list as it stood on its data date
    SPELL = "spell"  # a fact with valid-from and valid-through
    EVENT = "event"  # something that happened on a day


class Delivery(StrEnum):
    """What one load of a resource brings."""

    FULL = "full"  # each load replaces the one before
    INCREMENT = "increment"  # rows by key, with withdrawals


class Role(StrEnum):
    """What a column is for, beside carrying a value."""

    SUBJECT = "subject"  # the subject's number
    OTHER = "other"  # the number of the related subject
    FORMER = "former"  # a number that the subject had before: makes an alias
    ROW_KEY = "row_key"  # names the row within the resource, for increments and duplicates
    VALID_FROM = "valid_from"
    VALID_THROUGH = "valid_through"
    DAY = "day"  # the day of an event
    OPERATION = "operation"  # an increment's 新增, 变更 or 撤销
    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    ACCOUNT = "account"
    BANK = "bank"


PERSONAL_ROLES = frozenset({Role.NAME, Role.PHONE, Role.EMAIL, Role.ACCOUNT, Role.BANK})
"""Columns that go to the vault and never into a frame."""

NumberType = Literal["citizen_id", "uscc", "household_no", "record_key"]
ColumnType = Literal[
    "bool",
    "integer",
    "decimal",
    "money",
    "date",
    "text",
    "region",
    "industry",
    "citizen_id",
    "uscc",
    "household_no",
    "record_key",
]


class Column(Written):
    """One column of a delivered file, by the name in its header row.

    A column `same_as` another stands in no file: it repeats the other's cells in a second role. An area's code names a
    subject and is a fact about it.
    """

    name: str
    same_as: str | None = None
    type: ColumnType
    role: Annotated[Role | None, Field(strict=False)] = None
    optional: bool = False  # may be empty; an empty cell is a value not given
    values: tuple[str, ...] = ()
    scale: int = 0
    at_least: int | Decimal | None = None
    at_most: int | Decimal | None = None
    rank: Annotated[int, Field(ge=1)] | None = None  # of accounts: which department is asked first; without one, last


class Region(Written):
    """Which regions one load must speak for, by a column or as a whole."""

    column: str | None = None
    expects: tuple[str, ...] = ()


class Resource(Written):
    """A shared table from one department."""

    resource: str
    label: str
    owner: str
    subject: str
    kind: Annotated[ResourceKind, Field(strict=False)]
    delivery: Annotated[Delivery, Field(strict=False)] = Delivery.FULL
    refresh: Literal["daily", "weekly", "monthly", "quarterly", "yearly", "irregular"]
    fresh_days: int  # the freshness bar: days after a data date for which a load still answers
    between: Literal["agree", "unknown"] = "agree"  # a stale gap between two snapshots
    rows_least: int = 1  # fewer rows: the load is incomplete
    drop_most_percent: int = 20  # a larger drop against the load before: incomplete
    quarantine_most_percent: int = 1  # more rows without a readable key: incomplete
    other: str | None = None  # kind of the subject in the column with role `other`
    regions: Region = Region()
    columns: tuple[Column, ...]

    def column_of(self, role: Role) -> Column | None:
        """Return the column with a role, or None."""
        return next((column for column in self.columns if column.role is role), None)


class SubjectKind(Written):
    """A kind of subject and the number that names one.

    `of` names the relation over which each subject of the kind belongs to another one, its owner: a loan to its
    borrower. What a rule grants for such a subject is the owner's.
    """

    code: str
    label: str
    number: NumberType
    of: str | None = None


class Relation(Written):
    """Who belongs to whom, in one of three forms.

    Drawn from a `resource` with a column of role `other`, read from `subject` to `other`; `reverse` reads the rows the
    other way round. Or in `steps` over other relations, one after the other. Or by region: to the area in the `column`
    of the `resource` about areas that covers the subject's attribute `by` most closely.
    """

    code: str
    label: str
    subject: str
    other: str
    resource: str | None = None
    reverse: bool = False
    where: dict[str, "Condition"] = {}
    steps: tuple[str, ...] = ()
    by: str | None = None
    column: str | None = None

    @property
    def turned(self) -> "Relation":
        """Return a relation drawn from rows, read from its other end."""
        changed = {"subject": self.other, "other": self.subject, "reverse": not self.reverse}
        return self.model_copy(update=changed)


class Limits(Written):
    """A structured condition on one column."""

    any_of: tuple[str | int, ...] = ()
    none_of: tuple[str | int, ...] = ()
    at_least: int | Decimal | dt.date | None = None
    at_most: int | Decimal | dt.date | None = None


Condition = str | int | bool | dt.date | tuple[str | int, ...] | Limits
"""What a column must hold: a value, one of several values, or limits."""

Pick = Literal["latest", "first", "sum", "count", "max", "min", "any"]


class Window(Written):
    """How far back from the day asked about events count; exactly one is given."""

    days: int | None = None
    months: int | None = None


Effect = Literal["same_day", "next_day", "next_month", "next_year"]


class Source(Written):
    """How a fact is drawn from one resource.

    `column` is left out for `count` and `any`. `values` renames what the department writes; a value
    renamed to null is unknown. `effect` says from when on a change counts: `next_day` for facts whose month still counts,
    `next_month` and `next_year` for those that count from the first of the next.
    """

    resource: str
    column: str | None = None
    pick: Pick = "latest"
    where: dict[str, Condition] = {}
    window: Window | None = None
    values: dict[str, str | int | bool | None] = {}
    effect: Effect = "same_day"


RelatedPick = Pick | Literal["all", "rank"]


class Via(Written):
    """How a fact is drawn from the facts of related subjects.

    `where` says by their facts which of them count. `count`, and `any` and `all` with `where`, need no `attribute`;
    `rank` is the place that the subject's own `attribute` has among theirs, from 1 for the least; equal ones are `ties`.
    """

    relation: str
    attribute: str | None = None
    pick: RelatedPick
    where: dict[str, Condition] = {}
    ties: Literal["unknown", "same"] = "unknown"


class Attribute(Written):
    """One typed fact about a subject.

    Exactly one of `sources` (in order of precedence), `via` and `outcome_of` (a policy: whether it is met) is given. `when_absent` holds while
    the resource is complete and fresh; the word `unknown` says that absence tells nothing.
    """

    code: str
    label: str
    subject: str
    type: Annotated[ValueType, Field(strict=False)]
    scale: int = 0
    values: tuple[str, ...] = ()
    unit: str | None = None
    sources: tuple[Source, ...] = ()
    via: Via | None = None
    outcome_of: str | None = None
    when_absent: str | int | bool | Decimal | None = "unknown"
    max_age_days: int | None = None
    lasting: bool = False  # survives staleness: a death
    sensitivity: Literal[1, 2, 3, 4]

    @property
    def fact_type(self) -> FactType:
        """Return its type as rules and frames see it."""
        return FactType(self.type, scale=self.scale, values=self.values)


class CalendarPeriod(Written):
    """One period of a calendar; `census` is the day on which it is counted."""

    name: str
    first: dt.date
    last: dt.date
    census: dt.date | None = None


class DeclaredCalendar(Written):
    """Periods that are no calendar months, quarters or years: a list of them, or so many months from a day, for ever."""

    code: str
    label: str
    periods: tuple[CalendarPeriod, ...] = ()
    starts: dt.date | None = None
    months: int | None = None

    @property
    def timetable(self) -> Timetable:
        """Return how it cuts days."""
        listed = tuple(Period.between(DayRange(each.first, each.last), each.census) for each in self.periods)
        return Timetable(PeriodKind.DECLARED, listed, self.starts, self.months or 0)


class Catalogue(Written):
    """The whole vocabulary of a workspace; `files` are the texts it was read from, by path in the folder."""

    kinds: dict[str, SubjectKind]
    resources: dict[str, Resource]
    attributes: dict[str, Attribute]
    relations: dict[str, Relation]
    calendars: dict[str, DeclaredCalendar] = {}
    fingerprint: str
    files: dict[str, str] = Field({}, exclude=True, repr=False)

    def resources_of(self, relation: Relation) -> tuple[str, ...]:
        """Return the resources that tell a relation, in the order in which they are read."""
        own = (relation.resource,) if relation.resource else ()
        return own + tuple(code for step in relation.steps for code in self.resources_of(self.relations[step]))

    def facts_behind(self, attribute: Attribute) -> frozenset[str]:
        """Return the codes of the facts, of whomever, that an attribute drawn over a relation is made of."""
        return facts_behind(attribute, self.relations)

    def resources_behind(self, codes: Iterable[str]) -> frozenset[str]:
        """Return the resources that facts are drawn from, those that relate subjects included."""
        found: set[str] = set()
        for code in codes:
            attribute = self.attributes[code]
            found |= {source.resource for source in attribute.sources}
            if attribute.via is not None:
                found.update(self.resources_of(self.relations[attribute.via.relation]))
                found |= self.resources_behind(self.facts_behind(attribute))
        return frozenset(found)

    def what_is_missing(self, code: str) -> Attribute | Relation:
        """Return what a code of something missing names: a fact, or the relation that would tell the owner."""
        return self.attributes.get(code) or self.relations[code]

    def attribute_named(self, word: str) -> Attribute | None:
        """Return the attribute with a code or a label, or None."""
        if word in self.attributes:
            return self.attributes[word]
        return next((a for a in self.attributes.values() if a.label == word), None)


def facts_behind(attribute: Attribute, relations: Mapping[str, Relation]) -> frozenset[str]:
    """Return the codes of the facts that an attribute drawn over a relation is made of; of relations that there are."""
    if attribute.via is None:
        return frozenset()
    own = {attribute.via.attribute} if attribute.via.attribute else set()
    return frozenset(own | attribute.via.where.keys() | _regions_asked(attribute.via.relation, relations))


def _regions_asked(code: str, relations: Mapping[str, Relation]) -> set[str]:
    relation = relations.get(code)
    if relation is None:
        return set()
    stepped = [_regions_asked(step, relations) for step in relation.steps if not _has_steps(step, relations)]
    return set().union(*stepped) | ({relation.by} if relation.by else set())


def _has_steps(code: str, relations: Mapping[str, Relation]) -> bool:
    return code in relations and bool(relations[code].steps)
