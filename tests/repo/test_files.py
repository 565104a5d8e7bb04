"""What may stand in the repository's files, whatever they are."""

import re
import subprocess
import sys

import pytest

from tests.repo.repository import ROOT, texts

LOCKS = ["requirements.lock", "requirements-dev.lock"]
# Written in two parts, so that this file does not find itself.
MACHINE_PATHS = re.compile("|".join(["/" + "root/", "/" + "work/", "/" + "home/", "/" + "Users/", "/" + "tmp/venv"]))
REGISTRIES = re.compile("|".join(["py" + r"pi\.", "pythonhosted" + r"\.", "registry" + r"\.npm", "index" + "-url"]))
LEFTOVER = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX"]) + r")\b")
CONFLICT = re.compile(r"^(?:<{7}\s|={7}$|>{7}\s|\|{7}\s)")


def places(pattern: re.Pattern[str]) -> list[str]:
    """Return where a pattern stands, file and line."""
    return [
        f"{name}:{number}"
        for name, text in texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_names_no_place(lock: str) -> None:
    """A lock pins versions and hashes; where they come from is up to whoever installs."""
    text = (ROOT / lock).read_text("utf-8")

    assert "://" not in text
    assert "--hash=sha256:" in text


def test_the_lock_for_tests_contains_the_lock() -> None:
    """What is tested is what is installed."""
    runtime, testing = (set((ROOT / lock).read_text("utf-8").splitlines()) for lock in LOCKS)

    assert runtime - testing == set(), "run `make lock`"


def test_no_path_of_a_machine() -> None:
    """The repository works wherever it is put."""
    assert places(MACHINE_PATHS) == []


def test_no_package_registry() -> None:
    """The repository does not say where packages come from."""
    assert places(REGISTRIES) == []


def test_no_lock_file_with_addresses() -> None:
    """`uv.lock` and `pylock.toml` record the addresses of registries; `make lock` writes what is kept."""
    assert [name for name in texts() if name.endswith(("uv.lock", "pylock.toml", "package-lock.json"))] == []


def test_nothing_is_left_for_later() -> None:
    """What is not done is an issue, not a comment."""
    assert places(LEFTOVER) == []


@pytest.mark.parametrize(
    ("line", "is_marker"),
    [
        ("<" * 7 + " HEAD", True),
        ("=" * 7, True),
        (">" * 7 + " branch", True),
        ("=" * 8, False),
        ("  " + "=" * 7, False),
    ],
)
def test_what_a_conflict_marker_is(line: str, is_marker: bool) -> None:
    """Seven signs at the beginning of a line, as a merge writes them; a longer rule under a heading is none."""
    assert (CONFLICT.search(line) is not None) == is_marker


def test_no_merge_is_left_half_done() -> None:
    """A merge that stopped at a conflict marks both sides; a YAML or Markdown file may be read with the marks in it."""
    assert places(CONFLICT) == []


def test_imports_run_against_the_flow() -> None:
    """The contracts of import-linter hold: cli, pages, engine, delivery, store, rules, profiles, core."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run(['--no-cache'])"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
