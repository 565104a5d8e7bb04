"""Nights, data, money, the audit chain and roles in the console: what they show, and what is done there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.roles import NIGHT, Role
from pages.web.console import audit, budget, data, menu, nights, roles, suspicions
from store.activations import published_versions
from store.runs import run_of
from store.states.nights import RunState
from store.suspicions import keep_suspicions
from tests.pages.desk import Desk
from tests.world import POLICY, World, day

POSTS = {
    "clerk": Role.OFFICER,
    "head": Role.APPROVER,
    "cashier": Role.PAYMASTER,
    "auditor": Role.AUDITOR,
    "boss": Role.OPERATOR,
}
TERMS = "{period: month, counts: last_day, pay: {calendar: daily}}"
CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world in which two people have a card, and the rule expects no more than two."""
    made = World.at(tmp_path / "w")
    made.people("abcd", on="2025-01-02")
    made.deliver("cards", [{"who": who, **CARD} for who in "ab"], on="2025-01-02")
    made.rule(terms=TERMS, guard="{count: [1, 2]}")
    made.night("2025-01-31")
    yield made
    made.store.close()


@pytest.fixture
def desk(world: World) -> Iterator[Desk]:
    """Return the desk of that world, in which roles are required."""
    made = Desk(world, POSTS, POSTS | {"intake": Role.STEWARD, NIGHT: Role.OPERATOR})  # who the world itself acts as
    yield made
    made.close()


def told(shown: str, label: str) -> str:
    """Return what a page says under a label."""
    found = re.search(rf"<dt>{re.escape(label)}</dt><dd[^>]*>([^<]*)", shown)
    assert found is not None, label
    return found[1].strip()


def test_a_night_says_what_it_did(desk: Desk) -> None:
    """The list leads to the report: who is met, what was opened and frozen; and computed again it is the same."""
    own = f"{nights.PLACE}/2025-01-31"
    assert own in desk.read("clerk", nights.PLACE)
    shown = desk.read("clerk", own)

    assert (told(shown, "符合（人次）"), told(shown, "新开")) == ("2", "300.00 元")
    assert "一致：按当时的规则和数据重算" in desk.do("auditor", f"{own}/replay")
    desk.missing("clerk", f"{own}/replay")
    for strange in ("2025-01-30", "yesterday", "r_none", "%00"):
        desk.read("clerk", f"{nights.PLACE}/{strange}", 404)


def test_a_night_that_a_guard_stopped_says_why(desk: Desk) -> None:
    """What lies beyond the guard is kept with the night, with a tick that lets it go; nothing was published."""
    desk.world.deliver("cards", [{"who": who, **CARD} for who in "abcd"], on="2025-02-27")
    desk.world.night("2025-02-28")
    desk.come_in()
    shown = desk.read("boss", f"{nights.PLACE}/2025-02-28")

    assert "超出守护线" in shown
    assert f'name="accept" value="{POLICY}"' in shown
    assert "须有人处理" in shown
    assert "已停下" in desk.read("boss", nights.PLACE)
    with desk.world.store.reading() as rx:
        run = run_of(rx, "night", day("2025-02-28"))
    assert run is not None
    assert run.state is RunState.ABORTED
    assert run.summary is not None
    assert run.summary["policies"][0]["met_count"] == 4


def test_an_overdue_night_is_said(desk: Desk) -> None:
    """A night that nobody ran stands above the list."""
    desk.on("2025-02-10")

    assert "到时未完成" in desk.read("clerk", nights.PLACE)


def test_data_says_what_is_stale_and_what_was_kept_back(desk: Desk) -> None:
    """Each resource leads to its loads and to the reasons of what was kept back; an unknown one is refused."""
    desk.world.deliver("cards", [{"who": "a", **CARD, "起": "nonsense"}, {"who": "b", **CARD}], on="2025-02-01")
    desk.come_in()
    shown = desk.read("clerk", data.PLACE)

    assert f"{data.PLACE}/resources/cards" in shown
    assert "不能按规定类型读取" in desk.read("clerk", f"{data.PLACE}/resources/cards")
    assert "没有办成" in desk.read("clerk", f"{data.PLACE}/resources/none", 409)
    folder = desk.world.deployment.workspace.policies / POLICY
    folder.mkdir(parents=True)
    with desk.world.store.reading() as rx:
        (folder / "1.yaml").write_text(published_versions(rx, POLICY)[0].text, "utf-8")
    assert "还没有核算过" in desk.read("clerk", f"{data.PLACE}/work")
    assert "1 项政策的免申就绪度" in desk.do("clerk", f"{data.PLACE}/ask")
    desk.read("cashier", data.PLACE, 404)


