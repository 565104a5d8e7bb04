"""How the ledger was before: its changes are numbered, and what an update replaces is kept; and the vocabularies used.

Rows of the ledger itself are current. With these a past night can be computed again from what it read.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from core.ledger import GrantState, ItemState
from store.tables.base import Row, fen, identifier, word


class LedgerRevision(Row, table=True):
    """One change of the ledger; the number is counted by the database and stays inside it."""

    __tablename__ = "ledger_revision"

    number: int | None = Field(default=None, primary_key=True)
    written_at: dt.datetime


class GrantPast(Row, table=True):
    """What a grant said until a revision."""

    __tablename__ = "grant_past"
    __table_args__ = (sa.Index(None, "until"),)

    number: int | None = Field(default=None, primary_key=True)
    until: int
    grant_id: str = identifier()
    state: GrantState = word(GrantState)
    discovered_on: dt.date
    cause: str | None
    changed_at: dt.datetime


class ObligationPast(Row, table=True):
    """What an obligation said until a revision."""

    __tablename__ = "obligation_past"
    __table_args__ = (sa.Index(None, "until"),)

    number: int | None = Field(default=None, primary_key=True)
    until: int
    obligation_id: str = identifier()
    due_at_least_fen: int = fen()
    due_at_most_fen: int | None = fen()
    due_is_open: bool
    recovered_fen: int = fen()
    written_off_fen: int = fen()
    kept_fen: int = fen()
    case_open_fen: int = fen()
    version: int


class ItemPast(Row, table=True):
    """What an item said until a revision."""

    __tablename__ = "item_past"
    __table_args__ = (sa.Index(None, "until"),)

    number: int | None = Field(default=None, primary_key=True)
    until: int
    item_id: str = identifier()
    state: ItemState = word(ItemState)
    changed_at: dt.datetime


class CatalogueText(Row, table=True):
    """The files of a catalogue that a published night used, under its fingerprint; never edited."""

    __tablename__ = "catalogue_text"

    fingerprint: str = Field(primary_key=True)
    files: Any = Field(sa_type=sa.JSON)
    kept_at: dt.datetime
