"""Rounds from delivered files through a decision to what nights pay: E08 with the figures of Xiaoshan and Shenzhen."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import RefusedError, RunError
from engine.data_reach import DataReach
from engine.rounds.rounds import decide_round, list_rounds, open_round
from tests.world import World
from tests.world_catalogue import attributes, resource

MORE = {
    "resources/research.yaml": resource(
        "research",
        "研发费用",
        "费用, type: money, optional: true",
        "营收, type: money",
        "组, type: text, values: [大, 小]",
    ),
    "resources/rd_round.yaml": resource(
        "rd_round",
        "研发补助评审结果",
        "名次, type: integer, optional: true",
        "比例, type: decimal, scale: 6, optional: true",
        "分配额, type: money, optional: true",
        kind="snapshot",
        refresh="yearly",
    ),
    "attributes/research.yaml": attributes(
        "code: spent, label: 研发费用, type: money, sources: [{resource: research, column: 费用}], when_absent: 0",
        "code: revenue, label: 营业收入, type: money, sources: [{resource: research, column: 营收}], when_absent: 0",
        "code: size_group, label: 组别, type: text, values: [大, 小, 无], "
        "sources: [{resource: research, column: 组}], when_absent: 无",
        "code: rd_rank, label: 评审名次, type: integer, sources: [{resource: rd_round, column: 名次}], when_absent: 9999",
        "code: rd_part, label: 评审分配额, type: money, sources: [{resource: rd_round, column: 分配额}], when_absent: 0",
    ),
}
RANKING = """
round: ranking
label: 研发投入排名
subject: person
day: 2025-03-10
who: 组别 in ["大", "小"]
method: ranking
group: 组别
by: [研发费用, 研发费用 / 营业收入]
top: 1
writes: {resource: rd_round, rank: 名次, ratio: 比例, amount: 分配额}
"""
POT = """
round: pot
label: 研发补助
subject: person
day: 2025-03-10
who: 研发费用 > 0
method: ratio
amount: 研发费用
budget: 1000
most: 500
writes: {resource: rd_round, rank: 名次, ratio: 比例, amount: 分配额}
"""
ONCE = "{period: once, pay: {calendar: daily}}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.at(tmp_path / "w", MORE)
    (made.root / "rounds").mkdir()
    for name, text in (("ranking", RANKING), ("pot", POT)):
        (made.root / "rounds" / f"{name}.yaml").write_text(text, "utf-8")
    made.people("abcde", on="2025-03-01")
    yield made
    made.store.close()


def spent(who: str, yuan: int | None, revenue: int = 10_000, group: str = "大") -> dict[str, object]:
    """Return what somebody spent."""
    return {"who": who, "费用": yuan, "营收": revenue, "组": group, "起": "2025-01-01"}


def decided(world: World, code: str, on: str = "2025-03-12") -> None:
    """Open and decide a round."""
    world.clock.instant = world.clock.instant.replace(year=int(on[:4]), month=int(on[5:7]), day=int(on[8:]))
    open_round(world.deployment, code, by="maker")
    decide_round(world.deployment, code, by="checker")


def test_a_ranking_becomes_a_fact(world: World) -> None:
    """In each group the first by volume and the first by ratio are paid; the others are not, nor who is in no group."""
    rows = [
        spent("a", 900, 90_000),
        spent("b", 200, 1_000),
        spent("c", 500, 50_000),
        spent("d", 10, 1_000, "小"),
    ]
    world.deliver("research", rows, on="2025-03-10")
    world.rule(criteria="评审名次 <= 1", example="{评审名次: 1}", amounts=1000, terms=ONCE)
    world.night("2025-03-11")
    before = world.items("a")

    decided(world, "ranking")
    world.night("2025-03-12")

    assert before == {}
    assert [world.items(who) for who in "abcde"] == [{"once": [1000]}, {"once": [1000]}, {}, {"once": [1000]}, {}]


def test_a_pot_is_shared_by_one_ratio(world: World) -> None:
    """1,000 over 4,000 asked for is a quarter each, at most 500; what was decided does not move with later data."""
    world.deliver("research", [spent("a", 3000), spent("b", 1000)], on="2025-03-10")
    world.rule(
        criteria="评审分配额 > 0", example="{评审分配额: 1}", amounts="评审分配额", terms=ONCE, stands_from="2025-03-10"
    )

    decided(world, "pot")
    world.night("2025-03-12")
    world.deliver("research", [spent("a", 3000), spent("b", 9000), spent("c", 500)], on="2025-03-13")
    world.night("2025-03-13")

    assert world.items("a") == {"once": [500]}
    assert world.items("b") == {"once": [250]}
    assert world.items("c") == {}


def test_who_comes_late_is_told_of_and_not_paid(world: World) -> None:
    """Somebody takes part by later knowledge: a finding says so."""
    world.deliver("research", [spent("a", 3000)], on="2025-03-10")
    decided(world, "pot")
    world.deliver("research", [spent("a", 3000), spent("c", 500)], on="2025-03-13")

    rounds, findings = list_rounds(world.deployment)

    assert [(each.code, each.decided_by, each.entrant_count) for each in rounds] == [("pot", "checker", 1)]
    assert [str(finding.code) for finding in findings] == ["E475"]
    assert findings[0].count == 1
    # Whoever sees the list that it writes sees the round, and nobody else.
    assert list_rounds(world.deployment, DataReach(frozenset({"rd_round"}))) == (rounds, findings)
    assert list_rounds(world.deployment, DataReach(frozenset({"research"}))) == ([], [])


def test_who_is_unknown_in_a_round_is_unknown_to_the_rule(world: World) -> None:
    """Nobody knows what they spent: no part, no payment, and no refusal either."""
    world.deliver("research", [spent("a", 3000), spent("b", None)], on="2025-03-10")
    (world.root / "rounds" / "pot.yaml").write_text(POT.replace("研发费用 > 0", "营业收入 > 0"), "utf-8")
    world.rule(
        criteria="评审分配额 > 0", example="{评审分配额: 1}", amounts="评审分配额", terms=ONCE, stands_from="2025-03-10"
    )
    decided(world, "pot")

    report = world.night("2025-03-12")

    assert world.items("b") == {}
    assert report.policies[0].unknown_count == 1


def test_a_round_is_decided_once_and_by_another(world: World) -> None:
    """Not by who opened it, not twice, not before it is open, and not with another result."""
    world.deliver("research", [spent("a", 3000)], on="2025-03-10")
    with pytest.raises(RefusedError):
        decide_round(world.deployment, "pot", by="checker")
    open_round(world.deployment, "pot", by="maker")
    with pytest.raises(RefusedError):
        decide_round(world.deployment, "pot", by="maker")
    result = world.root / "rounds" / "pot" / "result.parquet"
    opened = result.read_bytes()
    result.write_bytes(opened + b" ")
    with pytest.raises(RunError):
        decide_round(world.deployment, "pot", by="checker")
    result.write_bytes(opened)

    decide_round(world.deployment, "pot", by="checker")

    for act in (decide_round, open_round):
        with pytest.raises(RefusedError):
            act(world.deployment, "pot", by="another")
