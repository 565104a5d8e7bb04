"""Shipped policies through whole nights, from delivered files of the shipped catalogue to what is owed to whom."""

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.clock import civil_instant
from core.ledger import Act, ActKind, ItemState
from engine.demo_library import mark_for_demonstration
from engine.library import copy_library
from rules.reading import read_policies
from rules.standing import Activation
from store.grants import read_grants, record_act
from store.positions import read_obligations, read_positions
from store.vault_openings import look_up
from tests.world import World, day

FIRM, OTHER_FIRM = "91310118MA0000001X", "91310118MA0000002X"


@contextmanager
def library_world(root: Path) -> Iterator[World]:
    """Give a world with the shipped catalogue, policies and rounds."""
    made = World.at(root)
    shutil.rmtree(made.deployment.workspace.catalogue)
    copy_library(made.deployment.workspace)
    mark_for_demonstration(made.deployment.workspace.policies, by="示例", on=day("2019-01-02"))
    yield made
    made.store.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with library_world(tmp_path / "w") as made:
        yield made


def publish(world: World, policy: str, *numbers: int) -> None:
    """Let shipped versions stand on the days that they are written for."""
    every = read_policies(world.deployment.workspace.policies, world.deployment.catalogue)
    versions = [each for each in every if each.policy == policy and each.version in numbers]
    activations = [
        Activation(policy, each.version, each.written.valid_from, each.written.valid_through, world.clock.instant)
        for each in versions
    ]
    world.publish(versions, *activations)


def confirm(world: World, policy: str, on: str) -> None:
    """Have everybody who was asked confirm what they are offered."""
    world.clock.instant = max(world.clock.instant + dt.timedelta(minutes=1), civil_instant(day(on), 10))
    with world.store.writing() as tx:
        for grant_id in read_grants(tx, policy=policy)["grant_id"]:
            record_act(tx, Act(grant_id, ActKind.CONFIRM, day(on), world.clock.now(), "示例"))


def owed(world: World, kind: str, number: str, policy: str) -> dict[str, int]:
    """Return what is held for somebody under a policy, in fen, by period."""
    with world.store.reading() as rx:
        subject = look_up(rx, world.deployment.seals, kind, number)
        assert subject is not None
        keys = read_positions(rx, policy=policy, subjects=[subject])["obligation_id"].to_list()
        found: dict[str, int] = {}
        for each in read_obligations(rx, keys):
            found[each.period] = found.get(each.period, 0) + sum(
                item.amount_fen for item in each.items if item.state is not ItemState.CANCELLED
            )
    return dict(sorted(found.items()))


def firms(world: World, *numbers: str, industry: str = "H6210", region: str = "310118106", on: str) -> None:
    """Deliver the register of enterprises."""
    rows = [
        {"统一社会信用代码": number, "企业名称": f"企业{number[-2]}", "登记状态代码": "1", "登记区划": region}
        | {"行业代码": industry, "企业规模": "小型", "成立日期": "2015-01-01", "状态起始日期": "2015-01-01"}
        for number in numbers
    ]
    world.deliver("enterprise_register", rows, on=on)


def test_loans_of_one_borrower_share_the_ceiling(world: World) -> None:
    """E11: 800,000 and then 600,000 lent under the rule of 2025 bear 10,000 together, whichever becomes known first."""

    def loan(number: str, on: str, principal: int) -> dict[str, object]:
        terms: dict[str, object] = {
            "签约日期": on,
            "贷款天数": 365,
            "经办银行在名单": "true",
            "已享其他中央贴息": "false",
        }
        return {"借据号": number, "统一社会信用代码": FIRM, "放款日期": on, "贷款金额": principal} | terms

    publish(world, "service-loan-interest-subsidy", 1, 2)
    firms(world, FIRM, on="2025-09-20")
    world.deliver("interest_loans", [loan("A", "2025-09-10", 800_000)], on="2025-09-20")
    world.night("2025-09-21")
    confirm(world, "service-loan-interest-subsidy", "2025-09-22")
    world.night("2025-09-23")
    first = owed(world, "enterprise", FIRM, "service-loan-interest-subsidy")
    both = [loan("A", "2025-09-10", 800_000), loan("B", "2025-06-01", 600_000)]
    world.deliver("interest_loans", both, on="2025-09-25")
    world.night("2025-09-26")
    confirm(world, "service-loan-interest-subsidy", "2025-09-27")
    world.night("2025-09-28")

    assert sum(first.values()) == 800_000
    assert sum(owed(world, "enterprise", FIRM, "service-loan-interest-subsidy").values()) == 1_000_000


