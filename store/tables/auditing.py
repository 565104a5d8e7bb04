"""What was done, by whom, one entry bound to the one before; and which roles people have."""

import datetime as dt

import sqlalchemy as sa
from sqlmodel import Field

from core.roles import Role
from store.tables.base import Row, word


class AuditEntry(Row, table=True):
    """One entry of the audit chain; triggers refuse to change, remove or put in between.

    A later migration must not copy this table on SQLite without making its triggers anew.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        sa.CheckConstraint("sequence >= 1", name="sequence_from_one"),
        sa.Index(None, "about"),
    )

    sequence: int = Field(sa_column=sa.Column(sa.BigInteger, primary_key=True, autoincrement=False))
    happened_at: dt.datetime
    done_by: str
    event: str
    about: str
    payload: str  # the very text that was hashed
    digest: str
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class RoleStep(Row, table=True):
    """Somebody was given a role, or it was taken from them; the newest step about a role and scope counts."""

    __tablename__ = "role_step"
    __table_args__ = (
        sa.CheckConstraint("valid_through is null or valid_through >= valid_from", name="days_in_order"),
        sa.CheckConstraint("is_granted or valid_through is null", name="taken_for_good"),
        sa.Index(None, "who"),
    )

    number: int | None = Field(default=None, primary_key=True)
    who: str
    role: Role = word(Role, "role")
    scope: str
    is_granted: bool
    valid_from: dt.date
    valid_through: dt.date | None = None
    taken_at: dt.datetime
    taken_by: str
    reason: str
