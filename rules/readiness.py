"""Whether a version can be paid without an application: what its facts rest on, and what its file leaves open.

Pure: a version, the catalogue, how its resources stand on a day and, where the population was counted, how many of
those who may be entitled lack a fact. `engine.readiness` reads and counts; checks and plans may call this as it is.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from profiles.catalogue import Attribute, Catalogue
from profiles.state import Freshness, ResourceState
from rules.bound import RuleVersion
from rules.tree import facts_of
from rules.version import Lane

OPEN_SOME_PERCENT = 5  # of those who may be entitled: beyond it, people have to look at too many single cases
OPEN_MOST_PERCENT = 50  # beyond it the fact is as good as missing


class Verdict(StrEnum):
    """Which lane a version is ready for."""

    AUTOMATIC = "automatic"
    CONFIRM = "confirm"
    GUIDED = "guided"  # one question closes the gap
    NOT_YET = "not_yet"

    @property
    def rank(self) -> int:
        """Return how far it is from paying by itself; 0 is ready."""
        return list(Verdict).index(self)


NEEDED: Mapping[Lane, Verdict] = {
    Lane.AUTOMATIC: Verdict.AUTOMATIC,
    Lane.CONFIRM: Verdict.CONFIRM,
    Lane.GUIDED: Verdict.GUIDED,
    Lane.INFORM: Verdict.GUIDED,  # telling people something wrong is cheaper than paying it, and still wrong
}
"""What a lane asks for at least."""


class Obstacle(StrEnum):
    """What keeps a version from being paid without an application."""

    NEVER = "never"
    STALE = "stale"
    OFTEN_OPEN = "often_open"  # unknown for most of those who may be entitled
    INCOMPLETE = "incomplete"
    REGIONS = "regions"
    SOMETIMES_OPEN = "sometimes_open"
    WHOM = "whom"  # 受益对象明确: no criterion reads a fact
    BASIS = "basis"  # 结果认定有据: rests on something that nobody has compared with its source
    AMOUNT = "amount"  # 标准数额具体: cash without a tariff
    EXPIRED = "expired"  # 文件时限有效


_LIMITS: Mapping[Obstacle, Verdict] = {
    # As good as missing: one such fact can be asked for, for two the person might as well apply.
    Obstacle.NEVER: Verdict.GUIDED,
    Obstacle.STALE: Verdict.GUIDED,
    Obstacle.OFTEN_OPEN: Verdict.GUIDED,
    # Absence tells nothing, or some cases stay open: the person's own yes and account catch what data does not.
    Obstacle.INCOMPLETE: Verdict.CONFIRM,
    Obstacle.REGIONS: Verdict.CONFIRM,
    Obstacle.SOMETIMES_OPEN: Verdict.CONFIRM,
    # The document itself has to be clarified first.
    Obstacle.WHOM: Verdict.NOT_YET,
    Obstacle.BASIS: Verdict.NOT_YET,
    Obstacle.AMOUNT: Verdict.NOT_YET,
    Obstacle.EXPIRED: Verdict.NOT_YET,
}
"""The best that a version can be with an obstacle."""

TEXTUAL = (Obstacle.WHOM, Obstacle.BASIS, Obstacle.AMOUNT, Obstacle.EXPIRED)
"""The published test of 免申即享, in its order."""


class Role(StrEnum):
    """What a resource is to a fact."""

    FIRST = "first"
    FURTHER = "further"  # asked where those before know nothing
    RELATION = "relation"  # says whose facts are read


@dataclass(frozen=True, slots=True)
class Counted:
    """How a fact stands with people: of all, and of those whom the version does not rule out.

    `open_count` of the `candidate_count` are unknown for want of this fact among others.
    """

    subject_count: int
    known_count: int
    candidate_count: int
    open_count: int


@dataclass(frozen=True, slots=True)
class SourceReadiness:
    """One resource that a fact is drawn from, as it stands on the day."""

    role: Role
    resource: str
    label: str
    owner: str
    freshness: Freshness
    data_date: dt.date | None
    fresh_days: int
    fresh_through: dt.date | None
    is_complete: bool
    incomplete_because: str | None
    regions_missing: tuple[str, ...]
    row_count: int
    quarantined_count: int


@dataclass(frozen=True, slots=True)
class FactReadiness:
    """One fact that a version reads: where it comes from, also over relations, and what absence means."""

    code: str
    label: str
    when_absent: str
    max_age_days: int | None
    sources: tuple[SourceReadiness, ...]
    counted: Counted | None


@dataclass(frozen=True, slots=True)
class Hindrance:
    """One obstacle, and the fact and resource it lies in; the document itself has neither."""

    obstacle: Obstacle
    limit: Verdict
    fact: str | None = None
    resource: str | None = None


@dataclass(frozen=True, slots=True)
class Readiness:
    """A version's facts and hindrances, and the verdict they come to."""

    policy: str
    title: str
    version: int
    owner: str
    subject: str
    lane: Lane
    facts: tuple[FactReadiness, ...]
    hindrances: tuple[Hindrance, ...]

    @property
    def verdict(self) -> Verdict:
        """Return which lane the version is ready for."""
        return _verdict(self.hindrances)

    @property
    def data_verdict(self) -> Verdict:
        """Return which lane its data alone is ready for; the document is the policy officer's part."""
        return _verdict(self._of_data)

    @property
    def is_in_force(self) -> bool:
        """Say whether the document still holds: mending data for one that has ended frees nobody."""
        return all(each.obstacle is not Obstacle.EXPIRED for each in self.hindrances)

    @property
    def is_ready(self) -> bool:
        """Say whether it is ready for the lane that it declares."""
        return self.verdict.rank <= NEEDED[self.lane].rank

    @property
    def holding(self) -> tuple[Hindrance, ...]:
        """Return what would have to go for a better verdict, or, below its lane, to reach the lane."""
        wanted = NEEDED[self.lane] if not self.is_ready else Verdict.AUTOMATIC
        are_too_many = self.verdict is Verdict.NOT_YET  # single questions, each of which alone would do
        return tuple(
            each
            for each in self.hindrances
            if each.limit.rank > wanted.rank or (are_too_many and each.limit is Verdict.GUIDED)
        )

    def without(self, resource: str) -> Verdict:
        """Return the verdict on its data if a resource were in order."""
        return _verdict([each for each in self._of_data if each.resource != resource])

    @property
    def _of_data(self) -> tuple[Hindrance, ...]:
        return tuple(each for each in self.hindrances if each.obstacle not in TEXTUAL)