def test_money_is_set_by_one_and_confirmed_by_another(desk: Desk) -> None:
    """Nothing is in the books before another person confirms it; what is withdrawn never is."""
    asked = {"policy": POLICY, "year": "2025", "amount": "12000", "document": "某财〔2025〕1号"}
    for wrong in ({"year": "25"}, {"year": "٢٠٢٥"}, {"amount": "-1"}, {"amount": "1.001"}):
        desk.missing("cashier", f"{budget.PLACE}/propose", **asked | wrong)
    desk.refused("cashier", f"{budget.PLACE}/propose", **asked | {"policy": "none"})

    shown = desk.do("cashier", f"{budget.PLACE}/propose", **asked)
    decision = re.search(r'name="decision" value="(\w+)"', shown)
    assert decision is not None
    desk.missing("cashier", f"{budget.PLACE}/confirm", decision=decision[1])
    assert "已确认" in desk.do("head", f"{budget.PLACE}/confirm", decision=decision[1])
    desk.refused("head", f"{budget.PLACE}/withdraw", decision=decision[1])
    shown = desk.read("auditor", budget.PLACE)
    assert "12,000.00" in shown
    assert "11,700.00" in shown  # 300 are reserved for the batch
    assert "与每一笔资金相符" in desk.do("auditor", f"{budget.PLACE}/verify")
    assert desk.browsers["auditor"].get(f"{budget.PLACE}/workbook").content.startswith(b"PK")
    desk.refused("cashier", f"{budget.PLACE}/close", year="2025", document="某财")


def test_a_suspicion_is_cleared_with_a_reason(desk: Desk) -> None:
    """The list says what payments share and not whose they are; cleared once, what was found out stays."""
    assert "没有待核的疑点" in desk.read("auditor", suspicions.PLACE)
    with desk.world.store.writing() as tx:
        keep_suspicions(tx, {"x_1": ("account", "abc", POLICY, 3)})
    shown = desk.read("auditor", suspicions.PLACE)
    assert "同一账号多人领取" in shown
    assert "abc" not in shown

    finding = {"suspicion": "x_1", "reason": "敬老院代管账户"}
    desk.missing("clerk", f"{suspicions.PLACE}/clear", **finding)
    desk.refused("cashier", f"{suspicions.PLACE}/clear", **finding | {"suspicion": "x_2"})
    desk.missing("cashier", f"{suspicions.PLACE}/clear", **finding | {"suspicion": "\x00"})
    assert "敬老院代管账户" in desk.do("cashier", f"{suspicions.PLACE}/clear", **finding)
    desk.refused("cashier", f"{suspicions.PLACE}/clear", **finding)


def test_the_audit_chain_is_searched_by_each_of_its_sides(desk: Desk) -> None:
    """Event, doer, what it is about and days narrow it; a day is that day in China, whole."""

    def found(query: str) -> set[str]:
        return set(re.findall(r"<small>([a-z_]+\.[a-z_]+)</small>", desk.read("auditor", f"{audit.PLACE}?{query}")))

    assert found("event=night") == {"night.published"}
    assert "night.published" in found("since=2025-01-31&through=2025-01-31")
    assert "night.published" not in found("through=2025-01-30")
    assert found("since=2025-03-01") == set()
    assert found("by=operator") == {"role.granted", "account.opened"}
    assert found("about=clerk") >= {"role.granted"}
    assert found("event=%25") == set()
    for strange in ("since=never", "since=0001-01-01", "through=9999-12-31", "by=%00"):
        desk.read("auditor", f"{audit.PLACE}?{strange}", 404)


def test_the_audit_chain_is_verified_and_taken_out(desk: Desk) -> None:
    """An auditor takes out all of it; whoever only watches may check it."""
    assert "前后相接，完整" in desk.do("boss", f"{audit.PLACE}/verify")
    lines = desk.do("auditor", f"{audit.PLACE}/export").splitlines()
    assert "night.published" in "".join(lines)
    assert len(desk.do("auditor", f"{audit.PLACE}/anchor").splitlines()) == 1
    desk.missing("boss", f"{audit.PLACE}/export")
    desk.read("clerk", audit.PLACE, 404)


def test_roles_are_given_and_taken_by_an_operator(desk: Desk) -> None:
    """Nobody gives themselves one; what is taken counts at once."""
    post = {"who": "wang", "role": "steward", "reason": "到岗"}
    desk.refused("boss", f"{roles.PLACE}/grant", **post | {"who": "boss"})
    desk.refused("boss", f"{roles.PLACE}/grant", **post | {"over": "policy:none"})
    desk.refused("boss", f"{roles.PLACE}/grant", **post | {"reason": " "})
    desk.missing("boss", f"{roles.PLACE}/grant", **post | {"role": "king"})
    desk.missing("clerk", f"{roles.PLACE}/grant", **post)

    assert "wang 自 2025-" in desk.do("boss", f"{roles.PLACE}/grant", **post | {"over": f"policy:{POLICY}"})
    desk.do("boss", f"{roles.PLACE}/revoke", who="clerk", role="officer", reason="离岗")
    desk.read("clerk", nights.PLACE, 404)
    assert "已收回" in desk.read("auditor", roles.PLACE)


def test_the_menu_marks_where_somebody_is() -> None:
    """One part and one page are marked on every page of the desk, and each place leads somewhere else."""
    places = [each.place for _, pages in menu.PARTS for each in pages]
    assert len(set(places)) == len(places)
    for place in places:
        for path in (place, f"{place}/one"):
            parts, own = menu.menu_at(path)
            if place == "/console" and path != place:
                assert not any(each.is_here for each in parts)
                continue
            assert sum(each.is_here for each in parts) == 1, path
            assert not own or [each.place for each in own if each.is_here] == [place], path
