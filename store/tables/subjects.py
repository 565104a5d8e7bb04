"""Who is who: subjects, the sealed numbers that name them, what is personal, and who looked at it."""

import datetime as dt

import sqlalchemy as sa
from sqlmodel import Field

from store.tables.base import Row, identifier, some_where


class Subject(Row, table=True):
    """A person, a household, an enterprise or a further kind; the id was derived from the first number seen."""

    __tablename__ = "subject"

    subject_id: str = identifier(primary_key=True)
    kind: str
    first_index: bytes  # of the number first seen; leads to it without an index on all numbers
    first_seen_at: dt.datetime


class Identifier(Row, table=True):
    """A number that names a subject: sealed for reading, blind-indexed for finding.

    No foreign key here nor on `personal`: only `store.vault` writes them, with ids it just resolved, and the
    check would double the time of a first load.
    """

    __tablename__ = "identifier"
    __table_args__ = (
        sa.PrimaryKeyConstraint("kind", "blind_index"),
        some_where("identifier", ("subject_id",), "is_alias", name="alias"),
    )

    kind: str
    blind_index: bytes
    subject_id: str = identifier()
    is_alias: bool  # not the number first seen
    sealed: bytes
    load_id: str
    first_seen_at: dt.datetime


class VaultIndex(Row, table=True):
    """Which key and suite the blind indexes were made with; one row."""

    __tablename__ = "vault_index"
    __table_args__ = (sa.CheckConstraint("number = 1", name="one_row"),)

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    name: str
    made_at: dt.datetime


class SubjectMerge(Row, table=True):
    """Two subjects found to be one: from `at` on, `from_id` is `to_id`. Never edited."""

    __tablename__ = "subject_merge"
    __table_args__ = (sa.CheckConstraint("from_id <> to_id", name="two_subjects"), sa.Index(None, "to_id"))

    from_id: str = identifier(primary_key=True, references="subject.subject_id")
    to_id: str = identifier(references="subject.subject_id")
    at: dt.datetime
    source: str  # the load that said so, or the act of a person


class Personal(Row, table=True):
    """A personal field as one load brought it, sealed; the newest of each resource stands.

    Two resources that know different accounts stay apart, for a person to see.
    """

    __tablename__ = "personal"
    __table_args__ = (sa.PrimaryKeyConstraint("subject_id", "field", "resource", "load_id"),)

    subject_id: str = identifier()
    field: str
    resource: str
    load_id: str
    value_index: bytes  # keyed digest, to see without opening that nothing changed
    sealed: bytes
    loaded_at: dt.datetime


class VaultOpening(Row, table=True):
    """Somebody saw personal fields: who, why, which fields, of how many."""

    __tablename__ = "vault_opening"
    __table_args__ = (
        sa.CheckConstraint("subject_count >= 0", name="subject_count_not_negative"),
        sa.CheckConstraint("opened_by <> '' and because <> ''", name="reason_given"),
    )

    number: int | None = Field(default=None, primary_key=True)  # counted by the database; nobody outside sees it
    opened_at: dt.datetime
    opened_by: str
    because: str
    fields: str
    subject_count: int
    subjects_digest: str  # of the sorted ids: shows later whether one of them was among them


class TrialAccount(Row, table=True):
    """A local login for a trial; real logins come from the government's identity provider."""

    __tablename__ = "trial_account"
    __table_args__ = (sa.CheckConstraint("failed_count >= 0", name="failed_count_not_negative"),)

    login_name: str = Field(primary_key=True)
    secret: str  # a slow hash, with its parameters and salt
    subject_id: str | None = identifier(references="subject.subject_id", nullable=True)
    created_at: dt.datetime
    failed_count: int = 0
    locked_until: dt.datetime | None = None
    closed_at: dt.datetime | None = None


class SealedNote(Row, table=True):
    """What somebody said or wrote about a person, sealed: whom to speak with, what is complained of."""

    __tablename__ = "sealed_note"
    __table_args__ = (sa.PrimaryKeyConstraint("about", "field"),)

    about: str = identifier()  # the id of a case or a grievance
    field: str
    sealed: bytes
    kept_at: dt.datetime
    kept_by: str
