"""The plain reference: what one fact of one subject is on one day, and why; slow and obvious.

`profiles.assemble` gives the same for everyone at once (`tests/laws/test_timelines.py`); `profiles.provenance`
shows a person what is found here.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from core.days import FIRST_DAY, LAST_DAY
from core.loads import LoadInfo
from profiles.area_codes import plain_stem
from profiles.asking_related import Weighing
from profiles.asking_rows import Counted, Shelf, counts, holding, is_increment, own_day, picked, value_of
from profiles.catalogue import Attribute, Relation, Resource, ResourceKind, Source
from profiles.keyed_rows import Row
from profiles.known import Known
from profiles.stored_values import value_when_absent


class FactState(StrEnum):
    """Why a fact is known or unknown."""

    KNOWN = "known"
    DISAGREE = "disagree"  # known, and a lower source knows something else
    ABSENT = "absent"  # certainly no row: the value is what absence means
    EMPTY = "empty"  # a row that does not give the value
    RELATED = "related"  # a fact of a related subject is unknown
    STALE = "stale"
    INCOMPLETE = "incomplete"
    QUARANTINED = "quarantined"
    TOO_OLD = "too_old"
    NEVER = "never"  # no load yet that speaks of the day


Said = tuple[FactState, Any, dt.date | None]  # what loads say, and the fact's own day
Pair = tuple[dt.date, str | None, bool]  # own day of the row, the related subject, whether the row surely counts
OutcomeOf = Callable[[str, str, dt.date], bool | None]
"""Says whether a policy is met for a subject on a day; None where nobody knows."""

BY_ROW = frozenset({"first", "latest"})  # the other picks count each related subject once

GIVES_WAY = frozenset({FactState.ABSENT, FactState.EMPTY})
"""After these the next source is asked; `stale` and its like never fall through."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One attribute of one subject on one day, with the load it was read from.

    `value` as frames hold it; None means unknown.
    """

    value: Any  # as many types as attributes
    state: FactState
    resource: str | None = None
    load_id: str | None = None
    data_date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is asked of one resource about one subject.

    `draw` makes a value, with the fact's own day, of a load's rows; None if no row counts.
    """

    resource: Resource
    who: str
    ids: frozenset[str]
    draw: Callable[[list[Row], LoadInfo], tuple[Any, dt.date] | None]
    lasting: bool = False
    max_age_days: int | None = None


