"""`mianshen accounts …`: what an operator types to let somebody in, and to have somebody out."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_REFUSED
from engine.deployment import deployed
from store.accounts import check_password
from store.sessions import Login, open_session, session_of
from store.states.entry import LoginWay
from tests.commands.terminal import Said, mianshen
from tests.world import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return a workspace with some residents, as the one that commands work in."""
    made = World.at(tmp_path / "w")
    made.people("ab")
    monkeypatch.setenv("MIANSHEN_WORKSPACE", str(made.root))
    yield made
    made.store.close()


def accounts(*words: object) -> Said:
    """Give words to `mianshen accounts`."""
    return mianshen("accounts", *words, *(("--by", "boss") if words[0] != "list" else ()))


def password_of(said: Said) -> str:
    found = re.search(r"shown this once: (\S+)", said.out)
    assert found is not None
    return found[1]


def opens(world: World, name: str, password: str) -> bool:
    return check_password(world.store, name, password) is not None


def session(world: World, login: Login) -> str:
    """Begin a session by the machine's clock, which is that of commands."""
    with deployed(world.root, SystemClock()) as now, now.store.writing() as tx:
        return open_session(tx, now.seals, login)


def goes_on(world: World, token: str) -> bool:
    with deployed(world.root, SystemClock()) as now, now.store.reading() as rx:
        return session_of(rx, token) is not None


def test_a_password_is_shown_once_and_can_be_given_anew(world: World) -> None:
    """What is shown opens the account; another one ends the one before, and the sessions with it."""
    first = password_of(accounts("add", "li"))
    assert opens(world, "li", first)
    token = session(world, Login("li", LoginWay.LOCAL, (), "li"))
    second = password_of(accounts("add", "li"))

    assert first != second
    assert (opens(world, "li", first), opens(world, "li", second)) == (False, True)
    assert not goes_on(world, token)


def test_closing_and_listing(world: World) -> None:
    """A closed account is listed as closed, opens nothing, and its name is not given again."""
    password = password_of(accounts("add", "li"))
    accounts("add", "wang")
    closed = accounts("close", "li")

    assert (closed.code, closed.out) == (EXIT_DONE, "li is closed; sessions ended: 0\n")
    assert not opens(world, "li", password)
    assert accounts("add", "li").code == EXIT_REFUSED
    assert accounts("close", "wnag").err.endswith("the nearest account is `wang`\n")
    listed = accounts("list").out
    assert re.search(r"li +工作人员 .*注销", listed)
    assert re.search(r"wang +工作人员 .*有效", listed)


def test_sessions_of_a_subject_end(world: World) -> None:
    """Whoever acts for it has to come in again, by whatever way they came."""
    ids = [world.subject(who) for who in "ab"]
    logins = [Login(f"oidc:{number}", LoginWay.OIDC, (own,), "某某") for number, own in enumerate(ids, 1)]
    tokens = [session(world, each) for each in logins]
    assert re.search(r"oidc:1 .*统一身份认证 +1", accounts("list").out)

    assert accounts("revoke", ids[0], "--subject").out == "sessions ended: 1\n"
    assert accounts("revoke", "oidc:1").out == "sessions ended: 0\n"
    assert [goes_on(world, each) for each in tokens] == [False, True]
    assert accounts("revoke", "nobody", "--subject").code == EXIT_FINDINGS


def test_where_roles_are_required_an_operator_does_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Letting somebody in is an operator's, and so is turning somebody out."""
    mianshen("roles", "grant", "boss", "operator", "--reason", "first", "--by", "boss")
    monkeypatch.setenv("MIANSHEN_ACCESS__ROLES", "required")
    for words in (("add", "li"), ("close", "li"), ("revoke", "li")):
        assert mianshen("accounts", *words, "--by", "nobody").code == EXIT_REFUSED
