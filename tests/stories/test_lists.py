"""A department confirms a list before money: nothing is paid or told before, struck lines wait for it, and who was active stays."""

from collections.abc import Iterator
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest

from core.errors import MianshenError, RefusedError, RunError
from core.ledger import ActKind, GrantState, NoticeKind
from engine.lanes.codes import LaneCode
from engine.lanes.list_file import Decided, record_decisions, write_list
from engine.lanes.lists import confirm_list, restore, strike, waiting_list, waiting_lists, with_identities
from store.grants import read_acts, read_grants
from store.outbox import read_notices
from tests.world import POLICY, World

CHECKED = "{period: month, counts: last_day, checked_by: 区残联, pay: {calendar: daily}}"
PLAIN = "{period: month, counts: last_day, pay: {calendar: daily}}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world with two people who have a card and one who has none."""
    made = World.at(tmp_path / "w")
    made.people("abc", on="2025-03-01")
    made.deliver("cards", [card("a"), card("b")], on="2025-03-01")
    yield made
    made.store.close()


def card(who: str, through: str = "2029-12-31") -> dict[str, object]:
    """Return a card."""
    return {"who": who, "等级": 3, "发证": "2020-01-01", "起": "2020-01-01", "止": through}


def states(world: World) -> dict[str, str]:
    """Return the state of everybody's grant, by letter."""
    letters = {world.subject(who): who for who in "abc"}
    with world.store.reading() as rx:
        rows = read_grants(rx, policy=POLICY).select("subject_id", "state").iter_rows()
        return {letters[subject_id]: state for subject_id, state in rows}


def told(world: World, who: str) -> list[NoticeKind]:
    """Return the kinds of the letters to somebody, oldest first."""
    with world.store.reading() as rx:
        return [each.notice.kind for each in read_notices(rx, subjects=[world.subject(who)])][::-1]


def confirmed(world: World, on: str) -> None:
    """Have the department confirm whatever waits, on a day."""
    world.on(on)
    confirm_list(world.deployment, POLICY, by="department")


def refusal(error: MianshenError) -> LaneCode:
    """Return the code of a refusal."""
    code = error.findings[0].code
    assert isinstance(code, LaneCode)
    return code


def test_nothing_leaves_before_the_department_has_confirmed(world: World) -> None:
    """Found in March, confirmed in April: both months are paid then, and the letter goes then."""
    world.rule(terms=CHECKED, stands_from="2025-03-01")
    world.night("2025-03-31")
    before = states(world), world.items("a"), told(world, "a")

    confirmed(world, "2025-04-10")
    between = states(world)
    world.night("2025-04-30")

    assert before == ({"a": "proposed", "b": "proposed"}, {}, [])
    assert between == {"a": "checked", "b": "checked"}
    assert states(world) == {"a": "active", "b": "active"}
    assert world.items("a") == {"2025-03": [150], "2025-04": [150]}
    assert told(world, "a") == [NoticeKind.STARTED]


def test_a_struck_line_waits_for_the_department(world: World) -> None:
    """Struck with a reason, it is proposed by no night, though met; restored, it is proposed and can be confirmed."""
    world.rule(terms=CHECKED, stands_from="2025-03-01")
    world.night("2025-03-31")
    world.on("2025-04-01")
    strike(world.deployment, POLICY, world.number("b"), by="department", reason="已迁出")
    confirmed(world, "2025-04-02")
    world.night("2025-04-30")
    struck = states(world), world.items("b")

    world.on("2025-05-06")
    restore(world.deployment, POLICY, world.number("b"), by="department")
    world.night("2025-05-07")
    confirmed(world, "2025-05-08")
    world.night("2025-05-31")

    assert struck == ({"a": "active", "b": "withdrawn"}, {})
    assert states(world) == {"a": "active", "b": "active"}
    assert list(world.items("b")) == ["2025-03", "2025-04", "2025-05"]