class Asking:
    """Answers one question after the other about a subject and those related to it, from what was known at an instant."""

    def __init__(self, known: Known, outcome_of: OutcomeOf | None = None) -> None:
        """Keep what was known, and who can decide policies; without, outcomes are unknown."""
        self._known, self._outcome_of = known, outcome_of
        self.catalogue, self.loads, self._present = known.catalogue, known.loads, known.present
        self._shelf = Shelf(known.loads)

    def fact(self, code: str, subject_id: str, day: dt.date) -> Fact:
        """Return an attribute of a subject on a day."""
        attribute = self.catalogue.attributes[code]
        subject_id = self._present.get(subject_id, subject_id)
        if attribute.outcome_of is not None:
            is_met = self._outcome_of(attribute.outcome_of, subject_id, day) if self._outcome_of else None
            return Fact(is_met, FactState.RELATED if is_met is None else FactState.KNOWN)
        if attribute.via is not None:
            said = [self._related_fact(attribute, subject_id, day)]
        else:
            said = [self._source_fact(attribute, source, subject_id, day) for source in attribute.sources]
        decisive = next((fact for fact in said if fact.state not in GIVES_WAY), None)
        if decisive is None:
            first = next((fact for fact in said if fact.state is FactState.EMPTY), said[0])
            is_absent = first.state is FactState.ABSENT
            return replace(first, value=value_when_absent(attribute) if is_absent else None)
        known = {fact.value for fact in said if fact.state is FactState.KNOWN}
        disagrees = decisive.state is FactState.KNOWN and len(known) > 1
        return replace(decisive, state=FactState.DISAGREE) if disagrees else decisive

    def _source_fact(self, attribute: Attribute, source: Source, subject_id: str, day: dt.date) -> Fact:
        """Return what one source says."""
        resource = self.catalogue.resources[source.resource]

        def draw(rows: list[Row], info: LoadInfo) -> tuple[Any, dt.date] | None:
            sure = [(row, counts(resource, source.where, row)) for row in rows]
            held = holding(resource, source, [row for row, counted in sure if counted is not False], day)
            counted = [
                Counted(
                    own_day(resource, row, info),
                    row["row_number"],
                    value_of(resource, source, attribute, row) if counts(resource, source.where, row) else None,
                )
                for row in held
            ]
            return picked(counted, source.pick) if counted else None

        lasting, max_age_days = attribute.lasting, attribute.max_age_days
        return self._ask(
            Inquiry(resource, "subject_id", self._known.ids_of(subject_id), draw, lasting, max_age_days), day
        )

    def _related_fact(self, attribute: Attribute, subject_id: str, day: dt.date) -> Fact:
        """Return what the facts of related subjects come to."""
        via = attribute.via
        assert via is not None, "only attributes drawn through a relation come here"
        related = self.related(self.catalogue.relations[via.relation], subject_id, day)
        if related.state is not FactState.KNOWN:
            return related
        rows = related.value if via.pick in BY_ROW else _by_subject(related.value)
        weighing = Weighing(self.catalogue, lambda *asked: self.fact(*asked).value, via, subject_id, day)
        counted = []
        for own, other, is_sure in rows:
            is_seen, added = weighing.added(other, is_sure=is_sure)
            place = (other or "", is_sure if via.pick == "latest" else not is_sure)
            counted += [Counted(own, place, added)] if is_seen else []
        if not counted:
            return replace(related, value=None, state=FactState.ABSENT)
        value = weighing.told(picked(counted, weighing.pick)[0])
        return replace(related, value=value, state=FactState.RELATED if value is None else FactState.KNOWN)

    def related(self, relation: Relation, subject_id: str, day: dt.date) -> Fact:
        """Return who is related, as a set of (own day, id, whether the row surely counts)."""
        if relation.steps:
            return self._related_in_steps(relation, subject_id, day)
        if relation.by is not None:
            return self._related_by_region(relation, subject_id, day)
        assert relation.resource is not None, "a relation is of one of three forms"
        resource = self.catalogue.resources[relation.resource]
        who, other = ("other_id", "subject_id") if relation.reverse else ("subject_id", "other_id")

        def draw(rows: list[Row], info: LoadInfo) -> tuple[Any, dt.date] | None:
            sure = [(row, counts(resource, relation.where, row)) for row in rows if row[other] is not None]
            held = holding(
                resource, Source(resource=resource.resource), [row for row, c in sure if c is not False], day
            )
            is_list = resource.kind is ResourceKind.SNAPSHOT  # two lists agree, whenever each was drawn up
            found = frozenset(
                (
                    FIRST_DAY if is_list else own_day(resource, row, info),
                    self._present.get(row[other], row[other]),
                    counts(resource, relation.where, row) is True,
                )
                for row in held
            )
            return (found, info.data_date) if found else None

        return self._ask(Inquiry(resource, who, self._known.ids_of(subject_id), draw), day)

    def _related_in_steps(self, relation: Relation, subject_id: str, day: dt.date) -> Fact:
        """Return who is related over one relation after the other; who cannot be asked may lead to anybody."""
        first, *rest = (self.catalogue.relations[code] for code in relation.steps)
        near = self.related(first, subject_id, day)
        for step in rest:
            if near.state is not FactState.KNOWN:
                return near
            found = frozenset(pair for each in near.value for pair in self._one_step(step, each, day))
            near = replace(near, value=found, state=FactState.KNOWN if found else FactState.ABSENT)
        return near

    def _one_step(self, step: Relation, pair: Pair, day: dt.date) -> set[Pair]:
        own, middle, is_sure = pair
        somebody: set[Pair] = {(FIRST_DAY, None, False), (LAST_DAY, None, False)}
        if middle is None:
            return somebody
        far = self.related(step, middle, day)
        if far.state is FactState.KNOWN:
            return {(max(own, far_own), other, is_sure and far_sure) for far_own, other, far_sure in far.value}
        return set() if far.state is FactState.ABSENT else somebody

    def _related_by_region(self, relation: Relation, subject_id: str, day: dt.date) -> Fact:
        """Return the area that covers the subject's region most closely."""
        assert relation.by is not None, "other forms do not come here"
        assert relation.resource is not None, "the catalogue's reader asks for it"
        assert relation.column is not None, "the catalogue's reader asks for it"
        resource = self.catalogue.resources[relation.resource]
        areas = self._known.areas(resource, relation.column)
        if not self.loads.of(resource.resource):
            return Fact(None, FactState.NEVER, resource.resource)
        region = self.fact(relation.by, subject_id, day)
        if region.value is None:
            return region
        covering = [stem for stem in areas if plain_stem(region.value).startswith(stem)]
        if not covering:
            return replace(region, value=None, state=FactState.ABSENT)
        area = areas[max(covering, key=len)]
        found = frozenset({(FIRST_DAY, self._present.get(area, area), True)})
        return replace(region, value=found, state=FactState.KNOWN)

    def _ask(self, inquiry: Inquiry, day: dt.date) -> Fact:
        """Return what a resource says of a subject on a day."""
        if inquiry.resource.kind is ResourceKind.SNAPSHOT:
            return self._ask_lists(inquiry, day)
        infos = self.loads.of(inquiry.resource.resource)
        if not infos:
            return Fact(None, FactState.NEVER, inquiry.resource.resource)
        newest = infos[-1]
        if is_increment(inquiry.resource):
            rows = list(self._shelf.last_words(infos, inquiry.who, inquiry.ids))
        else:
            infos = (newest,)
            rows = self._shelf.rows(newest, inquiry.who, inquiry.ids)
        said = self._said(inquiry, rows, infos)
        is_fresh = (day - newest.data_date).days <= inquiry.resource.fresh_days
        return _as_of(inquiry, said, newest, day, is_fresh=is_fresh)

    def _ask_lists(self, inquiry: Inquiry, day: dt.date) -> Fact:
        """Return what whole lists say: the last one before the day, or what both sides of a gap agree on."""
        infos = self.loads.of(inquiry.resource.resource)
        before = [info for info in infos if info.data_date <= day]
        after = [info for info in infos if info.data_date > day]
        if not before:
            return Fact(None, FactState.NEVER, inquiry.resource.resource)
        here = before[-1]
        said = self._said_by_list(inquiry, here)
        is_fresh = (day - here.data_date).days <= inquiry.resource.fresh_days
        if not is_fresh and inquiry.resource.between == "agree" and after:
            there = _last_of_its_date(infos, after[0].data_date)
            agree = said[:2] == self._said_by_list(inquiry, there)[:2]
            is_fresh = agree and said[0] in {FactState.KNOWN, FactState.EMPTY, FactState.ABSENT}
        return _as_of(inquiry, said, here, day, is_fresh=is_fresh)

    def _said_by_list(self, inquiry: Inquiry, info: LoadInfo) -> Said:
        rows = self._shelf.rows(info, inquiry.who, inquiry.ids)
        return self._said(inquiry, rows, (info,))

    def _said(self, inquiry: Inquiry, rows: list[Row], infos: tuple[LoadInfo, ...]) -> Said:
        """Return what loads say together, as if they were fresh."""
        if self._shelf.is_held_back(infos, inquiry.who, inquiry.ids):
            return FactState.QUARANTINED, None, None
        drawn = inquiry.draw(rows, infos[-1])
        if drawn is not None:
            value, own = drawn
            return FactState.EMPTY if value is None else FactState.KNOWN, value, own
        deciding = {_last_of_its_date(infos, info.data_date) for info in infos}
        is_complete = all(info.is_complete and not info.regions_missing for info in deciding)
        return FactState.ABSENT if is_complete else FactState.INCOMPLETE, None, None


def _as_of(inquiry: Inquiry, said: Said, info: LoadInfo, day: dt.date, *, is_fresh: bool) -> Fact:
    """Return what was said as it stands on a day: too old, or stale unless it lasts."""
    state, value, own = said
    if state is FactState.KNOWN:
        assert own is not None, "a fact that is known has its own day"
        lasts = inquiry.lasting and value is not False
        if inquiry.max_age_days is not None and (day - own).days > inquiry.max_age_days:
            state, value = FactState.TOO_OLD, None
        elif not is_fresh and not lasts:
            state, value = FactState.STALE, None
    elif state is not FactState.QUARANTINED and not is_fresh:
        state = FactState.STALE
    return Fact(value, state, info.resource, info.load_id, info.data_date)


def _last_of_its_date(infos: tuple[LoadInfo, ...], data_date: dt.date) -> LoadInfo:
    """Return the load that came last for a data date."""
    return [info for info in infos if info.data_date == data_date][-1]


def _by_subject(rows: Iterable[Pair]) -> set[Pair]:
    """Count each related subject once, surely if one of its rows does."""
    sure = {other for _, other, is_sure in rows if is_sure}
    return {(FIRST_DAY, other, other in sure) for _, other, _ in rows}
