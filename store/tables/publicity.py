"""公示: the lists that stood in public, who stood on them, and the objections that somebody signed."""

import datetime as dt

import sqlalchemy as sa

from store.states.lanes import ObjectionState
from store.tables.base import Row, identifier, word


class PublicList(Row, table=True):
    """One list of one policy; its masked file can be made again and has the same digest."""

    __tablename__ = "public_list"
    __table_args__ = (
        sa.CheckConstraint("through >= opened_on", name="days_in_order"),
        sa.CheckConstraint("line_count >= 1", name="line_count_from_one"),
        sa.CheckConstraint("(closed_on is null) = (closed_by is null)", name="closed_by_somebody"),
        sa.CheckConstraint("closed_on is null or closed_on > through", name="closed_after_its_last_day"),
    )

    list_id: str = identifier(primary_key=True)
    policy: str
    opened_on: dt.date
    through: dt.date  # the last day on which it stands
    working_days: int
    line_count: int
    opened_by: str
    opened_at: dt.datetime
    closed_on: dt.date | None = None
    closed_by: str | None = None


class PublicLine(Row, table=True):
    """One grant on a list; `number` is its line."""

    __tablename__ = "public_line"
    __table_args__ = (
        sa.PrimaryKeyConstraint("list_id", "number"),
        sa.UniqueConstraint("list_id", "grant_id"),
        sa.Index(None, "grant_id"),
        sa.CheckConstraint("number >= 1", name="number_from_one"),
    )

    list_id: str = identifier(references="public_list.list_id")
    number: int
    grant_id: str = identifier(references="grant_.grant_id")


class Objection(Row, table=True):
    """What somebody holds against a line; who it is, and in which words, is in the vault under the objection's id."""

    __tablename__ = "objection"
    __table_args__ = (
        sa.Index(None, "list_id"),
        sa.CheckConstraint("(state = 'open') = (decided_by is null)", name="decided_by_somebody"),
        sa.CheckConstraint("decided_by is null or decided_by <> received_by", name="decided_by_another"),
        sa.CheckConstraint("decided_by is null or reason is not null", name="decided_with_a_reason"),
    )

    objection_id: str = identifier(primary_key=True)
    list_id: str = identifier(references="public_list.list_id")
    grant_id: str = identifier(references="grant_.grant_id")
    state: ObjectionState = word(ObjectionState)
    received_on: dt.date
    received_by: str
    received_at: dt.datetime
    decided_on: dt.date | None = None
    decided_by: str | None = None
    reason: str | None = None
