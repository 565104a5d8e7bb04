import base64
import os
from pathlib import Path

import pytest

from core.errors import RunError
from core.keys import create_keys, parse_keys, read_keys

INDEX, ONE, TWO = (base64.b64encode(sign * 32).decode() for sign in (b"i", b"1", b"2"))


def test_a_new_file_is_the_owner_s_alone(tmp_path: Path) -> None:
    """Nobody else may read it, and it is never written twice."""
    path = tmp_path / "keys"
    create_keys(path)

    assert path.stat().st_mode & 0o777 == 0o600
    keys = read_keys(path, {})
    assert (keys.names, keys.current) == (("k1",), "k1")
    with pytest.raises(FileExistsError):
        create_keys(path)


def test_two_files_differ(tmp_path: Path) -> None:
    """Keys are random."""
    for name in ("a", "b"):
        create_keys(tmp_path / name)

    assert (tmp_path / "a").read_text() != (tmp_path / "b").read_text()


def test_the_environment_stands_above_the_file(tmp_path: Path) -> None:
    """Where keys come from a secret store, no file is needed."""
    keys = read_keys(tmp_path / "none", {"MIANSHEN_KEYS": f"index {INDEX},k1 {ONE},k2 {TWO}"})

    assert (keys.names, keys.current) == (("k1", "k2"), "k2")


def test_derive() -> None:
    """One purpose, one key: another purpose, key or length gives other bytes."""
    keys = parse_keys(f"# comment, with a comma\nindex {INDEX}\n\nk1 {ONE} # old\nk2 {TWO}\n", "keys")

    assert keys.derive("k1", "seal", 32) == keys.derive("k1", "seal", 32)
    assert len({keys.derive("k1", "seal", 32), keys.derive("k1", "sessions", 32), keys.derive("k2", "seal", 32)}) == 3
    assert len(keys.derive("k1", "seal", 16)) == 16
    with pytest.raises(KeyError):
        keys.derive("k3", "seal", 16)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "keys: error[E009]: expected the key `index` and at least one other"),
        (f"index {INDEX}", "keys: error[E009]: expected the key `index` and at least one other"),
        (f"k1 {ONE}", "keys: error[E009]: expected the key `index` and at least one other"),
        (f"index {INDEX}\nk1", "keys:2: error[E009]: this line is not a key"),
        (f"index {INDEX}\nk1 {ONE[:20]}", "keys:2: error[E009]: this line is not a key"),
        (f"index {INDEX}\nk1 !{ONE[1:]}", "keys:2: error[E009]: this line is not a key"),
        (f"index {INDEX}\nK 1 {ONE}", "keys:2: error[E009]: this line is not a key"),
        (f"index {INDEX}\nk1 {ONE}\nk1 {TWO}", "keys:3: error[E009]: this line is not a key"),
    ],
)
def test_what_is_no_key(text: str, message: str) -> None:
    """The line is told, the key never."""
    with pytest.raises(RunError) as error:
        parse_keys(text, "keys")

    assert str(error.value).splitlines()[0] == message
    assert ONE[:20] not in str(error.value)


def test_a_file_that_others_may_read(tmp_path: Path) -> None:
    """Keys that were open to others are not used until somebody has closed them."""
    path = tmp_path / "keys"
    create_keys(path)
    path.chmod(0o640)

    with pytest.raises(RunError, match=r"keys: error\[E010\]: others may read the keys"):
        read_keys(path, {})


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """New keys would open nothing: the copy has to be found."""
    with pytest.raises(RunError, match=r"keys: error\[E008\]: there is no key file"):
        read_keys(tmp_path / "keys", os.environ)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    """Or a folder in its place."""
    (tmp_path / "keys").mkdir(mode=0o700)
    (tmp_path / "bytes").touch(mode=0o600)
    (tmp_path / "bytes").write_bytes(b"\xff")

    for name in ("keys", "bytes"):
        with pytest.raises(RunError, match="E009"):
            read_keys(tmp_path / name, {})
