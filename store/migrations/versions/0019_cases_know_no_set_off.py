"""Cases know no set-off: nothing that falls due later is kept back for a claim."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_ACTIONS = (
    "raised", "lowered", "notified", "objected", "confirmed", "reopened", "received", "planned", "asked", "granted",
    "refused", "noted",
)  # fmt: skip
_BEFORE = (*_ACTIONS[:8], "offset", *_ACTIONS[8:])
_ACTION = "ck_case_step_action_known"


def upgrade() -> None:
    """Go to this schema; nobody could set anything off before."""
    op.drop_column("overpayment_case", "is_offset")
    _know(_BEFORE, _ACTIONS)


def downgrade() -> None:
    """Go back to the schema before."""
    _know(_ACTIONS, _BEFORE)
    op.add_column("overpayment_case", sa.Column("is_offset", sa.Boolean(), nullable=False, server_default=sa.false()))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("overpayment_case", "is_offset", server_default=None)


def _know(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Let steps be of other kinds; SQLite's documentation names this way for changing a check."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.drop_constraint(op.f(_ACTION), "case_step", type_="check")
        op.create_check_constraint(op.f(_ACTION), "case_step", _known(after))
        return
    text = str(connection.scalar(sa.text("select sql from sqlite_master where type = 'table' and name = 'case_step'")))
    assert _known(before) in text, "the check stands in the table as it was written"
    op.execute("pragma writable_schema = on")
    connection.execute(
        sa.text("update sqlite_master set sql = :text where type = 'table' and name = 'case_step'"),
        {"text": text.replace(_known(before), _known(after))},
    )
    op.execute("pragma writable_schema = reset")


def _known(words: tuple[str, ...]) -> str:
    named = ", ".join(f"'{word}'" for word in words)
    return f"action IN ({named})"