def test_no_longer_met_before_it_was_active_it_begins_anew(world: World) -> None:
    """Confirmed and not yet public, then no longer met: withdrawn; met again, the department is asked again."""
    terms = CHECKED.replace("pay:", "publicity: {working_days: 5}, pay:")
    world.rule(terms=terms, stands_from="2025-03-01")
    world.night("2025-03-31")
    confirmed(world, "2025-04-01")
    seen = []
    for date, who in (("2025-04-02", "ab"), ("2025-04-30", "a"), ("2025-05-31", "ab")):
        world.deliver("cards", [card(each) for each in who], on=date)
        world.night(date)
        seen.append(states(world)["b"])

    with world.store.reading() as rx:
        kinds = [(act.kind, act.by) for act in read_acts(rx) if act.kind is not ActKind.CHECK]
    assert seen == ["checked", "withdrawn", "proposed"]
    assert states(world)["a"] == "checked"
    assert kinds == [(ActKind.WITHDRAW, "mianshen")]


def test_withdrawn_and_proposed_again(world: World) -> None:
    """Proposed in March, no longer met in April before anybody looked, met again in May: three states, no letter, no money."""
    world.rule(terms=CHECKED, stands_from="2025-03-01")
    seen = []
    for date, who in (("2025-03-31", "ab"), ("2025-04-30", "a"), ("2025-05-31", "ab")):
        world.deliver("cards", [card(each) for each in who], on=date)
        world.night(date)
        seen.append(states(world)["b"])

    assert seen == ["proposed", "withdrawn", "proposed"]
    assert (world.items("b"), told(world, "b")) == ({}, [])


def test_who_was_active_stays_when_a_later_version_asks_for_more(world: World) -> None:
    """Lists are for new grants: nobody's money stops because a version now has the department confirm."""
    world.rule(terms=PLAIN, stands_from="2025-03-01")
    world.night("2025-03-31", pays=True)
    world.rule(version=2, terms=CHECKED, stands_from="2025-04-01", on="2025-04-02")
    world.deliver("cards", [card("a"), card("b"), card("c")], on="2025-04-03")

    world.night("2025-04-30")

    assert states(world) == {"a": "active", "b": "active", "c": "proposed"}
    assert world.items("a") == {"2025-03": [150], "2025-04": [150]}
    assert (world.items("c"), world.cases("a")) == ({}, {})


def test_the_same_night_and_a_quiet_night_act_on_nobody(world: World) -> None:
    """A night without such a rule, or without news, writes no act."""
    world.rule(terms=CHECKED, stands_from="2025-03-01")
    world.rule(policy="other", terms=PLAIN, stands_from="2025-03-01")
    for date in ("2025-03-31", "2025-04-01", "2025-04-02"):
        world.night(date)

    with world.store.reading() as rx:
        assert read_acts(rx) == ()


def test_a_list_is_confirmed_as_it_was_shown(world: World) -> None:
    """Somebody else was found in between: the fingerprint that was looked at is refused."""
    world.rule(terms=CHECKED, stands_from="2025-03-01")
    world.night("2025-03-30")
    with world.store.reading() as rx:
        shown = waiting_list(rx, world.deployment, POLICY).fingerprint
    world.deliver("cards", [card("a"), card("b"), card("c")], on="2025-03-31")
    world.night("2025-03-31")

    with pytest.raises(RefusedError) as caught:
        confirm_list(world.deployment, POLICY, by="department", fingerprint=shown[:12])

    assert refusal(caught.value) is LaneCode.LIST_MOVED
    assert set(states(world).values()) == {GrantState.PROPOSED}
    assert [(each.policy.policy, len(each.lines)) for each in waiting_lists(world.deployment)] == [(POLICY, 3)]


def book_of(world: World) -> Path:
    """Return the list as the department gets it."""
    with world.store.reading() as rx:
        found = waiting_list(rx, world.deployment, POLICY)
    path = world.root / "list.xlsx"
    write_list(with_identities(world.deployment, found, by="department"), path)
    return path


def edited(path: Path, cells: dict[str, str]) -> Path:
    """Write into cells of the list, as a person does."""
    book = openpyxl.load_workbook(path)
    for cell, value in cells.items():
        book["名单"][cell].value = value
    book.save(path)
    return path


