"""A night reads what changed on the ledger since the one before: rows made since are found by their revision.

Numbers only grow, so that each new entry goes to the end of the index.
"""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_TABLES = ("grant_", "obligation", "item")


def upgrade() -> None:
    """Go to this schema."""
    for table in _TABLES:
        op.create_index(op.f(f"ix_{table}_revision"), table, ["revision"])


def downgrade() -> None:
    """Go back to the schema before."""
    for table in reversed(_TABLES):
        op.drop_index(op.f(f"ix_{table}_revision"), table)
