"""What becomes of grants when a benefit ends, is lowered, is held for long, or has no tariff for a period."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from tests.world import World

MONTHLY = "{period: month, counts: last_day, pay: {calendar: daily}}"
ARREARS = "{period: month, counts: last_day, arrears: {months: 1}, pay: {calendar: daily}}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.at(tmp_path / "w")
    yield made
    made.store.close()


def card(who: str, level: int | None = 3, since: str = "2020-01-01", through: str = "2029-12-31") -> dict[str, object]:
    """Return a card."""
    return {"who": who, "等级": level, "发证": since, "起": since, "止": through}


@pytest.mark.parametrize("is_repealed", [True, False], ids=["repealed", "lapsed"])
def test_a_benefit_goes_on_for_those_who_had_it(world: World, is_repealed: bool) -> None:
    """Ended on 04-30: who had it keeps it while the conditions hold; who is met later has nothing."""
    terms = MONTHLY.replace("}}", "}, continues: true}")
    world.people("abc", on="2025-03-01")
    rows = [card("a"), card("b", since="2025-06-01"), card("c", through="2025-06-15")]
    world.deliver("cards", rows, on="2025-03-01")
    world.rule(terms=terms, stands_from="2025-03-01", through=None if is_repealed else "2025-04-30")
    world.night("2025-04-30")
    if is_repealed:
        world.repeal(stands_from="2025-05-01", on="2025-05-01")

    for date in ("2025-05-31", "2025-06-30", "2025-07-31"):
        world.night(date)

    assert world.items("a") == {f"2025-{month:02}": [150] for month in range(3, 8)}
    assert world.items("b") == {}
    assert world.items("c") == {f"2025-{month:02}": [150] for month in range(3, 6)}
    assert world.cases("a") == {}


def test_without_going_on_an_ended_benefit_ends(world: World) -> None:
    """The same without `continues`: nothing after the repeal."""
    world.people("a", on="2025-03-01")
    world.deliver("cards", [card("a")], on="2025-03-01")
    world.rule(terms=MONTHLY, stands_from="2025-03-01")
    world.repeal(stands_from="2025-05-01", on="2025-04-02")

    world.night("2025-07-31")

    assert list(world.items("a")) == ["2025-03", "2025-04"]


def test_already_above_the_new_standard(world: World) -> None:
    """`overpaid: keep`: lowered from an earlier month, nothing is claimed back, and later months have the new amount."""
    terms = MONTHLY.replace("}}", "}, overpaid: keep}")
    world.people("a", on="2025-03-01")
    world.deliver("cards", [card("a")], on="2025-03-01")
    world.rule(terms=terms, amounts=180, stands_from="2025-03-01")
    world.night("2025-03-31", pays=True)
    world.night("2025-04-01", pays=True)

    world.rule(version=2, terms=terms, amounts=150, stands_from="2025-03-01", on="2025-04-10")
    world.night("2025-04-30")

    assert world.items("a") == {"2025-03": [180], "2025-04": [150]}
    assert world.cases("a") == {}


def test_a_long_hold_is_released_as_a_whole(world: World) -> None:
    """Unknown for five months, then known: every month is paid, though first grants reach back one month alone."""
    world.people("a", on="2025-03-01")
    world.deliver("cards", [card("a")], on="2025-03-01")
    world.rule(criteria="等级 == 3", example="{等级: 3}", terms=ARREARS, stands_from="2025-03-01")
    world.night("2025-03-31")
    world.deliver("cards", [card("a", None)], on="2025-04-02")
    for month in ("04-30", "05-31", "06-30", "07-31", "08-31"):
        world.night(f"2025-{month}")
    held = list(world.items("a"))

    world.deliver("cards", [card("a")], on="2025-09-02")
    world.night("2025-09-02")

    assert held == ["2025-03"]
    assert list(world.items("a")) == [f"2025-{month:02}" for month in range(3, 9)]


def test_no_tariff_is_not_a_tariff_of_zero(world: World) -> None:
    """Nobody knows yet what a period is worth: nothing is paid and nothing claimed back; once known, all of it is paid."""
    world.people("a", on="2025-03-01")
    world.deliver("cards", [card("a", None)], on="2025-03-01")
    world.rule(amounts="等级 * 60", terms=MONTHLY, stands_from="2025-03-01", example="{有证: true, 等级: 2}")
    world.night("2025-04-30")
    before = world.items("a"), world.states("a")

    world.deliver("cards", [card("a", 2)], on="2025-05-05")
    world.night("2025-05-05")

    assert before == ({}, {})
    assert world.items("a") == {"2025-03": [120], "2025-04": [120]}


def test_a_sum_put_off_is_accounted_and_nothing_is_paid(world: World) -> None:
    """A deferral of March falls due six months after its end; no item is made, and the grant stands."""
    terms = MONTHLY.replace("}}", "}, deferred: {months: 6}}")
    world.people("ab", on="2025-03-01")
    world.deliver("cards", [card("a"), card("b", through="2025-03-15")], on="2025-03-01")
    world.rule(terms=terms, benefit="deferral", stands_from="2025-03-01")

    world.night("2025-03-31")

    accounted = pl.read_parquet(world.root / "runs" / "2025-03-31" / "accounted.parquet")
    assert accounted.select("benefit", "subject_id", "period", "at_least_fen", "due_on").rows() == [
        ("deferral", world.subject("a"), "2025-03", 15_000, dt.date(2025, 9, 30))
    ]
    assert world.items("a") == {}


def test_what_is_due_for_a_year_queues_for_the_next_one(world: World) -> None:
    """Accrued by month, paid by year: the pay day of March pays the year before, and not January and February; late news waits too."""
    terms = "{period: month, counts: last_day, pay: {calendar: yearly, month: 3, day: 15, after: year}}"
    world.people("ab", on="2025-10-01")
    world.deliver("cards", [card("a")], on="2025-10-01")
    world.rule(terms=terms, stands_from="2025-10-01")
    for date in ("2025-12-31", "2026-02-28"):
        world.night(date)
    accrued = world.states("a")
    world.night("2026-03-16", pays=True)
    first = world.states("a")

    world.deliver("cards", [card("a"), card("b", since="2025-12-01")], on="2026-06-01")
    world.night("2026-12-31", pays=True)
    before = world.states("b")
    world.people("ab", on="2027-03-01")
    world.deliver("cards", [card("a"), card("b", since="2025-12-01")], on="2027-03-01")
    world.night("2027-03-15", pays=True)

    months = [f"2025-{month}" for month in (10, 11, 12)]
    assert accrued == {key: ["open"] for key in [*months, "2026-01", "2026-02"]}
    assert first == {key: ["paid"] for key in months} | {key: ["open"] for key in ["2026-01", "2026-02"]}
    assert set(map(tuple, before.values())) == {("open",)}
    assert {period for period, states in world.states("b").items() if states == ["paid"]} == {
        "2025-12",
        *(f"2026-{month:02}" for month in range(1, 13)),
    }
