"""The first schema."""

import sqlalchemy as sa
from alembic import op


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.create_table(
        "batch",
        sa.Column("batch_id", sa.String(40), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("payer", sa.String(), nullable=False),
        sa.Column("pay_day", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "frozen",
                "approved",
                "exported",
                "settled",
                "cancelled",
                name="state_known",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("item_count", sa.Integer(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.String(40), nullable=True),
        sa.CheckConstraint(
            "approved_by is not null or state in ('frozen', 'cancelled')",
            name=op.f("ck_batch_approved_before_it_goes_out"),
        ),
        sa.CheckConstraint("item_count >= 0", name=op.f("ck_batch_item_count_not_negative")),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_batch_revision_from_one")),
        sa.CheckConstraint("total_fen >= 0", name=op.f("ck_batch_total_fen_not_negative")),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_batch")),
    )
    op.create_index(op.f("ix_batch_pay_day"), "batch", ["pay_day"], unique=False)
    op.create_table(
        "identifier",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("blind_index", sa.LargeBinary(), nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("is_alias", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("load_id", sa.String(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "blind_index", name=op.f("pk_identifier")),
    )
    op.create_index(
        "ix_identifier_alias",
        "identifier",
        ["subject_id"],
        unique=False,
        sqlite_where=sa.text("is_alias"),
        postgresql_where=sa.text("is_alias"),
    )
    op.create_table(
        "load",
        sa.Column("load_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("data_date", sa.Date(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("accepted_count", sa.Integer(), nullable=False),
        sa.Column("quarantined_count", sa.Integer(), nullable=False),
        sa.Column("unreadable_count", sa.Integer(), nullable=False),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("incomplete_because", sa.String(), nullable=True),
        sa.Column("regions_missing", sa.JSON(), nullable=False),
        sa.CheckConstraint("accepted_count >= 0", name=op.f("ck_load_accepted_count_not_negative")),
        sa.CheckConstraint("quarantined_count >= 0", name=op.f("ck_load_quarantined_count_not_negative")),
        sa.CheckConstraint("row_count >= 0", name=op.f("ck_load_row_count_not_negative")),
        sa.CheckConstraint("unreadable_count >= 0", name=op.f("ck_load_unreadable_count_not_negative")),
        sa.PrimaryKeyConstraint("load_id", name=op.f("pk_load")),
        sa.UniqueConstraint("resource", "number", name=op.f("uq_load_resource_number")),
    )
    op.create_table(
        "personal",
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("load_id", sa.String(), nullable=False),
        sa.Column("value_index", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "field", "resource", "load_id", name=op.f("pk_personal")),
    )
    op.create_table(
        "rule_text",
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_through", sa.Date(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_rule_text_version_from_one")),
        sa.PrimaryKeyConstraint("policy", "version", name=op.f("pk_rule_text")),
    )
    op.create_table(
        "run",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "claimed",
                "running",
                "verifying",
                "published",
                "aborted",
                name="state_known",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("folder", sa.String(), nullable=True),
        sa.Column("manifest", sa.JSON(), nullable=True),
        sa.Column("summary", sa.JSON(), nullable=True),
        sa.Column("aborted_because", sa.String(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'published') = (published_at is not null)", name=op.f("ck_run_published_at_when_published")
        ),
        sa.CheckConstraint("token >= 1", name=op.f("ck_run_token_from_one")),
        sa.PrimaryKeyConstraint("job", "business_date", name=op.f("pk_run")),
        sa.UniqueConstraint("run_id", name=op.f("uq_run_run_id")),
    )
    op.create_index(
        "uq_run_live",
        "run",
        ["job"],
        unique=True,
        sqlite_where=sa.text("state in ('claimed', 'running', 'verifying')"),
        postgresql_where=sa.text("state in ('claimed', 'running', 'verifying')"),
    )
    op.create_table(
        "subject",
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("first_index", sa.LargeBinary(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_subject")),
    )
    op.create_table(
        "vault_index",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number = 1", name=op.f("ck_vault_index_one_row")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_vault_index")),
    )
    op.create_table(
        "vault_opening",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("fields", sa.String(), nullable=False),
        sa.Column("subject_count", sa.Integer(), nullable=False),
        sa.Column("subjects_digest", sa.String(), nullable=False),
        sa.CheckConstraint("opened_by <> '' and because <> ''", name=op.f("ck_vault_opening_reason_given")),
        sa.CheckConstraint("subject_count >= 0", name=op.f("ck_vault_opening_subject_count_not_negative")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_vault_opening")),
    )
    op.create_table(
        "activation",
        sa.Column("activation_id", sa.String(40), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_through", sa.Date(), nullable=True),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clears", sa.Boolean(), nullable=False),
        sa.Column("activated_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "valid_through is null or valid_through >= valid_from", name=op.f("ck_activation_days_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["policy", "version"],
            ["rule_text.policy", "rule_text.version"],
            name=op.f("fk_activation_policy_version_rule_text"),
        ),
        sa.PrimaryKeyConstraint("activation_id", name=op.f("pk_activation")),
        sa.UniqueConstraint(
            "policy", "valid_from", "activated_at", name=op.f("uq_activation_policy_valid_from_activated_at")
        ),
    )
    op.create_table(
        "grant_",
        sa.Column("grant_id", sa.String(40), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "offered",
                "asked",
                "confirmed",
                "active",
                "held",
                "waived",
                "ended",
                name="state_known",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("discovered_on", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.String(40), nullable=True),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.subject_id"], name=op.f("fk_grant__subject_id_subject")),
        sa.PrimaryKeyConstraint("grant_id", name=op.f("pk_grant_")),
        sa.UniqueConstraint("policy", "subject_id", "event", name=op.f("uq_grant__policy_subject_id_event")),
    )
    op.create_index(op.f("ix_grant__subject_id"), "grant_", ["subject_id"], unique=False)
    op.create_table(
        "notice",
        sa.Column("notice_id", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "started",
                "amount_changed",
                "ended",
                "held",
                "offered",
                "asked",
                "informed",
                name="kind_known",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("run_id", sa.String(40), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "suppressed",
                "queued",
                "deferred",
                "sending",
                "accepted",
                "delivered",
                "undeliverable",
                "expired",
                "unknown",
                "temp_failed",
                "dead",
                "cancelled",
                name="state_known",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempt_count", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("because", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(state = 'sending') = (lease_until is not null and holder is not null)",
            name=op.f("ck_notice_lease_while_sending"),
        ),
        sa.CheckConstraint("attempt_count >= 0", name=op.f("ck_notice_attempt_count_not_negative")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.subject_id"], name=op.f("fk_notice_subject_id_subject")),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_notice")),
    )
    op.create_index(op.f("ix_notice_subject_id"), "notice", ["subject_id"], unique=False)
    op.create_index(
        "ix_notice_waiting",
        "notice",
        ["state", "not_before"],
        unique=False,
        sqlite_where=sa.text("state in ('queued', 'sending', 'temp_failed', 'deferred')"),
        postgresql_where=sa.text("state in ('queued', 'sending', 'temp_failed', 'deferred')"),
    )
    op.create_table(
        "subject_merge",
        sa.Column("from_id", sa.String(40), nullable=False),
        sa.Column("to_id", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_subject_merge_two_subjects")),
        sa.ForeignKeyConstraint(["from_id"], ["subject.subject_id"], name=op.f("fk_subject_merge_from_id_subject")),
        sa.ForeignKeyConstraint(["to_id"], ["subject.subject_id"], name=op.f("fk_subject_merge_to_id_subject")),
        sa.PrimaryKeyConstraint("from_id", name=op.f("pk_subject_merge")),
    )
    op.create_table(
        "trial_account",
        sa.Column("login_name", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failed_count", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("failed_count >= 0", name=op.f("ck_trial_account_failed_count_not_negative")),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.subject_id"], name=op.f("fk_trial_account_subject_id_subject")
        ),
        sa.PrimaryKeyConstraint("login_name", name=op.f("pk_trial_account")),
    )
    op.create_table(
        "act",
        sa.Column("grant_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "confirm",
                "waive",
                "revoke_waiver",
                "suspect_renumbering",
                "confirm_identity",
                name="kind_known",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("acted_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acted_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["grant_id"], ["grant_.grant_id"], name=op.f("fk_act_grant_id_grant_")),
        sa.PrimaryKeyConstraint("grant_id", "number", name=op.f("pk_act")),
    )
    op.create_table(
        "notice_attempt",
        sa.Column("notice_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("because", sa.String(), nullable=True),
        sa.Column("template_id", sa.String(), nullable=True),
        sa.Column("message_digest", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.notice_id"], name=op.f("fk_notice_attempt_notice_id_notice")),
        sa.PrimaryKeyConstraint("notice_id", "number", name=op.f("pk_notice_attempt")),
        sa.UniqueConstraint("reference", name=op.f("uq_notice_attempt_reference")),
    )
    op.create_table(
        "obligation",
        sa.Column("obligation_id", sa.String(40), nullable=False),
        sa.Column("grant_id", sa.String(40), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("component", sa.String(), nullable=False),
        sa.Column("due_at_least_fen", sa.BigInteger(), nullable=False),
        sa.Column("due_at_most_fen", sa.BigInteger(), nullable=True),
        sa.Column("due_is_open", sa.Boolean(), nullable=False),
        sa.Column("recovered_fen", sa.BigInteger(), nullable=False),
        sa.Column("written_off_fen", sa.BigInteger(), nullable=False),
        sa.Column("kept_fen", sa.BigInteger(), nullable=False),
        sa.Column("case_open_fen", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("case_open_fen >= 0", name=op.f("ck_obligation_case_open_fen_not_negative")),
        sa.CheckConstraint("due_at_least_fen >= 0", name=op.f("ck_obligation_due_at_least_fen_not_negative")),
        sa.CheckConstraint("due_at_most_fen >= 0", name=op.f("ck_obligation_due_at_most_fen_not_negative")),
        sa.CheckConstraint(
            "due_at_most_fen is null or due_at_most_fen >= due_at_least_fen", name=op.f("ck_obligation_due_in_order")
        ),
        sa.CheckConstraint("kept_fen >= 0", name=op.f("ck_obligation_kept_fen_not_negative")),
        sa.CheckConstraint("recovered_fen >= 0", name=op.f("ck_obligation_recovered_fen_not_negative")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_obligation_version_from_one")),
        sa.CheckConstraint("written_off_fen >= 0", name=op.f("ck_obligation_written_off_fen_not_negative")),
        sa.ForeignKeyConstraint(["grant_id"], ["grant_.grant_id"], name=op.f("fk_obligation_grant_id_grant_")),
        sa.PrimaryKeyConstraint("obligation_id", name=op.f("pk_obligation")),
        sa.UniqueConstraint("grant_id", "period", "component", name=op.f("uq_obligation_grant_id_period_component")),
    )
    op.create_table(
        "item",
        sa.Column("item_id", sa.String(40), nullable=False),
        sa.Column("obligation_id", sa.String(40), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "regular", "arrears", "top_up", name="kind_known", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "on_hold",
                "in_batch",
                "instructed",
                "paid",
                "returned",
                "cancelled",
                name="state_known",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.String(40), nullable=True),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_item_amount_fen_positive")),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_item_sequence_from_one")),
        sa.ForeignKeyConstraint(
            ["obligation_id"], ["obligation.obligation_id"], name=op.f("fk_item_obligation_id_obligation")
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_item")),
        sa.UniqueConstraint("obligation_id", "sequence", name=op.f("uq_item_obligation_id_sequence")),
    )
    op.create_index(
        "ix_item_uninstructed",
        "item",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state in ('open', 'on_hold', 'in_batch', 'returned')"),
        postgresql_where=sa.text("state in ('open', 'on_hold', 'in_batch', 'returned')"),
    )
    op.create_table(
        "overpayment_case",
        sa.Column("case_id", sa.String(40), nullable=False),
        sa.Column("obligation_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open", "settled", "withdrawn", name="state_known", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run_id", sa.String(40), nullable=True),
        sa.CheckConstraint(
            "(state = 'open' and amount_fen > 0) or (state <> 'open' and amount_fen = 0)",
            name=op.f("ck_overpayment_case_amount"),
        ),
        sa.CheckConstraint(
            "(state = 'open') = (closed_at is null)", name=op.f("ck_overpayment_case_closed_at_when_closed")
        ),
        sa.ForeignKeyConstraint(
            ["obligation_id"], ["obligation.obligation_id"], name=op.f("fk_overpayment_case_obligation_id_obligation")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_overpayment_case")),
        sa.UniqueConstraint("obligation_id", "number", name=op.f("uq_overpayment_case_obligation_id_number")),
    )
    op.create_index(
        "uq_overpayment_case_open",
        "overpayment_case",
        ["obligation_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "posting",
        sa.Column("obligation_id", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "account",
            sa.Enum(
                "recovered",
                "written_off",
                "kept",
                "case",
                name="account_known",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.String(40), nullable=True),
        sa.CheckConstraint("amount_fen <> 0", name=op.f("ck_posting_amount_fen_not_zero")),
        sa.ForeignKeyConstraint(
            ["obligation_id"], ["obligation.obligation_id"], name=op.f("fk_posting_obligation_id_obligation")
        ),
        sa.PrimaryKeyConstraint("obligation_id", "version", "account", name=op.f("pk_posting")),
    )
    op.create_table(
        "batch_item",
        sa.Column("batch_id", sa.String(40), nullable=False),
        sa.Column("item_id", sa.String(40), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("payee_digest", sa.String(), nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_batch_item_amount_fen_positive")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.batch_id"], name=op.f("fk_batch_item_batch_id_batch")),
        sa.ForeignKeyConstraint(["item_id"], ["item.item_id"], name=op.f("fk_batch_item_item_id_item")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.subject_id"], name=op.f("fk_batch_item_subject_id_subject")),
        sa.PrimaryKeyConstraint("batch_id", "item_id", name=op.f("pk_batch_item")),
    )
    op.create_index(
        "uq_batch_item_live",
        "batch_item",
        ["item_id"],
        unique=True,
        sqlite_where=sa.text("dropped_at is null and returned_at is null"),
        postgresql_where=sa.text("dropped_at is null and returned_at is null"),
    )
    op.create_index(
        "uq_batch_item_reference",
        "batch_item",
        ["reference"],
        unique=True,
        sqlite_where=sa.text("dropped_at is null"),
        postgresql_where=sa.text("dropped_at is null"),
    )


def downgrade() -> None:
    """Go back to an empty database; a table takes its indexes with it."""
    for table in (
        "batch_item",
        "posting",
        "overpayment_case",
        "item",
        "obligation",
        "notice_attempt",
        "act",
        "trial_account",
        "subject_merge",
        "notice",
        "grant_",
        "activation",
        "vault_opening",
        "vault_index",
        "subject",
        "run",
        "rule_text",
        "personal",
        "load",
        "identifier",
        "batch",
    ):
        op.drop_table(table)