def test_a_workbook_goes_out_and_comes_back(world: World) -> None:
    """One line confirmed, one struck with its reason; names stand in it, numbers only by their ends."""
    world.rule(terms=CHECKED, stands_from="2025-03-01")
    world.night("2025-03-31")
    path = book_of(world)
    sheet = openpyxl.load_workbook(path)["名单"]
    people = {sheet.cell(row, 3).value: row for row in (2, 3)}
    numbers = [sheet.cell(row, 4).value for row in (2, 3)]

    cells = {f"I{people['某a']}": "确认", f"I{people['某b']}": "剔除", f"J{people['某b']}": "已迁出"}
    done = record_decisions(world.deployment, POLICY, edited(path, cells), by="department")

    with world.store.reading() as rx:
        struck = next(act for act in read_acts(rx) if act.kind is ActKind.STRIKE)
    assert done == Decided(1, 1, 0)
    assert (struck.reason, struck.by) == ("已迁出", "department")
    assert states(world) == {"a": "checked", "b": "withdrawn"}
    assert all("********" in number for number in numbers)


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        pytest.param({"I2": "剔除"}, 2, id="struck-without-a-reason"),
        pytest.param({"I2": "同意"}, 2, id="no-decision"),
        pytest.param({"C2": "某z", "I2": "确认"}, 2, id="a-name-was-changed"),
        pytest.param({"B3": "g_other", "I3": "确认"}, 3, id="one-column-was-sorted"),
        pytest.param({"I3": '=IF(1,"确认")'}, 3, id="a-formula"),
    ],
)
def test_what_a_spreadsheet_did_is_refused_with_its_row(world: World, cells: dict[str, str], line: int) -> None:
    """Nothing of such a workbook counts."""
    world.rule(terms=CHECKED, stands_from="2025-03-01")
    world.night("2025-03-31")

    with pytest.raises(RunError) as caught:
        record_decisions(world.deployment, POLICY, edited(book_of(world), cells), by="department")

    assert [each.place.line for each in caught.value.findings] == [line]
    assert set(states(world).values()) == {GrantState.PROPOSED}


def test_a_line_that_was_decided_meanwhile_is_refused(world: World) -> None:
    """A workbook that comes back twice changes nothing the second time, and says so."""
    world.rule(terms=CHECKED, stands_from="2025-03-01")
    world.night("2025-03-31")
    path = edited(book_of(world), {"I2": "确认", "I3": "确认"})
    record_decisions(world.deployment, POLICY, path, by="department")

    with pytest.raises(RunError) as caught:
        record_decisions(world.deployment, POLICY, path, by="department")

    assert len(caught.value.findings) == 2
    assert refusal(caught.value) is LaneCode.LIST_FILE


def test_a_policy_without_such_a_step_has_no_list(world: World) -> None:
    """Its rule asks no department."""
    world.rule(terms=PLAIN, stands_from="2025-03-01")

    with world.store.reading() as rx, pytest.raises(RefusedError) as caught:
        waiting_list(rx, world.deployment, POLICY)

    assert refusal(caught.value) is LaneCode.NOT_ASKED_FOR


def test_a_list_that_nobody_waits_on_is_not_confirmed(world: World) -> None:
    """Before the first night nobody was found."""
    world.rule(terms=CHECKED, stands_from="2025-03-01")

    with pytest.raises(RefusedError) as caught:
        confirm_list(world.deployment, POLICY, by="department")

    assert refusal(caught.value) is LaneCode.NOTHING_WAITS


def test_months_before_the_confirmation_follow_the_facts(world: World) -> None:
    """Confirmed in May, no longer met since May: March and April are paid, and the grant has ended."""
    world.rule(terms=CHECKED, stands_from="2025-03-01")
    world.night("2025-04-30")
    confirmed(world, "2025-05-05")
    world.deliver("cards", [card("a", "2025-05-10"), card("b")], on="2025-05-12")
    world.night("2025-05-31")

    assert list(world.items("a")) == ["2025-03", "2025-04"]
    assert states(world)["a"] == GrantState.ENDED
