"""Units of decision: a subject decides for itself, an event for the one to whom it belongs.

While a policy is decided, `subject_id` is the unit: the person, the firm, the single loan; `owner_id` stands beside it
where units belong to others. The ledger knows `subject_id`, who is paid for, and `event`, the unit, or `""`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from profiles.assemble import OWNER
from profiles.catalogue import Catalogue

NO_EVENT = ""

UNIT_ID = pl.when(pl.col("event") == NO_EVENT).then("subject_id").otherwise("event")
"""The unit of a row that is written as the ledger writes it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What the rule of one kind of subject decides; `owned_over` is the relation to the owner, None without one."""

    kind: str
    owned_over: str | None = None

    @classmethod
    def of(cls, catalogue: Catalogue, kind: str) -> "Unit":
        """Return how subjects of a kind are decided."""
        return cls(kind, catalogue.kinds[kind].of if kind in catalogue.kinds else None)

    @property
    def carried(self) -> tuple[str, ...]:
        """Return the columns that go with a unit through a decision."""
        return () if self.owned_over is None else (OWNER,)

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the columns that name what a grant is for."""
        return ("subject_id", *self.carried)

    def from_ledger(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return rows of the ledger as a decision reads them."""
        if self.owned_over is None:
            return frame.drop("event")
        return frame.rename({"subject_id": OWNER, "event": "subject_id"})

    def on_ledger(self, frame: pl.DataFrame, order: Sequence[str]) -> pl.DataFrame:
        """Return rows of a decision as the ledger names them, with the columns asked for."""
        if self.owned_over is None:
            return frame.with_columns(event=pl.lit(NO_EVENT)).select(order)
        return frame.rename({"subject_id": "event", OWNER: "subject_id"}).select(order)


SUBJECT = Unit("")
"""Subjects that decide for themselves, of whatever kind."""


def only_where_known(met: pl.Expr, name: str) -> pl.Expr:
    """Return an outcome that is unknown, not met, where nobody knows what has to go with it: whose the unit is."""
    return pl.when(pl.col(name).is_not_null() | met.not_()).then(met)


def with_owner_known(outcomes: pl.LazyFrame, profiles: pl.LazyFrame, relation: str) -> pl.LazyFrame:
    """Return outcomes of `engine.match.decide` that are unknown where nobody knows whose the unit is.

    Expects: `profiles` are those decided, in the same order. The relation's code stands among what is missing.
    """
    owners = profiles.select("subject_id", OWNER)
    joined = outcomes.join(owners, on="subject_id", how="left", validate="1:1", maintain_order="left")
    is_lost = pl.col(OWNER).is_null() & (pl.col("outcome") != "not_met")
    unknown = pl.lit("unknown", dtype=pl.Enum(["met", "not_met", "unknown"]))
    return joined.with_columns(
        outcome=pl.when(is_lost).then(unknown).otherwise("outcome"),
        missing=pl.when(is_lost).then(pl.col("missing").list.concat(pl.lit([relation]))).otherwise("missing"),
        amount_fen=pl.when(is_lost.not_()).then("amount_fen"),
    ).drop(OWNER)
