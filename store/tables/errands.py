"""What was asked for on a page and is carried out beside it: errands, one at a time."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from store.states.errands import ErrandKind, ErrandState
from store.tables.base import Row, identifier, one_where, word

IS_LIVE = "state in ('asked', 'running')"
"""Errands that somebody waits for; databases use the index on them only where a query says it in these words."""


class ErrandRow(Row, table=True):
    """One errand; `digest` is of what was asked, so that the same asked again meanwhile is the same errand."""

    __tablename__ = "errand"
    __table_args__ = (
        sa.CheckConstraint("state <> 'asked' or began_at is null", name="began_once_taken"),
        sa.CheckConstraint(
            "(state = 'running') = (lease_until is not null and holder is not null)", name="lease_while_running"
        ),
        sa.CheckConstraint(f"({IS_LIVE}) = (ended_at is null)", name="ended_at_when_over"),
        one_where("errand", ("digest",), IS_LIVE, name="live"),
        # INVARIANT: one errand at a time, whatever servers do: each may hold the profiles of everybody.
        one_where("errand", ("state",), "state = 'running'", name="running"),
        sa.Index(None, "asked_at"),
    )

    errand_id: str = identifier(primary_key=True)
    kind: ErrandKind = word(ErrandKind, "kind")
    wanted: Any = Field(sa_type=sa.JSON)
    digest: str
    state: ErrandState = word(ErrandState)
    asked_by: str
    asked_at: dt.datetime
    holder: str | None = None
    lease_until: dt.datetime | None = None
    began_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    progress: str | None = None  # what it is at, in the words of who does it
    result: Any = Field(sa_type=sa.JSON, nullable=True)
