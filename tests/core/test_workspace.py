from pathlib import Path

import pytest

from core.errors import RefusedError, RunError
from core.workspace import Workspace, init_workspace, open_workspace


def test_a_new_workspace(tmp_path: Path) -> None:
    """Settings with comments, folders, keys: ready for the first file; what is private is the owner's alone."""
    made = init_workspace(tmp_path / "青浦", name="青浦区", region="310118")
    opened = open_workspace(tmp_path / "青浦")

    assert made == opened
    assert (opened.settings.name, opened.settings.region) == ("青浦区", "310118")
    for folder in (opened.catalogue, opened.policies, opened.inbox, opened.snapshots, opened.runs, opened.payouts):
        assert folder.is_dir()
        assert folder.parent == opened.root
    assert opened.outbox.is_dir()
    for folder in (opened.inbox, opened.snapshots, opened.runs, opened.payouts, opened.outbox, opened.key_file):
        assert folder.stat().st_mode & 0o077 == 0
    assert opened.keys().current == "k1"


def test_the_template_offers_every_setting(tmp_path: Path) -> None:
    """Also the commented lines are settings: with their marks taken away, the file is still right."""
    workspace = init_workspace(tmp_path / "w")
    path = workspace.root / "workspace.toml"
    lines = [
        line.removeprefix("# ") if " = " in line or "[" in line[:3] else line for line in path.read_text().splitlines()
    ]
    path.write_text("\n".join(line for line in lines if not line.startswith("#")), "utf-8")

    settings = open_workspace(workspace.root).settings
    assert settings.channels.smtp is not None
    assert settings.retention.loads == 3650


def test_again(tmp_path: Path) -> None:
    """What is there is never changed; what is missing is added."""
    workspace = init_workspace(tmp_path / "w")
    keys = workspace.key_file.read_bytes()
    (workspace.root / "workspace.toml").write_text('name = "我的"\nregion = "310101"\n', "utf-8")
    workspace.inbox.rmdir()

    again = init_workspace(tmp_path / "w", name="别的")

    assert again.settings.name == "我的"
    assert again.key_file.read_bytes() == keys
    assert again.inbox.is_dir()


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    """Somebody may have made it."""
    assert isinstance(init_workspace(tmp_path), Workspace)


def test_a_folder_with_something_else(tmp_path: Path) -> None:
    """Nothing is written among somebody's files."""
    (tmp_path / "photo.jpg").touch()

    with pytest.raises(RefusedError, match=r"error\[E006\]: expected an empty folder or a workspace"):
        init_workspace(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]


def test_a_file_in_the_way(tmp_path: Path) -> None:
    """A file is no folder; and below a file no folder can be made."""
    (tmp_path / "file").touch()

    with pytest.raises(RefusedError, match="E006"):
        init_workspace(tmp_path / "file")
    with pytest.raises(RunError, match=r"below: error\[E007\]: the workspace cannot be written: not a directory"):
        init_workspace(tmp_path / "file" / "below")


def test_a_wrong_region_writes_nothing_wrong(tmp_path: Path) -> None:
    """A workspace that cannot be opened is not made."""
    with pytest.raises(RunError, match="`region`"):
        init_workspace(tmp_path / "w", region="31")
    assert not (tmp_path / "w" / "workspace.toml").exists()


def test_not_a_workspace(tmp_path: Path) -> None:
    """Told before anything else goes wrong."""
    with pytest.raises(RunError, match=r"error\[E001\]: this folder is not a workspace"):
        open_workspace(tmp_path)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///mianshen.db", "sqlite:///{root}/mianshen.db"),
        ("sqlite:///data/m.db", "sqlite:///{root}/data/m.db"),
        ("sqlite:////var/m.db", "sqlite:////var/m.db"),
        ("sqlite://", "sqlite://"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("sqlite:///file:m.db?uri=true", "sqlite:///file:m.db?uri=true"),
        ("postgresql+psycopg://host/m", "postgresql+psycopg://host/m"),
    ],
)
def test_database_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, expected: str) -> None:
    """A relative file stands in the workspace, from wherever the command is given."""
    monkeypatch.setenv("MIANSHEN_DATABASE_URL", url)

    assert init_workspace(tmp_path / "w").database_url == expected.format(root=(tmp_path / "w").resolve())
