"""Grievances in the console: from the counter to the end, by several people."""

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from core.roles import Role
from pages.web.console.grievances import DEEDS, PLACE
from store.states.grievances import GRIEVANCE_TRANSITIONS, GrievanceOutcome, GrievanceState
from store.vault_openings import read_openings
from tests.engine.grievances.stage import paid
from tests.pages.desk import Desk
from tests.world import World

WHY = {"reason": "已核查", "basis": "某办法第五条"}
POSTS = {"clerk": Role.OFFICER, "head": Role.APPROVER, "chief": Role.APPROVER, "auditor": Role.AUDITOR}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Return the desk of a workspace in which roles are required and a has a benefit."""
    world = paid(World.at(tmp_path / "w"))
    desk = Desk(world, POSTS, POSTS)
    yield desk
    desk.close()
    world.store.close()


def taken_in(desk: Desk, kind: str, said: str = "人已迁走", **more: str) -> str:
    """Have the clerk take something in, and return its page."""
    shown = desk.do("clerk", f"{PLACE}/receive", kind=kind, source="counter", said=said, **more)
    found = re.search(rf'action="({PLACE}/\w+)/words"', shown)
    assert found is not None, shown
    return found[1]


def offered(desk: Desk, name: str, own: str) -> set[str]:
    """Return the deeds that a page offers to somebody."""
    shown = desk.read(name, own)
    return {each.name for each in DEEDS if f'action="{own}/{each.name}"' in shown}


def test_from_the_counter_to_the_end(desk: Desk) -> None:
    """A report holds what is due; each step says where it stands, and the page who did what and why."""
    own = taken_in(desk, "report", subject=desk.world.number("a"), policy="care")
    assert "款项暂缓" in desk.read("auditor", PLACE)

    assert "已受理" in desk.do("clerk", f"{own}/accept")
    assert "核查中" in desk.do("clerk", f"{own}/investigate")
    assert "停计" in desk.do("clerk", f"{own}/ask", reason="请补充证据")
    assert "继续计算" in desk.do("clerk", f"{own}/answered", reason="已补充")
    desk.refused("head", f"{own}/decide", outcome="upheld", **WHY)
    shown = desk.do("head", f"{own}/decide", outcome="upheld", department="残联", **WHY)
    assert "由残联更正数据" in shown
    assert "close" not in offered(desk, "clerk", own)
    assert "已落实" in desk.do("clerk", f"{own}/execute", reason="残联已更正")
    shown = desk.do("clerk", f"{own}/close")

    for words in ("已办结（成立）", "某办法第五条", "请补充证据"):
        assert words in shown
    assert own not in desk.read("clerk", PLACE)
    assert own in desk.read("clerk", f"{PLACE}?group=over")


def test_who_goes_on_comes_before_another_person(desk: Desk) -> None:
    """Another grievance, linked to the first; who decided that one does not decide again."""
    first = taken_in(desk, "service")
    desk.do("head", f"{first}/refuse", **WHY)

    shown = desk.do("clerk", f"{first}/reappeal", source="counter", said="不服")
    found = re.search(rf'action="({PLACE}/\w+)/words"', shown)
    assert found is not None
    again = found[1]
    assert f'href="{first}"' in shown
    desk.do("clerk", f"{again}/accept")
    desk.do("clerk", f"{again}/investigate")
    desk.refused("head", f"{again}/decide", outcome="rejected", **WHY)
    assert "已决定" in desk.do("chief", f"{again}/decide", outcome="rejected", **WHY)


def test_what_was_said_is_opened_by_whoever_asks(desk: Desk) -> None:
    """Words and contact stand on no page until somebody opens them, and who did is kept."""
    own = taken_in(desk, "undone", "办了三次都不行", contact="某甲")

    assert not {"办了三次都不行", "某甲"} & set(re.findall(r"办了三次都不行|某甲", desk.read("clerk", own)))
    shown = desk.do("head", f"{own}/words")
    assert "办了三次都不行" in shown
    assert "某甲" in shown
    desk.missing("auditor", f"{own}/words")
    with desk.world.store.reading() as rx:
        opened = read_openings(rx).filter(pl.col("because") == "grievance")
    assert set(opened["opened_by"]) == {"head"}


def test_intake_says_what_is_wrong_with_it(desk: Desk) -> None:
    """Nobody by that number, a policy that is not there, nothing said, a day to come; and the same number twice is once."""
    form = {"kind": "entitlement", "source": "counter", "said": "少发了"}
    for wrong in ({"subject": "X"}, {"policy": "none"}, {"said": " "}, {"on": "2099-01-01"}, {"kind": "claim"}):
        desk.refused("clerk", f"{PLACE}/receive", **form | wrong)
    for hostile in ({"kind": "gift"}, {"source": "moon"}, {"on": "yesterday"}):
        desk.missing("clerk", f"{PLACE}/receive", **form | hostile)
    desk.missing("head", f"{PLACE}/receive", **form)

    first = taken_in(desk, "undone", number="12345-1")
    assert taken_in(desk, "undone", number="12345-1") == first
    assert "登记异议或投诉" in desk.read("clerk", f"{PLACE}/new")


def test_every_way_on_is_somebodys() -> None:
    """From every state each way that a grievance may go is offered by a deed, and no deed leads where it may not go."""
    names = {each.name for each in DEEDS}
    ways = {
        GrievanceState.ACCEPTED: {"accept"},
        GrievanceState.NOT_ACCEPTED: {"refuse"},
        GrievanceState.INVESTIGATING: {"investigate", "answered"},
        GrievanceState.WAITING: {"ask"},
        GrievanceState.DECIDED: {"decide"},
        GrievanceState.EXECUTED: {"execute"},
        GrievanceState.CLOSED: {"close"},
        GrievanceState.WITHDRAWN: {"withdraw"},
        GrievanceState.REAPPEALED: {"reappeal"},
    }
    assert set().union(*ways.values()) == names
    assert set(ways) == {each for targets in GRIEVANCE_TRANSITIONS.values() for each in targets}
    assert {str(each) for each in GrievanceOutcome} == {
        key for each in DEEDS if each.name == "decide" for ask in each.asks for key in ask.choices
    }


def test_a_hotlines_file_is_taken_in_once(desk: Desk) -> None:
    """What can be is taken in, and each line that cannot is said with its number; twice is once."""
    text = "工单编号,来电日期,诉求内容\nA1,2025-01-30,办了三次都不行\nA2,2025-01-30,\n"
    browser = desk.browsers["clerk"]
    token = re.search(r'name="token" value="(\w+)"', desk.read("clerk", PLACE))
    assert token is not None

    for expected in ("新登记 1 件，此前已有 0 件，未能登记 1 行", "新登记 0 件，此前已有 1 件，未能登记 1 行"):
        answer = browser.post(f"{PLACE}/import", data={"token": token[1]}, files={"file": ("12345.csv", text.encode())})
        assert expected in answer.text
        assert "第 2 行" in answer.text or "第 3 行" in answer.text
    spoilt = browser.post(f"{PLACE}/import", data={"token": token[1]}, files={"file": ("a.xlsx", b"none")})
    assert spoilt.status_code == 409
    desk.missing("clerk", f"{PLACE}/import")
