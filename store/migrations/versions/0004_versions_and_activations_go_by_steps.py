"""Versions and activations go by steps."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.create_table(
        "proposal",
        sa.Column("proposal_id", sa.String(40), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("authored_by", sa.String(), nullable=False),
        sa.Column("submitted_by", sa.String(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "returned",
                "approved",
                "published",
                "withdrawn",
                name="state_known",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "approved_by is not null or state in ('submitted', 'returned', 'withdrawn')",
            name=op.f("ck_proposal_approved_before_published"),
        ),
        sa.CheckConstraint("state <> 'draft'", name=op.f("ck_proposal_submitted_at_least")),
        sa.CheckConstraint(
            "approved_by <> authored_by and approved_by <> submitted_by", name=op.f("ck_proposal_approved_by_another")
        ),
        sa.CheckConstraint("moves >= 1", name=op.f("ck_proposal_moves_from_one")),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_proposal")),
    )
    op.create_index(
        "uq_proposal_live",
        "proposal",
        ["fingerprint"],
        unique=True,
        sqlite_where=sa.text("state in ('approved', 'published', 'submitted')"),
        postgresql_where=sa.text("state in ('approved', 'published', 'submitted')"),
    )

    op.create_table(
        "proposal_step",
        sa.Column("proposal_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "draft",
                "submitted",
                "returned",
                "approved",
                "published",
                "withdrawn",
                name="source_known",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "target",
            sa.Enum(
                "draft",
                "submitted",
                "returned",
                "approved",
                "published",
                "withdrawn",
                name="target_known",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(source = 'draft' and target = 'submitted') or (source = 'submitted' and target = 'approved') or (source = 'submitted' and target = 'returned') or (source = 'submitted' and target = 'withdrawn') or (source = 'returned' and target = 'draft') or (source = 'approved' and target = 'published') or (source = 'approved' and target = 'withdrawn')",
            name=op.f("ck_proposal_step_step_allowed"),
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.proposal_id"], name=op.f("fk_proposal_step_proposal_id_proposal")
        ),
        sa.PrimaryKeyConstraint("proposal_id", "number", name=op.f("pk_proposal_step")),
    )
    op.create_table(
        "proposed_activation",
        sa.Column("activation_id", sa.String(40), nullable=False),
        sa.Column("proposal_id", sa.String(40), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_through", sa.Date(), nullable=True),
        sa.Column("clears", sa.Boolean(), nullable=False),
        sa.Column("shadow_nights", sa.Integer(), nullable=False),
        sa.Column("reaches_back_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "reaches_back_to = valid_from", name=op.f("ck_proposed_activation_reaches_back_to_its_first_day")
        ),
        sa.CheckConstraint("shadow_nights >= 0", name=op.f("ck_proposed_activation_shadow_nights_not_negative")),
        sa.CheckConstraint(
            "valid_through is null or valid_through >= valid_from", name=op.f("ck_proposed_activation_days_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.proposal_id"], name=op.f("fk_proposed_activation_proposal_id_proposal")
        ),
        sa.PrimaryKeyConstraint("activation_id", name=op.f("pk_proposed_activation")),
    )
    op.create_table(
        "proposed_policy",
        sa.Column("proposal_id", sa.String(40), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("is_pending", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.proposal_id"], name=op.f("fk_proposed_policy_proposal_id_proposal")
        ),
        sa.PrimaryKeyConstraint("proposal_id", "policy", name=op.f("pk_proposed_policy")),
    )
    op.create_index(
        "uq_proposed_policy_pending",
        "proposed_policy",
        ["policy"],
        unique=True,
        sqlite_where=sa.text("is_pending"),
        postgresql_where=sa.text("is_pending"),
    )

    op.create_table(
        "proposed_version",
        sa.Column("proposal_id", sa.String(40), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_through", sa.Date(), nullable=True),
        sa.CheckConstraint("version >= 1 and revision >= 1", name=op.f("ck_proposed_version_numbers_from_one")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.proposal_id"], name=op.f("fk_proposed_version_proposal_id_proposal")
        ),
        sa.PrimaryKeyConstraint("proposal_id", "policy", "version", name=op.f("pk_proposed_version")),
        sa.UniqueConstraint("policy", "version", "revision", name=op.f("uq_proposed_version_policy_version_revision")),
    )
    op.create_table(
        "activation_step",
        sa.Column("activation_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "scheduled",
                "shadow",
                "in_force",
                "suspended",
                "lapsed",
                name="source_known",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "target",
            sa.Enum(
                "scheduled",
                "shadow",
                "in_force",
                "suspended",
                "lapsed",
                name="target_known",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("run_id", sa.String(40), nullable=True),
        sa.CheckConstraint(
            "(source = 'scheduled' and target = 'in_force') or (source = 'scheduled' and target = 'shadow') or (source = 'shadow' and target = 'in_force') or (source = 'shadow' and target = 'suspended') or (source = 'in_force' and target = 'lapsed') or (source = 'in_force' and target = 'suspended') or (source = 'suspended' and target = 'in_force') or (source = 'suspended' and target = 'shadow')",
            name=op.f("ck_activation_step_step_allowed"),
        ),
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activation.activation_id"], name=op.f("fk_activation_step_activation_id_activation")
        ),
        sa.PrimaryKeyConstraint("activation_id", "number", name=op.f("pk_activation_step")),
    )


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_table("activation_step")
    op.drop_table("proposed_version")
    op.drop_index("uq_proposed_policy_pending", "proposed_policy")

    op.drop_table("proposed_policy")
    op.drop_table("proposed_activation")
    op.drop_table("proposal_step")
    op.drop_index("uq_proposal_live", "proposal")

    op.drop_table("proposal")
