"""Random small worlds: every kind of resource, loads late, stale, incomplete or partly in quarantine.

So small that equal days, gaps, ties and hand-overs are common.
"""

import datetime as dt
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from hypothesis import strategies as st

from core.days import DayRange, add_days
from profiles.catalogue import Attribute, Condition, Limits, Pick, RelatedPick, Relation, Resource, Source, Via, Window
from tests.profiles.small_world import LEVEL, MARK, SmallWorld, attribute, instant, resource

DAY_0 = dt.date(2025, 2, 26)
PERSONS = ["p1", "p2", "p3", "p4"]
HOUSEHOLDS = ["h1", "h2"]
DAYS = st.integers(0, 14).map(lambda offset: add_days(DAY_0, offset))
LEVELS = st.one_of(st.none(), st.integers(1, 3))
MARKS = st.sampled_from([None, "甲", "乙"])
KIND_OF = {"list": "snapshot", "card": "spell", "trip": "event"}


@st.composite
def ranges(draw: st.DrawFn) -> DayRange:
    """Give a range of days."""
    first, last = draw(st.sampled_from([(0, 16), (3, 12), (8, 16), (7, 7)]))
    return DayRange(add_days(DAY_0, first), add_days(DAY_0, last))


@st.composite
def resources(draw: st.DrawFn, code: str) -> Resource:
    """Give a resource; `home` relates persons to households."""
    kind = KIND_OF.get(code) or draw(st.sampled_from(["snapshot", "spell"]))
    options: dict[str, Any] = {"fresh_days": draw(st.sampled_from([1, 0, 3, 30]))}
    if kind == "snapshot":
        options["between"] = draw(st.sampled_from(["agree", "agree", "unknown"]))
    else:
        options["delivery"] = draw(st.sampled_from(["full", "full", "increment"]))
    if code == "home":
        options["other"] = "household"
    return resource(code, kind, **options)


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Condition]:
    """Give a `where`, often none."""
    on_level: list[Condition] = [2, (1, 3), Limits(at_least=2), Limits(at_most=2, none_of=(1,)), Limits(any_of=(1, 2))]
    on_mark: list[Condition] = ["甲", ("甲", "乙"), Limits(none_of=("乙",))]
    level = {LEVEL.name: draw(st.sampled_from(on_level))}
    mark = {MARK.name: draw(st.sampled_from(on_mark))}
    return draw(st.sampled_from([{}, {}, level, mark, level | mark]))


Renaming = dict[str, str | int | bool | None]


@dataclass(frozen=True)
class Shape:
    """What goes together in an attribute: its type, the column, the picks, what absence may mean."""

    type_: str
    column: str | None
    picks: tuple[Pick, ...]
    absent: tuple[str | int | bool, ...]
    renamings: tuple[Renaming, ...] = ({},)
    lists: tuple[tuple[str, ...], ...] = ((),)


SHAPES = (
    Shape("integer", LEVEL.name, ("latest", "first", "sum", "max", "min"), ("unknown", 0, 2)),
    Shape("integer", None, ("count",), ("unknown", 0)),
    Shape("bool", None, ("any",), ("unknown", False)),
    Shape(
        "text",
        MARK.name,
        ("latest", "first"),
        ("unknown", "无"),
        ({}, {"甲": "丙"}, {"乙": None}),
        ((), ("甲", "丙", "无")),
    ),
)


@st.composite
def sources(draw: st.DrawFn, names: tuple[str, ...], shape: Shape, renaming: Renaming) -> Source:
    """Give a source from one of the resources."""
    name = draw(st.sampled_from(names))
    options: dict[str, Any] = {}
    if name == "trip":
        window = st.sampled_from([None, Window(days=1), Window(days=4), Window(months=1)])
        options["window"] = draw(window)
    if name != "list":
        options["effect"] = draw(st.sampled_from(["same_day", "next_day", "next_month", "next_year"]))
    pick = draw(st.sampled_from(shape.picks))
    return Source(resource=name, pick=pick, column=shape.column, where=draw(conditions()), values=renaming, **options)


@st.composite
def attributes(draw: st.DrawFn, code: str, names: tuple[str, ...], sources_max: int) -> Attribute:
    """Give an attribute of persons, drawn from some resources."""
    shape = draw(st.sampled_from(SHAPES))
    renaming = draw(st.sampled_from(shape.renamings))
    return attribute(
        code,
        shape.type_,
        sources=tuple(draw(sources(names, shape, renaming)) for _ in range(draw(st.integers(1, sources_max)))),
        values=draw(st.sampled_from(shape.lists)),
        when_absent=draw(st.sampled_from(shape.absent)),
        max_age_days=draw(st.sampled_from([None, None, 2, 5])),
        lasting=draw(st.sampled_from([False, False, True])),
    )


