import base64
from pathlib import Path

import pytest

from core.errors import ProfileError, RunError
from core.keys import parse_keys
from profiles.identity import Seals
from profiles.raw_files import open_raw_file, settle_raw_file

SEALS = Seals(
    parse_keys(", ".join(f"{n} {base64.b64encode(n[0].encode() * 32).decode()}" for n in ("index", "k1")), "k"),
    "sm4-gcm",
)


@pytest.fixture
def delivered(tmp_path: Path) -> Path:
    """Return a delivered file of several blocks."""
    path = tmp_path / "list.csv"
    path.write_bytes("号码\n110105194912310021\n".encode() * 300)
    return path


def test_keep(delivered: Path) -> None:
    """The file stays where it lies."""
    assert settle_raw_file(delivered, "keep", SEALS) == delivered
    assert delivered.exists()


def test_destroy(delivered: Path) -> None:
    """It is gone."""
    assert settle_raw_file(delivered, "destroy", SEALS) is None
    assert not delivered.exists()


@pytest.mark.parametrize("block", [1000, 8100, 1 << 22])
def test_encrypt(delivered: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    """Only the owner of the keys reads it again, byte for byte; nothing else is left."""
    monkeypatch.setattr("profiles.raw_files.BLOCK_BYTES", block)
    content = delivered.read_bytes()

    sealed = settle_raw_file(delivered, "encrypt", SEALS)

    assert sealed == delivered.with_name("list.csv.sealed")
    assert sorted(path.name for path in delivered.parent.iterdir()) == ["list.csv.sealed"]
    assert b"110105194912310021" not in sealed.read_bytes()
    assert sealed.stat().st_mode & 0o077 == 0
    opened = delivered.with_name("opened.csv")
    open_raw_file(sealed, opened, SEALS)
    assert opened.read_bytes() == content
    assert opened.stat().st_mode & 0o077 == 0


def test_an_empty_file(tmp_path: Path) -> None:
    """Also an empty file is sealed, and nobody can say it was."""
    path = tmp_path / "empty"
    path.touch()
    sealed = settle_raw_file(path, "encrypt", SEALS)
    assert sealed is not None

    open_raw_file(sealed, tmp_path / "opened", SEALS)

    assert (tmp_path / "opened").read_bytes() == b""


def test_cut_reordered_or_renamed(delivered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No block can be taken away, exchanged, or passed off as another file's."""
    monkeypatch.setattr("profiles.raw_files.BLOCK_BYTES", 4000)
    sealed = settle_raw_file(delivered, "encrypt", SEALS)
    assert sealed is not None
    whole = sealed.read_bytes()
    size = 4 + int.from_bytes(whole[:4])

    for number, wrong in enumerate([whole[:size], b"", whole[size:], whole[size : 2 * size] + whole[:size]]):
        sealed.write_bytes(wrong)
        with pytest.raises(RunError, match="E012"):
            open_raw_file(sealed, delivered.with_name(f"opened-{number}"), SEALS)
    other = sealed.with_name("other.csv.sealed")
    other.write_bytes(whole)
    with pytest.raises(RunError, match="E012"):
        open_raw_file(other, delivered.with_name("opened"), SEALS)


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    """The operator is told to look, not left believing that it was destroyed."""
    with pytest.raises(ProfileError, match=r"none.csv: error\[P214\]: the delivered file cannot be removed"):
        settle_raw_file(tmp_path / "none.csv", "destroy", SEALS)
    assert list(tmp_path.iterdir()) == []
