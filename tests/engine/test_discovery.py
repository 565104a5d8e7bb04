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
