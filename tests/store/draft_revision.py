"""Drafts the revision that leads from the newest one to what the tables say by now: `python -m …draft_revision "…"`."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from store.migrating import configuration
from tests.store.worlds import ROOT

MIGRATIONS = ROOT / "store" / "migrations"


def draft(message: str, versions: Path) -> Path:
    """Write the draft beside the other revisions; return its file."""
    with TemporaryDirectory() as folder:
        engine = sa.create_engine(f"sqlite:///{folder}/draft.db")
        with engine.begin() as connection:
            config = configuration(connection, MIGRATIONS)
            config.set_main_option("version_locations", str(versions).replace("%", "%%"))
            command.upgrade(config, "head")
            number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
            command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")
        engine.dispose()
    return next(versions.glob(f"{number:04d}_*.py"))


if __name__ == "__main__":
    draft(sys.argv[1], MIGRATIONS / "versions")
