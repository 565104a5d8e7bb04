"""`mianshen portals …`: what an operator types to let a portal of the city call, and to have it call no more."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.errors import EXIT_DONE, EXIT_REFUSED, EXIT_USAGE
from engine.deployment import deployed
from engine.portals import signer_of
from store.states.entry import PortalScope
from tests.commands.terminal import Said, mianshen
from tests.world import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return a workspace as the one that commands work in."""
    made = World.at(tmp_path / "w")
    monkeypatch.setenv("MIANSHEN_WORKSPACE", str(made.root))
    yield made
    made.store.close()


def portals(*words: object) -> Said:
    """Give words to `mianshen portals`."""
    return mianshen("portals", *words, *(("--by", "boss") if words[0] != "list" else ()))


def secret_of(said: Said) -> str:
    found = re.search(r"shown this once: ([0-9a-f]{32})", said.out)
    assert found is not None, said.err
    return found[1]


def signing_secret(world: World) -> str | None:
    with deployed(world.root, SystemClock()) as now, now.store.reading() as rx:
        found = signer_of(rx, now.seals, "city")
    return None if found is None else found[1].secret


def test_a_secret_is_shown_once_and_can_be_given_anew(world: World) -> None:
    """What is shown signs; registered again, another one does."""
    first = secret_of(portals("add", "city", "--may", "matches", "--may", "confirm", "--for", "person"))
    assert signing_secret(world) == first

    second = secret_of(portals("add", "city", "--may", "matches", "--for", "person"))
    assert signing_secret(world) == second != first


def test_the_list_says_what_each_may(world: World) -> None:
    """In words, without any secret; one that ended stays there, and signs no more."""
    secret = secret_of(portals("add", "city", "--may", "matches", "--for", "person", "--a-minute", "1200"))
    said = portals("list")
    assert (said.code, "查看比对结果" in said.out, "1,200" in said.out, secret in said.out) == (
        EXIT_DONE,
        True,
        True,
        False,
    )

    assert portals("end", "city").code == EXIT_DONE
    assert "停用" in portals("list").out
    assert signing_secret(world) is None


def test_what_is_refused(world: World) -> None:
    """A name that no header carries, a kind that there is not, a portal that is not there; a portal for nothing."""
    assert "E412" in portals("add", "City", "--may", "matches", "--for", "person").err
    said = portals("add", "city", "--may", "matches", "--for", "persn")
    assert (said.code, "the nearest kind is `person`" in said.err) == (EXIT_REFUSED, True)
    assert (portals("end", "city").code, portals("add", "city", "--for", "person").code) == (EXIT_REFUSED, EXIT_USAGE)


def test_a_database_alone_signs_nothing(world: World) -> None:
    """The secret stands nowhere in it: not itself, and nothing that it could be made from without the workspace's key."""
    secret = secret_of(portals("add", "city", "--may", "matches", "--for", "person"))

    with world.store.reading() as rx:
        (row,) = rx.connection.exec_driver_sql("select * from portal").all()
    assert secret not in str(row)
    assert {scope.value for scope in PortalScope} >= set(row.may.split(","))
