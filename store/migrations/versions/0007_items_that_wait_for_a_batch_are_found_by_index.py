"""Items that wait for a batch are found by index."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BEFORE = sa.text("state in ('open', 'on_hold', 'in_batch', 'returned')")
_AFTER = sa.text("state in ('open', 'on_hold', 'returned')")


def upgrade() -> None:
    """Go to this schema."""
    op.drop_index("ix_item_uninstructed", "item")
    op.create_index("ix_item_waiting", "item", ["state"], sqlite_where=_AFTER, postgresql_where=_AFTER)


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_index("ix_item_waiting", "item")
    op.create_index("ix_item_uninstructed", "item", ["state"], sqlite_where=_BEFORE, postgresql_where=_BEFORE)
