"""Officers' ways through the console, by several people with a browser each: a rule, a batch, a case, and who watches."""

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from core.settings import ApprovalBand
from pages.web.app import create_app
from pages.web.console import batches, cases
from pages.web.guard import CONFIRMED_SECONDS
from store.batches import read_batches
from store.states.paying import BatchState
from tests.bank_files import lines_of, write_returns, write_statement
from tests.pages.browsing import DESK, PHONE_BARE, Person, Screen, Watch, chromium, needs_chromium, served
from tests.pages.desk import PASSWORD, Desk, carried_out_beside
from tests.pages.full_desk import CASHIER, CHIEF, CLERK, HEAD, WAITING, full_desk

pytestmark = needs_chromium


@dataclass(slots=True)
class Office:
    """The browsers of a few officers."""

    desk: Desk
    browser: Browser
    screen: Screen
    address: str
    watch: Watch
    people: dict[str, Person] = field(default_factory=dict)

    def sit_down(self, name: str) -> Person:
        """Return somebody who has logged in on their own screen."""
        if name not in self.people:
            context = self.watch.over(self.screen.context(self.browser, self.address))
            person = self.people[name] = Person(context.new_page())
            person.log_in(name, PASSWORD)
            person.reads("待办")
        return self.people[name]

    def leave(self) -> None:
        """Close every browser."""
        for each in self.people.values():
            each.page.context.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module", params=[DESK, PHONE_BARE], ids=lambda screen: screen.name)
