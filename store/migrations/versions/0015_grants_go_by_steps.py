"""Grants go by steps: all states before money, where each came from, and acts with reason, witness and deadline."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_STATES = ("proposed", "offered", "asked", "confirmed", "active", "held", "waived", "ended")
_ALL_STATES = (
    "proposed", "offered", "asked", "confirmed", "answered", "declined", "lapsed", "checked", "publicised", "objected",
    "active", "held", "waived", "ended", "withdrawn",
)  # fmt: skip
_KINDS = ("confirm", "waive", "revoke_waiver", "suspect_renumbering", "confirm_identity")
_ALL_KINDS = (
    "offer", "ask", "remind", "confirm", "answer", "deem", "decline", "lapse", "check", "strike", "restore", "publicise",
    "object", "dismiss", "uphold", "clear", "withdraw", "waive", "revoke_waiver", "suspect_renumbering",
    "confirm_identity",
)  # fmt: skip
_NOTICES = (
    "started", "amount_changed", "ended", "held", "offered", "asked", "reminded", "informed", "expiring", "publicised",
    "paid", "payment_returned", "overpaid", "overpayment_decided", "grievance_received", "grievance_decided",
)  # fmt: skip
_ALL_NOTICES = (*_NOTICES[:7], "lapsed", "informed", "recorded", *_NOTICES[8:])
_CAME_FROM = "ck_grant__state_allowed"
_ALLOWED = {
    "proposed": "active asked checked confirmed declined ended held offered publicised waived withdrawn",
    "offered": "active asked confirmed declined ended held lapsed proposed waived withdrawn",
    "asked": "active answered declined ended held lapsed offered proposed waived withdrawn",
    "confirmed": "active asked checked declined ended held offered proposed publicised waived withdrawn",
    "answered": "active asked checked declined ended held offered proposed publicised waived withdrawn",
    "declined": "active asked ended held offered proposed waived withdrawn",
    "lapsed": "active asked declined ended held offered proposed waived withdrawn",
    "checked": "active asked declined ended held objected offered proposed publicised waived withdrawn",
    "publicised": "active asked checked declined ended held objected offered proposed waived withdrawn",
    "objected": "checked withdrawn",
    "active": "ended held waived",
    "held": "active ended waived",
    "waived": "active ended held",
    "ended": "active held waived",
    "withdrawn": "active asked ended held offered proposed waived",
}
_REASON = ("ck_act_reason_given", "kind not in ('strike', 'uphold', 'dismiss') or reason is not null")
_THROUGH = ("ck_act_through_of_an_offer", "through is null or kind in ('offer', 'ask')")


def upgrade() -> None:
    """Go to this schema; a grant that ended and never owed anything had never been active."""
    op.add_column("grant_", sa.Column("came_from", sa.String(20), nullable=True))
    op.add_column("act", sa.Column("reason", sa.String(), nullable=True))
    op.add_column("act", sa.Column("witness", sa.String(), nullable=True))
    op.add_column("act", sa.Column("is_assisted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("act", sa.Column("through", sa.Date(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("act", "is_assisted", server_default=None)
    _know("grant_", "state", "ck_grant__state_known", _STATES, _ALL_STATES)
    _know("grant_past", "state", "ck_grant_past_state_known", _STATES, _ALL_STATES)
    _know("act", "kind", "ck_act_kind_known", _KINDS, _ALL_KINDS)
    _know("notice", "kind", "ck_notice_kind_known", _NOTICES, _ALL_NOTICES)
    _add("grant_", "ck_grant__came_from_known", _known("came_from", _ALL_STATES))
    _add("grant_", _CAME_FROM, _allowed())
    _add("act", *_REASON)
    _add("act", *_THROUGH)
    op.execute(
        "update grant_ set state = 'withdrawn' where state = 'ended' and not exists "
        "(select 1 from obligation where obligation.grant_id = grant_.grant_id)"
    )


def downgrade() -> None:
    """Go back to the schema before; grants and acts that it does not know stand in the way."""
    op.execute("update grant_ set state = 'ended' where state = 'withdrawn'")
    op.execute("update grant_past set state = 'ended' where state = 'withdrawn'")
    for table, name, condition in (
        ("grant_", "ck_grant__came_from_known", _known("came_from", _ALL_STATES)),
        ("grant_", _CAME_FROM, _allowed()),
        ("act", *_REASON),
        ("act", *_THROUGH),
    ):
        _drop(table, name, condition)
    _know("notice", "kind", "ck_notice_kind_known", _ALL_NOTICES, _NOTICES)
    _know("act", "kind", "ck_act_kind_known", _ALL_KINDS, _KINDS)
    _know("grant_past", "state", "ck_grant_past_state_known", _ALL_STATES, _STATES)
    _know("grant_", "state", "ck_grant__state_known", _ALL_STATES, _STATES)
    for table, column in (
        ("grant_", "came_from"), ("act", "reason"), ("act", "witness"), ("act", "is_assisted"), ("act", "through")
    ):  # fmt: skip
        op.drop_column(table, column)


def _known(column: str, words: tuple[str, ...]) -> str:
    named = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({named})"


def _allowed() -> str:
    steps = []
    for before, afters in _ALLOWED.items():
        named = ", ".join(f"'{after}'" for after in afters.split())
        steps.append(f"(came_from = '{before}' and state in ({named}))")
    return " or ".join(["came_from is null", *steps])


def _know(table: str, column: str, name: str, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Let a column hold other words."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, _known(column, after))
    else:
        _rewrite(table, f"CHECK ({_known(column, before)})", f"CHECK ({_known(column, after)})")


def _add(table: str, name: str, condition: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.create_check_constraint(op.f(name), table, condition)
    else:
        _rewrite(table, None, f", CONSTRAINT {name} CHECK ({condition})")


def _drop(table: str, name: str, condition: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(name), table, type_="check")
    else:
        _rewrite(table, f", CONSTRAINT {name} CHECK ({condition})", "")


def _rewrite(table: str, old: str | None, new: str) -> None:
    """Change a check in the text of a table of SQLite, or add one at its end.

    Copying it instead would take other tables' references to its rows along; its documentation names this way for checks.
    """
    connection = op.get_bind()
    own = "from sqlite_master where type = 'table' and name = :table"
    text = str(connection.scalar(sa.text(f"select sql {own}"), {"table": table}))
    changed = text.rstrip().removesuffix(")").rstrip() + new + "\n)" if old is None else text.replace(old, new)
    assert changed != text, (table, old)
    op.execute("pragma writable_schema = on")
    connection.execute(
        sa.text("update sqlite_master set sql = :text where type = 'table' and name = :table"),
        {"text": changed, "table": table},
    )
    op.execute("pragma writable_schema = reset")
