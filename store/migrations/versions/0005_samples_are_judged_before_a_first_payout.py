"""Samples are judged before a first payout."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.create_table(
        "sample",
        sa.Column("sample_id", sa.String(40), nullable=False),
        sa.Column("activation_id", sa.String(40), nullable=False),
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("case_count", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_by", sa.String(), nullable=False),
        sa.CheckConstraint("case_count >= 1", name=op.f("ck_sample_case_count_from_one")),
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activation.activation_id"], name=op.f("fk_sample_activation_id_activation")
        ),
        sa.PrimaryKeyConstraint("sample_id", name=op.f("pk_sample")),
    )
    op.create_table(
        "sample_case",
        sa.Column("sample_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_sample_case_number_from_one")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.sample_id"], name=op.f("fk_sample_case_sample_id_sample")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.subject_id"], name=op.f("fk_sample_case_subject_id_subject")),
        sa.PrimaryKeyConstraint("sample_id", "number", name=op.f("pk_sample_case")),
        sa.UniqueConstraint("sample_id", "subject_id", name=op.f("uq_sample_case_sample_id_subject_id")),
    )
    op.create_table(
        "sample_verdict",
        sa.Column("sample_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("is_right", sa.Boolean(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["sample_id", "number"],
            ["sample_case.sample_id", "sample_case.number"],
            name=op.f("fk_sample_verdict_sample_id_number_sample_case"),
        ),
        sa.PrimaryKeyConstraint("sample_id", "number", name=op.f("pk_sample_verdict")),
    )


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_table("sample_verdict")
    op.drop_table("sample_case")
    op.drop_table("sample")
