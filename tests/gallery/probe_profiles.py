"""What provokes the faults of a workspace: settings, YAML files, catalogue, deliveries, and the state of its loads."""

import base64
import datetime as dt
import os
import resource as limits
import shutil
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from core.clock import FixedClock
from core.errors import MianshenError, ProfileError
from core.findings import Finding
from core.keys import parse_keys, read_keys
from core.loads import LoadInfo, Loads
from core.settings_reading import read_settings
from core.strict_yaml import Written, read_yaml
from core.workspace import init_workspace
from engine.data_state import data_findings
from engine.deployment import deployed
from engine.loading import sources_of
from profiles.catalogue import Catalogue
from profiles.catalogue_reading import read_catalogue
from profiles.identity import Seals
from profiles.intake import load_file
from profiles.querying import Query
from profiles.state import load_state, state_findings
from profiles.suites import AesSuite, self_test
from tests.profiles.fakes import MemoryRegister, MemoryVault

BASE = Path(__file__).parent / "catalogue"
"""A small catalogue in which nothing is wrong; a case brings only the files that differ."""

LOADED_AT = dt.datetime(2025, 7, 2, 1, 0, tzinfo=dt.UTC)
_KEYS = ", ".join(f"{name} {base64.b64encode(name[0].encode() * 32).decode()}" for name in ("index", "k1"))


def _said(findings: Iterable[Finding]) -> str:
    return "\n".join(str(finding) for finding in findings)


class _Line(Written):
    name: str
    amount: int = 0


class _Form(Written):
    title: str
    lines: tuple[_Line, ...] = ()


def probe_yaml(folder: Path, case: dict[str, Any]) -> str:
    """Read `form.yaml`; `grow` repeats its text, so that a large file need not stand in the repository."""
    path = folder / "form.yaml"
    if "grow" in case:
        path.write_text(path.read_text("utf-8") * case["grow"], "utf-8")
    try:
        read_yaml(path, _Form, error=ProfileError, name="form.yaml")
    except MianshenError as error:
        return str(error)
    return "nothing is wrong"


def probe_settings(folder: Path, case: dict[str, Any]) -> str:
    """Open or make the workspace `workspace`, or read its keys, under an environment."""
    root = folder / "workspace"
    try:
        with _environment(case.get("environment", {})):
            match case["does"]:
                case "open":
                    read_settings(root / "workspace.toml")
                case "init":
                    init_workspace(root / case.get("below", ""))
                case "keys":
                    _chmod(root / "keys", case.get("mode", "600"))
                    read_keys(root / "keys", os.environ)
                case unknown:
                    raise NotImplementedError(unknown)
    except MianshenError as error:
        return str(error)
    return "nothing is wrong"


def probe_seals(_: Path, case: dict[str, Any]) -> str:
    """Test a suite that miscomputes, or open a value in another row."""

    class Broken(AesSuite):
        def digests(self, key: bytes, messages: Iterable[bytes]) -> list[bytes]:
            return [digest[::-1] for digest in super().digests(key, messages)]

    try:
        if case["does"] == "miscompute":
            self_test(Broken())
        seals = Seals(parse_keys(_KEYS, "keys"), "aes-256-gcm")
        sealed = seals.seal("622202", table="personal", column="account", row="s_1")
        seals.open(sealed, table="personal", column="account", row="s_2")
    except MianshenError as error:
        return str(error)
    return "nothing is wrong"


def probe_catalogue(folder: Path, case: dict[str, Any]) -> str:
    """Read the base catalogue with the files of the case laid over it; `without` names files to leave out."""
    try:
        _read_overlaid(folder, case.get("without", ()))
    except MianshenError as error:
        return str(error)
    return "nothing is wrong"


def probe_load(folder: Path, case: dict[str, Any]) -> str:
    """Load each of `loads` ({file, resource, data_date, …}) in turn and say what was found."""
    (folder / "snapshots").mkdir()
    desk = (MemoryVault(), MemoryRegister())
    said = []
    for load in case["loads"]:
        try:
            said.append(_load(folder, desk, load))
        except MianshenError as error:
            said.append(str(error))
    return "\n".join(each for each in said if each)


def _load(folder: Path, desk: tuple[MemoryVault, MemoryRegister], load: dict[str, Any]) -> str:
    catalogue = _read_overlaid(folder, ())
    source = _source(folder, load)
    with _files_at_most(load.get("disk")):
        report = load_file(
            source,
            catalogue.resources[load.get("resource", "dibao")],
            vault=desk[0],
            register=desk[1],
            snapshots=folder / "snapshots",
            loaded_at=LOADED_AT,
            data_date=load.get("data_date"),
            sheet=load.get("sheet"),
        )
    return _said(report.findings)


