"""A batch that was stopped at the bank when some of it was paid is settled, and reconciled like any other."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_BEFORE = {
    "frozen": ("approved", "cancelled", "frozen", "in_approval", "rejected", "stopped"),
    "in_approval": ("approved", "cancelled", "frozen", "rejected", "stopped"),
    "approved": ("cancelled", "exported", "frozen", "in_approval", "rejected", "stopped"),
    "rejected": ("released",),
    "stopped": ("cancelled", "frozen", "stopped"),
    "exported": ("acknowledged", "file_rejected", "settled", "settling", "stop_requested", "submission_unknown", "submitted"),
    "submitted": ("acknowledged", "file_rejected", "settled", "settling", "stop_requested", "submission_unknown"),
    "submission_unknown": ("acknowledged", "file_rejected", "not_received", "settled", "settling", "stop_requested", "submitted"),
    "not_received": ("settled", "settling", "stop_requested", "submission_unknown", "submitted"),
    "acknowledged": ("file_rejected", "settled", "settling", "stop_requested"),
    "file_rejected": ("released",),
    "stop_requested": ("stop_confirmed", "stop_failed"),
    "stop_confirmed": ("released",),
    "stop_failed": ("file_rejected", "settled", "settling"),
    "settling": ("file_rejected", "settled", "stop_requested"),
    "settled": ("reconciled",),
    "reconciled": ("closed", "settled"),
}
_ADDED = {"stop_confirmed": ("settled",)}
_AFTER = {source: tuple(sorted({*targets, *_ADDED.get(source, ())})) for source, targets in _BEFORE.items()}
_STATES = (
    "frozen",
    "in_approval",
    "approved",
    "rejected",
    "cancelled",
    "stopped",
    "exported",
    "submitted",
    "submission_unknown",
    "not_received",
    "acknowledged",
    "file_rejected",
    "stop_requested",
    "stop_confirmed",
    "stop_failed",
    "settling",
    "settled",
    "reconciled",
    "closed",
    "released",
)
_ALLOWED = "ck_batch_step_step_allowed"


def upgrade() -> None:
    """Go to this schema."""
    _change(_BEFORE, _AFTER)


def downgrade() -> None:
    """Go back to the schema before; steps that it does not know stand in the way."""
    _change(_AFTER, _BEFORE)


def _change(before: dict[str, tuple[str, ...]], after: dict[str, tuple[str, ...]]) -> None:
    with op.batch_alter_table("batch_step", copy_from=_table(before)) as table:
        table.drop_constraint(op.f(_ALLOWED), type_="check")
        table.create_check_constraint(op.f(_ALLOWED), _either(after))


def _table(allowed: dict[str, tuple[str, ...]]) -> sa.Table:
    """Return the table as it is, for SQLite, which copies it to change it."""
    return sa.Table(
        "batch_step",
        sa.MetaData(),
        sa.Column("batch_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", _word("source_known"), nullable=False),
        sa.Column("target", _word("target_known"), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(_either(allowed), name=op.f(_ALLOWED)),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.batch_id"], name=op.f("fk_batch_step_batch_id_batch")),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk_batch_step")),
    )


def _either(steps: dict[str, tuple[str, ...]]) -> str:
    pairs = [(source, target) for source, targets in steps.items() for target in targets]
    return " or ".join(f"(source = '{source}' and target = '{target}')" for source, target in pairs)


def _word(name: str) -> sa.Enum:
    return sa.Enum(*_STATES, name=op.f(f"ck_batch_step_{name}"), native_enum=False, create_constraint=True, length=20)
