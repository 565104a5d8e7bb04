"""Sessions of browsers: how long they go on, and how they end."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from core.errors import RunError
from store.accounts import add_account, close_account
from store.opening import Store
from store.sessions import (
    IDLE,
    LASTS,
    Login,
    end_session,
    forget_sessions,
    id_token_of,
    mark_seen,
    open_session,
    renew_session,
    revoke_sessions,
    rotate_sessions,
    session_of,
)
from store.states.entry import LoginWay
from store.tables import WebSession, table_of
from tests.store.worlds import later, register, seals

CHEAP = (2**4, 8, 1)  # a test guards nothing


def _open(store: Store, *subjects: str, way: LoginWay = LoginWay.OIDC) -> str:
    with store.writing() as tx:
        return open_session(tx, seals(), Login("firm", way, tuple(sorted(subjects)), "明光公司"))


def _goes_on(store: Store, token: str) -> bool:
    with store.reading() as rx:
        return session_of(rx, token) is not None


def test_a_token_opens_its_session_and_is_kept_nowhere(store: Store) -> None:
    """What the database holds cannot be put into a browser, nor read: neither the token nor the name."""
    (firm,) = register(store, "a")
    token = _open(store, firm)

    with store.reading() as rx:
        found = session_of(rx, token)
        row = rx.connection.execute(sa.select(table_of(WebSession))).one()

    assert found is not None
    assert (found.subject_id, found.greeting(seals())) == (firm, "明光公司")
    assert not _goes_on(store, found.token_digest)
    assert token not in str(row)
    assert "明光公司".encode() not in bytes(row.shown_as)


def test_a_session_is_over_when_it_is_left_alone(store: Store) -> None:
    """It goes on as long as somebody is there, and not longer than its day."""
    token = _open(store)
    steps = int(LASTS / (IDLE / 2))
    for _ in range(steps - 1):
        later(store, seconds=int(IDLE.total_seconds() / 2))
        with store.writing() as tx:
            session = session_of(tx, token)
            assert session is not None
            mark_seen(tx, [session.token_digest])
    later(store, seconds=int(IDLE.total_seconds() / 2))
    assert not _goes_on(store, token)

    idle = _open(store)
    later(store, seconds=int(IDLE.total_seconds()) - 1)
    assert _goes_on(store, idle)
    later(store, seconds=1)
    assert not _goes_on(store, idle)


def test_a_session_goes_on_under_another_token(store: Store) -> None:
    """For another of its subjects, or confirmed; the token before is worth nothing, and the day is no longer."""
    firm, sister = sorted(register(store, "a", "b"))
    token = _open(store, firm, sister)
    later(store, minutes=20)
    with store.writing() as tx:
        session = session_of(tx, token)
        assert session is not None
        renewed = renew_session(tx, seals(), session, subject_id=sister)
    with store.reading() as rx:
        found = session_of(rx, renewed)

    assert not _goes_on(store, token)
    assert found is not None
    assert (session.subject_id, found.subject_id, found.subject_ids) == (firm, sister, (firm, sister))
    assert (found.opened_at, found.ends_at, found.confirmed_at) == (
        session.opened_at,
        session.ends_at,
        session.confirmed_at,
    )
    with store.writing() as tx:
        confirmed = renew_session(tx, seals(), found, is_confirmed=True)
    with store.reading() as rx:
        again = session_of(rx, confirmed)
    assert again is not None
    assert again.confirmed_at > found.confirmed_at


def test_a_session_is_ended_from_here(store: Store) -> None:
    """By its person, who ends one, or by an operator, who ends all of a login."""
    tokens = [_open(store) for _ in range(3)]
    with store.writing() as tx:
        own = session_of(tx, tokens[0])
        assert own is not None
        end_session(tx, own)
    assert [_goes_on(store, each) for each in tokens] == [False, True, True]

    with store.writing() as tx:
        assert revoke_sessions(tx, "firm", by="operator") == 2
    assert [_goes_on(store, each) for each in tokens] == [False] * 3


@pytest.mark.parametrize("is_closed", [True, False], ids=["closed", "open"])
def test_a_local_account_is_looked_at_anew(store: Store, is_closed: bool) -> None:
    """Closing it ends its sessions with the next request; so does a session for a subject that is not its own."""
    firm, sister = register(store, "a", "b")
    with store.writing() as tx:
        add_account(tx, "firm", "secret", subject_id=firm, cost=CHEAP)
    own, others = _open(store, firm, way=LoginWay.LOCAL), _open(store, sister, way=LoginWay.LOCAL)
    if is_closed:
        with store.writing() as tx:
            close_account(tx, "firm")

    assert (_goes_on(store, own), _goes_on(store, others)) == (not is_closed, False)


def test_what_is_over_is_forgotten(store: Store) -> None:
    """Sessions whose day was over before an instant go, with their subjects; others stay."""
    (firm,) = register(store, "a")
    _open(store, firm)
    later(store, hours=9)
    token = _open(store, firm)
    with store.writing() as tx:
        assert forget_sessions(tx, before=tx.now, by="test") == 1
    assert _goes_on(store, token)


def test_a_name_opens_in_its_own_session_alone(store: Store) -> None:
    """The seal is bound to the session: in another row it does not open."""
    first, second = _open(store), _open(store)
    with store.reading() as rx:
        one, other = session_of(rx, first), session_of(rx, second)
    assert one is not None
    assert other is not None
    with pytest.raises(RunError):
        replace(one, shown_as=other.shown_as).greeting(seals())


def _token_of(store: Store, token: str) -> str:
    with store.reading() as rx:
        session = session_of(rx, token)
        assert session is not None
        return id_token_of(rx, seals(), session)


def test_what_the_provider_said_goes_on_sealed_and_ends_with_the_session(store: Store) -> None:
    """The ID token is carried over, or a newer one taken, when a session is renewed; of one that is over none is left."""
    rows = sa.select(table_of(WebSession).c.id_token)
    with store.writing() as tx:
        first = open_session(tx, seals(), Login("li", LoginWay.OIDC, (), "li", "a.first.token"))
    assert _token_of(store, first) == "a.first.token"
    with store.writing() as tx:
        (sealed,) = tx.connection.scalars(rows)
        assert b"a.first.token" not in bytes(sealed)
        session = session_of(tx, first)
        assert session is not None
        second = renew_session(tx, seals(), session)
    assert _token_of(store, second) == "a.first.token"
    with store.writing() as tx:
        session = session_of(tx, second)
        assert session is not None
        third = renew_session(tx, seals(), session, is_confirmed=True, id_token="a.newer.token")
    assert _token_of(store, third) == "a.newer.token"
    with store.writing() as tx:
        session = session_of(tx, third)
        assert session is not None
        end_session(tx, session)
        assert list(tx.connection.scalars(rows)) == [None] * 3


def test_an_id_token_is_sealed_anew_and_bound_to_its_session(store: Store) -> None:
    """After a key is changed it opens by the new one; under another session's row it opens never."""
    with store.writing() as tx:
        tokens = [
            open_session(tx, seals(), Login(each, LoginWay.OIDC, (), each, f"of.{each}")) for each in ("li", "wu")
        ]
        assert rotate_sessions(tx, seals("k1", "k2")) == 4
        one, other = (session_of(tx, each) for each in tokens)
        assert one is not None
        assert other is not None
        assert id_token_of(tx, seals("k1", "k2"), one) == "of.li"
        table = table_of(WebSession)
        theirs = sa.select(table.c.id_token).where(table.c.token_digest == other.token_digest).scalar_subquery()
        moved = sa.update(table).where(table.c.token_digest == one.token_digest).values(id_token=theirs)
        tx.connection.execute(moved)
        with pytest.raises(RunError):
            id_token_of(tx, seals("k1", "k2"), one)
