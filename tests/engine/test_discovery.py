"""Since when a first grant could be known, whichever nights looked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world import World

AGE = "full_years(出生) >= 60"
TERMS = "{period: month, arrears: {months: 0}, pay: {calendar: yearly, day: 1, month: 12}}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.at(tmp_path / "w")
    made.people("a", 出生="1965-04-30")
    made.rule(criteria=AGE, example="{出生: 1960-01-01}", terms=TERMS)
    made.night("2025-04-10")
    yield made
    made.store.close()


def test_a_birthday_between_two_nights_counts_from_its_own_day(world: World) -> None:
    """Nothing was learned and no night ran on the birthday: April is still the first month."""
    world.night("2025-05-20")

    assert world.items("a") == {"2025-04": [150], "2025-05": [150]}


@pytest.mark.parametrize("news_on", ["2025-04-20", "2025-05-06"])
def test_news_after_a_birthday_does_not_move_it(world: World, news_on: str) -> None:
    """What comes in between, about other things, does not decide how far back is paid."""
    world.deliver("dibao", [{"who": "a"}], on=news_on)

    world.night("2025-05-20")

    assert world.items("a") == {"2025-04": [150], "2025-05": [150]}


def test_news_counts_from_the_day_on_which_it_came(world: World) -> None:
    """Somebody of 60 who first appears in May is paid from May on."""
    world.people("ab", on="2025-05-06", 出生="1965-01-31")

    world.night("2025-05-20")

    assert world.items("b") == {"2025-05": [150]}


@pytest.mark.parametrize("nights", [["2025-06-19"], ["2025-03-04", "2025-06-19"], ["2025-04-02", "2025-06-19"]])
def test_what_time_brings_is_nobodys_late_delivery(tmp_path: Path, nights: list[str]) -> None:
    """A card of February begins in March, so April is the first month, on time; that it was wrong by days is learned in May."""
    world = World.at(tmp_path / "other")
    world.people("a")
    terms = "{period: month, counts: first_day, arrears: {months: 0, causes: {delivery: 6, hold: 6}}, pay: {calendar: daily}}"
    world.rule(terms=terms)
    card = {"who": "a", "等级": "1", "发证": "2024-01-01", "起": "2025-03-05", "止": "2025-04-30"}
    world.deliver("cards", [card], on="2025-02-06")

    for date in nights:
        if date > "2025-05-19":
            world.deliver("cards", [card | {"起": "2025-03-01"}], on="2025-05-19")
        world.night(date)

    assert world.items("a") == {"2025-04": [150]}


@pytest.mark.parametrize(
    "nights", [["2025-04-20"], ["2025-03-12", "2025-04-20"], ["2025-03-12", "2025-03-13", "2025-04-20"]]
)
def test_that_time_passes_makes_no_past_payable(tmp_path: Path, nights: list[str]) -> None:
    """A rule published in March pays nothing before it; that it is an old rule in April changes nothing about January."""
    world = World.at(tmp_path / "other")
    world.people("a")
    world.deliver(
        "cards",
        [{"who": "a", "等级": "1", "发证": "2024-01-01", "起": "2025-01-01", "止": "2025-02-28"}],
        on="2025-01-02",
    )
    terms = "{period: month, arrears: {months: 3, causes: {rule: 0}}, pay: {calendar: daily}}"
    world.rule(terms=terms, on="2025-03-11")

    for date in nights:
        world.night(date)

    assert world.items("a") == {}
