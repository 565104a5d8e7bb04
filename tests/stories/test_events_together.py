"""Events that are netted with each other: loans under one ceiling, and a graduate whom one employer may be paid for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stories.test_events import LOAN, VOCABULARY, loan
from tests.world import World

AT_ONCE = "{period: event, version_by: 放款日期, pay: {calendar: daily}}"
LOANS = "[{pool: 贴息, amount: 10000}]"

HIRES = {
    "subjects.yaml": """
kinds:
  - {code: person, label: 个人, number: citizen_id}
  - {code: hire, label: 招用, number: record_key, of: employer}
""",
    "relations.yaml": """
relations:
  - {code: employer, label: 用人单位, subject: hire, other: person, resource: hires}
  - {code: graduate, label: 被招用人, subject: hire, other: person, resource: graduates}
""",
    "resources/hires.yaml": """
resource: hires
label: 招用备案
owner: 人社
subject: hire
kind: event
refresh: irregular
fresh_days: 4000
drop_most_percent: 100
other: person
columns:
  - {name: 备案号, type: record_key, role: subject}
  - {name: 单位, type: citizen_id, role: other}
  - {name: 日期, type: date, role: day}
""",
    "resources/graduates.yaml": """
resource: graduates
label: 毕业生招用
owner: 人社
subject: hire
kind: event
refresh: irregular
fresh_days: 4000
drop_most_percent: 100
other: person
columns:
  - {name: 备案号, type: record_key, role: subject}
  - {name: 毕业生, type: citizen_id, role: other}
  - {name: 日期, type: date, role: day}
""",
    "attributes/hire.yaml": """
attributes:
  - {code: hired_on, label: 招用日期, subject: hire, type: date, sensitivity: 2,
     sources: [{resource: hires, column: 日期}], when_absent: unknown}
""",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.at(tmp_path / "w", VOCABULARY)
    yield made
    made.store.close()


@pytest.fixture
def hires(tmp_path: Path) -> Iterator[World]:
    made = World.at(tmp_path / "w", HIRES)
    yield made
    made.store.close()


def subsidy(world: World, version: int = 1, caps: str = LOANS, **more: Any) -> None:  # noqa: ANN401  # as World.rule
    """Publish 1 % of each loan, under a ceiling."""
    world.rule(
        policy=LOAN,
        subject="loan",
        version=version,
        criteria="贷款金额 > 0",
        amounts="贷款金额 * 1%",
        example="{贷款金额: 1}",
        terms=AT_ONCE,
        caps=caps,
        **more,
    )


def test_an_earlier_loan_found_late_is_paid_from_what_is_left(world: World) -> None:
    """10,000 for all loans: 8,000 for September is paid, then 6,000 of June is found: 2,000 more, no case."""
    world.people("a")
    september = loan("L9", "a", "2025-09-10", 800_000)
    world.deliver("loans", [september], on="2025-10-09")
    subsidy(world)
    world.night("2025-10-09", pays=True)
    first = world.items("a", policy=LOAN)

    world.deliver("loans", [september, loan("L6", "a", "2025-06-10", 600_000)], on="2025-10-10")
    world.night("2025-10-10")

    assert first == {"once": [8000]}
    assert sorted(world.items("a", policy=LOAN)["once"]) == [2000, 8000]
    assert world.cases("a", policy=LOAN) == {}


def shared_by_two(world: World, *, pays: bool) -> None:
    """10,000 for all loans: 8,000 for the one of June, 2,000 for the one of September."""
    world.people("a")
    rows = [loan("L6", "a", "2025-06-10", 800_000), loan("L9", "a", "2025-09-10", 600_000)]
    world.deliver("loans", rows, on="2025-10-09")
    subsidy(world)
    world.night("2025-10-09", pays=pays)
    assert sorted(world.items("a", policy=LOAN)["once"]) == [2000, 8000]


def test_a_withdrawn_loan_keeps_nothing_that_is_not_paid(world: World) -> None:
    """The loan of June turns out to be none before payment: the other one has its 6,000, under its own number."""
    shared_by_two(world, pays=False)

    rows = [loan("L6", "a", "2025-06-10", 0), loan("L9", "a", "2025-09-10", 600_000)]
    world.deliver("loans", rows, on="2025-10-10")
    world.night("2025-10-10")

    assert sorted(world.items("a", policy=LOAN)["once"]) == [2000, 4000]
    assert world.cases("a", policy=LOAN) == {}


def test_a_withdrawn_loan_that_is_paid_stands_for_the_other(world: World) -> None:
    """The same after payment: 4,000 of its 8,000 are what the other one lacks, and 4,000 are a case."""
    shared_by_two(world, pays=True)

    rows = [loan("L6", "a", "2025-06-10", 0), loan("L9", "a", "2025-09-10", 600_000)]
    world.deliver("loans", rows, on="2025-10-10")
    world.night("2025-10-10")

    assert sorted(world.items("a", policy=LOAN)["once"]) == [2000, 8000]
    assert world.cases("a", policy=LOAN) == {"once": 4000}


def test_what_is_certain_is_paid_before_what_nobody_knows_any_more(world: World) -> None:
    """The row of June's loan is gone, so it is unknown: the other one is paid its 6,000, and 4,000 wait."""
    shared_by_two(world, pays=False)

    world.deliver("loans", [loan("L9", "a", "2025-09-10", 600_000)], on="2025-10-10")
    world.night("2025-10-10")

    assert sorted(world.items("a", policy=LOAN, waiting=False)["once"]) == [2000, 4000]
    assert sorted(world.items("a", policy=LOAN)["once"]) == [2000, 4000, 4000]
    assert world.cases("a", policy=LOAN) == {}


