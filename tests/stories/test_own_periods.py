"""Months counted from a day of each subject's own, and the part that each month has of an amount for the year."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from engine.explaining.explain import explain_subject
from store.grants import read_grants
from tests.world import World

OWN = "{{period: month, starts: 发证, counts: {counts}, pay: {{calendar: daily}}}}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.at(tmp_path / "w")
    made.people("abz", on="2025-01-01")
    yield made
    made.store.close()


def registered(who: str, since: str, through: str = "2029-12-31") -> dict[str, object]:
    """Return a registration: its day, and through which it lasts."""
    return {"who": who, "等级": 3, "发证": since, "起": since, "止": through}


def cards(world: World, *rows: dict[str, object], on: str = "2025-01-02") -> None:
    """Deliver registrations; somebody else has one too."""
    world.deliver("cards", [registered("z", "2025-01-01"), *rows], on=on)


def rule(world: World, counts: str, *, amount: int = 300, terms: str = OWN, policy: str = "care") -> None:
    """Publish 300 for each month since the day of registration."""
    world.rule(
        policy=policy,
        criteria="有证; 发证 <= day()",
        example="{有证: true, 发证: 2025-01-01}",
        amounts=amount,
        terms=terms.format(counts=counts),
    )


@pytest.mark.parametrize(
    ("counts", "last"),
    [
        pytest.param("any_day", {"2025-06": [300]}, id="the-last-part-is-full"),
        pytest.param("last_day", {}, id="there-is-no-last-part"),
        pytest.param("each_day", {"2025-06": [110]}, id="by-days"),
    ],
)
def test_what_the_last_part_comes_to(world: World, counts: str, last: dict[str, list[int]]) -> None:
    """Registered 03-20, ended 06-30: three whole months through 06-19, and 11 of the 30 days from 06-20 on."""
    cards(world, registered("a", "2025-03-20", "2025-06-30"))
    rule(world, counts)

    world.night("2025-08-31")

    assert world.items("a") == {"2025-03": [300], "2025-04": [300], "2025-05": [300]} | last


def test_a_month_of_ones_own_is_paid_when_it_has_begun_or_is_over(world: World) -> None:
    """Registered 03-20: by any day there is money at once, by the last day on 04-19 and not before."""
    cards(world, registered("a", "2025-03-20"))
    rule(world, "any_day", policy="at-once")
    rule(world, "last_day", policy="afterwards")

    world.night("2025-03-20")
    first = world.items("a", policy="at-once"), world.items("a", policy="afterwards")
    world.night("2025-04-18")
    before = world.items("a", policy="at-once"), world.items("a", policy="afterwards")
    world.night("2025-04-19")

    assert first == before == ({"2025-03": [300]}, {})
    assert world.items("a", policy="afterwards") == {"2025-03": [300]}


def test_a_day_that_a_month_lacks_is_its_last(world: World) -> None:
    """Registered on January 31: the months begin on 02-28, 03-31, 04-30; a month each, and none twice."""
    cards(world, registered("a", "2025-01-31", "2025-04-29"))
    rule(world, "any_day")

    world.night("2025-06-30")

    assert world.items("a") == {"2025-01": [300], "2025-02": [300], "2025-03": [300]}


def test_a_corrected_day_moves_nothing_that_is_paid(world: World) -> None:
    """The day of registration was 03-25, not 03-20: the months keep their names; only May's is too early by a day."""
    cards(world, registered("a", "2025-03-20"))
    rule(world, "any_day")
    world.night("2025-05-22", pays=True)
    world.night("2025-05-23", pays=True)
    before = world.items("a")

    cards(world, registered("a", "2025-03-25"), on="2025-05-24")
    world.night("2025-05-24")
    too_early = world.cases("a")
    world.night("2025-05-26")

    assert before == {"2025-03": [300], "2025-04": [300], "2025-05": [300]}
    assert too_early == {"2025-05": 300}
    assert world.items("a") == before
    assert world.cases("a") == {}


