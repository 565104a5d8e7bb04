"""How far back a first grant reaches, by why its past became payable."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.world import World

TERMS = (
    "{period: month, counts: last_day, pay: {calendar: daily},"
    " arrears: {months: 1, causes: {rule: 0, hold: unlimited, delivery: 3}}}"
)
EVERY_NIGHT = ("2025-03-31", "2025-04-30", "2025-05-31", "2025-06-30", "2025-07-31", "2025-08-31")
ONE_NIGHT = ("2025-08-31",)
NIGHTS = pytest.mark.parametrize("nights", [EVERY_NIGHT, ONE_NIGHT], ids=["every-night", "one-night"])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.at(tmp_path / "w")
    made.people("abz", on="2025-01-01")
    yield made
    made.store.close()


def card(who: str, level: int | None = 3, since: str = "2024-01-01") -> dict[str, object]:
    """Return a card."""
    return {"who": who, "等级": level, "发证": since, "起": since, "止": "2029-12-31"}


def cards(world: World, *rows: dict[str, object], on: str) -> None:
    """Deliver cards; somebody else has one too."""
    world.deliver("cards", [card("z"), *rows], on=on)


def rule(world: World, *, terms: str = TERMS, on: str = "2024-12-31") -> None:
    """Publish the benefit of those with a card of level 3, from the first of January on."""
    world.rule(criteria="等级 == 3", example="{等级: 3}", terms=terms, on=on)


def run(world: World, dates: Sequence[str]) -> None:
    """Run some nights."""
    for date in dates:
        world.night(date)


def months(*numbers: int) -> list[str]:
    """Return months of 2025."""
    return [f"2025-{number:02}" for number in numbers]


@NIGHTS
def test_what_was_unknown_is_paid_from_its_beginning(world: World, nights: Sequence[str]) -> None:
    """A level that was open from January on is known in September: no limit, though first grants reach back one month."""
    cards(world, card("a", None), on="2025-01-02")
    rule(world)
    run(world, nights)

    cards(world, card("a", 3), on="2025-09-02")
    world.night("2025-09-02")

    assert list(world.items("a")) == months(1, 2, 3, 4, 5, 6, 7, 8)


@NIGHTS
def test_a_late_delivery_reaches_back_as_its_cause_says(world: World, nights: Sequence[str]) -> None:
    """The register told that there is no card; in September it brings one of January: three months back."""
    cards(world, on="2025-01-02")
    rule(world)
    run(world, nights)

    cards(world, card("a", 3), on="2025-09-02")
    world.night("2025-09-02")

    assert list(world.items("a")) == months(6, 7, 8)


@pytest.mark.parametrize("between", [(), ("2025-09-12",)], ids=["", "a-night-between"])
@NIGHTS
def test_a_rule_published_later_reaches_back_as_its_cause_says(
    world: World, nights: Sequence[str], between: Sequence[str]
) -> None:
    """Published in September for January on: the month of September alone, though everything else was known."""
    cards(world, card("a", 3), on="2025-01-02")
    world.rule(policy="other", criteria="等级 == 9", example="{等级: 9}")
    run(world, nights)

    rule(world, on="2025-09-02")
    run(world, ["2025-09-02", *between, "2025-09-30"])

    assert list(world.items("a")) == months(9)


def test_time_that_passes_is_no_cause(world: World) -> None:
    """A birthday in March that everybody knew of: the limit that stands for all, whenever the next night is."""
    world.people("b", on="2025-01-02", 出生="1965-03-15")
    world.rule(criteria="full_years(出生) >= 60", example="{出生: 1960-01-01}", terms=TERMS)
    world.night("2025-01-31")

    world.night("2025-06-30")

    assert list(world.items("b")) == months(3, 4, 5, 6)


def test_the_cause_stays_with_the_grant(world: World) -> None:
    """Found by a late delivery; what is corrected afterwards reaches back as far as the grant does."""
    cards(world, on="2025-01-02")
    rule(world)
    world.night("2025-08-31")
    cards(world, card("a", 3, since="2025-08-01"), on="2025-09-02")
    world.night("2025-09-02")
    first = list(world.items("a"))

    cards(world, card("a", 3), on="2025-10-02")
    world.night("2025-10-02")

    assert first == months(8)
    assert list(world.items("a")) == months(6, 7, 8, 9)


def test_causes_that_are_not_named_have_the_common_limit(world: World) -> None:
    """Only a hold has a limit of its own: what a department brings late is bound by the months of all."""
    cards(world, card("b", None), on="2025-01-02")
    rule(world, terms=TERMS.replace("rule: 0, ", "").replace(", delivery: 3", ""))
    world.night("2025-08-31")

    cards(world, card("a", 3), card("b", 3), on="2025-09-02")
    world.night("2025-09-02")

    assert list(world.items("a")) == months(8)
    assert list(world.items("b")) == months(1, 2, 3, 4, 5, 6, 7, 8)


def test_a_late_renewal_is_bound_by_its_own_day_and_a_late_delivery_is_not_its_fault(world: World) -> None:
    """C04, C01: renewed on June 10, delivered in September: three months before June are paid, and all since."""
    terms = (
        "{period: month, pay: {calendar: daily}, arrears: {months: 0, causes: {delivery: unlimited}},"
        " backdate: {from: 发证, months: 3, waives: [c1]}}"
    )
    cards(world, on="2025-01-02")
    world.rule(terms=terms)
    world.night("2025-08-31")

    cards(world, card("a", 3, since="2025-06-10"), on="2025-09-02")
    world.night("2025-09-02")

    assert list(world.items("a")) == months(3, 4, 5, 6, 7, 8, 9)


def test_who_was_in_no_register_was_not_on_hold(world: World) -> None:
    """Somebody delivered for the first time in September was not unknown to a rule before: a department was late."""
    cards(world, on="2025-01-02")
    rule(world)
    world.night("2025-08-31")

    world.people("abcz", on="2025-09-02")
    cards(world, card("c", 3), on="2025-09-02")
    world.night("2025-09-02")

    assert list(world.items("c")) == months(6, 7, 8)
