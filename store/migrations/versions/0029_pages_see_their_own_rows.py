"""On PostgreSQL a subject's pages are given the rows of that subject alone, whatever a query asks for.

Policies hold whoever does not own the tables; the owner, as nights and officers go by, is not held. Nothing on SQLite.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_OWN = "= any (mianshen_subjects())"

_DIRECT = (
    "subject",
    "identifier",
    "grant_",
    "notice",
    "notice_preference",
    "bad_contact",
    "question",
    "grievance",
    "rating",
    "batch_item",
    "sample_case",
    "account_holder",
    "trial_account",
    "web_session",
    "web_session_subject",
)
"""Tables that say whose each row is."""

_THROUGH = {
    "act": ("grant_", "grant_id"),
    "grant_past": ("grant_", "grant_id"),
    "public_line": ("grant_", "grant_id"),
    "objection": ("grant_", "grant_id"),
    "obligation": ("grant_", "grant_id"),
    "obligation_past": ("obligation", "obligation_id"),
    "posting": ("obligation", "obligation_id"),
    "item": ("obligation", "obligation_id"),
    "overpayment_case": ("obligation", "obligation_id"),
    "item_past": ("item", "item_id"),
    "money_wait": ("item", "item_id"),
    "bank_line": ("item", "item_id"),
    "set_off": ("overpayment_case", "case_id"),
    "case_step": ("overpayment_case", "case_id"),
    "case_instalment": ("overpayment_case", "case_id"),
    "case_receipt_share": ("overpayment_case", "case_id"),
    "case_relief": ("overpayment_case", "case_id"),
    "case_relief_verdict": ("overpayment_case", "case_id"),
    "batch_fallback": ("batch_item", "item_id"),
    "notice_attempt": ("notice", "notice_id"),
    "notice_act": ("notice", "notice_id"),
    "inbox_item": ("notice", "notice_id"),
    "grievance_step": ("grievance", "grievance_id"),
}
"""Tables whose rows are whose the row is that they belong to; that table's own policy holds for it."""

_OTHERWISE = {
    "subject_merge": f"from_id {_OWN} or to_id {_OWN}",
    "personal": f"subject_id {_OWN} or exists (select 1 from grant_ where grant_.grant_id = personal.subject_id)",
    "sealed_note": (
        "exists (select 1 from grievance where grievance.grievance_id = sealed_note.about)"
        " or exists (select 1 from overpayment_case where overpayment_case.case_id = sealed_note.about)"
    ),
    "notice_receipt": (
        "exists (select 1 from notice_attempt where notice_attempt.reference = notice_receipt.reference)"
    ),
    "case_receipt": (
        "exists (select 1 from case_receipt_share where case_receipt_share.reference = case_receipt.reference)"
    ),
    "sample_verdict": (
        "exists (select 1 from sample_case where sample_case.sample_id = sample_verdict.sample_id"
        " and sample_case.number = sample_verdict.number)"
    ),
}

_NOBODYS = ("errand", "inquiry", "suspicion", "portal", "portal_answer", "portal_call")
"""Tables that no page of a subject reads."""


def upgrade() -> None:
    """Go to this schema."""
    if op.get_bind().dialect.name != "postgresql":
        return
    # Where nobody said whose a transaction is, the setting is not there or empty, and no row is anybody's.
    op.execute(
        "create function mianshen_subjects() returns text[] language sql stable parallel safe as"
        " $$ select string_to_array(nullif(current_setting('mianshen.subjects', true), ''), ',') $$"
    )
    for table, condition in _policies().items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"create policy own_rows on {table} using ({condition})")


def downgrade() -> None:
    """Go back to the schema before."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in reversed(_policies()):
        op.execute(f"drop policy own_rows on {table}")
        op.execute(f"alter table {table} disable row level security")
    op.execute("drop function mianshen_subjects()")


def _policies() -> dict[str, str]:
    """Return for each table which of its rows are a subject's own."""
    through = {
        table: f"exists (select 1 from {above} where {above}.{key} = {table}.{key})"
        for table, (above, key) in _THROUGH.items()
    }
    return {
        **{table: f"subject_id {_OWN}" for table in _DIRECT},
        **through,
        **_OTHERWISE,
        **dict.fromkeys(_NOBODYS, str(sa.false().compile(compile_kwargs={"literal_binds": True}))),
    }