PICKS_OF_RELATED: dict[str, tuple[Pick, ...]] = {
    "integer": ("sum", "max", "min", "first", "latest", "count"),
    "bool": ("any", "first", "count"),
    "text": ("first", "latest", "count"),
}


@st.composite
def related(draw: st.DrawFn, code: str, of: Attribute, *, subject: str, relation: str) -> Attribute:
    """Give an attribute drawn through a relation."""
    pick = draw(st.sampled_from(PICKS_OF_RELATED[of.type.value]))
    type_ = "integer" if pick == "count" else of.type.value
    via = Via(relation=relation, pick=pick, attribute=None if pick == "count" else of.code)
    absent = draw(st.sampled_from(["unknown", 0] if type_ == "integer" else ["unknown"]))
    return attribute(code, type_, via=via, subject=subject, when_absent=absent)


@dataclass(frozen=True)
class Delivered:
    """One load, before it is written."""

    resource: str
    data_date: dt.date
    loaded_at: dt.datetime
    rows: list[dict[str, Any]]
    quarantined: list[dict[str, Any]]
    is_complete: bool


@st.composite
def rows(draw: st.DrawFn, of: Resource) -> dict[str, Any]:
    """Give a row of a resource."""
    row: dict[str, Any] = {
        "subject_id": draw(st.sampled_from(PERSONS)),
        LEVEL.name: draw(LEVELS),
        MARK.name: draw(MARKS),
    }
    if of.kind.value == "spell":
        first, last = sorted([draw(DAYS), draw(DAYS)])
        row["valid_from"] = first
        if draw(st.booleans()):
            row["valid_through"] = last
    if of.kind.value == "event":
        row["day"] = draw(DAYS)
    if of.other:
        row["other_id"] = draw(st.sampled_from(HOUSEHOLDS))
    if of.delivery.value == "increment":
        row["row_key"] = draw(st.sampled_from(["k1", "k2", "k3"]))
        row["operation"] = draw(st.sampled_from(["upsert", "upsert", "withdraw"]))
    return row


@st.composite
def held_back_rows(draw: st.DrawFn, of: Resource) -> dict[str, Any]:
    """Give a row for the quarantine; of some the row key could not be read."""
    row = draw(rows(of))
    if draw(st.integers(0, 2)) == 0:
        row.pop("row_key", None)
    return row


@st.composite
def deliveries(draw: st.DrawFn, of: Resource) -> list[Delivered]:
    """Give up to three loads of a resource, in the order in which they came."""
    return [
        Delivered(
            of.resource,
            draw(DAYS),
            instant(DAY_0, hour) + dt.timedelta(days=draw(st.integers(0, 20))),
            [draw(rows(of)) for _ in range(draw(st.sampled_from([2, 3, 5, 7, 0])))],
            [draw(held_back_rows(of)) for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2])))],
            draw(st.sampled_from([True, True, True, False])),
        )
        for hour in range(draw(st.sampled_from([2, 1, 3, 0])))
    ]


@dataclass(frozen=True)
class Plan:
    """A world before it is written."""

    resources: list[Resource]
    attributes: list[Attribute]
    relations: list[Relation]
    delivered: list[Delivered]
    merges: list[tuple[str, str, dt.datetime]]

    def build(self, folder: Path) -> SmallWorld:
        """Write the world to a folder."""
        world = SmallWorld(folder, self.resources, self.attributes, self.relations)
        for each in self.delivered:
            world.load(
                each.resource,
                each.data_date,
                each.rows,
                loaded_at=each.loaded_at,
                quarantined=each.quarantined,
                is_complete=each.is_complete,
            )
        for from_id, to_id, at in self.merges:
            world.merge(from_id, to_id, at)
        return world


@st.composite
def plans(draw: st.DrawFn, *names: str) -> Plan:
    """Give a world with some of the resources; facts of households with `home`, precedence with several others."""
    declared = [draw(resources(name)) for name in names]
    own_names = tuple(name for name in names if name != "home")
    own = [draw(attributes(f"own_{number}", own_names, 3 if len(own_names) > 1 else 1)) for number in range(3)]
    relations, through = draw(households(own[0], own[1])) if "home" in names else ([], [])
    merged = st.tuples(st.sampled_from(PERSONS), st.sampled_from(PERSONS), DAYS.map(instant))
    return Plan(
        declared,
        [*own, *through],
        relations,
        [each for of in declared for each in draw(deliveries(of))],
        [draw(merged) for _ in range(draw(st.sampled_from([0, 0, 1, 2])))],
    )


