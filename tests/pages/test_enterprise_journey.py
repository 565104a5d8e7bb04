"""An accountant's whole way through the pages of a firm, on every kind of screen, with and without scripts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from pages.web.app import create_app
from tests.pages.browsing import (
    DESK,
    DESK_BARE,
    LARGE,
    PHONE,
    PHONE_BARE,
    ZOOMED,
    Person,
    Screen,
    Watch,
    chromium,
    needs_chromium,
    served,
)
from tests.trial_world import PASSWORD, trial_world

pytestmark = needs_chromium

REFUND, AWARD = "失业保险稳岗返还（2025年度）", "高新技术企业认定奖励"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.mark.parametrize("screen", [DESK, DESK_BARE, PHONE, PHONE_BARE, ZOOMED, LARGE], ids=lambda screen: screen.name)
def test_from_login_to_logout(browser: Browser, screen: Screen, tmp_path: Path) -> None:
    """Understand where one stands, try what is missing, confirm, read, take the advice along, dispute, and leave."""
    with trial_world().open(tmp_path / "w") as deployment, served(create_app(deployment)) as address:
        watch = Watch(address)
        context = watch.over(screen.context(browser, address))
        person = Person(context.new_page())
        person.log_in("qiye1", PASSWORD)

        understand(person)
        find_the_missing_condition(person, has_scripts=screen.has_scripts)
        confirm(person)
        read_and_take_along(person)
        dispute(person)
        person.log_out()

        context.close()
    assert watch.faults == []


def understand(person: Person) -> None:
    """The first page says what the firm gets, what it may do, and the groups in their order."""
    person.reads("您可以做的")
    person.reads("已拨付 500,000.00 元")
    headings = person.page.locator(".group h2").all_inner_texts()
    assert [text.split()[0] for text in headings] == ["已享", "可享", "待确认", "差一步", "待核", "不适用"]


def find_the_missing_condition(person: Person, *, has_scripts: bool) -> None:
    """A near miss leads with what fails and what to do; and a trial says that nothing else is missing."""
    person.follow(AWARD)
    expect(person.page.locator(".criteria li").first).to_contain_text("不符合")
    person.reads("补报")
    person.follow("试一试")
    person.page.get_by_label("统计年报已报送").select_option("是")
    if not has_scripts:
        person.press("试算")
    person.reads("符合，250,000.00 元")


def confirm(person: Person) -> None:
    """Say yes, and where the money goes."""
    person.follow("我的政策", REFUND)
    person.fill(收款账号="6222021234567890123")
    person.press("确认享受")
    person.reads("已确认")


def read_and_take_along(person: Person) -> None:
    """A letter is read and put away; a year's advice is a file."""
    person.follow("告知")
    person.reads("未读")
    person.go(person.page.locator(".letters a").first)
    person.reads("查看这项政策")
    person.press("归档")
    person.reads("已归档")
    person.follow("发放")
    person.reads("已到账")
    assert person.take("下载表格").suggested_filename == "advice-2025.xlsx"


def dispute(person: Person) -> None:
    """What is wrong is said where it stands, and followed where it was raised."""
    person.follow("我的政策", AWARD)
    person.open("数据不对")
    person.fill(应为="已报送")
    person.press("请求更正")
    person.reads("已登记数据更正请求")
    person.follow("异议与更正")
    person.reads(AWARD)
    person.reads("前答复")
