"""快申快享: the questions that were asked, and what became of them; the answers are loads."""

import datetime as dt

import sqlalchemy as sa

from store.states.lanes import QuestionState
from store.tables.base import Row, identifier, one_where, word


class QuestionRow(Row, table=True):
    """One fact that one subject was asked under one policy."""

    __tablename__ = "question"
    __table_args__ = (
        sa.Index(None, "subject_id"),
        one_where("question", ("policy", "subject_id", "fact"), "state = 'open'", name="open"),
        sa.CheckConstraint(
            "(state = 'answered') = (answered_by is not null and load_id is not null)", name="answered_by_somebody"
        ),
    )

    question_id: str = identifier(primary_key=True)
    policy: str
    subject_id: str = identifier(references="subject.subject_id")
    fact: str
    asked_on: dt.date
    asked_at: dt.datetime
    state: QuestionState = word(QuestionState)
    changed_at: dt.datetime
    answered_by: str | None = None
    is_assisted: bool = False
    load_id: str | None = identifier(nullable=True)
    run_id: str | None = identifier(nullable=True)
