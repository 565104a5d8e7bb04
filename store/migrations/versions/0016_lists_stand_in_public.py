"""Lists stand in public, and signed objections hold their lines."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.create_table(
        "public_list",
        sa.Column("list_id", sa.String(40), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("through", sa.Date(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.CheckConstraint("through >= opened_on", name=op.f("ck_public_list_days_in_order")),
        sa.CheckConstraint("line_count >= 1", name=op.f("ck_public_list_line_count_from_one")),
        sa.CheckConstraint("(closed_on is null) = (closed_by is null)", name=op.f("ck_public_list_closed_by_somebody")),
        sa.CheckConstraint(
            "closed_on is null or closed_on > through", name=op.f("ck_public_list_closed_after_its_last_day")
        ),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_public_list")),
    )
    op.create_table(
        "public_line",
        sa.Column("list_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("grant_id", sa.String(40), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_public_line_number_from_one")),
        sa.ForeignKeyConstraint(["grant_id"], ["grant_.grant_id"], name=op.f("fk_public_line_grant_id_grant_")),
        sa.ForeignKeyConstraint(
            ["list_id"], ["public_list.list_id"], name=op.f("fk_public_line_list_id_public_list")
        ),
        sa.PrimaryKeyConstraint("list_id", "number", name=op.f("pk_public_line")),
        sa.UniqueConstraint("list_id", "grant_id", name=op.f("uq_public_line_list_id_grant_id")),
    )
    op.create_index(op.f("ix_public_line_grant_id"), "public_line", ["grant_id"])
    op.create_table(
        "objection",
        sa.Column("objection_id", sa.String(40), nullable=False),
        sa.Column("list_id", sa.String(40), nullable=False),
        sa.Column("grant_id", sa.String(40), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open", "dismissed", "upheld",
                name=op.f("ck_objection_state_known"), native_enum=False, create_constraint=True, length=20,
            ),
            nullable=False,
        ),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("received_by", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint("(state = 'open') = (decided_by is null)", name=op.f("ck_objection_decided_by_somebody")),
        sa.CheckConstraint(
            "decided_by is null or decided_by <> received_by", name=op.f("ck_objection_decided_by_another")
        ),
        sa.CheckConstraint(
            "decided_by is null or reason is not null", name=op.f("ck_objection_decided_with_a_reason")
        ),
        sa.ForeignKeyConstraint(["grant_id"], ["grant_.grant_id"], name=op.f("fk_objection_grant_id_grant_")),
        sa.ForeignKeyConstraint(["list_id"], ["public_list.list_id"], name=op.f("fk_objection_list_id_public_list")),
        sa.PrimaryKeyConstraint("objection_id", name=op.f("pk_objection")),
    )  # fmt: skip
    op.create_index(op.f("ix_objection_list_id"), "objection", ["list_id"])


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_table("objection")
    op.drop_table("public_line")
    op.drop_table("public_list")
