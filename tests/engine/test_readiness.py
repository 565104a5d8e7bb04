"""How ready policies are on a real population, and which resource would free most people."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import RunError
from engine.codes import RunCode
from engine.readiness import ReadinessReport, WorkItem, assess_readiness
from rules.readiness import Obstacle, Verdict
from tests.engine.test_run import content
from tests.world import World, day

CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}
DAY = "2025-06-15"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a workspace whose files hold one policy for cards and one for cards of people on the dibao list."""
    made = World.at(tmp_path / "w")
    for policy, criteria, amounts in (("care", "有证", 150), ("poor", "有证; 低保", 80)):
        made.rule(policy=policy, criteria=criteria, amounts=amounts, example="{有证: true, 低保: true}")
        (made.deployment.workspace.policies / f"{policy}.yaml").write_text(made.published_text(), "utf-8")
    yield made
    made.store.close()


def assessed(world: World, *policies: str, on: str = DAY) -> ReadinessReport:
    """Assess some policies, or all."""
    return assess_readiness(world.deployment, policies, day(on))


def item(report: ReadinessReport, resource: str) -> WorkItem:
    """Return what the work list says of a resource."""
    return next(each for each in report.work if each.resource == resource)


def test_before_any_load_everything_has_never_arrived(world: World) -> None:
    """The work list ranks resources by policies alone; nobody is counted."""
    report = assessed(world)

    assert {each.policy: each.verdict for each in report.policies} == {
        "care": Verdict.GUIDED,
        "poor": Verdict.NOT_YET,
    }
    cards, dibao = item(report, "cards"), item(report, "dibao")
    assert [each.resource for each in report.work] == ["cards", "dibao"]
    assert (cards.lifted_count, dibao.lifted_count, cards.subject_count) == (2, 1, 0)
    assert all(fact.counted is None for each in report.policies for fact in each.facts)


def test_what_hinges_on_one_resource_alone(world: World) -> None:
    """Who holds a card waits for the dibao list alone; who holds none is not met whatever the list says."""
    world.people("abc")
    world.deliver("cards", [{"who": who, **CARD} for who in "ab"], on="2025-06-01")

    report = assessed(world)

    dibao = item(report, "dibao")
    assert [each.resource for each in report.work] == ["dibao"]
    assert (dibao.obstacle, dibao.subject_count, dibao.outcome_count, dibao.shared_count) == (Obstacle.NEVER, 2, 2, 0)
    assert (dibao.most_fen, dibao.unlimited_count) == (2 * 8000, 0)
    assert [(each.policy, each.outcome_count, each.is_lifted) for each in dibao.freed] == [("poor", 2, True)]


def test_what_several_resources_owe_together(world: World) -> None:
    """Nobody is free by one of two resources; the one that suffices for another policy comes first."""
    world.people("abc")

    report = assessed(world)

    assert [each.resource for each in report.work] == ["cards", "dibao"]
    cards, dibao = item(report, "cards"), item(report, "dibao")
    assert (cards.outcome_count, cards.shared_count, cards.most_fen) == (3, 3, 3 * 15000)
    assert (dibao.outcome_count, dibao.shared_count) == (0, 3)


def test_one_person_under_two_policies_is_one_person(world: World) -> None:
    """Outcomes are counted by policy, people once."""
    world.people("ab")
    world.deliver("dibao", [{"who": who} for who in "ab"], on="2025-06-01")

    cards = item(assessed(world), "cards")

    assert (cards.subject_count, cards.outcome_count) == (2, 4)


def test_a_value_left_out_of_a_row(world: World) -> None:
    """The resource is in order and one row does not give the level: the department that left it out is asked."""
    world.people("abc")
    rows: list[dict[str, object]] = [{"who": "a", **CARD}, {"who": "b", **CARD, "等级": None}]
    world.deliver("cards", rows, on="2025-06-01")
    world.rule(policy="z-level", criteria="等级 == 1", amounts={"等级 == 1": 300}, example="{等级: 1}")
    (world.deployment.workspace.policies / "z-level.yaml").write_text(world.published_text(), "utf-8")

    report = assessed(world, "z-level")

    (readiness,), (cards,) = report.policies, report.work
    (fact,) = readiness.facts
    assert fact.counted is not None
    assert (fact.counted.known_count, fact.counted.candidate_count, fact.counted.open_count) == (2, 2, 1)
    assert [each.obstacle for each in readiness.hindrances] == [Obstacle.SOMETIMES_OPEN]
    assert (cards.obstacle, cards.outcome_count, cards.most_fen) == (None, 1, 30000)


def test_a_policy_that_has_ended_frees_nobody(world: World) -> None:
    """It is listed as ended, and its open outcomes are nobody's work."""
    world.people("abc")
    path = world.deployment.workspace.policies / "poor.yaml"
    path.write_text(
        path.read_text("utf-8").replace("valid_from: 2020-01-01", "valid_from: 2020-01-01\nvalid_through: 2025-01-31"),
        "utf-8",
    )

    report = assessed(world, "poor")

    assert Obstacle.EXPIRED in {each.obstacle for each in report.policies[0].hindrances}
    assert report.work == ()


def test_the_newest_version_is_assessed(world: World) -> None:
    """A draft beside the published version is what the officer wants to know about."""
    text = (world.deployment.workspace.policies / "care.yaml").read_text("utf-8")
    draft = text.replace("version: 1", "version: 2").replace("'有证'", "'低保'").replace("有证: true, ", "")
    (world.deployment.workspace.policies / "care-2.yaml").write_text(draft, "utf-8")

    (readiness,) = assessed(world, "care").policies

    assert (readiness.version, [fact.code for fact in readiness.facts]) == (2, ["dibao"])


def test_counts_and_never_people(world: World) -> None:
    """No id, opaque or official, stands in the report; and nothing is written for it."""
    world.people("abc")
    before = content(world)

    text = assessed(world).as_json()

    assert content(world) == before
    assert "s_" not in text.replace("is_", "").replace("regions_", "").replace("days_", "").replace("policies_", "")
    assert world.number("a") not in text


def test_the_json_has_the_verdicts(world: World) -> None:
    """Programs read them beside what the version declares."""
    tree = json.loads(assessed(world).as_json())

    assert (tree["format_version"], tree["on"]) == (1, DAY)
    assert {each["policy"]: (each["verdict"], each["lane"], each["is_ready"]) for each in tree["policies"]} == {
        "care": ("guided", "automatic", False),
        "poor": ("not_yet", "automatic", False),
    }


def test_an_unknown_policy_is_named(world: World) -> None:
    """With the nearest that there is."""
    with pytest.raises(RunError) as caught:
        assessed(world, "crae")

    assert caught.value.findings[0].code is RunCode.UNKNOWN_POLICY
    assert "care" in (caught.value.findings[0].help or "")