def _source(folder: Path, load: dict[str, Any]) -> Path | Query:
    if "select" in load:
        with sqlite3.connect(folder / "their.db") as connection:
            connection.execute("create table people (number text)")
        connection.close()
        return Query(load["file"], f"sqlite:///{folder / 'their.db'}", load["select"])
    path: Path = folder / load["file"]
    if "encoding" in load:
        path.write_bytes(path.read_text("utf-8").encode(load["encoding"]))
    if "cut" in load:
        path.write_bytes(path.read_bytes()[: -load["cut"]])
    if "rows" in load:
        path.write_text(
            path.read_text("utf-8") + "".join(f"3101181990{n:07d}X,\n" for n in range(load["rows"])), "utf-8"
        )
    if load.get("as") == "workbook":
        pl.read_csv(path).write_excel(path.with_suffix(".xlsx"), worksheet="名单")
        return path.with_suffix(".xlsx")
    if load.get("as") == "bomb":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", bytes(60_000_000))
    return path


def probe_state(folder: Path, case: dict[str, Any]) -> str:
    """Say how `loads` of the base catalogue's 低保 list stand on `day`."""
    catalogue = _read_overlaid(folder, ())
    one = catalogue.model_copy(update={"resources": {"dibao": catalogue.resources["dibao"]}})
    infos = tuple(LoadInfo(**(_usual(load["data_date"]) | _tuples(load))) for load in case["loads"])
    return _said(state_findings(load_state(one, Loads(folder, infos), case["day"])))


def probe_disagreement(folder: Path, case: dict[str, Any]) -> str:
    """Load each of `loads` and say what there is to see to on `day`."""
    desk = (MemoryVault(), MemoryRegister())
    (folder / "snapshots").mkdir()
    for load in case["loads"]:
        assert not _load(folder, desk, load), "the files themselves are right"
    loads = Loads(folder, tuple(desk[1].loads))
    catalogue = _read_overlaid(folder, ())
    loaded = {info.resource: catalogue.resources[info.resource] for info in loads.infos}
    told = catalogue.model_copy(update={"resources": loaded, "relations": {}})
    return _said(data_findings(told, loads, (), on=case["day"], known_at=LOADED_AT))


def probe_sources(folder: Path, case: dict[str, Any]) -> str:
    """Ask what is to be loaded, with half of a query."""
    init_workspace(folder / "workspace")
    try:
        with deployed(folder / "workspace", FixedClock(LOADED_AT)) as deployment:
            sources_of(deployment, [], database=case.get("database"), select=case.get("select"))
    except MianshenError as error:
        return str(error)
    return "nothing is wrong"


def _usual(data_date: dt.date) -> dict[str, Any]:
    instant = dt.datetime.combine(data_date, dt.time(1), dt.UTC)
    words = {"load_id": "l_1", "resource": "dibao", "digest": "d", "file_name": "f", "path": "p", "loaded_at": instant}
    counts = {"row_count": 100, "accepted_count": 100, "quarantined_count": 0, "unreadable_count": 0}
    return {**words, **counts, "data_date": data_date, "is_complete": True}


def _tuples(load: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in load.items()}


def _read_overlaid(folder: Path, without: Iterable[str]) -> Catalogue:
    catalogue = folder / "catalogue"
    for base in (path for path in BASE.rglob("*.yaml")):
        target = catalogue / base.relative_to(BASE)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            shutil.copy(base, target)
    for name in without:
        (catalogue / name).unlink()
    return read_catalogue(catalogue)


def _chmod(path: Path, mode: str) -> None:
    if path.exists():
        path.chmod(int(mode, 8))


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _files_at_most(size: int | None) -> Iterator[None]:
    """Let no file grow beyond a size, as on a full disk."""
    before = limits.getrlimit(limits.RLIMIT_FSIZE)
    if size is not None:
        limits.setrlimit(limits.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        limits.setrlimit(limits.RLIMIT_FSIZE, before)


PROBES = {
    "catalogue": probe_catalogue,
    "disagreement": probe_disagreement,
    "load": probe_load,
    "seals": probe_seals,
    "settings": probe_settings,
    "sources": probe_sources,
    "state": probe_state,
    "yaml": probe_yaml,
}
