"""Stories of facts that belong to somebody or something else: an area's index, parents' custody, a child's rank."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.days import Period
from engine.explaining.explain import explain_subject
from tests.world import World

VOCABULARY = {
    "subjects.yaml": """
kinds:
  - {code: person, label: 个人, number: citizen_id}
  - {code: area, label: 区划, number: record_key}
""",
    "relations.yaml": """
relations:
  - {code: area, label: 所在区划, subject: person, other: area, resource: indices, column: 区划代码, by: region}
  - {code: parents, label: 父母, subject: person, other: person, resource: parentage}
  - {code: mother, label: 母亲, subject: person, other: person, resource: parentage, where: {称谓: 母}}
  - {code: children, label: 子女, subject: person, other: person, resource: parentage, reverse: true}
  - {code: siblings, label: 同母子女, subject: person, other: person, steps: [mother, children]}
""",
    "resources/indices.yaml": """
resource: indices
label: 价格指数和低保标准
owner: 统计
subject: area
kind: spell
refresh: monthly
fresh_days: 400
drop_most_percent: 100
columns:
  - {name: 区划, type: record_key, role: subject}
  - {name: 区划代码, type: region, same_as: 区划}
  - {name: 涨幅, type: decimal, scale: 4}
  - {name: 低保标准, type: money}
  - {name: 起, type: date, role: valid_from}
  - {name: 止, type: date, role: valid_through}
""",
    "resources/parentage.yaml": """
resource: parentage
label: 亲子关系
owner: 公安
subject: person
kind: spell
refresh: irregular
fresh_days: 400
drop_most_percent: 100
other: person
columns:
  - {name: 号码, type: citizen_id, role: subject}
  - {name: 父母, type: citizen_id, role: other}
  - {name: 称谓, type: text, values: [父, 母]}
  - {name: 起, type: date, role: valid_from}
""",
    "attributes/related.yaml": """
attributes:
  - {code: area_rise, label: 区划涨幅, subject: area, type: decimal, scale: 4, sensitivity: 1,
     sources: [{resource: indices, column: 涨幅}], when_absent: unknown}
  - {code: area_standard, label: 区划低保标准, subject: area, type: money, sensitivity: 1,
     sources: [{resource: indices, column: 低保标准}], when_absent: unknown}
  - {code: rise, label: 涨幅, subject: person, type: decimal, scale: 4, sensitivity: 1,
     via: {relation: area, attribute: area_rise, pick: latest}, when_absent: unknown}
  - {code: standard, label: 低保标准, subject: person, type: money, sensitivity: 1,
     via: {relation: area, attribute: area_standard, pick: latest}, when_absent: unknown}
  - {code: parents_away, label: 父母均在押, subject: person, type: bool, sensitivity: 4,
     via: {relation: parents, attribute: away, pick: all}, when_absent: unknown}
  - {code: parents_jailed, label: 服刑父母人数, subject: person, type: integer, sensitivity: 4,
     via: {relation: parents, pick: count, where: {jailed: true}}, when_absent: 0}
  - {code: away, label: 在押, subject: person, type: bool, sensitivity: 4,
     sources: [{resource: custody, pick: any, effect: next_day}], when_absent: false}
  - {code: rank, label: 第几个孩子, subject: person, type: integer, sensitivity: 2,
     via: {relation: siblings, attribute: born, pick: rank}, when_absent: unknown}
  - {code: on_care, label: 享受护理补贴, subject: person, type: bool, sensitivity: 2,
     outcome_of: care, when_absent: unknown}
  - {code: mother_on_care, label: 母亲享受护理补贴, subject: person, type: bool, sensitivity: 2,
     via: {relation: mother, attribute: on_care, pick: any}, when_absent: false}