def test_each_version_has_a_ceiling_of_its_own(world: World) -> None:
    """E11: loans of 2025 share 10,000, loans of 2026 100,000; neither uses up the other's."""
    world.people("a")
    subsidy(world, caps="[{pool: 贴息, amount: 10000, per: version}]", stands_from="2025-01-01", through="2025-12-31")
    subsidy(
        world,
        version=2,
        caps="[{pool: 贴息, amount: 100000, per: version}]",
        stands_from="2026-01-01",
        on="2026-01-20",
    )
    rows = [
        loan("L1", "a", "2025-11-20", 900_000),
        loan("L2", "a", "2025-12-20", 900_000),
        loan("L3", "a", "2026-02-01", 9_000_000),
    ]
    world.deliver("loans", rows, on="2026-02-05")

    world.night("2026-02-09")

    assert sorted(world.items("a", policy=LOAN)["once"]) == [1000, 9000, 90_000]


def test_a_graduate_is_used_once(hires: World) -> None:
    """P6: hired by two firms, paid to the first that was found; the second gets nothing while the first holds."""
    once = "[{group: 扩岗, mode: highest, span: lifetime, per: graduate}]"
    hires.people("abg")
    hires.rule(
        policy="hiring",
        subject="hire",
        criteria='招用日期 >= d"2025-01-01"',
        example="{招用日期: 2025-02-01}",
        amounts=1500,
        terms="{period: event, version_by: 招用日期, pay: {calendar: daily}}",
        excludes=once,
    )
    first = {"who": "a", "备案号": "H1", "单位": "@a", "毕业生": "@g", "日期": "2025-03-03"}
    hires.deliver("hires", [first], on="2025-03-04")
    hires.deliver("graduates", [first], on="2025-03-04")
    hires.night("2025-03-04", pays=True)

    earlier = {"who": "b", "备案号": "H0", "单位": "@b", "毕业生": "@g", "日期": "2025-02-03"}
    hires.deliver("hires", [first, earlier], on="2025-03-10")
    hires.deliver("graduates", [first, earlier], on="2025-03-10")
    hires.night("2025-03-10")

    assert hires.items("a", policy="hiring") == {"once": [1500]}
    assert hires.items("b", policy="hiring") == {}
    assert hires.cases("a", policy="hiring") == {}


def test_a_graduate_is_used_once_in_any_twelve_months(hires: World) -> None:
    """Hired in March, November and the next March 11 by three firms: the first is paid, and the third, a year and a day later."""
    hires.people("abcg")
    hires.rule(
        policy="hiring",
        subject="hire",
        criteria='招用日期 >= d"2025-01-01"',
        example="{招用日期: 2025-02-01}",
        amounts=1500,
        terms="{period: event, version_by: 招用日期, pay: {calendar: daily}}",
        excludes="[{group: 扩岗, mode: apart, months: 12, span: lifetime, per: graduate}]",
    )
    days = {"a": "2025-03-10", "b": "2025-11-03", "c": "2026-03-11"}
    rows = [
        {"who": firm, "备案号": f"H{firm}", "单位": f"@{firm}", "毕业生": "@g", "日期": on} for firm, on in days.items()
    ]
    for name in ("hires", "graduates"):
        hires.deliver(name, rows, on="2026-03-12")

    hires.night("2026-03-13")

    paid = {firm: hires.items(firm, policy="hiring") for firm in days}
    assert paid == {"a": {"once": [1500]}, "b": {}, "c": {"once": [1500]}}