def test_a_graduate_is_used_once(world: World) -> None:
    """E02: two firms file the same graduate; one of them is paid, and 1,500 in all."""

    def hire(number: str, firm: str, on: str) -> dict[str, object]:
        paid: dict[str, object] = {"失业保险已缴月数": 3, "三险已缴月数": 3, "合同月数": 12}
        return {
            "备案号": number,
            "统一社会信用代码": firm,
            "招用日期": on,
            "人员类别": "毕业年度高校毕业生",
            "学历形式": "全日制",
            "已签劳动合同": "true",
            "已享吸纳就业补贴": "false",
        } | paid

    publish(world, "job-expansion-subsidy", 2)
    firms(world, FIRM, OTHER_FIRM, on="2025-10-01")
    listed = {
        "列入决定书编号": "1",
        "统一社会信用代码": "91310118MA0000003X",
        "名单类型": "经营异常",
        "失信等级": "轻微",
    }
    world.deliver("credit_lists", [listed | {"列入日期": "2025-01-01"}], on="2025-10-01")
    yearly: dict[str, object] = {
        "适用年度起": "2025-01-01",
        "适用年度止": "2025-12-31",
        "是否满年参保": "true",
        "基期年末参保人数": 9,
    }
    figures: dict[str, object] = {
        "首月参保人数": 9,
        "年末参保人数": 9,
        "自然减员人数": 0,
        "实缴失业保险费": 100,
        "是否劳务派遣": "false",
    }
    insured = [{"统一社会信用代码": firm} | yearly | figures for firm in (FIRM, OTHER_FIRM)]
    world.deliver("unemployment_insurance_yearly", insured, on="2025-10-01")
    world.deliver("hires", [hire("A", FIRM, "2025-07-01"), hire("B", OTHER_FIRM, "2025-08-01")], on="2025-10-05")
    people = [
        {"备案号": number, "公民身份号码": "@a", "招用日期": on}
        for number, on in (("A", "2025-07-01"), ("B", "2025-08-01"))
    ]
    world.deliver("hired_people", people, on="2025-10-05")
    world.night("2025-10-06")

    held = [owed(world, "enterprise", firm, "job-expansion-subsidy") for firm in (FIRM, OTHER_FIRM)]

    assert sorted(sum(each.values()) for each in held) == [0, 150_000]


def test_a_household_with_two_identities_is_paid_once(world: World) -> None:
    """C09: 低保 and formerly poor, and 400 paid by the county before: 200 for the household, nothing per member."""
    publish(world, "heating-subsidy", 1)
    house = {"户号": "W00000001", "户籍区划": "371002", "户口性质": "城镇", "立户日期": "2010-01-01"}
    world.deliver("household_register", [house], on="2021-01-02", speaks_for="2020-12-31")
    members = [
        {"公民身份号码": f"@{who}", "户号": "W00000001", "与户主关系": "成员", "入户日期": "2010-01-01"} for who in "ab"
    ]
    world.deliver("household_members", members, on="2021-01-02", speaks_for="2020-12-31")
    listed = [{"公民身份号码": f"@{who}", "姓名": "某", "街镇": "371002", "认定日期": "2020-05-01"} for who in "ab"]
    world.deliver("dibao_list", listed, on="2021-01-02", speaks_for="2020-12-31")
    world.deliver("tekun_support", [], on="2021-01-02", speaks_for="2020-12-31")
    world.deliver(
        "poverty_exit_households",
        [{"户号": "W00000001", "享受起始日期": "2020-01-01"}],
        on="2021-01-02",
        speaks_for="2020-12-31",
    )
    paid = {"户号": "W00000001", "采暖年度起": "2020-11-01", "采暖年度止": "2021-10-31", "已发金额": 400}
    world.deliver("heating_payments", [paid], on="2021-01-02", speaks_for="2020-12-31")
    world.night("2021-01-03")

    assert owed(world, "household", "W00000001", "heating-subsidy") == {"2021": 20_000}


