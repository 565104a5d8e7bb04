"""Portals of the city: which may call, what they called with, and what they were answered for each of their keys."""

import datetime as dt

import sqlalchemy as sa
from sqlmodel import Field

from store.tables.base import Row


class PortalRow(Row, table=True):
    """Another system that reads and acts for subjects; its secret follows from the workspace's keys and stands nowhere."""

    __tablename__ = "portal"
    __table_args__ = (sa.CheckConstraint("a_minute > 0", name="a_minute_positive"),)

    name: str = Field(primary_key=True)
    salt: str  # what its present secret is made with
    secret_digest: str
    may: str  # words of `PortalScope`, joined by commas
    kinds: str  # of subjects that it may name
    a_minute: int  # calls, after a burst of as many
    opened_at: dt.datetime
    renewed_at: dt.datetime  # when its present secret was made
    ended_at: dt.datetime | None = None


class PortalCall(Row, table=True):
    """The nonce of a call, for as long as the call could come again."""

    __tablename__ = "portal_call"
    __table_args__ = (sa.Index(None, "called_at"),)

    portal: str = Field(primary_key=True, foreign_key="portal.name")
    nonce: str = Field(primary_key=True)
    called_at: dt.datetime


class PortalAnswer(Row, table=True):
    """What a portal was answered for one of its keys, kept with the deed itself; the request by a keyed mark."""

    __tablename__ = "portal_answer"
    __table_args__ = (sa.Index(None, "answered_at"),)

    portal: str = Field(primary_key=True, foreign_key="portal.name")
    key: str = Field(primary_key=True)
    request_mark: str
    body: bytes
    answered_at: dt.datetime
