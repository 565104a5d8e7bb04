"""Samples of cases that a person looks at before a version's first payout, and what they said."""

import datetime as dt

import sqlalchemy as sa

from store.tables.base import Row, identifier


class Sample(Row, table=True):
    """Cases drawn at random from one night for one activation; never edited."""

    __tablename__ = "sample"
    __table_args__ = (sa.CheckConstraint("case_count >= 1", name="case_count_from_one"),)

    sample_id: str = identifier(primary_key=True)
    activation_id: str = identifier(references="activation.activation_id")
    run_id: str = identifier()
    seed: int
    case_count: int
    drawn_at: dt.datetime
    drawn_by: str


class SampleCase(Row, table=True):
    """One subject of a sample with the outcome that it came to."""

    __tablename__ = "sample_case"
    __table_args__ = (
        sa.PrimaryKeyConstraint("sample_id", "number"),
        sa.UniqueConstraint("sample_id", "subject_id"),
        sa.CheckConstraint("number >= 1", name="number_from_one"),
    )

    sample_id: str = identifier(references="sample.sample_id")
    number: int
    subject_id: str = identifier(references="subject.subject_id")
    outcome: str


class SampleVerdict(Row, table=True):
    """What a person said of one case; said once, and never edited."""

    __tablename__ = "sample_verdict"
    __table_args__ = (
        sa.PrimaryKeyConstraint("sample_id", "number"),
        sa.ForeignKeyConstraint(["sample_id", "number"], ["sample_case.sample_id", "sample_case.number"]),
    )

    sample_id: str = identifier()
    number: int
    is_right: bool
    said_at: dt.datetime
    said_by: str
    note: str | None
