"""What has had its days is forgotten by the day, once, and beside whatever else a night does."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.clock import FixedClock
from core.roles import NIGHT
from engine.housekeeping import tidy
from engine.telling import finish
from store.audit import last_entries
from store.opening import Reading, Store
from store.portal_answers import KeptAnswer, keep_answer
from store.portals import Secret, open_portal
from store.sessions import LASTS, Login, open_session
from store.states.entry import LoginWay, PortalScope
from tests.store.failing import failing_disk
from tests.store.worlds import later
from tests.world import World

KEYS_DAYS, SESSION_DAYS = 30, 30


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a workspace at noon in China, with a portal that was answered and a session that began."""
    made = _made(tmp_path / "w")
    yield made
    made.store.close()


def _made(root: Path) -> World:
    made = World.at(root)
    clock = made.deployment.clock
    assert isinstance(clock, FixedClock)
    clock.instant = clock.instant.replace(hour=4, minute=0, second=0, microsecond=0)
    with made.store.writing() as tx:
        open_portal(
            tx, "city", Secret("salt", "digest"), may=list(PortalScope), kinds=["person"], a_minute=60, by="boss"
        )
        keep_answer(tx, "city", "key", KeptAnswer("mark", b"answer"), lasts=dt.timedelta(days=KEYS_DAYS))
        open_session(tx, made.deployment.seals, Login("li", LoginWay.LOCAL, (), "li"))
    return made


def counts(store: Store) -> tuple[int, int]:
    """Return how many answers and sessions are kept."""
    with store.reading() as rx:
        return _count(rx, "select count(*) from portal_answer"), _count(rx, "select count(*) from web_session")


def _count(rx: Reading, asked: str) -> int:
    return int(rx.connection.exec_driver_sql(asked).scalar() or 0)


def test_it_is_kept_through_its_last_day_and_forgotten_on_the_next(world: World) -> None:
    """By whole days in China: thirty days after noon is still that day's; a session counts from its end."""
    assert LASTS.total_seconds() < 12 * 3600
    later(world.store, days=KEYS_DAYS)
    assert (finish(world.deployment), counts(world.store)) == ([], (1, 1))
    later(world.store, hours=12)
    assert (finish(world.deployment), counts(world.store)) == ([], (0, 0))


def test_what_is_forgotten_is_recorded_and_nothing_else_is(world: World) -> None:
    """However often it is asked, a day with nothing to forget writes nothing."""
    later(world.store, days=KEYS_DAYS + SESSION_DAYS)
    for _ in range(3):
        assert tidy(world.deployment) == []

    with world.store.reading() as rx:
        said = [(each.event, each.done_by) for each in last_entries(rx, 99) if each.event.endswith(".forgotten")]
    assert said == [("portal.forgotten", NIGHT), ("session.forgotten", NIGHT)]


def test_it_needs_no_role(world: World) -> None:
    """Where roles are required the product tidies up in its own name."""
    later(world.store, days=KEYS_DAYS + SESSION_DAYS)
    assert tidy(world.deployment.acting_as("nobody")) == []
    assert counts(world.store) == (0, 0)


def test_a_disk_that_fails_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever fails is said and stands in nobody's way: nothing is half forgotten, and the next time does the same."""
    disk = failing_disk(monkeypatch)
    made = _made(tmp_path / "w")
    later(made.store, days=KEYS_DAYS + SESSION_DAYS)
    number = 0
    while counts(made.store) == (1, 1):
        number += 1
        with disk.watched(number):
            said = tidy(made.deployment)
        assert bool(said) == (counts(made.store) == (1, 1))
    assert counts(made.store) == (0, 0)
    assert number > 5
    made.store.close()
