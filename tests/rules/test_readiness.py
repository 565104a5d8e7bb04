"""What a version's facts rest on, and the verdict that their state comes to."""

import datetime as dt
from pathlib import Path

import pytest

from core.days import add_days
from core.loads import LoadInfo, Loads
from profiles.catalogue_reading import parse_catalogue
from profiles.state import ResourceState, load_state
from rules.bound import RuleVersion
from rules.readiness import (
    NEEDED,
    Counted,
    Obstacle,
    Readiness,
    Role,
    Verdict,
    blamed,
    readiness_of,
    resources_behind,
)
from rules.reading import parse_version
from rules.version import Lane
from tests.world import RULE
from tests.world_catalogue import CATALOGUE

DAY = dt.date(2025, 6, 15)
MORE = {
    "relations.yaml": """
relations:
  - {code: children, label: 子女, subject: person, other: person, resource: kin}
""",
    "resources/kin.yaml": """
resource: kin
label: 亲子
owner: 公安
subject: person
other: person
kind: spell
refresh: irregular
fresh_days: 400
columns:
  - {name: 号码, type: citizen_id, role: subject}
  - {name: 子女, type: citizen_id, role: other}
  - {name: 起, type: date, role: valid_from}
""",
    "attributes/more.yaml": """
attributes:
  - {code: poor, label: 困难, subject: person, type: bool, sensitivity: 3, when_absent: false,
     sources: [{resource: dibao, pick: any}, {resource: custody, pick: any}]}
  - {code: child_card, label: 子女有证, subject: person, type: bool, sensitivity: 3, when_absent: unknown,
     via: {relation: children, attribute: card, pick: any}}
""",
}
WORLD = parse_catalogue(CATALOGUE | MORE, "catalogue")


def version(*changes: tuple[str, str], when: str = "有证") -> RuleVersion:
    """Return a version that asks for one condition, with some texts of its file replaced."""
    text = RULE.format(
        policy="care",
        subject="person",
        lane="automatic",
        benefit="cash",
        version=1,
        criteria=f"  - {{id: c1, label: 条件, when: '{when}'}}",
        tariff="  - {amount: 150}",
        terms="{period: month, pay: {calendar: monthly, day: 15}}",
        excludes="[]",
        caps="[]",
        guard="{}",
        examples="  []",
    )
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    return parse_version(text, WORLD, "care")


def load(resource: str, *, age_days: int = 1, is_complete: bool = True, missing: tuple[str, ...] = ()) -> LoadInfo:
    """Return a load of a resource, so many days old."""
    return LoadInfo(
        load_id=f"l_{resource}",
        resource=resource,
        data_date=add_days(DAY, -age_days),
        loaded_at=dt.datetime.combine(DAY, dt.time(), dt.UTC),
        digest="",
        file_name="",
        path="",
        row_count=100,
        accepted_count=98,
        quarantined_count=2,
        unreadable_count=0,
        is_complete=is_complete,
        incomplete_because=None if is_complete else "it lost half of its rows",
        regions_missing=missing,
    )


def states(*loads: LoadInfo) -> dict[str, ResourceState]:
    """Return how every resource stands where these loads came."""
    known = load_state(WORLD, Loads(Path(), loads), DAY)
    return {each.resource.resource: each for each in known}


def assessed(rule: RuleVersion, *loads: LoadInfo, **counted: Counted) -> Readiness:
    """Assess a version on the day."""
    return readiness_of(rule, WORLD, states(*loads), DAY, counted)


def obstacles(readiness: Readiness) -> list[tuple[Obstacle, str | None, str | None]]:
    """Return the hindrances as plain tuples."""
    return [(each.obstacle, each.fact, each.resource) for each in readiness.hindrances]


def test_everything_in_order_is_automatic() -> None:
    """Fresh, complete, a clear document: rows in quarantine concern single subjects and hinder nobody else."""
    readiness = assessed(version(), load("cards"))

    (fact,) = readiness.facts
    (source,) = fact.sources
    assert (readiness.verdict, readiness.is_ready, readiness.holding) == (Verdict.AUTOMATIC, True, ())
    assert (source.resource, source.owner, source.quarantined_count, fact.when_absent) == ("cards", "残联", 2, "False")


@pytest.mark.parametrize(
    ("loads", "obstacle", "verdict"),
    [
        ([], Obstacle.NEVER, Verdict.GUIDED),
        ([load("cards", age_days=401)], Obstacle.STALE, Verdict.GUIDED),
        ([load("cards", is_complete=False)], Obstacle.INCOMPLETE, Verdict.CONFIRM),
        ([load("cards", missing=("310104",))], Obstacle.REGIONS, Verdict.CONFIRM),
    ],
)
def test_each_state_of_a_resource_has_its_limit(loads: list[LoadInfo], obstacle: Obstacle, verdict: Verdict) -> None:
    """As good as missing: one question. Absence tells nothing: the person's yes."""
    readiness = assessed(version(), *loads)

    assert obstacles(readiness) == [(obstacle, "card", "cards")]
    assert (readiness.verdict, readiness.data_verdict, readiness.is_ready) == (verdict, verdict, False)
    assert readiness.without("cards") is Verdict.AUTOMATIC


def test_the_last_day_of_the_bar_is_fresh() -> None:
    """Bars are inclusive, as everywhere."""
    assert assessed(version(), load("cards", age_days=400)).verdict is Verdict.AUTOMATIC


def test_two_missing_facts_are_two_questions_too_many() -> None:
    """Nobody calls it 免申 where the person has to fill in a form; both facts are named."""
    readiness = assessed(version(when="有证 and 低保"))

    assert readiness.verdict is Verdict.NOT_YET
    assert {each.fact for each in readiness.holding} == {"card", "dibao"}
    assert readiness.without("cards") is Verdict.GUIDED


