"""The gallery: for every error code the smallest faulty input, and the exact words that it brings.

A case is a folder `<CODE>-<slug>/` with `case.toml` (`code`, `probe`, and what the probe needs), the
input files, and `expected.txt`. The functions that provoke the faults stand in `probe_<package>.py`.
"""

import importlib
import pkgutil
import shutil
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from core.findings import Code

GALLERY = Path(__file__).parent
PACKAGES = ("core", "profiles", "rules", "store", "delivery", "engine", "pages")

Probe = Callable[[Path, dict[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Case:
    """One folder of the gallery."""

    folder: Path
    settings: dict[str, Any]

    @property
    def code(self) -> str:
        """Return the code that the case is about."""
        return str(self.settings["code"])

    @property
    def expected(self) -> Path:
        """Return the file with the exact output."""
        return self.folder / "expected.txt"


def read_cases() -> list[Case]:
    """Return every case, by the name of its folder."""
    files = sorted(GALLERY.glob("*/case.toml"))
    return [Case(file.parent, tomllib.loads(file.read_text("utf-8"))) for file in files]


def import_packages() -> None:
    """Import every module of the product, so that each kind of code is known."""
    for package in map(importlib.import_module, PACKAGES):
        _import_below(package)


def _import_below(package: ModuleType) -> None:
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if module.name == "store.migrations":
            continue  # its scripts run only inside a migration
        imported = importlib.import_module(module.name)
        if module.ispkg:
            _import_below(imported)


def every_code() -> list[Code]:
    """Return every code of the product, by its text."""
    import_packages()
    codes = [code for kind in _kinds(Code) if kind.__module__.split(".")[0] in PACKAGES for code in kind]
    return sorted(codes, key=lambda code: code.value)


def _kinds(kind: type[Code]) -> Iterator[type[Code]]:
    for below in kind.__subclasses__():
        yield below
        yield from _kinds(below)


def probes() -> dict[str, Probe]:
    """Return the functions that provoke faults, by the names that cases call them.

    A module `probe_<package>.py` has `PROBES`, by name, or one `probe` for all codes of the package.
    """
    found: dict[str, Probe] = {}
    for file in sorted(GALLERY.glob("probe_*.py")):
        module = importlib.import_module(f"tests.gallery.{file.stem}")
        named: dict[str, Probe] = getattr(module, "PROBES", {}) or {file.stem: module.probe}
        twice = found.keys() & named.keys()
        assert not twice, f"{file.name}: the probes {sorted(twice)} stand in another file too"
        found |= named
    return found


def probe_of(case: Case) -> Probe:
    """Return the function that provokes a case: by its name, or else the one for the package of its code."""
    known = probes()
    packages = [type(code).__module__.split(".")[0] for code in every_code() if code.value == case.code]
    for name in (case.settings["probe"], *(f"probe_{package}" for package in packages)):
        if name in known:
            return known[name]
    raise AssertionError(f"{case.folder.name}: no probe `{case.settings['probe']}`; known: {sorted(known)}")


def show(case: Case, scratch: Path) -> str:
    """Return what a case brings, with no path of this machine in it.

    The probe works on a copy, so that it may write beside its input.
    """
    folder = scratch / "case"
    shutil.copytree(case.folder, folder)
    text = probe_of(case)(folder, case.settings)
    for path in (folder, folder.resolve(), scratch, scratch.resolve()):
        text = text.replace(f"{path}/", "").replace(str(path), ".")
    return text.rstrip("\n") + "\n"
