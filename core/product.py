"""What this product calls itself where a result has to name what computed it."""

from functools import cache
from pathlib import Path
from typing import Final

from core.ids import file_digest, lines_digest

ENGINE_VERSION: Final = "0.1.0"  # as in `pyproject.toml`; an editable install's metadata may be older than its code

_ROOT = Path(__file__).parents[1]
_DECIDING = ("core", "profiles", "rules", "engine", "delivery", "store")
_TABLES = "rules/library/codes"  # what regions and industries mean


@cache
def engine_version() -> str:
    """Return the version of the engine with a digest of its code, so that a patched engine is another one."""
    code = [path for package in _DECIDING for path in (_ROOT / package).rglob("*.py")]
    files = sorted([*code, *(_ROOT / _TABLES).glob("*.yaml")])
    digest = lines_digest(f"{path.relative_to(_ROOT).as_posix()} {file_digest(path)}" for path in files)
    return f"{ENGINE_VERSION} {digest[:16]}"
