"""An account that a bank called closed is passed over, and a batch says which of its lines go to another account."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema; what banks said of accounts before is not known by it."""
    op.create_table(
        "closed_account",
        sa.Column("account_digest", sa.String(), nullable=False),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_digest", name=op.f("pk_closed_account")),
    )
    op.create_table(
        "batch_fallback",
        sa.Column("batch_id", sa.String(40), nullable=False),
        sa.Column("item_id", sa.String(40), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("passed_over", sa.String(), nullable=False),
        sa.Column("account_shown", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id", "item_id"],
            ["batch_item.batch_id", "batch_item.item_id"],
            name=op.f("fk_batch_fallback_batch_id_item_id_batch_item"),
        ),
        sa.PrimaryKeyConstraint("batch_id", "item_id", name=op.f("pk_batch_fallback")),
    )


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_table("batch_fallback")
    op.drop_table("closed_account")
