"""Waiting notices in the order of claiming."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.drop_index("ix_notice_waiting", "notice")
    _create("ix_notice_waiting", ["not_before", "notice_id"], "state in ('queued', 'deferred', 'temp_failed')")
    _create("ix_notice_being_sent", ["lease_until"], "state = 'sending'")


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_index("ix_notice_being_sent", "notice")
    op.drop_index("ix_notice_waiting", "notice")
    _create("ix_notice_waiting", ["state", "not_before"], "state in ('queued', 'sending', 'temp_failed', 'deferred')")


def _create(name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, "notice", columns, unique=False, sqlite_where=where, postgresql_where=where)
