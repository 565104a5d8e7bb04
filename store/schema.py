"""Which schema our database is at and which one is the newest, told without loading what migrates."""

from importlib.resources import files

import sqlalchemy as sa

_VERSIONS = sa.table("alembic_version", sa.column("version_num"))


def newest_schema() -> str:
    """Return the revision that the newest migration leads to: files of migrations begin with their revision."""
    folder = files("store") / "migrations" / "versions"
    return max(each.name.partition("_")[0] for each in folder.iterdir() if each.name[:1].isdigit())


def is_at_newest_schema(connection: sa.Connection) -> bool:
    """Say whether a database has nothing to be brought up to."""
    if not sa.inspect(connection).has_table(_VERSIONS.name):
        return False
    return connection.execute(sa.select(_VERSIONS.c.version_num)).scalars().all() == [newest_schema()]
