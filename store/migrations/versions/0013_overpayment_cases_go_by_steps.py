"""Overpayment cases go by steps: told, objected to, decided, collected in parts, given up."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_BEFORE = ("open", "settled", "withdrawn")
_LIVE = ("opened", "notified", "appealed", "confirmed", "collecting")
_CLOSED = ("recovered", "partly_recovered", "written_off", "kept", "withdrawn")
_STATES = (*_LIVE, *_CLOSED)
_NEXT = {
    "opened": ("opened", "notified"),
    "notified": ("notified", "opened", "appealed", "confirmed"),
    "appealed": ("appealed", "opened", "confirmed"),
    "confirmed": ("confirmed", "opened", "appealed", "collecting"),
    "collecting": ("collecting", "opened", "appealed"),
}
_IS_LIVE = "state in ('appealed', 'collecting', 'confirmed', 'notified', 'opened')"
_IS_OPEN = "state = 'open'"


def upgrade() -> None:
    """Go to this schema; of what was settled before, the sums of its obligation say how."""
    op.execute("create table case_before as select * from overpayment_case")
    op.drop_table("overpayment_case")
    _create_cases()
    op.execute(
        """
        insert into overpayment_case (
            case_id, obligation_id, number, amount_fen, recovered_fen, written_off_fen, kept_fen, state, moves,
            is_offset, opened_at, closed_at, run_id
        )
        select c.case_id, c.obligation_id, c.number, c.amount_fen, 0, 0, 0,
            case when c.state = 'open' then 'opened' when c.state = 'withdrawn' then 'withdrawn'
                when o.recovered_fen > 0 and o.written_off_fen + o.kept_fen > 0 then 'partly_recovered'
                when o.recovered_fen > 0 then 'recovered' when o.kept_fen > o.written_off_fen then 'kept'
                else 'written_off' end,
            0, false, c.opened_at, c.closed_at, c.run_id
        from case_before c join obligation o on o.obligation_id = c.obligation_id
        """
    )
    op.drop_table("case_before")
    op.create_table('case_receipt',
    sa.Column('reference', sa.String(40), nullable=False),
    sa.Column('received_on', sa.Date(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.String(), nullable=False),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_case_receipt_amount_fen_positive')),
    sa.PrimaryKeyConstraint('reference', name=op.f('pk_case_receipt'))
    )
    op.create_table('sealed_note',
    sa.Column('about', sa.String(40), nullable=False),
    sa.Column('field', sa.String(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('kept_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kept_by', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('about', 'field', name=op.f('pk_sealed_note'))
    )
    op.create_table('case_instalment',
    sa.Column('case_id', sa.String(40), nullable=False),
    sa.Column('plan', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('recovered_before_fen', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_case_instalment_amount_fen_positive')),
    sa.CheckConstraint('recovered_before_fen >= 0', name=op.f('ck_case_instalment_recovered_before_fen_not_negative')),
    sa.ForeignKeyConstraint(['case_id'], ['overpayment_case.case_id'], name=op.f('fk_case_instalment_case_id_overpayment_case')),
    sa.PrimaryKeyConstraint('case_id', 'plan', 'number', name=op.f('pk_case_instalment'))
    )
    op.create_table('case_receipt_share',
    sa.Column('reference', sa.String(40), nullable=False),
    sa.Column('case_id', sa.String(40), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_case_receipt_share_amount_fen_positive')),
    sa.ForeignKeyConstraint(['case_id'], ['overpayment_case.case_id'], name=op.f('fk_case_receipt_share_case_id_overpayment_case')),
    sa.ForeignKeyConstraint(['reference'], ['case_receipt.reference'], name=op.f('fk_case_receipt_share_reference_case_receipt')),
    sa.PrimaryKeyConstraint('reference', 'case_id', name=op.f('pk_case_receipt_share'))
    )
    op.create_index(op.f('ix_case_receipt_share_case_id'), 'case_receipt_share', ['case_id'])

    op.create_table('case_relief',
    sa.Column('case_id', sa.String(40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', _word(('waiver', 'write_off', 'keep',), 'kind_known'), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('basis', sa.String(), nullable=False),
    sa.Column('state', _word(('asked', 'granted', 'refused',), 'state_known'), nullable=False),
    sa.Column('approvals_needed', sa.Integer(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_by', sa.String(), nullable=False),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_case_relief_amount_fen_positive')),
    sa.CheckConstraint('approvals_needed >= 1', name=op.f('ck_case_relief_approved_by_somebody')),
    sa.ForeignKeyConstraint(['case_id'], ['overpayment_case.case_id'], name=op.f('fk_case_relief_case_id_overpayment_case')),
    sa.PrimaryKeyConstraint('case_id', 'number', name=op.f('pk_case_relief'))
    )
    asked = sa.text("state = 'asked'")
    op.create_index('uq_case_relief_asked', 'case_relief', ['case_id'], unique=True, sqlite_where=asked, postgresql_where=asked)

    op.create_table('case_step',
    sa.Column('case_id', sa.String(40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('action', _word(('raised', 'lowered', 'notified', 'objected', 'confirmed', 'reopened', 'received', 'planned', 'offset', 'asked', 'granted', 'refused', 'noted',), 'action_known'), nullable=False),
    sa.Column('source', _word(_STATES, 'source_known'), nullable=False),
    sa.Column('target', _word(_STATES, 'target_known'), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_by', sa.String(), nullable=False),
    sa.Column('acted_on', sa.Date(), nullable=True),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('basis', sa.String(), nullable=True),
    sa.Column('run_id', sa.String(40), nullable=True),
    sa.CheckConstraint(_allowed(), name=op.f('ck_case_step_step_allowed')),
    sa.CheckConstraint('amount_fen >= 0', name=op.f('ck_case_step_amount_fen_not_negative')),
    sa.ForeignKeyConstraint(['case_id'], ['overpayment_case.case_id'], name=op.f('fk_case_step_case_id_overpayment_case')),
    sa.PrimaryKeyConstraint('case_id', 'number', name=op.f('pk_case_step'))
    )
    op.create_table('case_relief_verdict',
    sa.Column('case_id', sa.String(40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('said_by', sa.String(), nullable=False),
    sa.Column('said_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('is_granted', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['case_id', 'number'], ['case_relief.case_id', 'case_relief.number'], name=op.f('fk_case_relief_verdict_case_id_number_case_relief')),
    sa.PrimaryKeyConstraint('case_id', 'number', 'said_by', name=op.f('pk_case_relief_verdict'))
    )


def downgrade() -> None:
    """Go back to the schema before; what people did on cases goes."""
    for name in (
        "case_relief_verdict", "case_step", "case_relief", "case_receipt_share", "case_instalment", "sealed_note",
        "case_receipt",
    ):  # fmt: skip
        op.drop_table(name)
    op.execute("create table case_after as select * from overpayment_case")
    op.drop_table("overpayment_case")
    _create_cases_before()
    op.execute(
        f"""
        insert into overpayment_case (
            case_id, obligation_id, number, amount_fen, state, opened_at, closed_at, run_id
        )
        select case_id, obligation_id, number, amount_fen,
            case when {_IS_LIVE} then 'open' when state = 'withdrawn' then 'withdrawn' else 'settled' end,
            opened_at, closed_at, run_id
        from case_after
        """  # noqa: S608  # the words are ours
    )
    op.drop_table("case_after")


def _create_cases() -> None:
    op.create_table(
        "overpayment_case",
        sa.Column("case_id", sa.String(40), nullable=False),
        sa.Column("obligation_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("recovered_fen", sa.BigInteger(), nullable=False),
        sa.Column("written_off_fen", sa.BigInteger(), nullable=False),
        sa.Column("kept_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", _word(_STATES, "state_known"), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("told_fen", sa.BigInteger(), nullable=True),
        sa.Column("object_through", sa.Date(), nullable=True),
        sa.Column("is_offset", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run_id", sa.String(40), nullable=True),
        sa.CheckConstraint(f"({_IS_LIVE}) = (amount_fen > 0)", name=op.f("ck_overpayment_case_amount_while_live")),
        sa.CheckConstraint(
            f"({_IS_LIVE}) = (closed_at is null)", name=op.f("ck_overpayment_case_closed_at_when_closed")
        ),
        sa.CheckConstraint(
            "(told_fen is null) = (object_through is null)", name=op.f("ck_overpayment_case_told_with_a_deadline")
        ),
        sa.CheckConstraint(
            "told_fen is not null or "
            "state in ('kept', 'opened', 'partly_recovered', 'recovered', 'withdrawn', 'written_off')",
            name=op.f("ck_overpayment_case_told_before_collected"),
        ),
        *(
            sa.CheckConstraint(f"{name} >= 0", name=op.f(f"ck_overpayment_case_{name}_not_negative"))
            for name in ("amount_fen", "recovered_fen", "written_off_fen", "kept_fen", "moves")
        ),
        *_keys(),
    )
    _one_open(_IS_LIVE)


def _create_cases_before() -> None:
    op.create_table(
        "overpayment_case",
        sa.Column("case_id", sa.String(40), nullable=False),
        sa.Column("obligation_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", _word(_BEFORE, "state_known"), nullable=False),
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
        *_keys(),
    )
    _one_open(_IS_OPEN)


def _keys() -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["obligation_id"], ["obligation.obligation_id"], name=op.f("fk_overpayment_case_obligation_id_obligation")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_overpayment_case")),
        sa.UniqueConstraint("obligation_id", "number", name=op.f("uq_overpayment_case_obligation_id_number")),
    )


def _one_open(condition: str) -> None:
    where = sa.text(condition)
    op.create_index(
        "uq_overpayment_case_open",
        "overpayment_case",
        ["obligation_id"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )


def _allowed() -> str:
    steps = {source: {*_NEXT[source], *_CLOSED} for source in _LIVE} | {state: {state} for state in sorted(_CLOSED)}
    pairs = [(source, target) for source, targets in steps.items() for target in sorted(targets)]
    return " or ".join(f"(source = '{source}' and target = '{target}')" for source, target in pairs)


def _word(words: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)
