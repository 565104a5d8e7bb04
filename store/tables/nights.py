"""What nights work from and what they leave: loads, rule versions, activations, runs."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from store.states.nights import LIVE_RUN, RunState
from store.tables.base import Row, identifier, not_negative, one_where, word

_LIVE = ", ".join(f"'{state.value}'" for state in sorted(LIVE_RUN))


class Load(Row, table=True):
    """One immutable load of one resource (`core.loads.LoadInfo`); `number` is the order of recording."""

    __tablename__ = "load"
    __table_args__ = (
        *not_negative("row_count", "accepted_count", "quarantined_count", "unreadable_count"),
        sa.UniqueConstraint("resource", "number"),
    )

    load_id: str = identifier(primary_key=True)
    number: int
    resource: str
    data_date: dt.date
    loaded_at: dt.datetime
    digest: str
    file_name: str
    path: str
    row_count: int
    accepted_count: int
    quarantined_count: int
    unreadable_count: int
    is_complete: bool
    incomplete_because: str | None
    regions_missing: Any = Field(sa_type=sa.JSON)


class RuleText(Row, table=True):
    """The text of a published rule version; never edited."""

    __tablename__ = "rule_text"
    __table_args__ = (
        sa.PrimaryKeyConstraint("policy", "version"),
        sa.CheckConstraint("version >= 1", name="version_from_one"),
    )

    policy: str
    version: int
    text: str
    fingerprint: str
    valid_from: dt.date  # as written
    valid_through: dt.date | None  # as written; activations decide which days it stands on
    published_at: dt.datetime
    published_by: str


class ActivationRow(Row, table=True):
    """Which version stands on which days; a repeal has no version. Never edited."""

    __tablename__ = "activation"
    __table_args__ = (
        sa.ForeignKeyConstraint(["policy", "version"], ["rule_text.policy", "rule_text.version"]),
        sa.UniqueConstraint("policy", "valid_from", "activated_at"),
        sa.CheckConstraint("valid_through is null or valid_through >= valid_from", name="days_in_order"),
    )

    activation_id: str = identifier(primary_key=True)
    policy: str
    version: int | None
    valid_from: dt.date
    valid_through: dt.date | None
    activated_at: dt.datetime
    clears: bool
    activated_by: str


class Run(Row, table=True):
    """One night of one job: who works on it, with which token, and what came out."""

    __tablename__ = "run"
    __table_args__ = (
        sa.PrimaryKeyConstraint("job", "business_date"),
        sa.UniqueConstraint("run_id"),
        sa.CheckConstraint("token >= 1", name="token_from_one"),
        sa.CheckConstraint("(state = 'published') = (published_at is not null)", name="published_at_when_published"),
        # INVARIANT: two nights of one job never write at the same time, whatever their dates.
        one_where("run", ("job",), f"state in ({_LIVE})", name="live"),
    )

    job: str
    business_date: dt.date
    run_id: str = identifier()
    state: RunState = word(RunState)
    token: int
    holder: str
    lease_until: dt.datetime
    known_at: dt.datetime
    folder: str | None = None
    manifest: Any = Field(sa_type=sa.JSON, nullable=True)
    summary: Any = Field(sa_type=sa.JSON, nullable=True)
    aborted_because: str | None = None
    published_at: dt.datetime | None = None