def test_two_missing_facts_for_the_guided_lane_name_what_is_missing() -> None:
    """One of the two would have to go for the lane that is declared."""
    readiness = assessed(version(("lane: automatic", "lane: guided"), when="有证 and 低保"))

    assert not readiness.is_ready
    assert len(readiness.holding) == 2


def test_a_further_source_only_costs_the_persons_yes() -> None:
    """The first source decides for those it knows; how many stay open is for the count to say."""
    readiness = assessed(version(when="困难"), load("dibao"))

    assert [source.role for source in readiness.facts[0].sources] == [Role.FIRST, Role.FURTHER]
    assert obstacles(readiness) == [(Obstacle.NEVER, "poor", "custody")]
    assert readiness.verdict is Verdict.CONFIRM


def test_a_fact_over_a_relation_rests_on_both() -> None:
    """Who the children are, and whether they hold a card: one fact, two departments."""
    readiness = assessed(version(when="子女有证"), load("cards"))

    assert resources_behind(WORLD, "child_card") == {"kin": Role.RELATION, "cards": Role.FIRST}
    assert obstacles(readiness) == [(Obstacle.NEVER, "child_card", "kin")]


@pytest.mark.parametrize(
    ("open_count", "expected"),
    [(5, []), (6, [Obstacle.SOMETIMES_OPEN]), (50, [Obstacle.SOMETIMES_OPEN]), (51, [Obstacle.OFTEN_OPEN])],
)
def test_how_often_a_fact_is_open(open_count: int, expected: list[Obstacle]) -> None:
    """Of 100 who may be entitled: up to 5 a person looks at, up to 50 each says yes, beyond it is as good as missing."""
    counted = Counted(subject_count=1000, known_count=900, candidate_count=100, open_count=open_count)
    readiness = assessed(version(), load("cards"), card=counted)

    assert [each.obstacle for each in readiness.hindrances] == expected
    assert all(each.resource == "cards" for each in readiness.hindrances)


def test_what_is_open_because_nothing_came_is_said_once() -> None:
    """A resource that never arrived is the reason; that everybody is open follows from it."""
    counted = Counted(subject_count=10, known_count=0, candidate_count=10, open_count=10)

    assert [each.obstacle for each in assessed(version(), card=counted).hindrances] == [Obstacle.NEVER]


def test_nobody_who_may_be_entitled_is_no_obstacle() -> None:
    """Nought of nought."""
    assert assessed(version(), load("cards"), card=Counted(10, 10, 0, 0)).verdict is Verdict.AUTOMATIC


@pytest.mark.parametrize(
    ("change", "obstacle"),
    [
        (("certainty: S", "certainty: K"), Obstacle.BASIS),
        (("valid_from: 2020-01-01", "valid_from: 2020-01-01\nvalid_through: 2025-06-14"), Obstacle.EXPIRED),
        (("when: '有证'", 'when: day() >= d"2020-01-01"'), Obstacle.WHOM),
    ],
)
def test_the_published_test_of_the_document(change: tuple[str, str], obstacle: Obstacle) -> None:
    """结果认定有据, 文件时限有效, 受益对象明确: data cannot make up for them, and the data verdict stands beside."""
    readiness = assessed(version(change), load("cards"))

    assert [each.obstacle for each in readiness.hindrances] == [obstacle]
    assert (readiness.verdict, readiness.data_verdict) == (Verdict.NOT_YET, Verdict.AUTOMATIC)


def test_a_figure_that_somebody_compared_has_a_basis() -> None:
    """The tag stays, the word of whoever compared it counts; the last day of a document is in force."""
    verified = "certainty: K, verified: {by: 张科, on: 2025-01-02, against: 原件}"
    last_day = ("valid_from: 2020-01-01", "valid_from: 2020-01-01\nvalid_through: 2025-06-15")

    assert assessed(version(("certainty: S", verified), last_day), load("cards")).verdict is Verdict.AUTOMATIC


@pytest.mark.parametrize(
    ("lane", "is_ready"),
    [(Lane.AUTOMATIC, False), (Lane.CONFIRM, False), (Lane.GUIDED, True), (Lane.INFORM, True)],
)
def test_each_lane_asks_for_its_own(lane: Lane, *, is_ready: bool) -> None:
    """One fact that has to be asked for is what the guided lane is for."""
    readiness = assessed(version(("lane: automatic", f"lane: {lane}")))

    assert (readiness.verdict, readiness.is_ready) == (Verdict.GUIDED, is_ready)
    assert set(NEEDED) == set(Lane)


def test_who_is_asked_to_mend_a_fact() -> None:
    """What is broken, if anything is; else the first source, which should have told the value."""
    broken, whole = states(load("dibao", age_days=90)), states(load("cards"), load("kin"), load("dibao"))

    assert blamed(WORLD, "poor", broken) == ("dibao", "custody")
    assert blamed(WORLD, "child_card", broken) == ("kin", "cards")
    assert blamed(WORLD, "child_card", whole) == ("cards",)
    assert blamed(WORLD, "children", whole) == ("kin",)


def test_a_relation_that_benefits_are_netted_over_is_read_too() -> None:
    """A ceiling per child needs to know whose children they are."""
    readiness = assessed(version(("caps: []", "caps: [{pool: p, amount: 100, per: children}]")), load("cards"))

    assert [fact.code for fact in readiness.facts] == ["card", "children"]
    assert obstacles(readiness) == [(Obstacle.NEVER, "children", "kin")]
