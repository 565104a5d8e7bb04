"""Overpayment cases in the console: from telling to the last fen, by several people."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from core.roles import Role
from pages.web.console.cases import DEEDS, GROUPS, PLACE
from store.states.cases import CaseState
from store.vault_openings import read_openings
from tests.engine.overpayments.stage import MONTHS, case, overpaid
from tests.pages.desk import Desk
from tests.world import World

DECISION = {"reason": "已核实", "basis": "某办法第三条"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Return the desk of a workspace in which January is overpaid by 150."""
    world = overpaid(World.at(tmp_path / "w"), months=MONTHS[:1])
    desk = Desk(world, ("clerk", "head", "cashier"))
    yield desk
    desk.close()
    world.store.close()


def place(desk: Desk) -> str:
    """Return the page of the case."""
    return f"{PLACE}/{case(desk.world).case_id}"


def test_from_telling_to_the_last_instalment(desk: Desk) -> None:
    """Each form says what came of it; who told the subject does not decide, and the page tells it all."""
    own = place(desk)
    desk.on("2025-04-03")
    assert "待告知" in desk.read("clerk", PLACE)

    assert "已告知 150.00 元，异议期至 2025-" in desk.do("clerk", f"{own}/notify")
    assert "异议已登记" in desk.do("clerk", f"{own}/object", reason="从未注销")
    desk.refused("clerk", f"{own}/confirm", **DECISION)
    assert "已确认" in desk.do("head", f"{own}/confirm", **DECISION)
    assert "分 3 期" in desk.do("clerk", f"{own}/plan", months="3", first="2099-12-31")
    receipt = {"amount": "100.50", "on": "2025-04-03", "reference": "B1"}
    assert "已收回 100.50 元" in desk.do("cashier", f"{own}/receive", **receipt)
    assert "未重复入账" in desk.do("cashier", f"{own}/receive", **receipt)
    assert "须 1 人批准" in desk.do("clerk", f"{own}/ask", kind="waiver", **DECISION)
    desk.refused("clerk", f"{own}/grant")
    shown = desk.do("head", f"{own}/grant")

    for words in ("部分追回", "100.50", "49.50", "决定：确认", "某办法第三条", "B1", "困难减免", "从未注销"):
        assert words in shown
    assert "部分追回" in desk.read("clerk", f"{PLACE}?group=over")


def test_an_objection_that_is_right(desk: Desk) -> None:
    """The facts are mended first, and nothing is claimed until a night says so again."""
    own = place(desk)
    desk.on("2025-04-03")
    desk.do("clerk", f"{own}/notify", reason="证件已过期")

    assert "先更正数据" in desk.read("head", own)
    assert "异议成立" in desk.do("head", f"{own}/reopen", **DECISION)
    assert case(desk.world).state is CaseState.OPENED


def test_what_is_refused_is_said_and_changes_nothing(desk: Desk) -> None:
    """Too early, too much, without a reason, or where no rule allows it."""
    own = place(desk)
    desk.on("2025-04-03")
    desk.do("clerk", f"{own}/notify")
    before = case(desk.world)

    for name, deed, form in (
        ("head", "confirm", DECISION),  # the subject may still object
        ("clerk", "ask", {"kind": "waiver", "amount": "150.01", **DECISION}),
        ("clerk", "ask", {"kind": "waiver", "reason": " ", "basis": ""}),
        ("clerk", "plan", {"months": "3", "first": "2099-12-31"}),
        ("clerk", "set-off", DECISION),
        ("head", "refuse", {"reason": "没有申请"}),
        ("cashier", "receive", {"amount": "1", "on": "2099-01-01", "reference": "B2"}),
    ):
        desk.refused(name, f"{own}/{deed}", **form)
    assert case(desk.world) == before


@pytest.mark.parametrize(
    ("deed", "form"),
    [
        ("plan", {"months": "0", "first": "2099-12-31"}),
        ("plan", {"months": "٣", "first": "2099-12-31"}),
        ("plan", {"months": "3", "first": "31.12.2099"}),
        ("plan", {"months": "3"}),
        ("receive", {"amount": "1.005", "on": "2025-04-01", "reference": "B"}),
        ("receive", {"amount": "", "on": "2025-04-01", "reference": "B"}),
        ("ask", {"kind": "gift", **DECISION}),
    ],
)
def test_words_that_no_form_sends(desk: Desk, deed: str, form: dict[str, str]) -> None:
    """What a browser would not let through is not taken, and is no fault of ours."""
    before = case(desk.world)

    desk.missing("clerk", f"{place(desk)}/{deed}", **form)

    assert case(desk.world) == before


def test_whom_to_speak_with_is_opened_by_whoever_asks(desk: Desk) -> None:
    """The contact stands on no page until somebody opens it, and who did is kept."""
    own = place(desk)

    assert "继承人王某" not in desk.do("clerk", f"{own}/contact", contact="继承人王某")
    assert "继承人王某" in desk.do("clerk", f"{own}/whom")
    with desk.world.store.reading() as rx:
        opened = read_openings(rx).filter(pl.col("because") == "overpayment case")
    assert opened["opened_by"].to_list() == ["clerk"]


def test_a_workbook_names_people_and_is_recorded(desk: Desk) -> None:
    """The list on the page has no names; the workbook has them."""
    browser = desk.browsers["clerk"]
    token = desk.read("clerk", PLACE).partition('name="token" value="')[2].partition('"')[0]

    answer = browser.post(f"{PLACE}/workbook", data={"token": token, "group": "decide"})
    assert answer.content.startswith(b"PK")
    assert browser.post(f"{PLACE}/workbook", data={"token": token, "group": "all"}).status_code == 404
    with desk.world.store.reading() as rx:
        assert "overpayment cases" in read_openings(rx)["because"].to_list()


def test_deeds_are_shown_to_whom_they_are_open(tmp_path: Path) -> None:
    """Where roles are required, a page offers nobody what is not theirs, and what is not theirs is not there."""
    posts = {"clerk": Role.OFFICER, "head": Role.APPROVER, "cashier": Role.PAYMASTER}
    world = overpaid(World.at(tmp_path / "w"), months=MONTHS[:1])
    desk = Desk(world, posts, posts)
    own = place(desk)
    desk.on("2025-04-03")
    desk.do("clerk", f"{own}/notify")

    for name, role in posts.items():
        shown = {each.name for each in DEEDS if f'action="{own}/{each.name}"' in desk.read(name, own)}
        others = {each.name for each in DEEDS if role not in each.roles}
        assert shown
        assert not shown & others, name
        for each in others:
            desk.missing(name, f"{own}/{each}", reason="越权", basis="无")
    desk.close()
    world.store.close()


def test_every_state_is_in_one_group() -> None:
    """No case falls out of the list."""
    assert sorted(state for _, states in GROUPS.values() for state in states) == sorted(CaseState)
