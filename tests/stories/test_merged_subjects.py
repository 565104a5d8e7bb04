"""Two numbers turn out to be one person's: what was said and paid under either goes on under the one that stands."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from core.ledger import ActKind, NoticeCategory
from engine.lanes.consent import Answering, GivenAccount, confirm, decline
from engine.lanes.waivers import Waiving, register, revoke, waive
from engine.notice_desk import decline as want_no_more
from engine.notice_desk import inbox_of, preferences_of
from store.grants import read_grants
from store.positions import read_positions
from tests.world import POLICY, World

MONTHLY = "{period: month, counts: last_day, pay: {calendar: daily}}"
ASKING = "{period: month, counts: last_day, confirmation: {working_days: 20}, pay: {calendar: daily}}"
CLERK = Answering("clerk", signed_by="某甲")
HOW = Waiving("clerk", "不需要", witness="王干部", signed_by="某甲")


def card(who: str) -> dict[str, object]:
    """Return a card."""
    return {"who": who, "等级": 3, "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world in which a and b have cards; a was known first, so that its id stands."""
    made = World.at(tmp_path / "w")
    made.people("a", on="2025-01-01")
    made.people("abc", on="2025-01-02")
    made.deliver("cards", [card("a"), card("b"), card("c")], on="2025-01-02")
    yield made
    made.store.close()


def merge(world: World, on: str) -> None:
    """Let it be known that b is a's new number."""
    fix = {"who": "b", "former": "a", "编号": "1", "操作": "新增", "日期": on}
    world.deliver("corrections", [fix], on=on)


def states(world: World, who: str) -> dict[str, int]:
    """Return how many grants of somebody stand where, of the id that stands."""
    with world.store.reading() as rx:
        return dict(read_grants(rx, subjects=[world.subject(who)])["state"].value_counts().iter_rows())


