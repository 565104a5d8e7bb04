"""The files of the repository, as the tests about it read them."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "profiles", "rules", "engine", "delivery", "store", "pages", "commands")
MADE = frozenset({".venv", "demo", "__pycache__", ".hypothesis", ".mypy_cache", ".ruff_cache"})  # as in .gitignore
VENDORED = "pages/static/vendor/"  # of others, compared with what they published
GENERATED = "store/migrations/versions/"  # written by alembic, checked by their hashes


@cache
def files() -> tuple[Path, ...]:
    """Return every file that is, or is about to be, part of the repository."""
    if not (ROOT / ".git").exists():  # an unpacked archive
        return tuple(path for path in sorted(ROOT.rglob("*")) if path.is_file() and not MADE & set(path.parts))
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return tuple(path for each in sorted(set(listed.split("\0")) - {""}) if (path := ROOT / each).is_file())


def name(path: Path) -> str:
    """Return a file's path inside the repository."""
    return path.relative_to(ROOT).as_posix()


def modules() -> list[Path]:
    """Return the product's own modules, without its tests."""
    own = [path for path in files() if path.suffix == ".py" and name(path).split("/")[0] in {*PACKAGES, "cli.py"}]
    return [path for path in own if not name(path).startswith(GENERATED)]


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text("utf-8"), name(path))


def texts() -> dict[str, str]:
    """Return every file of ours that is text, by its path."""
    found = {}
    for path in files():
        if name(path).startswith(VENDORED) and path.suffix != ".md":
            continue
        data = path.read_bytes()
        if b"\0" not in data:
            found[name(path)] = data.decode("utf-8", "replace")
    return found


def documents() -> list[Path]:
    """Return every page of documentation."""
    return [path for path in files() if path.suffix == ".md"]
