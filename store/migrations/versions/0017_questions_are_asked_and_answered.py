"""Questions are asked and answered."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.create_table(
        "question",
        sa.Column("question_id", sa.String(40), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("fact", sa.String(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open", "answered", "settled",
                name=op.f("ck_question_state_known"), native_enum=False, create_constraint=True, length=20,
            ),
            nullable=False,
        ),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("is_assisted", sa.Boolean(), nullable=False),
        sa.Column("load_id", sa.String(40), nullable=True),
        sa.Column("run_id", sa.String(40), nullable=True),
        sa.CheckConstraint(
            "(state = 'answered') = (answered_by is not null and load_id is not null)",
            name=op.f("ck_question_answered_by_somebody"),
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.subject_id"], name=op.f("fk_question_subject_id_subject")),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_question")),
    )  # fmt: skip
    op.create_index(op.f("ix_question_subject_id"), "question", ["subject_id"])
    where = sa.text("state = 'open'")
    op.create_index(
        "uq_question_open",
        "question",
        ["policy", "subject_id", "fact"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_table("question")
