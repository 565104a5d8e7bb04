"""The audit chain is bound and guarded."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NOTHING = "0" * 64
_REFUSED = "audit_entry is append-only"
_SQLITE = (
    f"""
    create trigger audit_entry_in_line before insert on audit_entry
    when new.sequence is not (select coalesce(max(sequence), 0) + 1 from audit_entry)
      or new.previous is not coalesce((select hash from audit_entry order by sequence desc limit 1), '{_NOTHING}')
    begin select raise(abort, '{_REFUSED}'); end
    """,
    f"create trigger audit_entry_not_changed before update on audit_entry begin select raise(abort, '{_REFUSED}'); end",
    f"create trigger audit_entry_not_removed before delete on audit_entry begin select raise(abort, '{_REFUSED}'); end",
)
_POSTGRESQL = (
    f"""
    create function audit_entry_refuse() returns trigger language plpgsql as $$
    begin raise exception '{_REFUSED}'; end $$
    """,
    f"""
    create function audit_entry_follow() returns trigger language plpgsql as $$
    declare last record;
    begin
      select sequence, hash into last from audit_entry order by sequence desc limit 1;
      if new.sequence is distinct from coalesce(last.sequence, 0) + 1
        or new.previous is distinct from coalesce(last.hash, '{_NOTHING}')
      then raise exception '{_REFUSED}'; end if;
      return new;
    end $$
    """,
    """
    create trigger audit_entry_in_line before insert on audit_entry
    for each row execute function audit_entry_follow()
    """,
    """
    create trigger audit_entry_not_changed before update on audit_entry
    for each row execute function audit_entry_refuse()
    """,
    """
    create trigger audit_entry_not_removed before delete on audit_entry
    for each row execute function audit_entry_refuse()
    """,
    """
    create trigger audit_entry_not_emptied before truncate on audit_entry
    for each statement execute function audit_entry_refuse()
    """,
)


def upgrade() -> None:
    """Go to this schema."""
    op.create_table(
        "audit_entry",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_by", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("payload", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_audit_entry_sequence_from_one")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_about"), "audit_entry", ["about"])
    for statement in _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(sa.text(statement))


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_table("audit_entry")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function audit_entry_follow()")
        op.execute("drop function audit_entry_refuse()")
