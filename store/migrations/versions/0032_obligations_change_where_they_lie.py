"""Pages of obligations are filled by half, so that PostgreSQL writes a changed one beside what it was, and no index anew.

All obligations of a month change together: when they are collected, when the bank answers, and when their rule changes. In a page
that is full each of them would go to another one, with an entry more in every index. Pages that are there stay as they are until
the table is written anew (docs/deploy.md).
"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("alter table obligation set (fillfactor = 50)")


def downgrade() -> None:
    """Go back to the schema before."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("alter table obligation reset (fillfactor)")
