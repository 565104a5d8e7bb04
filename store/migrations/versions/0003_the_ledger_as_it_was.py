"""The ledger as it was: numbered changes, what they replaced, and the vocabularies that nights used."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_LEDGER = ("grant_", "act", "obligation", "item")
_GRANT_STATES = ("proposed", "offered", "asked", "confirmed", "active", "held", "waived", "ended")
_ITEM_STATES = ("open", "on_hold", "in_batch", "instructed", "paid", "returned", "cancelled")


def upgrade() -> None:
    """Go to this schema; rows that are there already were always there."""
    op.create_table(
        "catalogue_text",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_catalogue_text")),
    )
    op.create_table(
        "ledger_revision",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ledger_revision")),
    )
    _create_past(
        "grant_past",
        sa.Column("grant_id", sa.String(40), nullable=False),
        sa.Column("state", _word(_GRANT_STATES), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    _create_past(
        "obligation_past",
        sa.Column("obligation_id", sa.String(40), nullable=False),
        sa.Column("due_at_least_fen", sa.BigInteger(), nullable=False),
        sa.Column("due_at_most_fen", sa.BigInteger(), nullable=True),
        sa.Column("due_is_open", sa.Boolean(), nullable=False),
        sa.Column("recovered_fen", sa.BigInteger(), nullable=False),
        sa.Column("written_off_fen", sa.BigInteger(), nullable=False),
        sa.Column("kept_fen", sa.BigInteger(), nullable=False),
        sa.Column("case_open_fen", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    _create_past(
        "item_past",
        sa.Column("item_id", sa.String(40), nullable=False),
        sa.Column("state", _word(_ITEM_STATES), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    for table in _LEDGER:
        op.add_column(table, sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Go back to the schema before."""
    for table in _LEDGER:
        op.drop_column(table, "revision")
    for table in ("item_past", "obligation_past", "grant_past"):
        op.drop_index(f"ix_{table}_until", table)
        op.drop_table(table)
    op.drop_table("ledger_revision")
    op.drop_table("catalogue_text")


def _create_past(name: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("number", name=op.f(f"pk_{name}")),
    )
    op.create_index(f"ix_{name}_until", name, ["until"], unique=False)


def _word(members: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*members, name="state_known", native_enum=False, create_constraint=True, length=20)
