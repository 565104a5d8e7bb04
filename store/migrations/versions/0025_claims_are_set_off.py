"""Claims are set off from later payments: items in a state of their own, and what was kept back for which case."""

import sqlalchemy as sa
from alembic import op

from store.migrations.compared_words import compare_words, list_words

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_STATES = ("open", "on_hold", "in_batch", "instructed", "paid", "returned", "cancelled")
_WITH_SET_OFF = (*_STATES[:5], "set_off", *_STATES[5:])
_ACTIONS = (
    "raised", "lowered", "notified", "objected", "confirmed", "reopened", "received", "planned", "asked", "granted",
    "refused", "noted",
)  # fmt: skip
_WITH_OFFSET = (*_ACTIONS[:8], "set_off", "kept_back", *_ACTIONS[8:])


def upgrade() -> None:
    """Go to this schema."""
    list_words(op.get_bind())
    _know("item", "state", _STATES, _WITH_SET_OFF)
    _know("item_past", "state", _STATES, _WITH_SET_OFF)
    _know("case_step", "action", _ACTIONS, _WITH_OFFSET)
    op.create_table(
        "set_off",
        sa.Column("item_id", sa.String(40), nullable=False),
        sa.Column("case_id", sa.String(40), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("pay_day", sa.Date(), nullable=False),
        sa.Column("set_off_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.String(40), nullable=True),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_set_off_amount_fen_positive")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["overpayment_case.case_id"], name=op.f("fk_set_off_case_id_overpayment_case")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.item_id"], name=op.f("fk_set_off_item_id_item")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_set_off")),
    )
    op.create_index(op.f("ix_set_off_case_id"), "set_off", ["case_id"])
    compare_words(op.get_bind())


def downgrade() -> None:
    """Go back to the schema before; what was set off stands in the way."""
    op.drop_table("set_off")
    list_words(op.get_bind())
    _know("case_step", "action", _WITH_OFFSET, _ACTIONS)
    _know("item_past", "state", _WITH_SET_OFF, _STATES)
    _know("item", "state", _WITH_SET_OFF, _STATES)
    compare_words(op.get_bind())


def _know(table: str, column: str, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Let a column hold other words; SQLite's documentation names this way for changing a check."""
    connection = op.get_bind()
    name = op.f(f"ck_{table}_{column}_known")
    if connection.dialect.name == "postgresql":
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, _known(column, after))
        return
    chosen = sa.text("select sql from sqlite_master where type = 'table' and name = :name")
    text = str(connection.scalar(chosen, {"name": table}))
    assert _known(column, before) in text, "the check stands in the table as it was written"
    op.execute("pragma writable_schema = on")
    connection.execute(
        sa.text("update sqlite_master set sql = :text where type = 'table' and name = :name"),
        {"text": text.replace(_known(column, before), _known(column, after)), "name": table},
    )
    op.execute("pragma writable_schema = reset")


def _known(column: str, words: tuple[str, ...]) -> str:
    named = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({named})"
