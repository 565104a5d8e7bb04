"""A session keeps the ID token that it began with, sealed, until it ends: the provider is told by it whom to let go."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.add_column("web_session", sa.Column("id_token", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_column("web_session", "id_token")
