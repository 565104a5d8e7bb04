"""Who is logged in: sessions of browsers, kept here so that they can be ended from here."""

import datetime as dt

import sqlalchemy as sa
from sqlmodel import Field

from store.states.entry import LoginWay, SessionEnd
from store.tables.base import Row, identifier, word


class WebSession(Row, table=True):
    """A browser's session; the token itself is in the browser alone."""

    __tablename__ = "web_session"
    __table_args__ = (
        sa.CheckConstraint("(ended_at is null) = (ended_as is null)", name="end_whole"),
        sa.Index(None, "login_name"),
    )

    token_digest: str = Field(primary_key=True)
    login_name: str
    way: LoginWay = word(LoginWay, "way")
    subject_id: str | None = identifier(
        references="subject.subject_id", nullable=True
    )  # for whom it reads and acts now
    shown_as: bytes  # how the pages greet, sealed
    id_token: bytes | None = None  # by which a provider knows whom to let go, sealed; gone with the session
    opened_at: dt.datetime
    seen_at: dt.datetime
    ends_at: dt.datetime
    confirmed_at: dt.datetime  # when the person last showed who they are
    ended_at: dt.datetime | None = None
    ended_as: SessionEnd | None = word(SessionEnd, "ended_as", nullable=True)


class WebSessionSubject(Row, table=True):
    """A subject for whom a session may act; somebody who keeps the books of several firms has several."""

    __tablename__ = "web_session_subject"

    token_digest: str = Field(primary_key=True, foreign_key="web_session.token_digest")
    subject_id: str = identifier(primary_key=True, references="subject.subject_id")
