"""Stories of conditions that are met after the event: the base at once, the difference when the fact arrives (E04)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import RuleError
from engine.explaining.explain import explain_subject
from tests.world import World

TRAINEE = "trainee-subsidy"

VOCABULARY = {
    "subjects.yaml": """
kinds:
  - {code: person, label: 个人, number: citizen_id}
  - {code: traineeship, label: 见习, number: record_key, of: host}
""",
    "relations.yaml": """
relations:
  - {code: host, label: 见习基地, subject: traineeship, other: person, resource: traineeships}
""",
    "resources/traineeships.yaml": """
resource: traineeships
label: 就业见习
owner: 人社
subject: traineeship
kind: event
refresh: irregular
fresh_days: 4000
drop_most_percent: 100
other: person
columns:
  - {name: 见习号, type: record_key, role: subject}
  - {name: 基地, type: citizen_id, role: other}
  - {name: 期满日, type: date, role: day}
""",
    "resources/contracts.yaml": """
resource: contracts
label: 留用合同
owner: 人社
subject: traineeship
kind: event
refresh: irregular
fresh_days: 4000
drop_most_percent: 100
rows_least: 0
columns:
  - {name: 见习号, type: record_key, role: subject}
  - {name: 签订日, type: date, role: day}
""",
    "attributes/traineeship.yaml": """
attributes:
  - {code: ended_on, label: 期满日期, subject: traineeship, type: date, sensitivity: 2,
     sources: [{resource: traineeships, column: 期满日}], when_absent: unknown}
  - {code: kept, label: 留用, subject: traineeship, type: bool, sensitivity: 2,
     sources: [{resource: contracts, pick: any}], when_absent: false}
""",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.at(tmp_path / "w", VOCABULARY)
    yield made
    made.store.close()


def trainee_rule(world: World, facts: str, version: int = 1, stands_from: str = "2025-01-01") -> None:
    """Publish: 1,000 for a traineeship, 1,500 where the trainee is kept on."""
    world.rule(
        policy=TRAINEE,
        subject="traineeship",
        version=version,
        criteria="期满日期 <= day()",
        amounts={"留用": 1500 if version == 1 else 9000, "": 1000},
        example="{期满日期: 2025-06-15, 留用: true}",
        terms=f"{{period: event, version_by: 期满日期, {facts}pay: {{calendar: monthly, day: 15}}}}",
        stands_from=stands_from,
        on="2024-12-31",
    )


def contracts(world: World, *days: str, on: str) -> None:
    """Deliver which trainees were kept on, on which days."""
    rows = [{"见习号": f"J-{place}", "签订日": day} for place, day in enumerate(days, start=1)]
    world.deliver("contracts", rows, on=on)


def test_the_difference_is_paid_when_the_fact_arrives(world: World) -> None:
    """1,000 at the end; kept on in June: 500 more; the contract withdrawn after payment: a case of 500."""
    world.people("a")
    trainee_rule(world, "facts: latest, ")
    trainee_rule(world, "facts: latest, ", version=2, stands_from="2025-05-01")
    rows = [{"见习号": number, "基地": "@a", "期满日": "2025-03-31"} for number in ("J-1", "J-2")]
    world.deliver("traineeships", rows, on="2025-04-01")
    contracts(world, on="2025-04-01")
    world.night("2025-04-01")
    assert world.items("a", policy=TRAINEE) == {"once": [1000, 1000]}
    world.night("2025-04-15", pays=True)

    contracts(world, "2025-06-02", on="2025-06-10")
    world.night("2025-06-10")
    assert sorted(world.items("a", policy=TRAINEE)["once"]) == [500, 1000, 1000], "by the version of March"
    kept = [each.amount for each in explain_subject(world.deployment, world.number("a")).examinations]
    assert sorted(each[0] for each in kept if each) == [1000_00, 1500_00]
    world.night("2025-06-16", pays=True)

    contracts(world, on="2025-07-01")
    world.night("2025-07-01")
    assert world.cases("a", policy=TRAINEE) == {"once": 500}


def test_the_facts_of_the_day_do_not_look_ahead(world: World) -> None:
    """Without `facts: latest` what becomes true afterwards changes nothing."""
    world.people("a")
    trainee_rule(world, "")
    world.deliver("traineeships", [{"见习号": "J-1", "基地": "@a", "期满日": "2025-03-31"}], on="2025-04-01")
    contracts(world, "2025-06-02", on="2025-06-10")
    world.night("2025-06-10")

    assert world.items("a", policy=TRAINEE) == {"once": [1000]}


def test_latest_facts_need_a_day_by_which_they_are_judged(world: World) -> None:
    """A rule that names no day of the event cannot say which version judges what became true later."""
    with pytest.raises(RuleError) as error:
        world.rule(
            policy=TRAINEE,
            subject="traineeship",
            criteria="留用",
            example="{留用: true}",
            terms="{period: event, facts: latest, pay: {calendar: monthly, day: 15}}",
        )

    assert "`facts: latest` goes with `version_by`" in str(error.value)
