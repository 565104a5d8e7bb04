"""Lists, public lists and waivers in the console: whom a department confirms, who objects, and who gives up."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest

from core.roles import Role
from pages.web.console import lists, publicity, waivers
from store.vault_openings import read_openings
from tests.engine.grievances.stage import paid
from tests.pages.desk import Desk
from tests.world import POLICY, World

CHECKED = "{period: month, counts: last_day, checked_by: 区残联, publicity: {working_days: 5}, pay: {calendar: daily}}"
POSTS = {"clerk": Role.OFFICER, "head": Role.APPROVER, "chief": Role.APPROVER, "auditor": Role.AUDITOR}
OWN = f"{lists.PLACE}/{POLICY}"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Return the desk of a workspace in which roles are required, and two people wait for a department."""
    world = World.at(tmp_path / "w")
    world.people("abc", on="2025-03-01")
    cards = [{"who": who, "等级": 3, "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"} for who in "ab"]
    world.deliver("cards", cards, on="2025-03-01")
    world.rule(terms=CHECKED)
    world.night("2025-03-31")
    desk = Desk(world, POSTS, POSTS)
    desk.on("2025-04-01")
    yield desk
    desk.close()
    world.store.close()


def grants(shown: str) -> list[str]:
    """Return the grants that a page lists."""
    return re.findall(r'class="code">(g_\w+)<', shown)


def fingerprint(shown: str) -> str:
    """Return the fingerprint under which a page would confirm."""
    found = re.search(r'name="fingerprint" value="(\w+)"', shown)
    assert found is not None
    return found[1]


def why_opened(desk: Desk) -> list[str]:
    """Return why the vault was opened by people, oldest first."""
    with desk.world.store.reading() as rx:
        return read_openings(rx).filter(~read_openings(rx)["opened_by"].is_in(["night", "login"]))["because"].to_list()


def published(desk: Desk) -> str:
    """Have the list confirmed and put in public; return the page of the public list."""
    desk.do("head", f"{OWN}/confirm", fingerprint=fingerprint(desk.read("head", OWN)))
    shown = desk.do("clerk", f"{publicity.PLACE}/open", policy=POLICY)
    found = re.search(rf'action="({publicity.PLACE}/\w+)/file"', shown)
    assert found is not None, shown
    return found[1]


def test_a_list_is_confirmed_as_it_was_seen(desk: Desk) -> None:
    """Who struck a line in between made it another list, and the one that was read is not confirmed."""
    assert OWN in desk.read("head", lists.PLACE)
    seen = desk.read("head", OWN)
    first, _ = grants(seen)

    assert f"已剔除 {first}" in desk.do("clerk", f"{OWN}/strike", grant=first, reason="已迁出")
    desk.refused("head", f"{OWN}/confirm", fingerprint=fingerprint(seen))
    assert "已确认 1 人" in desk.do("head", f"{OWN}/confirm", fingerprint=fingerprint(desk.read("head", OWN)))
    desk.refused("head", f"{OWN}/confirm", fingerprint="")
    assert "已恢复" in desk.do("clerk", f"{OWN}/restore", grant=first)


def test_names_are_seen_by_who_opens_them(desk: Desk) -> None:
    """The page has none; opened, they are masked; and each opening is kept. Who only watches may not."""
    before = desk.read("auditor", OWN)
    opened = desk.do("clerk", f"{OWN}/names")

    assert '<th scope="col">号码</th>' not in before
    assert '<th scope="col">号码</th>' in opened
    assert "*" in opened
    assert desk.world.number("a") not in opened
    assert why_opened(desk) == ["list"]
    desk.missing("auditor", f"{OWN}/names")
    desk.missing("auditor", f"{OWN}/workbook")
    desk.missing("clerk", f"{OWN}/confirm")


def test_the_workbook_goes_out_and_comes_back(desk: Desk) -> None:
    """A decision in each line that was looked at; what is left empty waits."""
    browser = desk.browsers["head"]
    token = re.search(r'name="token" value="(\w+)"', desk.read("head", OWN))
    assert token is not None
    book = openpyxl.load_workbook(BytesIO(browser.post(f"{OWN}/workbook", data={"token": token[1]}).content))
    sheet = book["名单"]
    rows = [row for row in sheet.iter_rows() if str(row[1].value).startswith("g_")]
    assert len(rows) == 2
    rows[0][-2].value = "确认"
    sent = BytesIO()
    book.save(sent)

    answer = browser.post(f"{OWN}/decisions", data={"token": token[1]}, files={"file": ("list.xlsx", sent.getvalue())})
    assert "已确认 1 行，剔除 0 行，留待以后 1 行" in answer.text
    spoilt = browser.post(f"{OWN}/decisions", data={"token": token[1]}, files={"file": ("../x", b"none")})
    assert spoilt.status_code == 409
    assert browser.post(f"{OWN}/decisions", data={"token": token[1]}).status_code == 404


