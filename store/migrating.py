"""Brings a database to the newest schema, or says why it cannot.

Revisions stand in `store/migrations/versions`; alembic runs them inside the caller's transaction, so that
an upgrade that fails leaves the database as it was.
"""

from importlib.resources import as_file, files
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.errors import RunError
from core.findings import Finding, Place
from store.codes import StoreCode

_UPGRADE_LOCK = 0x6D69616E  # "mian": two processes that open an empty PostgreSQL database wait for each other
_OWN = "alembic_version"


def configuration(connection: sa.Connection, folder: Path) -> Config:
    """Return alembic's configuration for our revisions on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))  # paths may hold percent signs
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def bring_up_to_date(connection: sa.Connection, place: Place, *, may_write: bool) -> bool:
    """Upgrade an empty or older database; return whether it is at the newest schema.

    Fails: RunError where it was written by a newer version, or is not ours.
    """
    if may_write and connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None and _is_foreign(connection):
        raise _fault(
            StoreCode.FOREIGN,
            place,
            "the database holds tables that are not ours",
            "give mianshen a database of its own",
        )
    with as_file(files("store") / "migrations") as folder:
        config = configuration(connection, folder)
        known = [revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()]
        if current == known[0]:
            return True
        if current is not None and current not in known:
            raise _fault(
                StoreCode.SCHEMA_NEWER,
                place,
                f"a newer version of mianshen wrote this database: schema `{current}`, this one knows `{known[0]}`",
                "install the newer version; a database is never taken back",
            )
        if may_write:
            command.upgrade(config, "head")
    return may_write


def _is_foreign(connection: sa.Connection) -> bool:
    return bool(set(sa.inspect(connection).get_table_names()) - {_OWN})


def _fault(code: StoreCode, place: Place, message: str, remedy: str) -> RunError:
    return RunError([Finding(code, place, message, remedy)])
