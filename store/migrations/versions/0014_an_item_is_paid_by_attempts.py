"""An item is paid by attempts; batches go by steps and approvals, to the bank in files, and are answered line by line."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_OWN = ("batch_item", "batch_purse", "batch")
_BATCH_STATES = ('frozen', 'in_approval', 'approved', 'rejected', 'cancelled', 'stopped', 'exported', 'submitted', 'submission_unknown', 'not_received', 'acknowledged', 'file_rejected', 'stop_requested', 'stop_confirmed', 'stop_failed', 'settling', 'settled', 'reconciled', 'closed', 'released')
_BATCH_STEPS = (('frozen', 'approved'), ('frozen', 'cancelled'), ('frozen', 'frozen'), ('frozen', 'in_approval'), ('frozen', 'rejected'), ('frozen', 'stopped'), ('in_approval', 'approved'), ('in_approval', 'cancelled'), ('in_approval', 'frozen'), ('in_approval', 'rejected'), ('in_approval', 'stopped'), ('approved', 'cancelled'), ('approved', 'exported'), ('approved', 'frozen'), ('approved', 'in_approval'), ('approved', 'rejected'), ('approved', 'stopped'), ('rejected', 'released'), ('stopped', 'cancelled'), ('stopped', 'frozen'), ('stopped', 'stopped'), ('exported', 'acknowledged'), ('exported', 'file_rejected'), ('exported', 'settled'), ('exported', 'settling'), ('exported', 'stop_requested'), ('exported', 'submission_unknown'), ('exported', 'submitted'), ('submitted', 'acknowledged'), ('submitted', 'file_rejected'), ('submitted', 'settled'), ('submitted', 'settling'), ('submitted', 'stop_requested'), ('submitted', 'submission_unknown'), ('submission_unknown', 'acknowledged'), ('submission_unknown', 'file_rejected'), ('submission_unknown', 'not_received'), ('submission_unknown', 'settled'), ('submission_unknown', 'settling'), ('submission_unknown', 'stop_requested'), ('not_received', 'settled'), ('not_received', 'settling'), ('not_received', 'stop_requested'), ('not_received', 'submitted'), ('acknowledged', 'file_rejected'), ('acknowledged', 'settled'), ('acknowledged', 'settling'), ('acknowledged', 'stop_requested'), ('file_rejected', 'released'), ('stop_requested', 'stop_confirmed'), ('stop_requested', 'stop_failed'), ('stop_confirmed', 'released'), ('stop_failed', 'settled'), ('stop_failed', 'settling'), ('settling', 'settled'), ('settling', 'stop_requested'), ('settled', 'reconciled'), ('reconciled', 'closed'), ('reconciled', 'settled'))

_BATCH = """
insert into batch (batch_id, policy, title, payer, pay_day, state, revision, item_count, total_fen, content_hash,
                   created_at, changed_at, made_by, run_id)
select batch_id, policy, title, payer, pay_day, case state when 'approved' then 'frozen' else state end, revision,
       item_count, total_fen, content_hash, created_at, changed_at, null, run_id
from batch_before
"""
"""An approval that nobody can be asked about again is none: what was approved and has not gone out is frozen."""

_ATTEMPTS = """
insert into batch_item (batch_id, item_id, number, amount_fen, subject_id, reference, payee_digest, account_digest,
                        name_digest, state, file_number, changed_at, funded_by, first_fen)
select line.batch_id, line.item_id, cast(substr(line.reference, 21) as integer), line.amount_fen, line.subject_id,
       case when line.dropped_at is null then line.reference
            else 'v' || substr(line.batch_id, 2) || substr(line.item_id, 2) end,
       line.payee_digest, '', '',
       case when line.dropped_at is not null then 'voided'
            when line.returned_at is not null then 'returned'
            when item.state = 'in_batch' then 'created'
            when item.state = 'paid' then 'confirmed_paid'
            else 'instructed' end,
       null, coalesce(line.dropped_at, line.returned_at, batch.changed_at), line.funded_by, line.first_fen
from batch_item_before line
join item on item.item_id = line.item_id
join batch on batch.batch_id = line.batch_id
"""
"""What left its batch never went out; its reference is for whoever pays the item next. The digests of account and name
alone were never kept: what the bank says of such a line is for a person to look at."""

_BATCH_BACK = """
insert into batch (batch_id, policy, title, payer, pay_day, state, revision, item_count, total_fen, content_hash,
                   approved_by, created_at, changed_at, run_id)
