"""A page looks for the ids that its subject had before: merges are found by the id that stands, too."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.create_index(op.f("ix_subject_merge_to_id"), "subject_merge", ["to_id"])


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_index(op.f("ix_subject_merge_to_id"), "subject_merge")