def _verdict(hindrances: Sequence[Hindrance]) -> Verdict:
    worst = max((each.limit for each in hindrances), key=lambda each: each.rank, default=Verdict.AUTOMATIC)
    questions = {each.fact for each in hindrances if each.limit is Verdict.GUIDED}
    return Verdict.NOT_YET if len(questions) > 1 else worst


def readiness_of(
    version: RuleVersion,
    catalogue: Catalogue,
    states: Mapping[str, ResourceState],
    day: dt.date,
    counted: Mapping[str, Counted] | None = None,
) -> Readiness:
    """Return how ready a version is on a day.

    Shape: `states` by resource, of the whole catalogue; `counted` by fact, as far as the population was counted.
    """
    counts = counted or {}
    read = sorted(version.attributes)
    facts = [_fact(catalogue, catalogue.attributes[code], states, counts.get(code)) for code in read]
    facts += [_relation(catalogue, code, states, counts.get(code)) for code in relations_read(version, catalogue)]
    written = version.written
    return Readiness(
        policy=written.policy,
        title=written.title,
        version=written.version,
        owner=written.owner,
        subject=written.subject,
        lane=written.lane,
        facts=tuple(facts),
        hindrances=(*_textual(version, day), *(each for fact in facts for each in _hindrances(fact, catalogue))),
    )