@st.composite
def households(draw: st.DrawFn, of: Attribute, by: Attribute) -> tuple[list[Relation], list[Attribute]]:
    """Give the two ways between persons and households, facts of members, and what these give back to each."""
    belongs: dict[str, Any] = {"label": "户", "resource": "home", "where": draw(conditions())}
    home = Relation(code="home", subject="person", other="household", **belongs)
    members = Relation(code="members", subject="household", other="person", reverse=True, **belongs)
    of_members = draw(related("of_members", of, subject="household", relation="members"))
    of_home = draw(related("of_home", of_members, subject="person", relation="home"))
    of_mates = [draw(weighed(f"of_mates_{number}", of, by)) for number in range(2)]
    return [home, members, MATES], [of_members, of_home, *of_mates]


MATES = Relation(code="mates", label="同户", subject="person", other="person", steps=("home", "members"))

PICKS_OF_WEIGHED: dict[str, tuple[RelatedPick, ...]] = {
    "integer": ("sum", "max", "first", "latest", "count", "any", "all", "rank"),
    "bool": ("any", "all", "latest", "count"),
    "text": ("first", "latest", "count", "any", "all"),
}


@st.composite
def weighed(draw: st.DrawFn, code: str, of: Attribute, by: Attribute) -> Attribute:
    """Give an attribute of those in the same household, some of whom may not count by another fact of theirs."""
    pick = draw(st.sampled_from(PICKS_OF_WEIGHED[of.type.value]))
    tests: dict[str, list[Condition]] = {
        "integer": [2, (1, 3), Limits(at_least=2), Limits(none_of=(1,))],
        "bool": [True, False],
        "text": ["甲", ("甲", "丙"), Limits(none_of=("乙",))],
    }
    where = {by.code: draw(st.sampled_from(tests[by.type.value]))}
    is_bare = pick == "count" or (pick in {"any", "all"} and (of.type.value != "bool" or draw(st.booleans())))
    if draw(st.booleans()) and not (is_bare and pick != "count"):
        where = {}
    gives = {"count": "integer", "rank": "integer", "any": "bool", "all": "bool"}
    ties: Literal["unknown", "same"] = draw(st.sampled_from(["unknown", "same"]))
    via = Via(relation="mates", pick=pick, attribute=None if is_bare else of.code, where=where, ties=ties)
    absent = {"integer": 0, "bool": False, "text": "unknown"}[gives.get(pick, of.type.value)]
    return attribute(
        code, gives.get(pick, of.type.value), via=via, when_absent=draw(st.sampled_from(["unknown", absent]))
    )


LEVELS_THAT_COUNT: list[Condition] = [2, (1, 3), Limits(at_least=2), Limits(none_of=(1,))]


@st.composite
def all_that_count(draw: st.DrawFn, code: str) -> Attribute:
    """Give whether a fact holds of all (or of one) in the same household that another fact of theirs lets count."""
    pick: Literal["any", "all"] = draw(st.sampled_from(["all", "all", "any"]))
    counts: dict[str, Condition] = {"own_0": draw(st.sampled_from(LEVELS_THAT_COUNT))}
    via = Via(relation="mates", pick=pick, attribute="own_1", where=counts)
    return attribute(code, "bool", via=via, when_absent=draw(st.sampled_from(["unknown", False])))


@st.composite
def neighbourhoods(draw: st.DrawFn, *, only_all: bool = False) -> Plan:
    """Give a world in which most is known, with many facts of those in the same household."""
    declared = [resource("card", "spell", fresh_days=30), resource("home", "spell", fresh_days=30, other="household")]
    of = attribute("own_0", "integer", sources=(Source(resource="card", column=LEVEL.name, pick="max"),), when_absent=0)
    card = attribute("own_1", "bool", sources=(Source(resource="card", pick="any"),), when_absent=False)
    home = Relation(code="home", label="户", subject="person", other="household", resource="home")
    relations = [home, home.turned.model_copy(update={"code": "members"}), MATES]
    loads = [
        Delivered(each.resource, DAY_0, instant(DAY_0), [draw(rows(each)) for _ in range(6)], [], is_complete=True)
        for each in declared
    ]
    unheard = draw(st.sampled_from([[], [], [{"subject_id": "p1", "other_id": "h1"}]]))
    loads[1] = replace(loads[1], quarantined=unheard)
    marked = attribute("own_1", "bool", sources=(Source(resource="card", pick="any", where={MARK.name: "甲"}),))
    card = marked.model_copy(update={"when_absent": draw(st.sampled_from([False, "unknown"]))}) if only_all else card
    of_mates = [
        draw(all_that_count(name) if only_all else weighed(name, draw(st.sampled_from([of, card])), card))
        for name in (f"of_mates_{number}" for number in range(6))
    ]
    return Plan(declared, [of, card, *of_mates], relations, loads, [])


def in_folder(plan: Plan) -> "tempfile.TemporaryDirectory[str]":
    """Return a folder for a world, for the length of one example."""
    return tempfile.TemporaryDirectory(prefix=f"world-{len(plan.delivered)}-")
