"""Questions: asked by nights, answered once, or settled because the answer no longer matters."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from core.ids import derive_id
from store.changing import run_many
from store.codes import StoreInvariantError
from store.of_some import OfSome
from store.opening import Reading, Writing
from store.rows import insert_frame, read_frame
from store.states.lanes import QuestionState
from store.tables import QuestionRow, table_of

_QUESTION = table_of(QuestionRow)

QUESTIONS = pl.Schema(
    {
        "question_id": pl.String(),
        "policy": pl.String(),
        "subject_id": pl.String(),
        "fact": pl.String(),
        "asked_on": pl.Date(),
    }
)
"""New questions, as `add_questions` takes them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody did who answered: when and by whom it was recorded; the value is in the load."""

    answered_at: dt.datetime
    by: str
    is_assisted: bool


def question_id(policy: str, subject_id: str, fact: str, known_at: dt.datetime) -> str:
    """Return the id of a question of one night."""
    return derive_id("q", policy, subject_id, fact, known_at.isoformat())


def add_questions(tx: Writing, questions: pl.DataFrame, *, run_id: str) -> None:
    """Write a night's questions: `QUESTIONS`."""
    now = pl.lit(tx.now)
    insert_frame(
        tx,
        QuestionRow,
        questions.select(QUESTIONS.names()).with_columns(
            asked_at=now,
            state=pl.lit(QuestionState.OPEN.value),
            changed_at=now,
            is_assisted=pl.lit(value=False),
            run_id=pl.lit(run_id),
        ),
    )


def settle_questions(tx: Writing, question_ids: Sequence[str]) -> None:
    """Close open questions whose answer no longer matters."""
    own = sa.update(_QUESTION).where(
        _QUESTION.c.question_id == sa.bindparam("key"), _QUESTION.c.state == QuestionState.OPEN
    )
    settled = own.values(state=QuestionState.SETTLED, changed_at=tx.now)
    run_many(tx, settled, pl.DataFrame({"key": question_ids}, schema={"key": pl.String}))


def answer_question(tx: Writing, key: str, *, load_id: str, by: str, is_assisted: bool) -> None:
    """Note that an open question was answered by a load.

    Fails: StoreInvariantError where it is not open.
    """
    own = sa.update(_QUESTION).where(_QUESTION.c.question_id == key, _QUESTION.c.state == QuestionState.OPEN)
    answered = own.values(
        state=QuestionState.ANSWERED, changed_at=tx.now, answered_by=by, is_assisted=is_assisted, load_id=load_id
    )
    if tx.connection.execute(answered).rowcount != 1:
        raise StoreInvariantError("only an open question is answered")


def read_questions(rx: Reading, *, policies: Sequence[str], known_at: dt.datetime) -> pl.DataFrame:
    """Return the questions under some policies that were asked by an instant: `QUESTIONS` and `state`."""
    chosen = sa.select(*(_QUESTION.c[name] for name in (*QUESTIONS.names(), "state"))).where(
        _QUESTION.c.policy.in_(list(policies)), _QUESTION.c.asked_at <= known_at
    )
    return read_frame(rx, chosen.order_by(_QUESTION.c.question_id))


def read_answers(rx: Reading, *, policies: Sequence[str], known_at: dt.datetime) -> dict[tuple[str, str], Answer]:
    """Return who had answered under some policies by an instant, by policy and subject; the first answer of each."""
    if not policies:
        return {}
    names = (_QUESTION.c.policy, _QUESTION.c.subject_id, _QUESTION.c.changed_at, _QUESTION.c.answered_by)
    chosen = sa.select(*names, _QUESTION.c.is_assisted).where(
        _QUESTION.c.policy.in_(list(policies)),
        _QUESTION.c.state == QuestionState.ANSWERED,
        _QUESTION.c.changed_at <= known_at,
    )
    found: dict[tuple[str, str], Answer] = {}
    for row in rx.connection.execute(chosen.order_by(_QUESTION.c.changed_at, _QUESTION.c.question_id)):
        found.setdefault((row.policy, row.subject_id), Answer(row.changed_at, row.answered_by, row.is_assisted))
    return found


def open_questions(rx: Reading, subjects: Sequence[str], *, policy: str | None = None) -> pl.DataFrame:
    """Return the open questions to some ids of a subject: `QUESTIONS`."""
    chosen = sa.select(*(_QUESTION.c[name] for name in QUESTIONS.names())).where(
        _QUESTION.c.subject_id.in_(list(subjects)), _QUESTION.c.state == QuestionState.OPEN
    )
    if policy is not None:
        chosen = chosen.where(_QUESTION.c.policy == policy)
    return read_frame(rx, chosen.order_by(_QUESTION.c.policy, _QUESTION.c.fact))


def asked_policies(rx: Reading, subjects: Iterable[str]) -> frozenset[str]:
    """Return the policies under which a question to some ids of a subject is open."""
    return frozenset(row.policy for row in _ASKED.rows(rx, subjects))


_ASKED = OfSome(
    lambda among: sa.select(_QUESTION.c.policy).where(
        among(_QUESTION.c.subject_id), _QUESTION.c.state == QuestionState.OPEN
    )
)
