"""What somebody reads of a benefit that starts, stops and ends: the letters of whole nights."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.ledger import NoticeKind
from store.outbox import read_notices
from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.at(tmp_path / "w")
    made.people("az", on="2025-03-01")
    made.deliver("cards", [card("a"), card("z")], on="2025-03-01")
    yield made
    made.store.close()


def card(who: str, through: str = "2029-12-31") -> dict[str, object]:
    """Return a card."""
    return {"who": who, "等级": 1, "发证": "2020-01-01", "起": "2020-01-01", "止": through}


def told(world: World, kind: NoticeKind) -> dict[str, str]:
    """Return what the one notice of a kind to `a` says."""
    with world.store.reading() as rx:
        found = [each.notice for each in read_notices(rx, subjects=[world.subject("a")])]
    (only,) = [each for each in found if each.kind is kind]
    return dict(only.values)


def test_a_letter_of_a_single_payment_names_no_beginning(world: World) -> None:
    """Paid once: 一次性享受, with what is paid now."""
    world.rule(terms="{period: once, pay: {calendar: daily}}", amounts=500)

    world.night("2025-03-02")

    said = told(world, NoticeKind.STARTED)
    assert (said["since"], said["standard"]) == ("一次性", "一次性500.00元")
    assert said["payment"].startswith("本次应发500.00元；")


def test_who_has_had_every_month_is_not_told_of_a_repeal(world: World) -> None:
    """Three months and no more: the conditions still hold, and the policy stands."""
    terms = "{period: month, counts: first_day, pay: {calendar: daily}, duration: {months: 3, counts: calendar}}"
    world.rule(terms=terms, amounts=100)
    world.night("2025-03-02")
    world.night("2025-04-02")

    assert told(world, NoticeKind.ENDED)["reasons"] == "条件仍然符合，但已没有应享的部分（如已享满规定的期限）"


def test_who_no_longer_meets_a_condition_reads_which(world: World) -> None:
    """A card that ran out: the condition in the officer's words."""
    world.rule(terms="{period: month, counts: last_day, pay: {calendar: daily}}")
    world.night("2025-03-31")

    world.deliver("cards", [card("a", "2025-04-10"), card("z")], on="2025-04-11")
    world.night("2025-04-30")

    said = told(world, NoticeKind.ENDED)
    assert (said["since"], said["reasons"]) == ("自2025年4月起", "不再符合“条件1”")


def test_who_had_a_policy_that_is_repealed_reads_that(world: World) -> None:
    """No condition fails, and none is asked."""
    world.rule()
    world.night("2025-03-31")

    world.repeal(stands_from="2025-04-01", on="2025-03-31")
    world.night("2025-04-30")

    assert told(world, NoticeKind.ENDED)["reasons"] == "政策已停止执行"


def test_a_month_that_goes_by_its_last_day_ends_nothing_before_it(world: World) -> None:
    """Until the day on which a month is asked, what the month before said stands: nobody reads of an end that is none."""
    world.rule(terms="{period: month, counts: last_day, pay: {calendar: daily}}")

    for date in ("2025-03-31", "2025-04-10", "2025-04-30", "2025-05-15", "2025-06-02"):
        world.night(date)

    with world.store.reading() as rx:
        kinds = [each.notice.kind for each in read_notices(rx, subjects=[world.subject("a")])]
    assert kinds == [NoticeKind.STARTED]
    assert list(world.items("a")) == [f"2025-0{month}" for month in range(1, 6)]


def test_who_loses_a_benefit_by_the_last_day_reads_so_on_that_day(world: World) -> None:
    world.deliver("cards", [card("a", "2025-04-20"), card("z")], on="2025-03-01")
    world.rule(terms="{period: month, counts: last_day, pay: {calendar: daily}}")
    world.night("2025-03-31")
    world.night("2025-04-25")
    with world.store.reading() as rx:
        assert NoticeKind.ENDED not in {each.notice.kind for each in read_notices(rx)}

    world.night("2025-04-30")

    assert told(world, NoticeKind.ENDED)["reasons"] == "不再符合“条件1”"
