"""A delivered file into a workspace: read, checked, resolved and recorded in one transaction."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from core.errors import ProfileError
from core.findings import Place, nearest_help
from engine.deployment import Deployment
from profiles.catalogue import Resource
from profiles.codes import ProfileCode
from profiles.intake import LoadReport, load_file
from profiles.querying import Query
from profiles.raw_files import settle_raw_file
from store.loads import StoredLoads
from store.vault import StoredVault


def load_delivered(
    deployment: Deployment,
    source: Path | Query,
    *,
    resource: str | None = None,
    data_date: dt.date | None = None,
    sheet: str | None = None,
    is_confirmed: bool = False,
) -> LoadReport:
    """Load a file, or the rows of a query; without a resource, the file's name says which it is.

    Fails: ProfileError where the resource is not declared or the file cannot be loaded; nothing of it is kept then.
    """
    declared = resource_named(deployment, resource or _resource_of(source.name))
    with deployment.store.writing() as tx:
        report = load_file(
            source,
            declared,
            vault=StoredVault(tx, deployment.seals),
            register=StoredLoads(tx),
            snapshots=deployment.workspace.snapshots,
            loaded_at=tx.now,
            data_date=data_date,
            sheet=sheet,
            is_confirmed=is_confirmed,
        )
    if isinstance(source, Path):
        settle_raw_file(source, deployment.workspace.settings.raw, deployment.seals)
    return report


def sources_of(
    deployment: Deployment, files: Sequence[Path], *, database: str | None, select: str | None
) -> list[Path | Query]:
    """Return what is to be loaded: a query, the files given, or everything that lies in the inbox.

    Fails: ProfileError where a database comes without a query, or a query without a database.
    """
    if (database is None) != (select is None):
        missing = "--select" if select is None else "--database"
        message = "a database and a query go together"
        raise ProfileError.one(ProfileCode.NO_QUERY, "data load", message, f"give `{missing}` too")
    if database is not None and select is not None:
        return [Query(name="query", url=database, select=select)]
    delivered = files or sorted(path for path in deployment.workspace.inbox.iterdir() if path.is_file())
    return list(delivered)


def resource_named(deployment: Deployment, name: str) -> Resource:
    """Return the resource with a code.

    Fails: ProfileError with the nearest code.
    """
    resources = deployment.catalogue.resources
    if name not in resources:
        help_line = nearest_help(name, resources, "resource") or "see `mianshen data list`"
        raise ProfileError.one(
            ProfileCode.UNKNOWN_RESOURCE, Place("catalogue"), f"unknown resource `{name}`", help_line
        )
    return resources[name]


def _resource_of(file_name: str) -> str:
    """Return what a delivered file's name begins with: `dibao_list_20250731.csv` is of `dibao_list`."""
    return file_name.split(".", maxsplit=1)[0].rstrip("-_0123456789")
