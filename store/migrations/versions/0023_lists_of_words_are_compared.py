"""SQLite checks words by comparisons: for a list it builds a table anew with every row that is written."""

from alembic import op

from store.migrations.compared_words import compare_words, list_words

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    compare_words(op.get_bind())


def downgrade() -> None:
    """Go back to the schema before."""
    list_words(op.get_bind())
