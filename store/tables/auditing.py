"""What was done, by whom, one entry bound to the one before; and which roles people have."""

import datetime as dt

import sqlalchemy as sa
from sqlmodel import Field

from store.tables.base import Row


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
