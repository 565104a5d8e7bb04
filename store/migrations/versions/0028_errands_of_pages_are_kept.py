"""What was asked for on a page and is carried out beside it is kept here, so that a killed server leaves nothing running."""

import sqlalchemy as sa
from alembic import op

from store.migrations.compared_words import compare_words

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_KINDS = ("readiness", "replay", "plan", "night")
_STATES = ("asked", "running", "done", "failed", "broken_off")
_LIVE = "state in ('asked', 'running')"


def upgrade() -> None:
    """Go to this schema."""
    op.create_table(
        "errand",
        sa.Column("errand_id", sa.String(40), nullable=False),
        sa.Column("kind", _word("kind_known", _KINDS), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("state", _word("state_known", _STATES), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progress", sa.String(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.CheckConstraint("state <> 'asked' or began_at is null", name=op.f("ck_errand_began_once_taken")),
        sa.CheckConstraint(
            "(state = 'running') = (lease_until is not null and holder is not null)",
            name=op.f("ck_errand_lease_while_running"),
        ),
        sa.CheckConstraint(f"({_LIVE}) = (ended_at is null)", name=op.f("ck_errand_ended_at_when_over")),
        sa.PrimaryKeyConstraint("errand_id", name=op.f("pk_errand")),
    )
    for name, column, where in (("live", "digest", _LIVE), ("running", "state", "state = 'running'")):
        condition = sa.text(where)
        op.create_index(
            f"uq_errand_{name}",
            "errand",
            [column],
            unique=True,
            sqlite_where=condition,
            postgresql_where=condition,
        )
    op.create_index(op.f("ix_errand_asked_at"), "errand", ["asked_at"])
    compare_words(op.get_bind())


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_table("errand")


def _word(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=op.f(f"ck_errand_{name}"), native_enum=False, create_constraint=True, length=20)
