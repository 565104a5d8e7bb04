"""Grievances are handled by steps; a grant may be held by one; people rate what they got."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_NEXT = {
    "received": ("accepted", "not_accepted", "withdrawn"),
    "not_accepted": ("reappealed",),
    "accepted": ("investigating", "withdrawn"),
    "investigating": ("decided", "waiting", "withdrawn"),
    "waiting": ("investigating", "withdrawn"),
    "decided": ("closed", "executed", "reappealed"),
    "executed": ("closed", "reappealed"),
    "closed": ("reappealed",),
    "withdrawn": (),
    "reappealed": (),
}
_NEW_ACTS = ("hold", "release")
_ACT = "ck_act_kind_known"


def upgrade() -> None:
    """Go to this schema."""
    op.create_table('grievance',
    sa.Column('grievance_id', sa.String(40), nullable=False),
    sa.Column('kind', _word(('entitlement', 'claim', 'report', 'undone', 'service', 'dissatisfied',), 'kind_known'), nullable=False),
    sa.Column('source', _word(('counter', 'hotline', 'page', 'rating',), 'source_known'), nullable=False),
    sa.Column('external_id', sa.String(), nullable=True),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('subject_id', sa.String(40), nullable=True),
    sa.Column('policy', sa.String(), nullable=True),
    sa.Column('grant_id', sa.String(40), nullable=True),
    sa.Column('case_id', sa.String(40), nullable=True),
    sa.Column('earlier_id', sa.String(40), nullable=True),
    sa.Column('received_on', sa.Date(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_by', sa.String(), nullable=False),
    sa.Column('state', _word(tuple(_NEXT), 'state_known'), nullable=False),
    sa.Column('outcome', _word(('upheld', 'partly', 'rejected',), 'outcome_known'), nullable=True),
    sa.Column('is_holding', sa.Boolean(), nullable=False),
    sa.Column('moves', sa.Integer(), nullable=False),
    sa.CheckConstraint("state not in ('decided', 'executed') or outcome is not null", name=op.f('ck_grievance_outcome_when_decided')),
    sa.CheckConstraint('moves >= 0', name=op.f('ck_grievance_moves_not_negative')),
    sa.CheckConstraint('not is_holding or grant_id is not null', name=op.f('ck_grievance_holds_a_grant')),
    sa.ForeignKeyConstraint(['case_id'], ['overpayment_case.case_id'], name=op.f('fk_grievance_case_id_overpayment_case')),
    sa.ForeignKeyConstraint(['earlier_id'], ['grievance.grievance_id'], name=op.f('fk_grievance_earlier_id_grievance')),
    sa.ForeignKeyConstraint(['grant_id'], ['grant_.grant_id'], name=op.f('fk_grievance_grant_id_grant_')),
    sa.ForeignKeyConstraint(['subject_id'], ['subject.subject_id'], name=op.f('fk_grievance_subject_id_subject')),
    sa.PrimaryKeyConstraint('grievance_id', name=op.f('pk_grievance'))
    )
    op.create_index(op.f("ix_grievance_subject_id"), "grievance", ["subject_id"])
    _unique("uq_grievance_earlier", ["earlier_id"], "earlier_id is not null")
    _unique("uq_grievance_external", ["source", "external_id"], "external_id is not null")

    op.create_table('grievance_step',
    sa.Column('grievance_id', sa.String(40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('source', _word(tuple(_NEXT), 'source_known'), nullable=False),
    sa.Column('target', _word(tuple(_NEXT), 'target_known'), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_on', sa.Date(), nullable=False),
    sa.Column('taken_by', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('basis', sa.String(), nullable=True),
    sa.Column('department', sa.String(), nullable=True),
    sa.CheckConstraint(_allowed(), name=op.f('ck_grievance_step_step_allowed')),
    sa.ForeignKeyConstraint(['grievance_id'], ['grievance.grievance_id'], name=op.f('fk_grievance_step_grievance_id_grievance')),
    sa.PrimaryKeyConstraint('grievance_id', 'number', name=op.f('pk_grievance_step'))
    )
    op.create_table('rating',
    sa.Column('rating_id', sa.String(40), nullable=False),
    sa.Column('subject_id', sa.String(40), nullable=False),
    sa.Column('policy', sa.String(), nullable=False),
    sa.Column('about', sa.String(40), nullable=False),
    sa.Column('stars', sa.Integer(), nullable=False),
    sa.Column('rated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('rated_by', sa.String(), nullable=False),
    sa.Column('grievance_id', sa.String(40), nullable=True),
    sa.CheckConstraint('stars between 1 and 5', name=op.f('ck_rating_stars_from_one_to_five')),
    sa.ForeignKeyConstraint(['grievance_id'], ['grievance.grievance_id'], name=op.f('fk_rating_grievance_id_grievance')),
    sa.ForeignKeyConstraint(['subject_id'], ['subject.subject_id'], name=op.f('fk_rating_subject_id_subject')),
    sa.PrimaryKeyConstraint('rating_id', name=op.f('pk_rating')),
    sa.UniqueConstraint('subject_id', 'about', name=op.f('uq_rating_subject_id_about'))
    )
    _know_acts((*_acts_known(), *_NEW_ACTS))


def downgrade() -> None:
    """Go back to the schema before; holds of grants stand in the way."""
    _know_acts(tuple(word for word in _acts_known() if word not in _NEW_ACTS))
    for name in ("rating", "grievance_step", "grievance"):
        op.drop_table(name)


def _acts_known() -> tuple[str, ...]:
    """Return the kinds that acts on grants may be of by now."""
    (check,) = [each for each in sa.inspect(op.get_bind()).get_check_constraints("act") if each["name"] == _ACT]
    return tuple(re.findall(r"'(\w+)'", check["sqltext"]))


def _know_acts(words: tuple[str, ...]) -> None:
    """Let acts on grants be of other kinds."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(_ACT), "act", type_="check")
        op.create_check_constraint(op.f(_ACT), "act", _known(words))
        return
    # Copying the table would leave its other checks out; SQLite's documentation names this way for changing one.
    connection = op.get_bind()
    text = str(connection.scalar(sa.text("select sql from sqlite_master where type = 'table' and name = 'act'")))
    before, after = _known(_acts_known()), _known(words)
    assert before in text, "the check stands in the table as it was written"
    op.execute("pragma writable_schema = on")
    connection.execute(
        sa.text("update sqlite_master set sql = :text where type = 'table' and name = 'act'"),
        {"text": text.replace(before, after)},
    )
    op.execute("pragma writable_schema = reset")


def _known(words: tuple[str, ...]) -> str:
    named = ", ".join(f"'{word}'" for word in words)
    return f"kind IN ({named})"


def _unique(name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, "grievance", columns, unique=True, sqlite_where=where, postgresql_where=where)


def _allowed() -> str:
    pairs = [(source, target) for source, targets in _NEXT.items() for target in targets]
    return " or ".join(f"(source = '{source}' and target = '{target}')" for source, target in pairs)


def _word(words: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)