def committed(world: World) -> dict[str, int]:
    """Return what is committed in yuan to the two ids together, by period, claims off."""
    with world.store.reading() as rx:
        rows = read_positions(rx).filter(pl.col("subject_id") != world.subject("c"))
    sums = rows.group_by("period").agg(pl.col("committed_fen").sum()).sort("period")
    return {period: fen // 100 for period, fen in sums.iter_rows()}


def months(first: int, last: int) -> list[str]:
    """Return months of 2025."""
    return [f"2025-{month:02d}" for month in range(first, last + 1)]


@pytest.mark.parametrize("who", ["a", "b"])
def test_a_waiver_under_either_number_stands_after_the_merge(world: World, who: str) -> None:
    """Waived in March: from April on nobody of the two is paid; what both got before is due once, the rest is a case."""
    world.rule(terms=MONTHLY)
    world.night("2025-02-28", pays=True)
    world.on("2025-03-10")
    waive(world.deployment, POLICY, world.number(who), HOW)
    world.night("2025-03-31", pays=True)
    merge(world, "2025-04-10")
    world.night("2025-04-30", pays=True)
    world.night("2025-05-31", pays=True)

    assert committed(world) == dict.fromkeys(months(1, 3), 150)
    assert world.cases(who) == dict.fromkeys(months(1, 3), 150)
    assert states(world, who) == {"waived": 1}
    assert world.items("c") == {month: [150] for month in months(1, 5)}


def test_a_waiver_under_the_former_number_is_taken_back_under_the_one_that_stands(world: World) -> None:
    """The register shows one waiver, taken back; the month of that day is paid again."""
    world.rule(terms=MONTHLY)
    world.night("2025-02-28", pays=True)
    world.on("2025-03-10")
    waive(world.deployment, POLICY, world.number("b"), HOW)
    merge(world, "2025-04-10")
    world.night("2025-04-30", pays=True)
    world.on("2025-05-05")
    revoke(world.deployment, POLICY, world.number("a"), HOW)
    world.night("2025-05-31", pays=True)

    with world.store.reading() as rx:
        (line,) = register(rx)
    assert line.revoked is not None
    assert committed(world) == dict.fromkeys([*months(1, 3), "2025-05"], 150)


def test_a_yes_under_the_former_number_is_not_asked_for_again_and_names_the_account(world: World) -> None:
    """Confirmed as b, with an account: a goes on without a word, and both are paid there."""
    world.rule(lane="confirm", terms=ASKING)
    world.night("2025-02-28")
    world.on("2025-03-03")
    confirm(world.deployment, POLICY, world.number("b"), CLERK, GivenAccount("6230580000001234", "农商银行"))
    with world.store.reading() as rx:
        former = read_grants(rx, subjects=[world.subject("b")])["subject_id"][0]
    merge(world, "2025-03-10")
    world.night("2025-03-31")

    stands = world.subject("a")
    payees = [world.deployment.book("test").payee(each) for each in (former, stands)]
    assert states(world, "a") == {"active": 1}
    assert committed(world) == dict.fromkeys(months(1, 3), 150)
    assert {each.accounts[0].number for each in payees} == {"6230580000001234"}
    assert {each.payee_id for each in payees} == {stands}


def test_a_no_under_the_former_number_is_not_asked_again(world: World) -> None:
    """Declined as b, while the offer to a still runs: nothing is offered, reminded of or paid any more."""
    world.rule(lane="confirm", terms=ASKING)
    world.night("2025-02-28")
    world.on("2025-03-03")
    decline(world.deployment, POLICY, world.number("b"), CLERK)
    merge(world, "2025-03-10")
    for date in ("2025-03-31", "2025-04-30"):
        world.night(date, pays=True)

    assert states(world, "a") == {"declined": 1}
    assert committed(world) == {}


def test_what_is_disputed_under_the_former_number_waits(world: World) -> None:
    """Held under b: after the merge nothing goes out until it is released, on the grant on which it was held."""
    world.rule(terms=MONTHLY)
    world.night("2025-02-28", pays=True)
    world.act("b", ActKind.HOLD, on="2025-03-05")
    merge(world, "2025-03-10")
    world.night("2025-03-31")
    while_held = states(world, "a"), world.items("a", waiting=False).get("2025-03")

    world.act("a", ActKind.RELEASE, on="2025-04-05")
    world.night("2025-04-30", pays=True)

    assert while_held == ({"held": 1}, None)
    assert states(world, "a") == {"active": 1}
    assert committed(world) == dict.fromkeys(months(1, 4), 150)


def test_until_the_merge_is_known_each_number_stands_for_itself(world: World) -> None:
    """Waived as b: as long as nobody knows that b is a, a is paid; other people never have anything to do with it."""
    world.rule(terms=MONTHLY)
    world.night("2025-02-28", pays=True)
    world.on("2025-03-10")
    waive(world.deployment, POLICY, world.number("b"), HOW)
    for date in ("2025-03-31", "2025-04-30"):
        world.night(date, pays=True)

    assert list(world.items("a")) == months(1, 4)
    assert list(world.items("b")) == months(1, 3)
    assert states(world, "c") == {"active": 1}


def test_wishes_and_the_inbox_follow(world: World) -> None:
    """What b did not want to be told, a is not told; what came to b is in a's inbox."""
    world.rule(terms=MONTHLY)
    world.night("2025-02-28")
    world.on("2025-03-03")
    number = world.number("b")
    want_no_more(world.deployment, number, NoticeCategory.ADVICE, is_wanted=False, by="clerk", reason="来电")
    before = len(inbox_of(world.deployment, world.number("a"))), len(inbox_of(world.deployment, number))
    merge(world, "2025-03-10")

    assert [each.category for each in preferences_of(world.deployment, world.number("a"))] == [NoticeCategory.ADVICE]
    assert len(inbox_of(world.deployment, world.number("a"))) == sum(before)
