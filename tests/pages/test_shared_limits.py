"""Processes that answer together let through what one would."""

import datetime as dt
import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.web.limits import Buckets, Rate, Rates, Shared
from pages.web.shared_limits import PLACES, SETS, SharedTable

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
RATE = Rate(50, 60)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Return what makes a folder that nobody has used."""
    return lambda: tmp_path_factory.mktemp("shared")


@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abc"), st.integers(-5, 40)), max_size=80),
    st.sampled_from([Rate(1, 1), Rate(3, 6), Rate(5, 600)]),
)
def test_several_are_as_one(fresh: Callable[[], Path], calls: list[tuple[int, str, int]], rate: Rate) -> None:
    """Whichever of them is asked, by whomever, whatever the clock does: the same answer as of one that keeps its own."""
    shared, now = Shared.within(fresh()), NOW
    several, alone = [Rates(shared).buckets("deeds", rate) for _ in range(3)], Buckets(rate)

    for which, key, pause in calls:
        now += dt.timedelta(seconds=pause)
        assert several[which].take(key, now) == alone.take(key, now)


def _take(shared: Shared, count: int) -> int:
    buckets = Rates(shared).buckets("deeds", RATE)
    return sum(buckets.wait_seconds("somebody", NOW) == 0 for _ in range(count))


def test_processes_at_once_let_through_one_burst(tmp_path: Path) -> None:
    """No take is lost between two who read the same bucket."""
    shared = Shared.within(tmp_path)
    with multiprocessing.get_context("spawn").Pool(3) as processes:
        let_through = processes.starmap(_take, [(shared, 40)] * 6)

    assert sum(let_through) == RATE.at_once


def test_names_and_salts_are_apart(tmp_path: Path) -> None:
    """What is taken of one rate is not taken of another."""
    rates = Rates(Shared.within(tmp_path))
    door, deeds = rates.buckets("door", Rate(1, 1)), rates.buckets("deeds", Rate(1, 1))

    assert [door.wait_seconds("a", NOW), deeds.wait_seconds("a", NOW), door.wait_seconds("a", NOW)] == [0, 0, 60]


def test_the_table_never_grows(tmp_path: Path) -> None:
    """Of many more keys than it has places, the newest are there, and who was not seen for longest gave way."""
    table = SharedTable(tmp_path / "t", b"salt")
    buckets = Buckets(Rate(1, 1), table)
    size = (tmp_path / "t").stat().st_size
    assert buckets.wait_seconds("first", NOW) == 0
    count = 2 * SETS * PLACES
    for number in range(count):
        buckets.wait_seconds(str(number), NOW + dt.timedelta(seconds=1))

    assert (tmp_path / "t").stat().st_size == size
    assert buckets.wait_seconds(str(count - 1), NOW + dt.timedelta(seconds=1)) > 0
    assert buckets.wait_seconds("first", NOW + dt.timedelta(seconds=1)) == 0
