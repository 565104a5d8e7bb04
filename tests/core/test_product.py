import tomllib
from pathlib import Path

from core.product import ENGINE_VERSION

ROOT = Path(__file__).parents[2]


def test_the_engine_goes_by_the_version_of_the_package() -> None:
    """A manifest names the version that pyproject.toml declares, whatever an older installation says of itself."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

    assert declared == ENGINE_VERSION