def office(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """Return an office in which two people approve any batch."""
    with ExitStack() as stack:
        desk = full_desk(tmp_path_factory.mktemp("office") / "w")
        stack.callback(desk.world.store.close)
        stack.callback(desk.close)
        settings = desk.world.deployment.workspace.settings
        payouts = settings.payouts.model_copy(update={"approvals": (ApprovalBand(people=2),)})
        workspace = replace(desk.world.deployment.workspace, settings=settings.model_copy(update={"payouts": payouts}))
        deployment = replace(desk.world.deployment, workspace=workspace)
        stack.enter_context(carried_out_beside(deployment))
        address = stack.enter_context(served(create_app(deployment)))
        made = Office(desk, browser, request.param, address, Watch(address))
        stack.callback(made.leave)
        yield made
    assert made.watch.faults == []


def test_a_rule_from_its_draft_into_force_and_back(office: Office) -> None:
    """One officer changes an amount by the form, plans and submits; another approves and publishes; and it is set back so."""
    clerk, head = office.sit_down(CLERK), office.sit_down(HEAD)
    clerk.follow("政策事项", WAITING)
    clerk.press("起草第 2 版")
    clerk.follow("用表单修改")
    clerk.page.get_by_label("第 1 行金额").fill("180")
    clerk.go(clerk.page.locator("form[action$='/values']").get_by_role("button", name="保存"))
    clerk.reads("标准已保存")
    clerk.follow("← 文本")
    clerk.press("检查")
    clerk.reads("可以提交")
    clerk.page.get_by_label("自（空：如条文所写）").fill("2025-05-01")
    clerk.page.get_by_label("看几个月").fill("2")
    clerk.press("试算")
    in_force(office, clerk, head)

    clerk.follow("政策事项", WAITING)
    clerk.open("恢复到较早版本")
    clerk.page.locator("form[action$='/rollback']").get_by_label("自").fill("2025-06-01")
    clerk.go(clerk.page.locator("form[action$='/rollback']").get_by_role("button"))
    in_force(office, clerk, head)


def in_force(office: Office, clerk: Person, head: Person) -> None:
    """Take the plan that the clerk has before them into force."""
    clerk.page.wait_for_url("**/plan/*", timeout=120_000)  # the errand's page comes again by itself, and leads here
    clerk.reads("金额")
    clerk.press("提交审批")
    clerk.reads("已提交")
    head.page.goto(clerk.page.url.partition("?")[0].removeprefix(office.address))
    head.press("批准这一指纹")
    head.reads("已批准")
    head.press("发布")
    head.reads("已发布")


def test_a_batch_from_its_hash_to_the_reconciled_account(office: Office, tmp_path: Path) -> None:
    """Two people approve what they see, a third sends it, and the bank's files come back until the account agrees."""
    head, chief, cashier = (office.sit_down(name) for name in (HEAD, CHIEF, CASHIER))
    with office.desk.world.store.reading() as rx:
        (batch,) = read_batches(rx, states=[BatchState.FROZEN])
    own = f"{batches.PLACE}/{batch.batch_id}"
    head.follow("资金发放", "care")
    head.reads(batch.content_hash[:12])
    head.press("批准这一内容")
    head.reads("还须他人批准")
    chief.page.goto(own)
    chief.press("批准这一内容")
    chief.reads("已批准，可以发出")

    cashier.page.goto(own)
    cashier.press("发出付款文件")
    cashier.reads("个付款文件")
    taken = cashier.take("下载")
    sent = tmp_path / taken.suggested_filename
    taken.save_as(sent)
    cashier.press("登记：已交银行")
    cashier.reads("已交银行")
    bring(cashier, write_returns(tmp_path, sent, ["00"] * len(lines_of(sent))), "")
    bring(cashier, write_statement(tmp_path, sent), "statement")
    cashier.page.goto(own)
    cashier.press("对账")
    cashier.reads("账实相符")
    cashier.press("结案")
    cashier.reads("已结案")


def bring(cashier: Person, path: Path, kind: str) -> None:
    """Hand in a file of the bank's."""
    cashier.follow("资金发放", "银行回单")
    cashier.page.get_by_label("文件").set_input_files(path)
    cashier.page.get_by_label("是什么").select_option(kind)
    cashier.press("导入")
    cashier.reads("导入结果")


def test_a_case_from_telling_to_the_decision(office: Office) -> None:
    """Who told the subject does not decide; an objection is kept; another person confirms what is claimed back."""
    clerk, head = office.sit_down(CLERK), office.sit_down(HEAD)
    clerk.follow("资金发放", "追回案件")
    clerk.go(clerk.page.locator(f"a[href^='{cases.PLACE}/']").first)
    clerk.open("告知对象")
    clerk.press("告知对象")
    clerk.reads("异议期至")
    clerk.open("登记异议")
    form = clerk.page.locator("form[action$='/object']")
    form.locator("textarea, input[name=reason]").first.fill("从未注销")
    clerk.go(form.get_by_role("button"))
    clerk.reads("异议已登记")

    head.page.goto(clerk.page.url.partition("?")[0].removeprefix(office.address))
    head.page.locator("details", has=head.page.locator("form[action$='/confirm']")).locator("summary").click()
    form = head.page.locator("form[action$='/confirm']")
    form.locator("[name=reason]").fill("已核实")
    form.locator("[name=basis]").fill("某办法第三条")
    head.go(form.get_by_role("button"))
    head.reads("已确认")


def test_who_watches_sees_lists_and_the_chain(office: Office) -> None:
    """From what waits to the lists of the supervision, a workbook to take along, and a chain that is whole."""
    chief = office.sit_down(CHIEF)
    chief.follow("监察审计", "事项成效")
    chief.reads("care")
    chief.follow("部门欠账")
    chief.reads("部门欠账")
    assert chief.take("下载 XLSX").suggested_filename.endswith(".xlsx")
    chief.follow("审计查询")
    chief.fill(何人=CLERK)
    chief.press("查询")
    chief.reads("条")
    chief.press("核验全链")
    chief.reads("前后相接，完整")


def test_what_cannot_be_taken_back_asks_who_is_there(office: Office) -> None:
    """After a while at the desk, the same person shows it once more, and goes on with what was begun."""
    clerk = office.sit_down(CLERK)
    office.desk.world.clock.instant += dt.timedelta(seconds=CONFIRMED_SECONDS + 1)
    clerk.follow("名单公示", WAITING)
    clerk.press("下载名册（XLSX，含姓名）")
    clerk.reads("请再次验证身份")
    clerk.page.get_by_label("密码").fill(PASSWORD)
    clerk.press("验证")
    clerk.reads("身份已验证")
    assert clerk.take("继续办理").suggested_filename.endswith(".xlsx")
