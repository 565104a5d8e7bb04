"""What looks suspicious before payments are frozen waits for somebody to look at it."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema; accounts of batches before it are known once they are paid to again."""
    op.create_table(
        "account_holder",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.subject_id"], name=op.f("fk_account_holder_subject_id_subject")
        ),
        sa.PrimaryKeyConstraint("account", "subject_id", name=op.f("pk_account_holder")),
    )
    op.create_table(
        "suspicion",
        sa.Column("suspicion_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("policies", sa.String(), nullable=False),
        sa.Column("item_count", sa.Integer(), nullable=False),
        sa.Column("first_found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_by", sa.String(), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(cleared_by is null) = (cleared_at is null) and (cleared_at is null) = (reason is null)",
            name=op.f("ck_suspicion_cleared_whole"),
        ),
        sa.PrimaryKeyConstraint("suspicion_id", name=op.f("pk_suspicion")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_suspicion_kind_key")),
    )
    op.add_column("money_wait", sa.Column("because", sa.String(), nullable=False, server_default="money"))


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_column("money_wait", "because")
    op.drop_table("suspicion")
    op.drop_table("account_holder")
