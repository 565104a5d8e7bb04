"""Portals: opened and ended, calls heard once, and answers kept with what they answer."""

import datetime as dt
import threading
from contextlib import suppress

import pytest

from core.errors import RefusedError
from store.opening import Store
from store.portal_answers import KeptAnswer, keep_answer, kept_answer
from store.portals import Portal, Secret, end_portal, hear_call, open_portal, portal_of, read_portals
from store.states.entry import PortalScope
from tests.store.worlds import later

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
ANSWER = KeptAnswer("mark", b'{"done": true}')


def opened(store: Store, name: str = "city", *may: PortalScope, salt: str = "s") -> Portal:
    with store.writing() as tx:
        open_portal(
            tx,
            name,
            Secret(salt, f"digest of {salt}"),
            may=may or [PortalScope.MATCHES],
            kinds=["person", "enterprise"],
            a_minute=60,
            by="boss",
        )
        found = portal_of(tx, name)
    assert found is not None
    return found


def test_a_portal_is_kept_as_it_was_said(store: Store) -> None:
    """What it may, whom it may name, how often; and who reads and acts."""
    portal = opened(store, "city", PortalScope.WAIVE, PortalScope.CONFIRM)

    assert portal.may == {PortalScope.WAIVE, PortalScope.CONFIRM}
    assert portal.kinds == {"person", "enterprise"}
    assert (portal.a_minute, portal.login, portal.ended_at) == (60, "portal:city", None)
    with store.reading() as rx:
        assert read_portals(rx) == [portal]
        assert portal_of(rx, "another") is None


def test_opened_again_it_has_another_secret(store: Store) -> None:
    """What it may is said anew; since when it is there stays."""
    first = opened(store)
    later(store, hours=1)
    second = opened(store, "city", PortalScope.PAYMENTS, salt="t")

    assert second.secret == Secret("t", "digest of t")
    assert second.may == {PortalScope.PAYMENTS}
    assert (second.opened_at, second.renewed_at) == (first.opened_at, first.renewed_at + HOUR)


def test_what_ended_stays_ended(store: Store) -> None:
    """Its name is never another's; ended twice, or never opened, is refused."""
    opened(store)
    opened(store, "other")
    with store.writing() as tx:
        end_portal(tx, "city", by="boss")

    with store.reading() as rx:
        found = portal_of(rx, "city")
    assert found is not None
    assert found.ended_at is not None
    with pytest.raises(RefusedError, match="has ended"):
        opened(store)
    for name in ("city", "othr"):
        with pytest.raises(RefusedError, match=f"no portal `{name}` is open"), store.writing() as tx:
            end_portal(tx, name, by="boss")


def test_a_call_is_heard_once(store: Store) -> None:
    """Of each portal by itself, until it is too old to come again."""
    opened(store)
    opened(store, "other")

    def heard(portal: str) -> bool:
        with store.writing() as tx:
            return hear_call(tx, portal, "nonce", lasts=HOUR)

    assert [heard("city"), heard("city"), heard("other")] == [True, False, True]
    later(store, hours=1)
    assert not heard("city")
    later(store, seconds=1)
    assert heard("city")


def test_of_two_at_once_one_is_the_first(store: Store) -> None:
    """A nonce that comes to two processes at the same moment is new to one of them, on both databases."""
    opened(store)
    start, new = threading.Barrier(4), list[bool]()

    def hear() -> None:
        start.wait()
        with store.writing() as tx:
            new.append(hear_call(tx, "city", "nonce", lasts=HOUR))

    threads = [threading.Thread(target=hear) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(new) == [False, False, False, True]


def test_an_answer_stands_for_its_days(store: Store) -> None:
    """The first one for a key; afterwards the key is free for another."""
    opened(store)
    opened(store, "other")

    def kept(portal: str, answer: KeptAnswer = ANSWER) -> bool:
        with store.writing() as tx:
            return keep_answer(tx, portal, "key", answer, lasts=DAY)

    def found(portal: str) -> KeptAnswer | None:
        with store.reading() as rx:
            return kept_answer(rx, portal, "key", lasts=DAY)

    second = KeptAnswer("mark", b"another")
    assert (kept("city"), kept("city", second), found("city"), found("other")) == (True, False, ANSWER, None)
    later(store, days=1)
    assert found("city") == ANSWER
    later(store, seconds=1)
    assert found("city") is None
    assert (kept("city", second), found("city")) == (True, second)


def test_an_answer_goes_with_its_deed(store: Store) -> None:
    """What is rolled back is answered by nobody."""
    opened(store)
    with suppress(ZeroDivisionError), store.writing() as tx:
        keep_answer(tx, "city", "key", ANSWER, lasts=DAY)
        raise ZeroDivisionError

    with store.reading() as rx:
        assert kept_answer(rx, "city", "key", lasts=DAY) is None
