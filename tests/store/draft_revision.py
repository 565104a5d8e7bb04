"""Drafts the revision that leads from the newest one to what the tables say by now: `python -m …draft_revision "…"`."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from store.migrating import configuration
from tests.store.worlds import ROOT


def draft(message: str, revisions: Path) -> Path:
    """Write the draft beside the other revisions; return its file."""
    with TemporaryDirectory() as folder:
        engine = sa.create_engine(f"sqlite:///{folder}/draft.db")
        with engine.begin() as connection:
            config = configuration(connection, revisions)
            command.upgrade(config, "head")
            number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
            command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")
        engine.dispose()
    return next((revisions / "versions").glob(f"{number:04d}_*.py"))


if __name__ == "__main__":
    draft(sys.argv[1], ROOT / "store" / "migrations")
