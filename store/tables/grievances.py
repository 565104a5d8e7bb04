"""Grievances and what is done about them, and the ratings from which some of them come."""

import datetime as dt

import sqlalchemy as sa

from store.states.grievances import (
    GRIEVANCE_TRANSITIONS,
    GrievanceKind,
    GrievanceOutcome,
    GrievanceSource,
    GrievanceState,
)
from store.tables.base import Row, allowed_steps, identifier, one_where, word


class GrievanceRow(Row, table=True):
    """What somebody complains of; who they are and what they said is sealed (`sealed_note`).

    `digest` is that of what came in, so that the same said twice is known; `earlier_id` the one that it goes on with.
    """

    __tablename__ = "grievance"
    __table_args__ = (
        sa.CheckConstraint("moves >= 0", name="moves_not_negative"),
        sa.CheckConstraint("state not in ('decided', 'executed') or outcome is not null", name="outcome_when_decided"),
        sa.CheckConstraint("not is_holding or grant_id is not null", name="holds_a_grant"),
        one_where("grievance", ("source", "external_id"), "external_id is not null", name="external"),
        one_where("grievance", ("earlier_id",), "earlier_id is not null", name="earlier"),
        sa.Index(None, "subject_id"),
    )

    grievance_id: str = identifier(primary_key=True)
    kind: GrievanceKind = word(GrievanceKind, "kind")
    source: GrievanceSource = word(GrievanceSource, "source")
    external_id: str | None  # the hotline's own number
    digest: str
    subject_id: str | None = identifier(references="subject.subject_id", nullable=True)
    policy: str | None
    grant_id: str | None = identifier(references="grant_.grant_id", nullable=True)
    case_id: str | None = identifier(references="overpayment_case.case_id", nullable=True)
    earlier_id: str | None = identifier(references="grievance.grievance_id", nullable=True)
    received_on: dt.date
    received_at: dt.datetime
    received_by: str
    state: GrievanceState = word(GrievanceState)
    outcome: GrievanceOutcome | None = word(GrievanceOutcome, "outcome", nullable=True)
    is_holding: bool  # what is due on its grant waits until it is decided
    moves: int


class GrievanceStep(Row, table=True):
    """One dated deed on a grievance; never edited."""

    __tablename__ = "grievance_step"
    __table_args__ = (sa.PrimaryKeyConstraint("grievance_id", "number"), allowed_steps(GRIEVANCE_TRANSITIONS))

    grievance_id: str = identifier(references="grievance.grievance_id")
    number: int
    source: GrievanceState = word(GrievanceState, "source")
    target: GrievanceState = word(GrievanceState, "target")
    taken_at: dt.datetime
    taken_on: dt.date  # the civil day by which its clock goes
    taken_by: str
    reason: str | None
    basis: str | None
    department: str | None  # that has to mend its data


class RatingRow(Row, table=True):
    """How satisfied somebody was with a payment or a decision; once for each."""

    __tablename__ = "rating"
    __table_args__ = (
        sa.UniqueConstraint("subject_id", "about"),
        sa.CheckConstraint("stars between 1 and 5", name="stars_from_one_to_five"),
    )

    rating_id: str = identifier(primary_key=True)
    subject_id: str = identifier(references="subject.subject_id")
    policy: str
    about: str = identifier()  # the id of an item, a case or a grievance
    stars: int
    rated_at: dt.datetime
    rated_by: str
    grievance_id: str | None = identifier(references="grievance.grievance_id", nullable=True)
