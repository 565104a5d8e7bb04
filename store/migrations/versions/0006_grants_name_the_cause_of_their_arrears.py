"""Grants name the cause of their arrears."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.add_column("grant_", sa.Column("cause", sa.String(), nullable=True))


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_column("grant_", "cause")
