"""The stories of the semantics, from delivered files through nights to items and cases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.ledger import ActKind
from engine.replaying.replay import Verdict
from tests.replayed import replays
from tests.world import World

ARREARS = "{period: month, arrears: {months: 3}, pay: {calendar: monthly, day: 15}}"
GRACE = "{period: month, arrears: {months: 3}, grace: {periods: 1}, pay: {calendar: monthly, day: 15}}"
LIVING = "有证; not 死亡"
LIVING_EXAMPLE = "{有证: true, 死亡: false}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.at(tmp_path / "w")
    yield made
    assert [each.verdict for each in replays(made.deployment) if each.verdict is not Verdict.EQUAL] == []
    made.store.close()


def card(who: str, level: int | None = 3, **more: str) -> dict[str, object]:
    """Return a card that is valid for long, unless told otherwise."""
    usual: dict[str, object] = {"发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}
    return {"who": who, "等级": level, **usual, **more}


def months(first: int, last: int, year: int = 2025) -> list[str]:
    """Return the names of months."""
    return [f"{year}-{month:02d}" for month in range(first, last + 1)]


def test_a_death_reported_late_becomes_cases_for_what_was_paid(world: World) -> None:
    """Death 05-10, reported 10-01, paid January to September: cases June to September, 150 each; May stays."""
    world.people("a")
    world.deliver("cards", [card("a")], on="2025-01-01")
    world.deliver("deaths", [{"who": "b", "日期": "2024-01-01"}], on="2025-01-01")
    world.rule(criteria=LIVING, example=LIVING_EXAMPLE, terms=ARREARS)
    for month in months(1, 9):
        world.night(f"{month}-28", pays=True)
    world.night("2025-09-29", pays=True)
    assert world.items("a") == {month: [150] for month in months(1, 9)}
    paid_through = [month for month, states in world.states("a").items() if states == ["paid"]]

    world.deliver("deaths", [{"who": "b", "日期": "2024-01-01"}, {"who": "a", "日期": "2025-05-10"}], on="2025-10-01")
    world.night("2025-10-01")

    assert world.cases("a") == {month: 150 for month in months(6, 9) if month in paid_through}
    assert "2025-05" not in world.cases("a")
    assert "2025-10" not in world.items("a")


def test_a_batch_that_loses_an_item_is_frozen_anew(world: World) -> None:
    """March stands in a frozen batch; the death of February 20 is reported on 03-16: March is cancelled, no case."""
    world.people("ab")
    world.deliver("cards", [card("a"), card("b")], on="2025-01-01")
    world.deliver("deaths", [{"who": "z", "日期": "2024-01-01"}], on="2025-01-01")
    world.rule(criteria=LIVING, example=LIVING_EXAMPLE, terms=ARREARS)
    world.night("2025-02-28", pays=True)
    report = world.night("2025-03-15")
    report = world.night("2025-03-17")
    (frozen,) = report.batches

    world.deliver("deaths", [{"who": "z", "日期": "2024-01-01"}, {"who": "a", "日期": "2025-02-20"}], on="2025-03-18")
    world.night("2025-03-18")

    assert frozen.item_count == 2
    assert world.states("a")["2025-03"] == ["cancelled"]
    assert world.states("b")["2025-03"] == ["in_batch"]
    assert world.cases("a") == {}


def test_a_raise_published_late_pays_the_difference(world: World) -> None:
    """150 paid for July and August; a notice raises to 180 from 07-01: items 30 and 30; later months 180."""
    world.people("a")
    world.deliver("cards", [card("a")], on="2025-01-01")
    world.rule(stands_from="2025-07-01")
    world.night("2025-07-31", pays=True)
    world.night("2025-08-15", pays=True)
    world.night("2025-08-31")
    world.pay()

    world.rule(version=2, amounts=180, stands_from="2025-07-01", on="2025-09-01")
    world.night("2025-09-15", pays=True)

    assert world.items("a") == {"2025-07": [150, 30], "2025-08": [150, 30], "2025-09": [180]}


def test_a_renewed_card_pays_for_the_gap(world: World) -> None:
    """Level 3 expired 03-31, a card of level 1 from 06-10, three months back: 150 to March, 300 from April."""
    back = "backdate: {from: 发证, months: 3, waives: [c1], reads: [等级]}"
    terms = f"{{period: month, arrears: {{months: 3}}, pay: {{calendar: monthly, day: 15}}, {back}}}"
    old = card("a", 3, 止="2025-03-31")
    world.people("a")
    world.deliver("cards", [old], on="2025-01-01")
    world.rule(terms=terms, amounts={"等级 == 1": 300, "等级 == 3": 150, "": 0}, example="{有证: true, 等级: 3}")
    for month in months(1, 6):
        world.night(f"{month}-05", pays=True)
    assert list(world.items("a")) == months(1, 3)

    world.deliver("cards", [old, card("a", 1, 发证="2025-06-10", 起="2025-06-10")], on="2025-06-12")
    world.night("2025-06-13")
    world.night("2025-07-05")

    assert world.items("a") == {month: [150] for month in months(1, 3)} | {month: [300] for month in months(4, 7)}
    assert world.cases("a") == {}


def test_an_unknown_level_holds_and_never_opens(world: World) -> None:
    """Known, unknown, known again before payment: open, on hold, open. Who is unknown at first gets nothing."""
    world.people("ab")
    world.deliver("cards", [card("a"), card("b", None)], on="2025-01-01")
    world.rule(criteria="等级 in [1, 2, 3]", example="{等级: 3}", terms=GRACE)
    world.night("2025-02-28", pays=True)
    world.night("2025-03-05")
    seen = [world.states("a")["2025-03"]]

    world.deliver("cards", [card("a", None), card("b", None)], on="2025-03-06")
    world.night("2025-03-06")
    seen.append(world.states("a")["2025-03"])
    world.deliver("cards", [card("a"), card("b", None)], on="2025-03-07")
    world.night("2025-03-07")
    seen.append(world.states("a")["2025-03"])

    assert seen[0] == seen[2] == ["open"]
    assert seen[1] == ["on_hold"]
    assert world.states("b") == {}


def test_a_row_in_quarantine_makes_unknown_until_it_is_delivered_again(world: World) -> None:
    """Of an increment: the next word on the same row key mends it; another row of the same person does not."""
    stays = [{"who": who, "编号": f"{who}1", "操作": "新增", "起": "2025-01-01", "止": "2025-12-31"} for who in "ab"]
    world.people("ab")
    world.deliver("stays", stays, on="2025-01-01")
    world.rule(criteria="居住", example="{居住: true}", terms=ARREARS)
    world.night("2025-02-28", pays=True)
    held = []

    unreadable = {**stays[0], "操作": "变更", "止": "2025-13-45"}
    for day, row in (("03-01", unreadable), ("03-02", {**stays[0], "编号": "a2"}), ("03-03", stays[0])):
        world.deliver("stays", [row, stays[1]], on=f"2025-{day}")
        world.night(f"2025-{day}")
        held.append("2025-03" in world.items("a"))

    assert held == [False, False, True]
    assert world.items("a") == world.items("b")


@pytest.mark.parametrize(("listed_after", "gap"), [(True, "paid"), (False, "held")])
def test_a_gap_in_a_list(world: World, listed_after: bool, gap: str) -> None:  # given by name in the table
    """The list misses a month: listed before and after, the month is paid; off it after, it is held, no case."""
    world.people("ab")
    terms = "{period: month, counts: last_day, pay: {calendar: monthly, day: 15}}"
    world.rule(criteria="低保", example="{低保: true}", terms=terms, stands_from="2025-08-01")
    world.deliver("dibao", [{"who": "a"}, {"who": "b"}], on="2025-08-01", speaks_for="2025-07-31")
    world.night("2025-08-31")
    world.night("2025-09-20")
    world.night("2025-10-01")
    assert list(world.items("a")) == ["2025-08"]

    after = [{"who": "a"}, {"who": "b"}] if listed_after else [{"who": "b"}]
    world.deliver("dibao", after, on="2025-10-10", speaks_for="2025-10-10")
    world.night("2025-10-31")

    expected = ["2025-08", "2025-09", "2025-10"] if gap == "paid" else ["2025-08"]
    assert list(world.items("a")) == expected
    assert world.cases("a") == {}


def test_birthdays_move_between_bands(world: World) -> None:
    """Born 1961-11-30, 1956-12-09, 1926-11-03: 75 and 600 from 2026-11, 150 from 2026-12."""
    births = {"a": "1961-11-30", "b": "1956-12-09", "c": "1926-11-03"}
    base = {"户籍": "310118", "起": "2000-01-01"}
    world.deliver("register", [base | {"who": who, "出生": born} for who, born in births.items()], on="2026-09-01")
    age = "full_years_by_month(出生)"
    world.rule(
        criteria=f"{age} >= 65",
        amounts={f"{age} >= 100": 600, f"{age} >= 70": 150, f"{age} >= 65": 75},
        example="{出生: 1950-01-01}",
        stands_from="2026-10-01",
    )

    for date in ("2026-10-31", "2026-11-02", "2026-12-01"):
        world.night(date)

    assert world.items("a") == {"2026-11": [75], "2026-12": [75]}
    assert world.items("b") == {"2026-10": [75], "2026-11": [75], "2026-12": [150]}
    assert world.items("c") == {"2026-10": [150], "2026-11": [600], "2026-12": [600]}


def test_paid_in_advance_and_dead_in_february(world: World) -> None:
    """Quarterly in advance, paid 01-15 for January to March; death 02-10: a case for March alone."""
    world.people("a", on="2024-12-20")
    world.deliver("cards", [card("a")], on="2024-12-20")
    world.deliver("deaths", [{"who": "z", "日期": "2024-01-01"}], on="2024-12-20")
    terms = "{period: month, pay: {calendar: quarterly, day: 15, advance: true}}"
    world.rule(criteria=LIVING, example=LIVING_EXAMPLE, terms=terms)
    world.night("2025-01-15", pays=True)
    assert world.states("a") == {month: ["paid"] for month in months(1, 3)}

    world.deliver("deaths", [{"who": "z", "日期": "2024-01-01"}, {"who": "a", "日期": "2025-02-10"}], on="2025-02-12")
    world.night("2025-02-12")

    assert world.cases("a") == {"2025-03": 150}


def test_repealed_and_activated_again(world: World) -> None:
    """Tariff from 07-01; repeal from 06-01 signed 09-10; again from 11-01: June to August are cases, November pays."""
    world.people("a")
    world.deliver("cards", [card("a")], on="2025-01-01")
    world.rule(stands_from="2025-05-01")
    world.rule(version=2, amounts=180, stands_from="2025-07-01", on="2025-06-20")
    for month in months(5, 9):
        world.night(f"{month}-01", pays=True)
        world.night(f"{month}-16" if month != "2025-09" else "2025-09-02", pays=True)

    world.repeal(stands_from="2025-06-01", on="2025-09-10")
    world.night("2025-09-10")
    cases = world.cases("a")
    world.night("2025-10-05")
    world.rule(version=3, amounts=180, stands_from="2025-11-01", on="2025-10-20")
    world.night("2025-11-05")

    assert cases == {"2025-06": 150, "2025-07": 180, "2025-08": 180}
    assert world.cases("a") == cases
    assert world.items("a")["2025-11"] == [180]
    assert "2025-10" not in world.items("a")


def test_moved_out_and_back(world: World) -> None:
    """Out on 04-10, back on 07-20: April paid, May and June not, July on."""
    spells = [
        ("310118", "2000-01-01", "2025-04-10"),
        ("310115", "2025-04-11", "2025-07-19"),
        ("310118", "2025-07-20", None),
    ]
    rows = [{"who": "a", "出生": "1970-01-01", "户籍": where, "起": first, "止": last} for where, first, last in spells]
    world.deliver("register", rows, on="2025-07-21")
    world.rule(criteria='within(户籍, "310118")', example='{户籍: "310118"}')

    world.night("2025-08-31")

    assert list(world.items("a")) == [*months(1, 4), *months(7, 8)]


@pytest.mark.parametrize("judged_on", ["2025-05-01", "2025-05-20"])
def test_prison_stops_from_the_month_after_the_judgment(world: World, judged_on: str) -> None:
    """A judgment of 05-01 or 05-20 stops in June both times."""
    world.people("a")
    world.deliver("custody", [{"who": "a", "起": judged_on}], on="2025-05-25")
    world.rule(criteria='within(户籍, "310118"); not 服刑', example='{户籍: "310118", 服刑: false}')

    world.night("2025-07-31")

    assert list(world.items("a")) == months(1, 5)


def test_any_day_of_the_month_suffices(world: World) -> None:
    """Turns 65 on the 10th and moves out on the 20th: that month is met, no other."""
    rows = [
        {"who": "a", "出生": "1960-06-10", "户籍": "310118", "起": "2000-01-01", "止": "2025-06-20"},
        {"who": "a", "出生": "1960-06-10", "户籍": "310115", "起": "2025-06-21"},
    ]
    world.deliver("register", rows, on="2025-07-01")
    world.rule(criteria='within(户籍, "310118"); full_years(出生) >= 65', example='{户籍: "310118", 出生: 1950-01-01}')

    world.night("2025-07-31")

    assert world.items("a") == {"2025-06": [150]}


def test_a_waiver_holds_until_it_is_revoked(world: World) -> None:
    """Waiver 03-10, revoked 06-05: April and May are never paid, June on is."""
    world.people("a")
    world.deliver("cards", [card("a")], on="2025-01-01")
    world.rule()
    world.night("2025-01-31")
    world.act("a", ActKind.WAIVE, on="2025-03-10")
    for date in ("2025-03-31", "2025-04-30", "2025-05-31"):
        world.night(date)
    world.act("a", ActKind.REVOKE_WAIVER, on="2025-06-05")

    world.night("2025-07-31")

    assert list(world.items("a")) == [*months(1, 3), *months(6, 7)]


def test_paid_once_is_paid_once(world: World) -> None:
    """150 paid as `once` under version 1; version 2 says 300: nothing more."""
    once = "{period: once, pay: {calendar: monthly, day: 15}}"
    world.people("a")
    world.deliver("cards", [card("a")], on="2025-01-01")
    world.rule(terms=once)
    world.night("2025-01-31", pays=True)
    world.rule(version=2, amounts=300, terms=once, stands_from="2025-06-01", on="2025-05-20")

    world.night("2025-07-31")

    assert world.items("a") == {"once": [150]}
    assert world.cases("a") == {}


def test_a_number_corrected_in_time_is_one_ledger(world: World) -> None:
    """The correction comes with the new number: nothing is paid twice."""
    world.people("a")
    world.deliver("cards", [card("a")], on="2025-01-01")
    world.rule(terms=ARREARS)
    world.night("2025-03-15", pays=True)

    fix = {"who": "b", "former": "a", "编号": "1", "操作": "新增", "日期": "2025-04-01"}
    world.deliver("corrections", [fix], on="2025-04-02")
    world.people("b", on="2025-04-03")
    world.deliver("cards", [card("b")], on="2025-04-03")
    world.night("2025-04-15")

    assert world.subject("a") == world.subject("b")
    assert world.items("b") == {month: [150] for month in [*months(1, 4)]}


def test_a_number_corrected_late_waits_and_then_is_one_due(world: World) -> None:
    """The new number comes 45 days before its correction: held as suspected renumbering, then one due per month."""
    world.people("a")
    world.deliver("cards", [card("a")], on="2025-01-01")
    world.rule(terms=ARREARS)
    world.night("2025-03-20", pays=True)

    world.people("b", on="2025-04-03")
    world.deliver("cards", [card("b")], on="2025-04-03")
    world.night("2025-04-05")
    waiting = world.states("b")
    fix = {"who": "b", "former": "a", "编号": "1", "操作": "新增", "日期": "2025-04-01"}
    world.deliver("corrections", [fix], on="2025-05-18")
    world.night("2025-05-20")

    assert {state for states in waiting.values() for state in states} == {"on_hold"}
    assert world.items("b") == {month: [150] for month in months(1, 5)}
    assert world.cases("b") == {}


def test_a_pay_day_missed_while_down_is_due_at_the_next_night(world: World) -> None:
    """Down from 14 to 17, pay day 15, next night 18: the pay day is due on 18."""
    world.people("a")
    world.deliver("cards", [card("a")], on="2025-04-01")
    world.rule(stands_from="2025-04-01")
    world.night("2025-03-31")
    world.night("2025-04-13")

    report = world.night("2025-04-18")

    assert [str(batch.pay_day) for batch in report.batches] == ["2025-04-15"]


def test_the_highest_of_a_group_is_topped_up(world: World) -> None:
    """180 paid under one policy, then 300 under another of the same group: +120 on the second."""
    group = "[{group: 津贴, mode: highest, span: period}]"
    world.people("a")
    world.deliver("cards", [card("a")], on="2025-01-01")
    world.rule(policy="low", amounts=180, excludes=group, stands_from="2025-03-01")
    world.rule(
        policy="high", criteria="低保", example="{低保: true}", amounts=300, excludes=group, stands_from="2025-03-01"
    )
    world.night("2025-03-31", pays=True)
    world.night("2025-04-16", pays=True)

    world.deliver("dibao", [{"who": "a"}], on="2025-04-20", speaks_for="2025-04-20")
    world.night("2025-04-20")

    assert world.items("a", policy="low") == {"2025-03": [180], "2025-04": [180]}
    assert world.items("a", policy="high") == {"2025-04": [120]}
