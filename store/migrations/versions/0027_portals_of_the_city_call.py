"""Portals of the city are registered, their calls are heard once, and what they were answered is kept for a while."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.create_table(
        "portal",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("secret_digest", sa.String(), nullable=False),
        sa.Column("may", sa.String(), nullable=False),
        sa.Column("kinds", sa.String(), nullable=False),
        sa.Column("a_minute", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("a_minute > 0", name=op.f("ck_portal_a_minute_positive")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_portal")),
    )
    op.create_table(
        "portal_call",
        sa.Column("portal", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["portal"], ["portal.name"], name=op.f("fk_portal_call_portal_portal")),
        sa.PrimaryKeyConstraint("portal", "nonce", name=op.f("pk_portal_call")),
    )
    op.create_index(op.f("ix_portal_call_called_at"), "portal_call", ["called_at"])
    op.create_table(
        "portal_answer",
        sa.Column("portal", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request_mark", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["portal"], ["portal.name"], name=op.f("fk_portal_answer_portal_portal")),
        sa.PrimaryKeyConstraint("portal", "key", name=op.f("pk_portal_answer")),
    )
    op.create_index(op.f("ix_portal_answer_answered_at"), "portal_answer", ["answered_at"])


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_table("portal_answer")
    op.drop_table("portal_call")
    op.drop_table("portal")
