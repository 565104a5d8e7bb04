"""Sessions of browsers are kept here, so that they can be ended from here."""

import sqlalchemy as sa
from alembic import op

from store.migrations.compared_words import compare_words

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_WAYS = ("local", "oidc")
_ENDS = ("logged_out", "renewed", "revoked")


def upgrade() -> None:
    """Go to this schema."""
    op.create_table(
        "web_session",
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("login_name", sa.String(), nullable=False),
        sa.Column("way", _word("way_known", _WAYS), nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=True),
        sa.Column("shown_as", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_as", _word("ended_as_known", _ENDS), nullable=True),
        sa.CheckConstraint("(ended_at is null) = (ended_as is null)", name=op.f("ck_web_session_end_whole")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.subject_id"], name=op.f("fk_web_session_subject_id_subject")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_web_session")),
    )
    op.create_index(op.f("ix_web_session_login_name"), "web_session", ["login_name"])
    op.create_table(
        "web_session_subject",
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.subject_id"], name=op.f("fk_web_session_subject_subject_id_subject")
        ),
        sa.ForeignKeyConstraint(
            ["token_digest"],
            ["web_session.token_digest"],
            name=op.f("fk_web_session_subject_token_digest_web_session"),
        ),
        sa.PrimaryKeyConstraint("token_digest", "subject_id", name=op.f("pk_web_session_subject")),
    )
    compare_words(op.get_bind())


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_table("web_session_subject")
    op.drop_table("web_session")


def _word(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=op.f(f"ck_web_session_{name}"), native_enum=False, create_constraint=True, length=20)
