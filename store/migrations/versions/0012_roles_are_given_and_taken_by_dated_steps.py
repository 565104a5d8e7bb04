"""Roles are given and taken by dated steps."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ROLES = ("steward", "officer", "approver", "paymaster", "supervisor", "auditor", "operator")


def upgrade() -> None:
    """Go to this schema."""
    known = sa.Enum(
        *_ROLES, name=op.f("ck_role_step_role_known"), native_enum=False, create_constraint=True, length=20
    )
    op.create_table(
        "role_step",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("role", known, nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("is_granted", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_through", sa.Date(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "valid_through is null or valid_through >= valid_from", name=op.f("ck_role_step_days_in_order")
        ),
        sa.CheckConstraint("is_granted or valid_through is null", name=op.f("ck_role_step_taken_for_good")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_role_step")),
    )
    op.create_index(op.f("ix_role_step_who"), "role_step", ["who"])


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_table("role_step")
