"""Any activation can be suspended, from a day on."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_STATES = ("scheduled", "shadow", "in_force", "suspended", "lapsed")
_BEFORE = (
    ("scheduled", "in_force"), ("scheduled", "shadow"), ("shadow", "in_force"), ("shadow", "suspended"),
    ("in_force", "lapsed"), ("in_force", "suspended"), ("suspended", "in_force"), ("suspended", "shadow"),
)  # fmt: skip
_AFTER = (
    ("scheduled", "in_force"), ("scheduled", "shadow"), ("scheduled", "suspended"), ("shadow", "in_force"),
    ("shadow", "suspended"), ("in_force", "lapsed"), ("in_force", "suspended"), ("suspended", "in_force"),
    ("suspended", "lapsed"), ("suspended", "scheduled"), ("suspended", "shadow"), ("lapsed", "suspended"),
)  # fmt: skip
_ALLOWED = "ck_activation_step_step_allowed"
_DAY = "ck_activation_step_suspended_from_a_day"


def upgrade() -> None:
    """Go to this schema; what was suspended before is suspended from the first day that there is."""
    with op.batch_alter_table("activation_step", copy_from=_table(_BEFORE)) as table:
        table.add_column(sa.Column("suspended_from", sa.Date(), nullable=True))
    op.execute("update activation_step set suspended_from = '0001-01-01' where target = 'suspended'")
    with op.batch_alter_table("activation_step", copy_from=_table(_BEFORE, _suspended_from())) as table:
        table.drop_constraint(op.f(_ALLOWED), type_="check")
        table.create_check_constraint(op.f(_ALLOWED), _either(_AFTER))
        table.create_check_constraint(op.f(_DAY), "(suspended_from is not null) = (target = 'suspended')")


def downgrade() -> None:
    """Go back to the schema before; steps that it does not know stand in the way."""
    day = sa.CheckConstraint("(suspended_from is not null) = (target = 'suspended')", name=op.f(_DAY))
    with op.batch_alter_table("activation_step", copy_from=_table(_AFTER, _suspended_from(), day)) as table:
        table.drop_constraint(op.f(_DAY), type_="check")
        table.drop_constraint(op.f(_ALLOWED), type_="check")
        table.create_check_constraint(op.f(_ALLOWED), _either(_BEFORE))
        table.drop_column("suspended_from")


def _suspended_from() -> sa.Column[object]:
    return sa.Column("suspended_from", sa.Date(), nullable=True)


def _table(allowed: tuple[tuple[str, str], ...], *more: sa.schema.SchemaItem) -> sa.Table:
    """Return the table as it is, for SQLite, which copies it to change it."""
    return sa.Table(
        "activation_step",
        sa.MetaData(),
        sa.Column("activation_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", _word("source_known"), nullable=False),
        sa.Column("target", _word("target_known"), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("run_id", sa.String(40), nullable=True),
        sa.CheckConstraint(_either(allowed), name=op.f(_ALLOWED)),
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activation.activation_id"], name=op.f("fk_activation_step_activation_id_activation")
        ),
        sa.PrimaryKeyConstraint("activation_id", "number", name=op.f("pk_activation_step")),
        *more,
    )


def _either(pairs: tuple[tuple[str, str], ...]) -> str:
    return " or ".join(f"(source = '{source}' and target = '{target}')" for source, target in pairs)


def _word(name: str) -> sa.Enum:
    return sa.Enum(*_STATES, name=op.f(f"ck_activation_step_{name}"), native_enum=False, create_constraint=True, length=20)
