"""A delivered file into a workspace: read, checked, resolved and recorded in one transaction."""

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from core.errors import MianshenError, ProfileError, RunError
from core.findings import Place, nearest_help
from core.loads import LoadInfo
from core.roles import Role
from core.settings import SettingsCode
from engine.authority import authorised
from engine.deployment import Deployment
from profiles.catalogue import Resource
from profiles.codes import ProfileCode
from profiles.intake import LoadReport, load_file
from profiles.load_files import discard
from profiles.querying import Query
from profiles.raw_files import SEALED_SUFFIX, settle_raw_file
from store.loads import StoredLoads, read_loads
from store.vault import StoredVault


def load_delivered(
    deployment: Deployment,
    source: Path | Query,
    *,
    resource: str | None = None,
    data_date: dt.date | None = None,
    sheet: str | None = None,
    is_confirmed: bool = False,
    by: str = "intake",
) -> LoadReport:
    """Load a file, or the rows of a query; without a resource, the file's name says which it is.

    Fails: ProfileError where the resource is not declared or the file cannot be loaded, RunError where the database
           does not take it; nothing of it is kept then.
    """
    declared = resource_named(deployment, resource or _resource_of(source.name), is_guessed=resource is None)
    authorised(deployment, by, Role.STEWARD, department=declared.owner)
    report = None
    try:
        with deployment.store.writing() as tx:
            report = load_file(
                source,
                declared,
                vault=StoredVault(tx, deployment.seals),
                register=StoredLoads(tx, by),
                snapshots=deployment.workspace.snapshots,
                loaded_at=tx.now,
                data_date=data_date,
                sheet=sheet,
                is_confirmed=is_confirmed,
            )
    except MianshenError:
        if report is not None:
            _discard_unrecorded(deployment, report.load)
        raise
    if isinstance(source, Path):
        settle_raw_file(source, deployment.workspace.settings.raw, deployment.seals)
    return report


def sources_of(
    deployment: Deployment, files: Sequence[Path], *, database: str | None, select: str | None
) -> list[Path | Query]:
    """Return what is to be loaded: a query, the files given, or everything that was delivered into the inbox.

    Fails: ProfileError where a database comes without a query, a query without a database, or both with files;
           RunError where the inbox cannot be read.
    """
    if database is None and select is None:
        return list(files or _delivered(deployment.workspace.inbox))
    if database is None or select is None:
        missing = "--select" if select is None else "--database"
        message = "a database and a query go together"
        raise ProfileError.one(ProfileCode.NO_QUERY, "data load", message, f"give `{missing}` too")
    if files:
        message = "files and a query are loaded one after the other"
        raise ProfileError.one(ProfileCode.NO_QUERY, "data load", message, "run the command twice")
    return [Query(name="query", url=database, select=select)]


def resource_named(deployment: Deployment, name: str, *, is_guessed: bool = False) -> Resource:
    """Return the resource with a code, which may be guessed from the name of a file.

    Fails: ProfileError with the nearest code.
    """
    resources = deployment.catalogue.resources
    if name not in resources:
        help_line = nearest_help(name, resources, "resource") or "see `mianshen data list`"
        if is_guessed:
            help_line += "; name it with `--resource`"
        raise ProfileError.one(
            ProfileCode.UNKNOWN_RESOURCE, Place("catalogue"), f"unknown resource `{name}`", help_line
        )
    return resources[name]


def _discard_unrecorded(deployment: Deployment, load: LoadInfo) -> None:
    """Remove the files of a load whose commit failed, once the database says that it knows nothing of it.

    Where it cannot be asked they stay: a connection lost in the commit does not tell whether that went through.
    """
    with suppress(MianshenError), deployment.store.reading() as rx:
        recorded = {info.load_id for info in read_loads(rx, deployment.workspace.root).infos}
        if load.load_id not in recorded:
            discard(deployment.workspace.root / path for path in (load.path, load.quarantine_path))


def _delivered(inbox: Path) -> list[Path]:
    """Return the files in the inbox, but for those that were sealed after loading and those that nobody delivered."""
    try:
        paths = sorted(path for path in inbox.iterdir() if path.is_file())
    except OSError as fault:
        message = f"the inbox cannot be read: {(fault.strerror or 'unknown reason').lower()}"
        raise RunError.one(SettingsCode.NO_ACCESS, inbox.name, message, "give the right to read it") from fault
    return [path for path in paths if path.suffix != SEALED_SUFFIX and not path.name.startswith(".")]


def _resource_of(file_name: str) -> str:
    """Return what a delivered file's name begins with: `dibao_list_20250731.csv` is of `dibao_list`."""
    return file_name.split(".", maxsplit=1)[0].rstrip("-_0123456789")