def test_a_day_that_nobody_knows_opens_nothing(world: World) -> None:
    """Without the day of registration the months cannot be counted: unknown, not a month of the calendar."""
    cards(world)
    rule(world, "any_day")

    world.night("2025-05-31")

    assert world.items("a") == {}


def test_arrears_count_the_month_that_is_running(world: World) -> None:
    """No arrears: found on 04-05, in the month that began on 03-20, which is paid; February's is not."""
    terms = "{{period: month, starts: 发证, counts: {counts}, arrears: {{months: 0}}, pay: {{calendar: daily}}}}"
    cards(world)
    rule(world, "any_day", terms=terms)
    world.night("2025-04-04")
    cards(world, registered("a", "2025-01-20"), on="2025-04-05")

    world.night("2025-04-05")
    world.night("2025-04-30")

    assert world.items("a") == {"2025-03": [300], "2025-04": [300]}


YEARLY = "{{period: month, counts: {counts}, amount_for: year, pay: {{calendar: daily}}}}"


def in_fen(world: World, who: str) -> dict[str, int]:
    """Return what is held for somebody, in fen, by period."""
    return {period: sum(amounts) for period, amounts in world.items_fen(who).items()}


def test_a_yearly_amount_loses_no_fen(world: World) -> None:
    """1,000 a year: 83.34 in the first four months, 83.33 in the others, and 1,000.00 together."""
    cards(world, registered("a", "2024-01-01"))
    rule(world, "any_day", amount=1000, terms=YEARLY)

    world.night("2025-12-31")

    paid = in_fen(world, "a")
    assert list(paid.values()) == [8334] * 4 + [8333] * 8
    assert sum(paid.values()) == 100_000


def test_who_takes_over_in_the_middle_gets_the_rest(world: World) -> None:
    """One ends on June 30, the other begins on July 1: what both get of the year comes to the amount exactly."""
    cards(world, registered("a", "2024-01-01", "2025-06-30"), registered("b", "2025-07-01"))
    rule(world, "last_day", amount=1000, terms=YEARLY)

    world.night("2025-12-31")

    assert sum(in_fen(world, "a").values()) + sum(in_fen(world, "b").values()) == 100_000
    assert len(in_fen(world, "a")) == len(in_fen(world, "b")) == 6


def test_an_explanation_speaks_of_ones_own_month_and_its_part(world: World) -> None:
    """On April 5 the month that began on 03-20 is running; it has a twelfth of the 1,000."""
    cards(world, registered("a", "2025-03-20"))
    terms = "{{period: month, starts: 发证, amount_for: year, counts: {counts}, pay: {{calendar: daily}}}}"
    rule(world, "any_day", amount=1000, terms=terms)
    world.night("2025-04-05")

    (found,) = explain_subject(world.deployment, world.number("a")).examinations

    assert (found.period, found.amounts) == ("2025-03", {"main": (8334, 8334)})
    assert in_fen(world, "a") == {"2025-03": 8334}
    outcomes = pl.read_parquet(world.root / "runs" / "2025-04-05" / "outcomes.parquet")
    assert set(outcomes["amount_fen"].drop_nulls()) == {8334}


def standing(world: World, who: str) -> str:
    """Return where somebody's grant stands."""
    with world.store.reading() as rx:
        return str(read_grants(rx, policy="care", subjects=[world.subject(who)])["state"][0])


def test_a_month_of_ones_own_stands_by_the_one_before_until_its_last_day(world: World) -> None:
    """Registered 01-31: the months end on 02-27, 03-30, 04-29; paid throughout, the grant is active on each day between."""
    cards(world, registered("a", "2025-01-31", "2025-05-10"))
    rule(world, "last_day")

    found = {}
    for date in (
        "2025-02-27",
        "2025-02-28",
        "2025-03-29",
        "2025-03-30",
        "2025-04-28",
        "2025-04-30",
        "2025-05-29",
        "2025-05-30",
    ):
        world.night(date)
        found[date] = standing(world, "a")

    assert world.items("a") == {"2025-01": [300], "2025-02": [300], "2025-03": [300]}
    assert list(found.values()) == ["active"] * 7 + ["ended"]
