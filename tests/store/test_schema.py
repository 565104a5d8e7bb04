from pathlib import Path

import sqlalchemy as sa
from alembic.script import ScriptDirectory

from store.migrating import configuration
from store.opening import open_store
from store.schema import is_at_newest_schema, newest_schema
from tests.store.worlds import CLOCK_START, ROOT, clock_at


def test_the_newest_schema_is_what_migrating_leads_to(tmp_path: Path) -> None:
    """Files of migrations begin with their revision: the greatest is alembic's head."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'a.db'}")

    with engine.connect() as connection:
        config = configuration(connection, ROOT / "store" / "migrations")

    assert newest_schema() == ScriptDirectory.from_config(config).get_current_head()


def test_a_database_is_at_the_newest_schema_once_it_was_opened(tmp_path: Path) -> None:
    """An empty one is not; nor is one whose table of revisions is empty."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        before = is_at_newest_schema(connection)

    open_store(url, clock=clock_at(CLOCK_START)).close()

    with engine.begin() as connection:
        after = is_at_newest_schema(connection)
        connection.execute(sa.text("delete from alembic_version"))
        assert (before, after, is_at_newest_schema(connection)) == (False, True, False)
