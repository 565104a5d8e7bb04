"""Sessions that are in use are kept together a moment later, and never later than they count."""

import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.errors import RunError
from engine.deployment import Deployment
from pages.web.presence import Presence
from store.opening import Store, Writing
from store.sessions import IDLE, SEEN_EVERY, Login, SessionRecord, open_session, session_of
from store.states.entry import LoginWay
from store.tables import WebSession, table_of
from tests.world import World

_SESSION = table_of(WebSession)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.at(tmp_path / "w")
    yield made
    made.store.close()


def opened(deployment: Deployment) -> SessionRecord:
    with deployment.store.writing() as tx:
        token = open_session(tx, deployment.seals, Login("login", LoginWay.OIDC, (), "甲"))
        session = session_of(tx, token)
        assert session is not None
        return session


def seen_at(store: Store, session: SessionRecord) -> dt.datetime:
    with store.reading() as rx:
        own = sa.select(_SESSION.c.seen_at).where(_SESSION.c.token_digest == session.token_digest)
        found: dt.datetime = rx.connection.execute(own).scalar_one()
        return found


def test_what_was_seen_a_moment_ago_is_not_kept_again(world: World) -> None:
    """Within a minute nothing is written; after it, where nothing goes on beside, at once."""
    deployment = world.deployment
    session, presence = opened(deployment), Presence(deployment.store)

    presence.note(session, session.seen_at + SEEN_EVERY - dt.timedelta(seconds=1))
    presence.keep()
    assert seen_at(deployment.store, session) == session.seen_at
    world.clock.instant += SEEN_EVERY
    presence.note(session, world.clock.now())
    assert seen_at(deployment.store, session) == world.clock.now()


def test_many_are_kept_together_and_at_the_end(world: World) -> None:
    """What is noted in the block has been kept when it ends, whoever writes meanwhile."""
    deployment = world.deployment
    sessions = [opened(deployment) for _ in range(3)]
    world.clock.instant += dt.timedelta(minutes=5)
    presence = Presence(deployment.store)

    with presence.kept_soon(), deployment.store.writing():  # as a night does: nobody who reads a page waits for it
        for each in sessions:
            presence.note(each, deployment.clock.now())
        assert [seen_at(deployment.store, each) for each in sessions] == [each.seen_at for each in sessions]

    assert {seen_at(deployment.store, each) for each in sessions} == {deployment.clock.now()}


def test_one_that_may_soon_be_over_is_kept_at_once(world: World) -> None:
    """Another process would take it for one that was left alone."""
    session, presence = opened(world.deployment), Presence(world.deployment.store)
    world.clock.instant += IDLE / 2

    with presence.kept_soon():
        presence.note(session, world.clock.now())
        assert seen_at(world.deployment.store, session) == world.clock.now()


def test_what_the_database_refused_waits_on(world: World) -> None:
    """It is kept the next time."""
    session, presence = opened(world.deployment), Presence(world.deployment.store)
    refusing = threading.Event()

    def gate(_: Writing) -> None:
        if refusing.is_set():
            raise RunError([])

    store = world.deployment.store
    presence = Presence(Store(store.engine, store.clock, store.place, store.digest, gate))
    world.clock.instant += dt.timedelta(minutes=5)
    refusing.set()
    with presence.kept_soon():
        presence.note(session, world.clock.now())
        with pytest.raises(RunError):
            presence.keep()
        refusing.clear()
    assert seen_at(store, session) == world.clock.now()