select batch_id, policy, title, payer, pay_day,
       case when state in ('frozen', 'in_approval', 'approved', 'stopped') then 'frozen'
            when state in ('cancelled', 'rejected', 'released') then 'cancelled'
            when state in ('settled', 'reconciled', 'closed') then 'settled'
            else 'exported' end,
       revision, item_count, total_fen, content_hash, 'somebody', created_at, changed_at, run_id
from batch_after
"""

_ATTEMPTS_BACK = """
insert into batch_item (batch_id, item_id, amount_fen, subject_id, reference, payee_digest, dropped_at, returned_at)
select batch_id, item_id, amount_fen, subject_id, reference, payee_digest,
       case when state = 'voided' then changed_at end,
       case when state in ('returned', 'confirmed_failed') then changed_at end
from batch_item_after
"""

_FUNDS_BACK = """
update batch_item
set funded_by = (select after.funded_by from batch_item_after after
                 where after.batch_id = batch_item.batch_id and after.item_id = batch_item.item_id),
    first_fen = (select after.first_fen from batch_item_after after
                 where after.batch_id = batch_item.batch_id and after.item_id = batch_item.item_id)
"""


def upgrade() -> None:
    """Go to this schema."""
    _set_aside("before")
    op.create_table('batch',
    sa.Column('batch_id', sa.String(40), nullable=False),
    sa.Column('policy', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('payer', sa.String(), nullable=False),
    sa.Column('pay_day', sa.Date(), nullable=False),
    sa.Column('state', sa.Enum(*_BATCH_STATES, name=op.f('ck_batch_state_known'), native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('item_count', sa.Integer(), nullable=False),
    sa.Column('total_fen', sa.BigInteger(), nullable=False),
    sa.Column('content_hash', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by', sa.String(), nullable=True),
    sa.Column('run_id', sa.String(40), nullable=True),
    sa.CheckConstraint('item_count >= 0', name=op.f('ck_batch_item_count_not_negative')),
    sa.CheckConstraint('revision >= 1', name=op.f('ck_batch_revision_from_one')),
    sa.CheckConstraint('total_fen >= 0', name=op.f('ck_batch_total_fen_not_negative')),
    sa.PrimaryKeyConstraint('batch_id', name=op.f('pk_batch'))
    )
    op.create_index(op.f('ix_batch_pay_day'), 'batch', ['pay_day'], unique=False)
    op.create_table('batch_item',
    sa.Column('batch_id', sa.String(40), nullable=False),
    sa.Column('item_id', sa.String(40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('subject_id', sa.String(40), nullable=False),
    sa.Column('reference', sa.String(40), nullable=False),
    sa.Column('payee_digest', sa.String(), nullable=False),
    sa.Column('account_digest', sa.String(), nullable=False),
    sa.Column('name_digest', sa.String(), nullable=False),
    sa.Column('state', sa.Enum('created', 'voided', 'instructed', 'unknown', 'confirmed_paid', 'confirmed_failed', 'returned', name=op.f('ck_batch_item_state_known'), native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('file_number', sa.Integer(), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('funded_by', sa.String(40), nullable=True),
    sa.Column('first_fen', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_batch_item_amount_fen_positive')),
    sa.CheckConstraint('number >= 1', name=op.f('ck_batch_item_number_from_one')),
    sa.ForeignKeyConstraint(['batch_id'], ['batch.batch_id'], name=op.f('fk_batch_item_batch_id_batch')),
    sa.ForeignKeyConstraint(['item_id'], ['item.item_id'], name=op.f('fk_batch_item_item_id_item')),
    sa.ForeignKeyConstraint(['subject_id'], ['subject.subject_id'], name=op.f('fk_batch_item_subject_id_subject')),
    sa.PrimaryKeyConstraint('batch_id', 'item_id', name=op.f('pk_batch_item')),
    sa.UniqueConstraint('reference', name=op.f('uq_batch_item_reference'))
    )
    op.create_index('ix_batch_item_ended', 'batch_item', ['item_id'], unique=False, sqlite_where=sa.text("state in ('confirmed_failed', 'returned', 'voided')"), postgresql_where=sa.text("state in ('confirmed_failed', 'returned', 'voided')"))
    op.create_index('uq_batch_item_live', 'batch_item', ['item_id'], unique=True, sqlite_where=sa.text("state in ('confirmed_paid', 'created', 'instructed', 'unknown')"), postgresql_where=sa.text("state in ('confirmed_paid', 'created', 'instructed', 'unknown')"))
    op.create_table('batch_step',
    sa.Column('batch_id', sa.String(40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('source', sa.Enum(*_BATCH_STATES, name=op.f('ck_batch_step_source_known'), native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('target', sa.Enum(*_BATCH_STATES, name=op.f('ck_batch_step_target_known'), native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_by', sa.String(), nullable=True),
    sa.Column('reason', sa.String(), nullable=True),
    sa.CheckConstraint(_either(_BATCH_STEPS), name=op.f('ck_batch_step_step_allowed')),
    sa.ForeignKeyConstraint(['batch_id'], ['batch.batch_id'], name=op.f('fk_batch_step_batch_id_batch')),
    sa.PrimaryKeyConstraint('batch_id', 'number', name=op.f('pk_batch_step'))
    )
    op.create_table('batch_approval',
    sa.Column('batch_id', sa.String(40), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content_hash', sa.String(), nullable=False),
    sa.Column('approved_by', sa.String(), nullable=False),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('expires_at > approved_at', name=op.f('ck_batch_approval_expires_later')),
    sa.ForeignKeyConstraint(['batch_id'], ['batch.batch_id'], name=op.f('fk_batch_approval_batch_id_batch')),
    sa.PrimaryKeyConstraint('batch_id', 'revision', 'number', name=op.f('pk_batch_approval'))
    )
    op.create_table('payment_file',
    sa.Column('batch_id', sa.String(40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('profile', sa.String(), nullable=False),
    sa.Column('profile_version', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('exported', 'submitted', 'submission_unknown', 'not_received', 'acknowledged', 'rejected', 'settled', name=op.f('ck_payment_file_state_known'), native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('line_count', sa.Integer(), nullable=False),
    sa.Column('total_fen', sa.BigInteger(), nullable=False),
    sa.Column('hash_total', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('exported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('exported_by', sa.String(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('line_count >= 0', name=op.f('ck_payment_file_line_count_not_negative')),
    sa.CheckConstraint('total_fen >= 0', name=op.f('ck_payment_file_total_fen_not_negative')),
    sa.ForeignKeyConstraint(['batch_id'], ['batch.batch_id'], name=op.f('fk_payment_file_batch_id_batch')),
    sa.PrimaryKeyConstraint('batch_id', 'number', name=op.f('pk_payment_file')),
    sa.UniqueConstraint('name', name=op.f('uq_payment_file_name'))
    )
    op.create_table('bank_file',
    sa.Column('bank_file_id', sa.String(40), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('profile', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('line_count', sa.Integer(), nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('imported_by', sa.String(), nullable=False),
    sa.CheckConstraint('line_count >= 0', name=op.f('ck_bank_file_line_count_not_negative')),
    sa.PrimaryKeyConstraint('bank_file_id', name=op.f('pk_bank_file')),
    sa.UniqueConstraint('sha256', name=op.f('uq_bank_file_sha256'))
    )
    op.create_table('bank_line',
    sa.Column('bank_file_id', sa.String(40), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('reference', sa.String(), nullable=True),
    sa.Column('outcome', sa.String(), nullable=True),
    sa.Column('amount_fen', sa.BigInteger(), nullable=True),
    sa.Column('booked_on', sa.Date(), nullable=True),
    sa.Column('reason_code', sa.String(), nullable=True),
    sa.Column('verdict', sa.Enum('matched', 'duplicate', 'late_change', 'exception', name=op.f('ck_bank_line_verdict_known'), native_enum=False, create_constraint=True, length=20), nullable=False),
    sa.Column('because', sa.String(), nullable=True),
    sa.Column('batch_id', sa.String(40), nullable=True),
    sa.Column('item_id', sa.String(40), nullable=True),
    sa.Column('source', sa.String(), nullable=True),
    sa.Column('target', sa.String(), nullable=True),
    sa.Column('moves_item', sa.Boolean(), nullable=False),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('resolved_by', sa.String(), nullable=True),
    sa.Column('resolution', sa.String(), nullable=True),
    sa.CheckConstraint("(verdict = 'exception') = (because is not null)", name=op.f('ck_bank_line_because_of_exceptions')),
    sa.CheckConstraint("resolved_at is null or verdict = 'exception'", name=op.f('ck_bank_line_only_exceptions_are_resolved')),
    sa.CheckConstraint("verdict <> 'exception' or target is null or target = 'returned'", name=op.f('ck_bank_line_exceptions_pay_nothing')),
    sa.CheckConstraint('(resolved_at is null) = (resolved_by is null) and (resolved_at is null) = (resolution is null)', name=op.f('ck_bank_line_resolved_whole')),
    sa.ForeignKeyConstraint(['bank_file_id'], ['bank_file.bank_file_id'], name=op.f('fk_bank_line_bank_file_id_bank_file')),
    sa.PrimaryKeyConstraint('bank_file_id', 'line', name=op.f('pk_bank_line'))
    )
    op.create_index(op.f('ix_bank_line_reference'), 'bank_line', ['reference'], unique=False)
    op.create_index('ix_bank_line_unsettled', 'bank_line', ['batch_id'], unique=False, sqlite_where=sa.text("verdict = 'exception' and resolved_at is null"), postgresql_where=sa.text("verdict = 'exception' and resolved_at is null"))
    op.create_table('inquiry',
    sa.Column('batch_id', sa.String(40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('file_number', sa.Integer(), nullable=True),
    sa.Column('reference', sa.String(40), nullable=True),
    sa.Column('found', sa.String(), nullable=False),
    sa.Column('evidence', sa.String(), nullable=False),
    sa.Column('stated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('stated_by', sa.String(), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('confirmed_by', sa.String(), nullable=True),
    sa.CheckConstraint('(confirmed_at is null) = (confirmed_by is null)', name=op.f('ck_inquiry_confirmed_whole')),
    sa.CheckConstraint('(file_number is null) <> (reference is null)', name=op.f('ck_inquiry_one_subject')),
    sa.CheckConstraint('confirmed_by is null or confirmed_by <> stated_by', name=op.f('ck_inquiry_two_people')),
    sa.ForeignKeyConstraint(['batch_id'], ['batch.batch_id'], name=op.f('fk_inquiry_batch_id_batch')),
    sa.PrimaryKeyConstraint('batch_id', 'number', name=op.f('pk_inquiry'))
    )
    
    op.execute(_BATCH)
    op.execute(_ATTEMPTS)
    _bring_back_purses("before")
    _drop("before")


def downgrade() -> None:
    """Go back to the schema before; steps, approvals, files and what the bank said are lost."""
    for table in ("inquiry", "bank_line", "bank_file", "payment_file", "batch_approval", "batch_step"):
        op.drop_table(table)
    _set_aside("after")
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
    op.execute(_BATCH_BACK)
    op.execute(_ATTEMPTS_BACK)
    op.add_column("batch_item", sa.Column("funded_by", sa.String(40), nullable=True))
    op.add_column("batch_item", sa.Column("first_fen", sa.BigInteger(), nullable=True))
    op.execute(_FUNDS_BACK)
    _bring_back_purses("after")
    _drop("after")


def _set_aside(name: str) -> None:
    """Keep what two tables hold under other names, without constraints, and drop them."""
    for table in _OWN:
        op.execute(f"create table {table}_{name} as select * from {table}")
        op.drop_table(table)


def _drop(name: str) -> None:
    for table in _OWN:
        op.drop_table(f"{table}_{name}")


def _bring_back_purses(name: str) -> None:
    """Make the table again that refers to batches, with what it held."""
    op.create_table(
        "batch_purse",
        sa.Column("batch_id", sa.String(40), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=True),
        sa.Column("account", sa.String(), nullable=True),
        sa.Column("project", sa.String(), nullable=True),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.CheckConstraint("weight > 0", name=op.f("ck_batch_purse_weight_positive")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.batch_id"], name=op.f("fk_batch_purse_batch_id_batch")),
        sa.PrimaryKeyConstraint("batch_id", "place", name=op.f("pk_batch_purse")),
    )
    columns = "batch_id, place, year, name, level, account, project, weight"
    op.execute(f"insert into batch_purse ({columns}) select {columns} from batch_purse_{name}")


def _either(pairs: tuple[tuple[str, str], ...]) -> str:
    return " or ".join(f"(source = '{source}' and target = '{target}')" for source, target in pairs)
