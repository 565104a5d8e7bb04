"""Periods that are no calendar months: school terms with their census day, fiscal years, and parts by days."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world import World

CALENDARS = {
    "calendars.yaml": """
calendars:
  - code: school_terms
    label: 学期
    periods:
      - {name: 2025春, first: 2025-02-10, last: 2025-06-30, census: 2025-03-31}
      - {name: 2025秋, first: 2025-09-01, last: 2026-01-20, census: 2025-10-15}
  - {code: fiscal_year, label: 财政年度, starts: 2020-04-01, months: 12}
"""
}
SPRING, AUTUMN = "2025-02-10..2025-06-30", "2025-09-01..2026-01-20"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.at(tmp_path / "w", CALENDARS)
    yield made
    made.store.close()


def card(who: str, since: str, through: str) -> dict[str, object]:
    """Return a card."""
    return {"who": who, "等级": 3, "发证": since, "起": since, "止": through}


def terms(calendar: str, counts: str, more: str = "") -> str:
    """Return terms of a declared calendar."""
    return f"{{period: calendar, calendar: {calendar}, counts: {counts}, pay: {{calendar: daily}}{more}}}"


def test_who_is_there_on_the_census_day_has_the_term(world: World) -> None:
    """A term is paid as a whole to those who are there on its census day, and opens on that day."""
    rows = [
        card("a", "2025-03-31", "2025-10-14"),
        card("b", "2025-04-01", "2026-12-31"),
        card("c", "2025-02-10", "2025-03-30"),
    ]
    world.people("abc", on="2025-03-01")
    world.deliver("cards", rows, on="2025-03-01")
    world.rule(terms=terms("school_terms", "census_day"), amounts=1000)

    world.night("2025-03-30")
    early = world.items("c")
    for date in ("2025-03-31", "2025-07-31", "2025-10-14", "2025-10-15", "2025-12-31"):
        world.night(date)

    assert early == {}
    assert world.items("a") == {SPRING: [1000]}
    assert world.items("b") == {AUTUMN: [1000]}
    assert world.items("c") == {}


def test_a_death_in_the_holidays_ends_no_term(world: World) -> None:
    """What ends between two terms leaves the one paid; a correction of the term itself becomes its case."""
    world.people("a", on="2025-03-01")
    world.deliver("cards", [card("a", "2025-01-01", "2025-07-15")], on="2025-03-01")
    world.rule(terms=terms("school_terms", "any_day"), amounts=1000)
    world.night("2025-03-03", pays=True)
    world.night("2025-03-04", pays=True)
    world.night("2025-07-20")
    world.night("2025-09-10")
    kept = world.items("a"), world.cases("a")

    world.deliver("cards", [card("a", "2025-01-01", "2025-02-09")], on="2025-09-11")
    world.night("2025-09-11")

    assert kept == ({SPRING: [1000]}, {})
    assert world.cases("a") == {SPRING: 1000}


def test_a_fiscal_year_begins_in_april(world: World) -> None:
    """One payment per fiscal year, whichever calendar year it lies in; arrears reach back by its periods."""
    world.people("a", on="2025-03-01")
    world.deliver("cards", [card("a", "2020-01-01", "2029-12-31")], on="2025-03-01")
    world.rule(terms=terms("fiscal_year", "any_day", ", arrears: {months: 3}"), amounts=500, stands_from="2023-01-01")

    for date in ("2025-03-31", "2025-04-01", "2025-12-31"):
        world.night(date)

    assert world.items("a") == {"2024-04-01..2025-03-31": [500], "2025-04-01..2026-03-31": [500]}


def test_each_day_has_its_part(world: World) -> None:
    """31 yuan for August, met on ten of its days: 10; counted when the month is over, half up to the fen."""
    world.people("ab", on="2025-07-15")
    rows = [card("a", "2025-08-10", "2025-08-19"), card("b", "2025-08-01", "2025-12-31")]
    world.deliver("cards", rows, on="2025-07-15")
    world.rule(terms="{period: month, counts: each_day, pay: {calendar: daily}}", amounts=31)

    world.night("2025-08-30")
    running = world.items("a")
    world.night("2025-08-31")

    assert running == {}
    assert world.items("a") == {"2025-08": [10]}
    assert world.items("b") == {"2025-08": [31]}