def relations_read(version: RuleVersion, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the relations that a version reads beside its facts: to the owner, and those it is netted over."""
    written, kind = version.written, catalogue.kinds.get(version.written.subject)
    named = [kind.of if kind else None, *(each.per for each in written.excludes), *(each.per for each in written.caps)]
    return tuple(sorted({each for each in named if each in catalogue.relations}))


def resources_behind(catalogue: Catalogue, code: str) -> dict[str, Role]:
    """Return the resources that a fact or relation is drawn from, also through the facts of others.

    What says whose facts are read comes before those facts' own sources, which stand in order.
    """
    if code in catalogue.relations:
        relation = catalogue.relations[code]
        placed = resources_behind(catalogue, relation.by) if relation.by else {}
        return dict.fromkeys(catalogue.resources_of(relation), Role.RELATION) | placed
    attribute = catalogue.attributes[code]
    found: dict[str, Role] = {}
    if attribute.via is None:
        for source in attribute.sources:
            found.setdefault(source.resource, Role.FURTHER if found else Role.FIRST)
        return found
    for each in sorted(catalogue.facts_behind(attribute)):
        found |= resources_behind(catalogue, each) if each != code else {}
    return resources_behind(catalogue, attribute.via.relation) | found


def blamed(catalogue: Catalogue, code: str, states: Mapping[str, ResourceState]) -> tuple[str, ...]:
    """Return the resources that have to be mended where a fact is unknown.

    Those that are not in order; where all are, the one that should have told the value: the first source of the
    fact, or of the related subject's.
    """
    behind = resources_behind(catalogue, code)
    broken = tuple(each for each in behind if _state_obstacle(states[each]) is not None)
    if broken:
        return broken
    telling = [each for each, role in behind.items() if role is Role.FIRST]
    return tuple(telling[:1] or list(behind)[:1])


def _state_obstacle(state: ResourceState) -> Obstacle | None:
    """Return what is wrong with a resource as a whole; single rows in quarantine concern single subjects."""
    if state.latest is None:
        return Obstacle.NEVER
    if state.freshness is Freshness.STALE:
        return Obstacle.STALE
    if not state.latest.is_complete:
        return Obstacle.INCOMPLETE
    return Obstacle.REGIONS if state.latest.regions_missing else None


def _fact(
    catalogue: Catalogue, attribute: Attribute, states: Mapping[str, ResourceState], counted: Counted | None
) -> FactReadiness:
    behind = resources_behind(catalogue, attribute.code).items()
    return FactReadiness(
        code=attribute.code,
        label=attribute.label,
        when_absent=str(attribute.when_absent),
        max_age_days=attribute.max_age_days,
        sources=tuple(_source(states[each], role) for each, role in behind),
        counted=counted,
    )


def _relation(
    catalogue: Catalogue, code: str, states: Mapping[str, ResourceState], counted: Counted | None
) -> FactReadiness:
    relation = catalogue.relations[code]
    sources = tuple(_source(states[each], role) for each, role in resources_behind(catalogue, code).items())
    return FactReadiness(code, relation.label, "unknown", None, sources, counted)


def _source(state: ResourceState, role: Role) -> SourceReadiness:
    load, resource = state.latest, state.resource
    return SourceReadiness(
        role=role,
        resource=resource.resource,
        label=resource.label,
        owner=resource.owner,
        freshness=state.freshness,
        data_date=load.data_date if load else None,
        fresh_days=resource.fresh_days,
        fresh_through=state.fresh_through,
        is_complete=load is not None and load.is_complete and not load.regions_missing,
        incomplete_because=load.incomplete_because if load else None,
        regions_missing=load.regions_missing if load else (),
        row_count=load.row_count if load else 0,
        quarantined_count=load.quarantined_count if load else 0,
    )


def _hindrances(fact: FactReadiness, catalogue: Catalogue) -> Iterator[Hindrance]:
    """Give what is wrong with a fact: its resources, or, where those are in order, how often it is open."""
    of_sources = [found for source in fact.sources if (found := _source_hindrance(fact, source)) is not None]
    yield from of_sources
    obstacle = None if fact.counted is None else _open(fact.counted)
    if obstacle is not None and not any(each.limit.rank >= _LIMITS[obstacle].rank for each in of_sources):
        behind = [each.resource for each in of_sources] or [*resources_behind(catalogue, fact.code)]
        telling = [each.resource for each in fact.sources if each.role is Role.FIRST]
        yield Hindrance(obstacle, _LIMITS[obstacle], fact.code, next(iter([*telling, *behind]), None))


def _source_hindrance(fact: FactReadiness, source: SourceReadiness) -> Hindrance | None:
    if source.freshness is Freshness.NEVER:
        obstacle = Obstacle.NEVER
    elif source.freshness is Freshness.STALE:
        obstacle = Obstacle.STALE
    elif source.incomplete_because is not None or not (source.is_complete or source.regions_missing):
        obstacle = Obstacle.INCOMPLETE
    elif source.regions_missing:
        obstacle = Obstacle.REGIONS
    else:
        return None
    found = Hindrance(obstacle, _LIMITS[obstacle], fact.code, source.resource)
    # Where the first source tells nothing only: how many that concerns, the count of open cases says.
    return replace(found, limit=Verdict.CONFIRM) if source.role is Role.FURTHER else found


def _open(counted: Counted) -> Obstacle | None:
    if counted.open_count * 100 > counted.candidate_count * OPEN_MOST_PERCENT:
        return Obstacle.OFTEN_OPEN
    if counted.open_count * 100 > counted.candidate_count * OPEN_SOME_PERCENT:
        return Obstacle.SOMETIMES_OPEN
    return None


def _textual(version: RuleVersion, day: dt.date) -> Iterator[Hindrance]:
    """Give what the document leaves open, as far as its rule file tells.

    Source: domain §0.3, the published test: 受益对象明确、结果认定有据、标准数额具体、文件时限有效.
    """
    written = version.written
    if not facts_of(*(each.node for each in version.criteria)):
        yield _document(Obstacle.WHOM)
    if any(each.certainty in {"K", "K-low"} and each.verified is None for each in written.basis):
        yield _document(Obstacle.BASIS)
    if written.benefit == "cash" and not version.tariff:
        yield _document(Obstacle.AMOUNT)
    if written.valid_through is not None and written.valid_through < day:
        yield _document(Obstacle.EXPIRED)


def _document(obstacle: Obstacle) -> Hindrance:
    return Hindrance(obstacle, _LIMITS[obstacle])