def test_an_index_of_the_area_pays_its_poor(world: World) -> None:
    """C08: 3.6 % in Guilin pays 3.0 % of the standard in the month of the index, and nothing in the month after."""
    publish(world, "price-subsidy", 1)
    born = {"出生日期": "1970-01-01", "姓名": "某", "性别": "女", "户籍区划": "450305", "迁入日期": "2000-01-01"}
    world.deliver("population_register", [{"公民身份号码": "@a"} | born], on="2022-05-20")
    house = {"公民身份号码": "@a", "户号": "W1", "与户主关系": "户主", "入户日期": "2010-01-01"}
    world.deliver("household_members", [house], on="2022-05-20")
    register = {"户号": "W1", "户籍区划": "450305", "户口性质": "城镇", "立户日期": "2010-01-01"}
    world.deliver("household_register", [register], on="2022-05-20")
    listed = {"公民身份号码": "@a", "姓名": "某", "街镇": "450305", "认定日期": "2020-05-01"}
    world.deliver("dibao_list", [listed], on="2022-05-20", speaks_for="2022-04-30")
    world.deliver("death_certificates", [], on="2022-05-20")
    world.deliver("cremations", [], on="2022-05-20")
    standard = {"地区代码": "450300", "施行日期": "2021-01-01", "城镇月标准": 800, "农村月标准": 550}
    world.deliver("dibao_standards", [standard], on="2022-05-20")
    rise = {"居民消费价格同比": "3.6", "食品价格同比": "2.0", "低收入价格同比": "3.0"}
    index = {"地区代码": "450300", "指数月份": "2022-04", "适用月起": "2022-05-01", "适用月止": "2022-05-31"}
    world.deliver("price_indices", [index | rise], on="2022-05-20")
    world.night("2022-05-21")

    assert owed(world, "person", world.number("a"), "price-subsidy") == {"2022-05": 2_400}


def test_flexible_workers_are_paid_for_their_months_alone(world: World) -> None:
    """C14: two thirds of what was paid in each month; near retirement at first, so until the day of retirement and no more."""
    publish(world, "flexible-work-insurance-subsidy", 1)
    since: dict[str, object] = {"登记日期": "2024-12-01", "认定日期": "2024-12-01", "认定类别": "大龄"}
    born = {"出生日期": "1965-10-01", "姓名": "某", "性别": "男", "户籍区划": "310118", "迁入日期": "2000-01-01"}
    world.deliver("population_register", [{"公民身份号码": "@a"} | born], on="2025-06-20")
    for empty in ("death_certificates", "cremations"):
        world.deliver(empty, [], on="2025-06-20")
    somebody = {
        "公民身份号码": "@z",
        "参保起始日期": "2020-01-01",
        "登记日期": "2020-01-01",
        "毕业日期": "2020-07-01",
        "学历": "本科",
    }
    for other in ("unit_insured", "licence_holders", "graduations"):
        world.deliver(other, [somebody], on="2025-06-20")
    world.deliver("flexible_employment", [{"公民身份号码": "@a"} | since], on="2025-06-20")
    world.deliver("hardship_employment_list", [{"公民身份号码": "@a"} | since], on="2025-06-20")
    retirement = {"公民身份号码": "@a", "法定退休日期": "2025-04-15", "测算适用起": "2024-01-01"}
    world.deliver("statutory_retirement", [retirement], on="2025-06-20")
    paid = {"实缴养老保险费": 1000, "实缴医疗保险费": "500.5", "最低档应缴": 1500}
    months = [
        {"公民身份号码": "@a", "费款所属月起": f"2025-{month:02}-01", "费款所属月止": f"2025-{month:02}-{last}"} | paid
        for month, last in ((1, 31), (3, 31), (4, 30), (5, 31))
    ]
    world.deliver("flexible_contributions", months, on="2025-06-20")
    world.night("2025-06-21")
    confirm(world, "flexible-work-insurance-subsidy", "2025-06-22")
    world.night("2025-06-23")

    owed_now = owed(world, "person", world.number("a"), "flexible-work-insurance-subsidy")
    assert owed_now == {"2025-01": 100_033, "2025-03": 100_033, "2025-04": 100_033}