""",
}
MONTHLY = "{period: month, pay: {calendar: monthly, day: 15}}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.at(tmp_path / "w", VOCABULARY)
    yield made
    made.store.close()


def index(area: str, month: str, rise: str, standard: str = "1595") -> dict[str, object]:
    """Return the index of an area and a month."""
    days = Period.named(month).days
    return {"区划": area, "涨幅": rise, "低保标准": standard, "起": str(days.first), "止": str(days.last)}


def child(who: str, parent: str, word: str = "母") -> dict[str, object]:
    """Return a row that says whose child somebody is."""
    return {"who": who, "父母": f"@{parent}", "称谓": word, "起": "2000-01-01"}


def test_an_index_that_rises_enough_pays_everyone_on_the_list(world: World) -> None:
    """Domain vector 11: the standard of 1,595 times 0.4 % is 6.38, at least 10; no money in a month below."""
    world.people("abc")
    world.deliver("dibao", [{"who": who} for who in "ab"], on="2025-01-02")
    world.rule(
        criteria="低保; 涨幅 >= 0.4%",
        amounts="max(低保标准 * 涨幅, 10)",
        example="{低保: true, 涨幅: 0.005, 低保标准: 4000}",
        terms=MONTHLY,
    )
    rows = [index("310118", "2025-01", "0.0040"), index("310118", "2025-02", "0.0039")]
    world.deliver("indices", [*rows, index("310000", "2025-01", "0.0500")], on="2025-02-02")
    world.deliver("dibao", [{"who": who} for who in "ab"], on="2025-02-02")
    world.night("2025-02-02")

    assert world.items("a") == {"2025-01": [10]}, "the closest area decides, not the city"
    assert world.items("c") == {}


@pytest.mark.parametrize(
    ("region", "paid"),
    [("310118001000", {"2025-01": [79]}), ("310115", {"2025-01": [15]}), ("310000", {"2025-01": [15]}), ("320500", {})],
)
def test_the_area_that_covers_a_region_most_closely_decides(
    world: World, region: str, paid: dict[str, list[int]]
) -> None:
    """A street has its district's figures, a district without figures the city's; another province has none."""
    world.people("a", 户籍=region)
    rows = [index("310118", "2025-01", "0.0500"), index("310000", "2025-01", "0.0100")]
    world.deliver("indices", rows, on="2025-01-02")
    world.rule(criteria="涨幅 > 0", amounts="低保标准 * 涨幅", example="{涨幅: 0.005, 低保标准: 4000}", terms=MONTHLY)
    (tally,) = world.night("2025-01-02").policies

    assert world.items("a") == paid
    assert tally.unknown_count == (0 if paid else 1), "nobody is told no by a figure that is not there"


def test_a_child_whose_parents_are_all_in_custody(world: World) -> None:
    """Both in custody: met; one of two: not; one known to be and one of whom nobody knows: unknown."""
    world.people("abcdmf")
    rows = [child("a", "m"), child("a", "f", "父"), child("b", "m"), child("b", "d", "父"), child("c", "m")]
    world.deliver("parentage", rows, on="2025-01-01")
    away: list[dict[str, object]] = [{"who": who, "起": "2024-01-01", "止": None} for who in "mf"]
    world.deliver("custody", away, on="2025-01-01")
    world.rule(criteria="父母均在押; 服刑父母人数 >= 1", example="{父母均在押: true, 服刑父母人数: 1}", terms=MONTHLY)
    (tally,) = world.night("2025-01-31").policies

    assert (world.items("a"), world.items("b"), world.items("c")) == ({"2025-01": [150]}, {}, {"2025-01": [150]})
    assert tally.met_count == 2

    freed: list[dict[str, object]] = [
        {"who": "m", "起": "2024-01-01", "止": None},
        {"who": "f", "起": "2024-01-01", "止": "2025-02-10"},
    ]
    world.deliver("custody", freed, on="2025-03-01")
    world.night("2025-03-01")
    assert list(world.items("a")) == ["2025-01", "2025-02"], "released in February: that month still counts"
    assert list(world.items("c")) == ["2025-01", "2025-02", "2025-03"]


def test_the_third_child_of_a_mother(world: World) -> None:
    """The rank counts those born before; twins of one day have no rank that anybody declared."""
    births = {"a": "2015-05-01", "b": "2018-06-01", "c": "2023-07-01", "t": "2024-01-01", "u": "2024-01-01"}
    base = {"户籍": "310118", "起": "2000-01-01"}
    people = [base | {"who": who, "出生": born} for who, born in births.items()]
    world.deliver("register", [*people, base | {"who": "m", "出生": "1985-01-01"}], on="2025-01-01")
    world.deliver("parentage", [child(who, "m") for who in births], on="2025-01-01")
    world.rule(criteria="第几个孩子 >= 3", example="{第几个孩子: 3}", terms=MONTHLY)
    (tally,) = world.night("2025-01-31").policies

    assert [who for who in "abc" if world.items(who)] == ["c"]
    assert (tally.met_count, tally.not_met_count, tally.unknown_count) == (1, 2, 3)


def test_a_childs_benefit_follows_the_outcome_of_its_mother(world: World) -> None:
    """The mother is met from February on, and unknown while her card's level is; the child follows her day by day."""
    world.people("abm")
    world.deliver("parentage", [child("a", "m")], on="2025-01-01")
    card = {"who": "m", "等级": None, "发证": "2020-01-01", "起": "2025-02-10", "止": "2025-12-31"}
    world.deliver("cards", [card], on="2025-02-11")
    world.rule(criteria="等级 in [1, 2]", example="{等级: 1}", terms=MONTHLY)
    world.rule(
        policy="child", criteria="母亲享受护理补贴", example="{母亲享受护理补贴: true}", amounts=60, terms=MONTHLY
    )
    report = world.night("2025-02-28")
    (tally,) = (each for each in report.policies if each.policy == "child")
    assert (tally.met_count, tally.unknown_count, tally.not_met_count) == (0, 1, 2)

    world.deliver("cards", [card | {"等级": 1}], on="2025-03-03")
    world.night("2025-03-03")
    assert world.items("m") == {"2025-02": [150], "2025-03": [150]}
    assert world.items("a", policy="child") == {"2025-02": [60], "2025-03": [60]}
    assert world.items("b", policy="child") == {}
    seen = {each.policy: each.outcome for each in explain_subject(world.deployment, world.number("a")).examinations}
    assert seen == {"care": "not_met", "child": "met"}
