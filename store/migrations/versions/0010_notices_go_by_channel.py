"""Notices go by channel."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_WAITING = "state in ('queued', 'deferred', 'temp_failed')"
_STATES = (
    "planned", "suppressed", "queued", "deferred", "sending", "accepted", "delivered", "undeliverable", "expired",
    "unknown", "temp_failed", "dead", "cancelled",
)  # fmt: skip
_KINDS_BEFORE = ("started", "amount_changed", "ended", "held", "offered", "asked", "informed")
_KINDS = (
    "started", "amount_changed", "ended", "held", "offered", "asked", "reminded", "informed", "expiring", "publicised",
    "paid", "payment_returned", "overpaid", "overpayment_decided", "grievance_received", "grievance_decided",
)  # fmt: skip
_KIND = "ck_notice_kind_known"
_ATTEMPT = (
    "notice_id", "number", "reference", "channel", "holder", "began_at", "ended_at", "outcome", "because",
    "template_id", "message_digest",
)  # fmt: skip


def upgrade() -> None:
    """Go to this schema; what waits goes by mail where mail was ever sent, else into the folder."""
    _set_attempts_aside()
    op.drop_index("ix_notice_waiting", "notice")
    op.add_column("notice", sa.Column("channel", sa.String(), nullable=True))
    op.add_column("notice", sa.Column("event", sa.String(), nullable=True))
    op.execute(
        "update notice set event = 'night ' || business_date, channel = coalesce("
        "(select max(channel) from attempt_kept where attempt_kept.notice_id = notice.notice_id),"
        " case when exists (select 1 from attempt_kept where channel = 'email') then 'email' else 'folder' end)"
    )
    with op.batch_alter_table("notice", copy_from=_notice(_KINDS_BEFORE, *_routes(nullable=True))) as table:
        table.alter_column("channel", existing_type=sa.String(), nullable=False)
        table.alter_column("event", existing_type=sa.String(), nullable=False)
        table.drop_constraint(op.f(_KIND), type_="check")
        table.create_check_constraint(op.f(_KIND), _one_of("kind", _KINDS))
    _partial("ix_notice_waiting", "notice", ["channel", "not_before", "subject_id", "notice_id"], _WAITING)
    _partial("ix_notice_in_doubt", "notice", ["changed_at"], "state = 'unknown'")
    _make_attempts(
        sa.Column("message_reference", sa.String(40), nullable=False),
        sa.Column("template_digest", sa.String(), nullable=True),
    )
    names = ", ".join(_ATTEMPT)
    op.execute(f"insert into notice_attempt ({names}, message_reference) select {names}, reference from attempt_kept")  # noqa: S608  # the names stand above
    op.drop_table("attempt_kept")
    _partial("ix_notice_attempt_carried", "notice_attempt", ["message_reference"], "message_reference <> reference")
    _make_receipts()
    _make_words_of_people()


def downgrade() -> None:
    """Go back to the schema before; notices of kinds that it does not know stand in the way."""
    for table in ("notice_act", "inbox_item", "bad_contact", "notice_preference", "notice_receipt"):
        op.drop_table(table)
    op.drop_index("ix_notice_attempt_carried", "notice_attempt")
    _set_attempts_aside()
    op.drop_index("ix_notice_in_doubt", "notice")
    op.drop_index("ix_notice_waiting", "notice")
    with op.batch_alter_table("notice", copy_from=_notice(_KINDS, *_routes(nullable=False))) as table:
        table.drop_column("event")
        table.drop_column("channel")
        table.drop_constraint(op.f(_KIND), type_="check")
        table.create_check_constraint(op.f(_KIND), _one_of("kind", _KINDS_BEFORE))
    _partial("ix_notice_waiting", "notice", ["not_before", "notice_id"], _WAITING)
    _make_attempts()
    names = ", ".join(_ATTEMPT)
    op.execute(f"insert into notice_attempt ({names}) select {names} from attempt_kept")  # noqa: S608  # the names stand above
    op.drop_table("attempt_kept")


def _set_attempts_aside() -> None:
    """Free the table of notices from those that refer to it: SQLite changes a table by copying and dropping it."""
    op.execute(f"create table attempt_kept as select {', '.join(_ATTEMPT)} from notice_attempt")  # noqa: S608  # as above
    op.drop_table("notice_attempt")


def _make_attempts(*more: sa.Column[object]) -> None:
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
        *more,
        sa.ForeignKeyConstraint(["notice_id"], ["notice.notice_id"], name=op.f("fk_notice_attempt_notice_id_notice")),
        sa.PrimaryKeyConstraint("notice_id", "number", name=op.f("pk_notice_attempt")),
        sa.UniqueConstraint("reference", name=op.f("uq_notice_attempt_reference")),
    )


def _make_receipts() -> None:
    op.create_table(
        "notice_receipt",
        sa.Column("receipt_id", sa.String(40), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("outcome", _word("outcome_known", "accepted", "undeliverable", "delivered"), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("because", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("state", _word("state_known", "waiting", "applied", "nothing_new"), nullable=False),
        sa.PrimaryKeyConstraint("receipt_id", name=op.f("pk_notice_receipt")),
    )
    op.create_index(op.f("ix_notice_receipt_reference"), "notice_receipt", ["reference"])
    _partial("ix_notice_receipt_waiting", "notice_receipt", ["received_at"], "state = 'waiting'")


def _make_words_of_people() -> None:
    """Make the tables of what subjects do not want, of bad addresses, inboxes, and acts on messages."""
    op.create_table(
        "notice_preference",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("category", _word("category_known", "benefit", "advice", "payment", "decision"), nullable=False),
        sa.Column("is_wanted", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("recorded_by <> '' and reason <> ''", name=op.f("ck_notice_preference_who_and_why")),
        _of_subject("notice_preference"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_notice_preference")),
    )
    op.create_index(op.f("ix_notice_preference_subject_id"), "notice_preference", ["subject_id"])
    op.create_table(
        "bad_contact",
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address_mark", sa.String(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("because", sa.String(), nullable=True),
        _of_subject("bad_contact"),
        sa.PrimaryKeyConstraint("subject_id", "channel", "address_mark", name=op.f("pk_bad_contact")),
    )
    op.create_table(
        "inbox_item",
        sa.Column("notice_id", sa.String(40), nullable=False),
        sa.Column("state", _word("state_known", "unread", "read", "archived"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("template_id", sa.String(), nullable=False),
        sa.Column("message_digest", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(state = 'archived') = (archived_at is not null)", name=op.f("ck_inbox_item_archived_at_an_instant")
        ),
        sa.CheckConstraint("state <> 'unread'", name=op.f("ck_inbox_item_unread_has_no_row")),
        _of_notice("inbox_item"),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_inbox_item")),
    )
    op.create_table(
        "notice_act",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.String(40), nullable=False),
        sa.Column("source", _word("source_known", *_STATES), nullable=False),
        sa.Column("target", _word("target_known", *_STATES), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("taken_by <> '' and reason <> ''", name=op.f("ck_notice_act_who_and_why")),
        _of_notice("notice_act"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_notice_act")),
    )
    op.create_index(op.f("ix_notice_act_notice_id"), "notice_act", ["notice_id"])


def _of_subject(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["subject_id"], ["subject.subject_id"], name=op.f(f"fk_{table}_subject_id_subject")
    )


def _of_notice(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["notice_id"], ["notice.notice_id"], name=op.f(f"fk_{table}_notice_id_notice"))


def _notice(kinds: tuple[str, ...], *more: sa.Column[object]) -> sa.Table:
    """Return the table of notices as it is, for SQLite, which copies it to change it."""
    return sa.Table(
        "notice",
        sa.MetaData(),
        sa.Column("notice_id", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("run_id", sa.String(40), nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempt_count", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("because", sa.String(), nullable=True),
        *more,
        sa.CheckConstraint(_one_of("kind", kinds), name=op.f(_KIND)),
        sa.CheckConstraint(_one_of("state", _STATES), name=op.f("ck_notice_state_known")),
        sa.CheckConstraint(
            "(state = 'sending') = (lease_until is not null and holder is not null)",
            name=op.f("ck_notice_lease_while_sending"),
        ),
        sa.CheckConstraint("attempt_count >= 0", name=op.f("ck_notice_attempt_count_not_negative")),
        _of_subject("notice"),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_notice")),
        sa.Index("ix_notice_subject_id", "subject_id"),
        sa.Index("ix_notice_being_sent", "lease_until", sqlite_where=sa.text("state = 'sending'")),
    )


def _routes(*, nullable: bool) -> tuple[sa.Column[object], ...]:
    return (sa.Column("channel", sa.String(), nullable=nullable), sa.Column("event", sa.String(), nullable=nullable))


def _one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


def _partial(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=False, sqlite_where=where, postgresql_where=where)


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)
