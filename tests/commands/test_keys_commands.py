"""`mianshen keys …`: going over to a new key, as an operator types it."""

import pytest

from core.errors import EXIT_DONE, EXIT_FINDINGS
from core.keys import KEYS_VARIABLE
from engine.deployment import deployed
from engine.rotating import key_uses
from profiles.raw_files import settle_raw_file
from store.sessions import Login, open_session, session_of
from store.states.entry import LoginWay
from store.vault_openings import look_up, open_personal
from tests.commands.terminal import mianshen
from tests.world import World


def test_to_a_new_key_and_without_the_old_one(world: World) -> None:
    """Added, gone over to, and the former destroyed: every number is found, every name opens, and sessions go on."""
    with world.store.writing() as tx:
        token = open_session(tx, world.deployment.seals, Login("wang", LoginWay.OIDC, (), "王"))
    path = world.deployment.workspace.key_file
    before = {each.name: each.value_count for each in key_uses(world.deployment)}

    added = mianshen("keys", "new", "--by", "operator", "-w", world.root)
    between = mianshen("keys", "list", "-w", world.root).out
    rotated = mianshen("keys", "rotate", "--by", "operator", "-w", world.root)
    after = mianshen("keys", "list", "-w", world.root).out

    assert "key k2 is added" in added.out
    assert "仍须保留" in between
    assert f"{before['k1']:,} values sealed anew" in rotated.out
    assert "可以销毁" in after
    path.write_text("\n".join(line for line in path.read_text().splitlines() if not line.startswith("k1 ")), "utf-8")
    with deployed(world.root, world.clock) as anew, anew.store.writing() as tx:
        subject = look_up(tx, anew.seals, "person", world.number("a"))
        assert subject is not None
        opened = open_personal(tx, anew.seals, [subject], ["name"], by="test", why="a test")
        session = session_of(tx, token)
        assert opened["value"].to_list() == ["某a"]
        assert session is not None
        assert session.greeting(anew.seals) == "王"


def test_no_key_is_ever_shown(world: World) -> None:
    """Neither the list nor the file's new line goes to the screen."""
    said = [mianshen("keys", word, "-w", world.root) for word in ("new", "list", "rotate")]
    secrets = [
        line.split()[1] for line in world.deployment.workspace.key_file.read_text().splitlines() if line[0] != "#"
    ]

    assert [each.code for each in said] == [EXIT_DONE] * 3
    assert len(secrets) == 3
    assert not [secret for secret in secrets for each in said if secret in each.out + each.err]


def test_keys_of_the_environment_are_added_where_they_stand(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beside them would never be read."""
    path = world.deployment.workspace.key_file
    monkeypatch.setenv(KEYS_VARIABLE, path.read_text("utf-8"))
    before = path.read_bytes()

    refused = mianshen("keys", "new", "-w", world.root)

    assert (refused.code, KEYS_VARIABLE in refused.err) == (EXIT_FINDINGS, True)
    assert path.read_bytes() == before


def test_a_sealed_file_keeps_its_key(world: World) -> None:
    """A delivered file that was sealed is not sealed anew: its key is told to be needed until the file goes."""
    delivered = world.deployment.workspace.inbox / "register" / "a.csv"
    delivered.parent.mkdir(parents=True, exist_ok=True)
    delivered.write_text("姓名\n某a\n", "utf-8")
    settle_raw_file(delivered, "encrypt", world.deployment.seals)
    mianshen("keys", "new", "-w", world.root)
    mianshen("keys", "rotate", "-w", world.root)

    with deployed(world.root, world.clock) as anew:
        uses = {each.name: each for each in key_uses(anew)}
    assert (uses["k1"].value_count, uses["k1"].file_count, uses["k1"].is_current) == (0, 1, False)
