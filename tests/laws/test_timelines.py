"""Facts over time: the fast way and the plain reference agree, whatever was delivered."""

import datetime as dt
from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from core.days import DayRange
from profiles.asking import Asking
from profiles.known import Known
from tests.laws.worlds import DAYS, Plan, in_folder, neighbourhoods, plans, ranges
from tests.profiles.small_world import LATER, instant

KNOWN_AT = st.one_of(st.just(LATER), DAYS.map(instant))


def daily(profiles: pl.DataFrame) -> dict[tuple[str, dt.date], dict[str, object]]:
    """Return profiles written out by day."""
    found: dict[tuple[str, dt.date], dict[str, object]] = {}
    for row in profiles.to_dicts():
        subject_id, first, last = row.pop("subject_id"), row.pop("day"), row.pop("through")
        for day in DayRange(first, last):
            assert (subject_id, day) not in found, "stretches do not overlap"
            found[subject_id, day] = row
    return found


def check_against_reference(plan: Plan, days: DayRange, known_at: dt.datetime, kind: str = "person") -> None:
    """Ask a range at once, and each of its days by the plain reference."""
    with in_folder(plan) as folder:
        world = plan.build(Path(folder))
        profiles = world.profiles(days, kind=kind, known_at=known_at)
        asking = Asking(Known.at(world.catalogue, world.loads, known_at))

        said = daily(profiles)

        assert len(said) == profiles["subject_id"].n_unique() * len(list(days)), "stretches tile the range"
        for (subject_id, day), facts in said.items():
            for code, value in facts.items():
                assert value == asking.fact(code, subject_id, day).value, (code, subject_id, day)


@given(plan=plans("list"), days=ranges(), known_at=KNOWN_AT)
def test_lists_say_what_asking_every_day_says(plan: Plan, days: DayRange, known_at: dt.datetime) -> None:
    """Snapshots: which list answers, its freshness, and the gap between two."""
    check_against_reference(plan, days, known_at)


@given(plan=plans("card"), days=ranges(), known_at=KNOWN_AT)
def test_spells_say_what_asking_every_day_says(plan: Plan, days: DayRange, known_at: dt.datetime) -> None:
    """Spells: what covers a day, full or by increments, and what takes effect the next day."""
    check_against_reference(plan, days, known_at)


@given(plan=plans("trip"), days=ranges(), known_at=KNOWN_AT)
def test_events_say_what_asking_every_day_says(plan: Plan, days: DayRange, known_at: dt.datetime) -> None:
    """Events: what a window that ends on the day holds."""
    check_against_reference(plan, days, known_at)


@given(plan=plans("card", "list", "trip"), days=ranges(), known_at=KNOWN_AT)
def test_sources_together_say_what_asking_every_day_says(plan: Plan, days: DayRange, known_at: dt.datetime) -> None:
    """Several sources: the first that knows wins, and what is stale does not fall through."""
    check_against_reference(plan, days, known_at)


@given(plan=plans("card", "home"), days=ranges(), kind=st.sampled_from(["household", "person"]))
def test_relations_say_what_asking_every_day_says(plan: Plan, days: DayRange, kind: str) -> None:
    """Relations: the facts of members, and through the household back to each of them."""
    check_against_reference(plan, days, LATER, kind)


@given(plan=neighbourhoods(only_all=True), days=ranges())
def test_all_that_count_are_what_asking_every_day_says(plan: Plan, days: DayRange) -> None:
    """Whether a fact holds of all whom another fact of theirs lets count, and either may be unknown."""
    check_against_reference(plan, days, LATER)


@given(plan=neighbourhoods(), days=ranges())
def test_relations_in_steps_say_what_asking_every_day_says(plan: Plan, days: DayRange) -> None:
    """Two relations one after the other: who counts, whether any or all do, and the place among them."""
    check_against_reference(plan, days, LATER)
