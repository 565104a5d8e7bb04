"""Money by double entry: pots, their journal, decisions about budgets, and whose money each line of a batch is."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ACCOUNTS = (
    "granted", "budget", "reserved", "in_transit", "paid", "returned", "receivable", "written_off", "carried",
    "surrendered",
)  # fmt: skip
_NOT_NEGATIVE = (
    "reserved_fen", "in_transit_fen", "returned_fen", "receivable_fen", "written_off_fen", "beyond_fen", "entry_count",
)  # fmt: skip
_EVERYTHING = " + ".join(f"{account}_fen" for account in _ACCOUNTS)
_FIXED = "an entry of the journal is never changed"
_CLOSED = "nothing is posted to a closed year"
_SQLITE = (
    f"create trigger journal_entry_not_changed before update on journal_entry begin select raise(abort, '{_FIXED}'); end",
    f"create trigger journal_entry_not_removed before delete on journal_entry begin select raise(abort, '{_FIXED}'); end",
    f"""
    create trigger journal_entry_in_open_year before insert on journal_entry
    when exists (select 1 from closed_year where policy = new.policy and year = new.year)
    begin select raise(abort, '{_CLOSED}'); end
    """,
    f"create trigger closed_year_not_changed before update on closed_year begin select raise(abort, '{_CLOSED}'); end",
    f"create trigger closed_year_not_removed before delete on closed_year begin select raise(abort, '{_CLOSED}'); end",
)
_POSTGRESQL = (
    f"""
    create function journal_fixed() returns trigger language plpgsql as $$
    begin raise exception '{_FIXED}'; end $$
    """,
    f"""
    create function journal_in_open_year() returns trigger language plpgsql as $$
    begin
      if exists (select 1 from closed_year where policy = new.policy and year = new.year)
      then raise exception '{_CLOSED}'; end if;
      return new;
    end $$
    """,
    """
    create trigger journal_entry_not_changed before update or delete on journal_entry
    for each row execute function journal_fixed()
    """,
    """
    create trigger journal_entry_in_open_year before insert on journal_entry
    for each row execute function journal_in_open_year()
    """,
    """
    create trigger closed_year_not_changed before update or delete on closed_year
    for each row execute function journal_fixed()
    """,
)


def upgrade() -> None:
    """Go to this schema; batches that are there already are in no books."""
    op.create_table(
        "pot",
        *_pot_key(),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("beyond_fen", sa.BigInteger(), nullable=True),
        *(sa.Column(f"{account}_fen", sa.BigInteger(), nullable=False) for account in _ACCOUNTS),
        *(sa.CheckConstraint(f"{name} >= 0", name=op.f(f"ck_pot_{name}_not_negative")) for name in _NOT_NEGATIVE),
        sa.CheckConstraint(f"{_EVERYTHING} = 0", name=op.f("ck_pot_balanced")),
        sa.CheckConstraint(
            "beyond_fen is null or budget_fen + beyond_fen >= 0", name=op.f("ck_pot_within_the_budget")
        ),
        sa.PrimaryKeyConstraint("policy", "year", "purse", name=op.f("pk_pot")),
    )
    op.create_table(
        "journal_entry",
        *_pot_key(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", _word("journal_entry", "source", _ACCOUNTS), nullable=False),
        sa.Column("target", _word("journal_entry", "target", _ACCOUNTS), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.String(40), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_journal_entry_amount_fen_positive")),
        sa.CheckConstraint("source <> target", name=op.f("ck_journal_entry_two_accounts")),
        sa.ForeignKeyConstraint(
            ["policy", "year", "purse"],
            ["pot.policy", "pot.year", "pot.purse"],
            name=op.f("fk_journal_entry_policy_year_purse_pot"),
        ),
        sa.PrimaryKeyConstraint("policy", "year", "purse", "number", name=op.f("pk_journal_entry")),
    )
    op.create_index(op.f("ix_journal_entry_document"), "journal_entry", ["document"])
    _create_decisions()
    _create_lines()
    for statement in _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(sa.text(statement))


def _create_decisions() -> None:
    op.create_table(
        "budget_decision",
        sa.Column("decision_id", sa.String(40), nullable=False),
        *_pot_key(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", _word("budget_decision", "kind", ("set", "close")), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("state", _word("budget_decision", "state", ("proposed", "confirmed", "withdrawn")), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_budget_decision_amount_fen_not_negative")),
        sa.CheckConstraint(
            "decided_by <> proposed_by or state = 'withdrawn'", name=op.f("ck_budget_decision_two_people")
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_by is null) and (decided_by is null) = (decided_at is null)",
            name=op.f("ck_budget_decision_decided_whole"),
        ),
        sa.CheckConstraint("(kind = 'set') = (amount_fen is not null)", name=op.f("ck_budget_decision_set_whole")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_budget_decision")),
        sa.UniqueConstraint("policy", "year", "number", name=op.f("uq_budget_decision_policy_year_number")),
    )
    waiting = sa.text("state = 'proposed'")
    op.create_index(
        "uq_budget_decision_waiting",
        "budget_decision",
        ["policy", "year", "purse", "kind"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "closed_year",
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision_id", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["budget_decision.decision_id"],
            name=op.f("fk_closed_year_decision_id_budget_decision"),
        ),
        sa.PrimaryKeyConstraint("policy", "year", name=op.f("pk_closed_year")),
    )


def _create_lines() -> None:
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
    op.create_table(
        "money_wait",
        sa.Column("item_id", sa.String(40), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.item_id"], name=op.f("fk_money_wait_item_id_item")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_money_wait")),
    )
    op.add_column("batch_item", sa.Column("funded_by", sa.String(40), nullable=True))
    op.add_column("batch_item", sa.Column("first_fen", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_column("batch_item", "first_fen")
    op.drop_column("batch_item", "funded_by")
    for table in ("money_wait", "batch_purse", "closed_year"):
        op.drop_table(table)
    op.drop_index("uq_budget_decision_waiting", "budget_decision")
    op.drop_table("budget_decision")
    op.drop_index(op.f("ix_journal_entry_document"), "journal_entry")
    op.drop_table("journal_entry")
    op.drop_table("pot")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function journal_in_open_year()")
        op.execute("drop function journal_fixed()")


def _pot_key() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("purse", sa.String(), nullable=False),
    )


def _word(table: str, name: str, known: tuple[str, ...]) -> sa.Enum:
    constraint = op.f(f"ck_{table}_{name}_known")
    return sa.Enum(*known, name=constraint, native_enum=False, create_constraint=True, length=20)
