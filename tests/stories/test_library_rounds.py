"""The shipped rounds of E08, opened, decided and paid by the shipped policies."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.rounds.rounds import decide_round, list_rounds, open_round
from tests.stories.test_library_nights import confirm, library_world, owed, publish
from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with library_world(tmp_path / "w") as made:
        yield made


def register(world: World, region: str, numbers: list[str], on: str) -> None:
    """Deliver the register of enterprises."""
    firm = {"登记状态代码": "1", "登记区划": region, "行业代码": "C3921", "企业规模": "小型", "成立日期": "2015-01-01"}
    rows = [
        {"统一社会信用代码": number, "企业名称": f"企业{number[-2]}", "状态起始日期": "2015-01-01"}
        for number in numbers
    ]
    world.deliver("enterprise_register", [each | firm for each in rows], on=on)


def registered(world: World, region: str, rows: list[tuple[str, int, int]]) -> None:
    """Deliver enterprises of a region with what each spent on research, what it took in, and what taxes it paid."""
    year: dict[str, object] = {"适用年度起": "2021-01-01", "适用年度止": "2021-12-31"}
    register(world, region, [number for number, _, _ in rows], "2021-09-30")
    spent = [{"统一社会信用代码": number, "加计扣除研发费用": fee} | year for number, fee, _ in rows]
    world.deliver("rnd_super_deductions", spent, on="2021-09-30")
    report: dict[str, object] = {"从业人员": 90, "资产总额": 1}
    reports = [{"统一社会信用代码": number, "营业收入": income} | report | year for number, _, income in rows]
    world.deliver("enterprise_annual_reports", reports, on="2021-09-30")
    taxes = [{"统一社会信用代码": number, "实缴税款": 9_000_000} | year for number, _, _ in rows]
    world.deliver("taxes_paid_yearly", taxes, on="2021-09-30")


def at_the_end_of_the_year(world: World, region: str, numbers: list[str], policy: str) -> None:
    """Deliver the register anew and a list of bad credit with somebody else on it; run two nights and confirm between."""
    register(world, region, numbers, "2021-12-30")
    listed = {"统一社会信用代码": "91310118MA0000003X", "名单类型": "经营异常", "失信等级": "轻微"}
    world.deliver("credit_lists", [listed | {"列入决定书编号": "1", "列入日期": "2021-01-01"}], on="2021-12-30")
    world.night("2021-12-31")
    confirm(world, policy, "2022-01-04")
    world.night("2022-01-05")


def test_the_first_by_volume_or_by_ratio_of_each_band_are_paid(world: World) -> None:
    """Xiaoshan: eleven in the smallest band, one in the largest; who is eleventh by both lists has nothing."""
    small = [f"9133010{number}MA0000001X" for number in range(10)] + ["91330100MA0000002X"]
    rows = [(number, 1_100_000 - 100_000 * place, 100_000_000) for place, number in enumerate(small)]
    big = "91330100MA0000009X"
    registered(world, "330109", [*rows, (big, 50_000, 3_000_000_000)])
    publish(world, "research-ranking-award", 1)

    opened = open_round(world.deployment, "rnd-ranking-2021", by="评审")
    decided = decide_round(world.deployment, "rnd-ranking-2021", by="局长")
    at_the_end_of_the_year(world, "330109", [*small, big], "research-ranking-award")

    assert (opened.entrant_count, opened.unknown_count) == (12, 0)
    assert decided.is_decided
    held = {number: owed(world, "enterprise", number, "research-ranking-award") for number in [*small, big]}
    assert [number for number, by_period in held.items() if by_period != {"2021": 20_000_000}] == [small[-1]]


def test_a_pot_is_shared_by_the_ratio_that_was_decided(world: World) -> None:
    """Shenzhen: 100 million over 1.6 billion asked for is 6.25 %: 20 million bear 1.25 million, 1,580 million 5 million."""
    one, other = "91440300MA0000001X", "91440300MA0000002X"
    registered(world, "440305", [(one, 20_000_000, 1), (other, 1_580_000_000, 1)])
    publish(world, "research-pool-subsidy", 1)

    open_round(world.deployment, "rnd-pool-2021", by="评审")
    decide_round(world.deployment, "rnd-pool-2021", by="局长")
    at_the_end_of_the_year(world, "440305", [one, other], "research-pool-subsidy")

    assert owed(world, "enterprise", one, "research-pool-subsidy") == {"2021": 125_000_000}
    assert owed(world, "enterprise", other, "research-pool-subsidy") == {"2021": 500_000_000}
    assert list_rounds(world.deployment)[1] == []