def test_a_public_list_from_the_first_day_to_the_last(desk: Desk) -> None:
    """A signed objection holds its line; another person decides; the list closes after its last day."""
    own = published(desk)
    said = {"line": "1", "name": "某甲", "contact": "电话", "words": "他已迁走"}
    desk.refused("clerk", f"{own}/object", **said | {"name": ""})
    desk.refused("clerk", f"{own}/object", **said | {"line": "9"})
    desk.missing("clerk", f"{own}/object", **said | {"line": "-1"})
    shown = desk.do("clerk", f"{own}/object", **said)
    assert "某甲" not in shown
    objection = re.search(r'name="objection" value="(\w+)"', shown)
    assert objection is not None

    desk.refused("clerk", f"{own}/close")
    decision = {"objection": objection[1], "reason": "已核实"}
    desk.missing("head", f"{own}/decide", outcome="perhaps", **decision)
    desk.missing("head", f"{own}/decide", outcome="uphold", reason="x", objection="ob_none")
    assert "异议成立" in desk.do("head", f"{own}/decide", outcome="uphold", **decision)
    desk.refused("head", f"{own}/decide", outcome="uphold", **decision)
    desk.on("2025-04-20")
    assert "期满，待结束" in desk.read("auditor", publicity.PLACE)
    assert "1 行通过，0 行待异议决定" in desk.do("clerk", f"{own}/close")


def test_public_files_are_masked_and_recorded(desk: Desk) -> None:
    """What is posted has no number of anybody; who took it is kept."""
    own, browser = published(desk), desk.browsers["clerk"]
    token = re.search(r'name="token" value="(\w+)"', desk.read("clerk", own))
    assert token is not None

    html = browser.post(f"{own}/file", data={"token": token[1], "kind": "html"})
    xlsx = browser.post(f"{own}/file", data={"token": token[1], "kind": "xlsx"})

    assert desk.world.number("a") not in html.text
    assert html.headers["content-disposition"].startswith("attachment")
    assert xlsx.content.startswith(b"PK")
    assert why_opened(desk) == ["publicity"] * 3
    desk.missing("clerk", f"{own}/file", kind="exe")
    desk.missing("clerk", f"{publicity.PLACE}/pl_none/close")


def test_nothing_waits_twice_for_publicity(desk: Desk) -> None:
    """A list that is open already, or a policy that is not there, opens none."""
    published(desk)

    desk.refused("clerk", f"{publicity.PLACE}/open", policy=POLICY)
    desk.refused("clerk", f"{publicity.PLACE}/open", policy="none")


def test_waivers_are_recorded_and_taken_back(tmp_path: Path) -> None:
    """The register names nobody; the workbook does, and its opening is kept."""
    world = paid(World.at(tmp_path / "w"))
    desk = Desk(world, POSTS, POSTS)
    about = {"policy": POLICY, "subject": world.number("a")}
    assert "没有人放弃" in desk.read("auditor", waivers.PLACE)

    shown = desk.do("clerk", f"{waivers.PLACE}/add", reason="不需要", witness="head", **about)
    assert "共 1 条，有效 1 条" in shown
    assert world.number("a") not in shown
    desk.refused("clerk", f"{waivers.PLACE}/add", reason="不需要", **about)
    desk.refused("clerk", f"{waivers.PLACE}/add", reason="不需要", policy=POLICY, subject=world.number("b"))
    desk.refused("clerk", f"{waivers.PLACE}/revoke", on="2099-01-01", **about)
    assert "共 1 条，有效 0 条" in desk.do("clerk", f"{waivers.PLACE}/revoke", **about)
    desk.missing("auditor", f"{waivers.PLACE}/add", reason="不需要", **about)
    token = re.search(r'name="token" value="(\w+)"', desk.read("auditor", waivers.PLACE))
    assert token is not None
    answer = desk.browsers["auditor"].post(f"{waivers.PLACE}/workbook", data={"token": token[1]})
    assert answer.content.startswith(b"PK")
    assert "waiver register" in why_opened(desk)
    desk.close()
    world.store.close()
