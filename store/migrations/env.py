"""Run by alembic: applies revisions on the connection that `store.migrating` put into the configuration."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from store.tables import METADATA


def plain_types(kind: str, item: object, _: AutogenContext) -> str | Literal[False]:
    """Write SQLAlchemy's own types into new revisions, which then do not depend on SQLModel's."""
    match item:
        case AutoString(length=length) if kind == "type":
            return f"sa.String({length or ''})"
        case UTCDateTime() if kind == "type":
            return "sa.DateTime(timezone=True)"
        case _:
            return False  # as alembic writes it


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite cannot alter a table; batch mode copies it
    compare_type=True,
    render_item=plain_types,
)
context.run_migrations()
