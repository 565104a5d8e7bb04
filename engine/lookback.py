"""How far back a night looks: for most subjects to the period before the last night's, for some at everything.

What was found of a period that is over stays so until something changes that it rests on. So a night need not ask, compare
and keep every period that was ever paid; whose past it has to look at again, `engine.looking_back` finds out. A law says
that a night comes to the same whether it looks at everything or not.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import polars as pl

from core.days import Period
from core.ids import text_digest

WHOLE = "whole"
"""The frame of a run's folder that names the subjects whose past the night looked at."""


@dataclass(frozen=True)
class Lookback:
    """From which day on a night looks at the periods of a policy, and at whose periods it looks without limit.

    Policies that are not in `since` are looked at without limit, and so are subjects `whole`, by the ids that stand.
    """

    since: Mapping[str, dt.date] = field(default_factory=dict)
    whole: pl.Series = field(default_factory=lambda: pl.Series("subject_id", dtype=pl.String))

    @property
    def is_limited(self) -> bool:
        """Say whether it leaves anything out."""
        return bool(self.since)

    @property
    def digest(self) -> str:
        """Return one digest over what it says."""
        return text_digest(repr(sorted(self.since.items())), *self.whole)

    @classmethod
    def of(cls, tree: Mapping[str, Any] | None, whole: pl.Series) -> Self:
        """Return the lookback whose days a run's manifest names; where it names none, everything."""
        since = (tree or {}).get("lookback", {})
        return cls({policy: dt.date.fromisoformat(day) for policy, day in since.items()}, whole)

    def as_tree(self) -> dict[str, str]:
        """Return its days as a manifest names them."""
        return {policy: day.isoformat() for policy, day in sorted(self.since.items())}

    def is_recent(self, policy: str, period: str) -> bool:
        """Say whether a period is looked at of everybody."""
        return policy not in self.since or Period.named(period).days.last >= self.since[policy]

    def not_recent(self, written: pl.DataFrame) -> pl.DataFrame:
        """Return which rows are for periods that are not looked at of everybody: `policy` and `period` say which; none at null."""
        names = written.select("policy", "period").iter_rows()
        is_old = [period is not None and not self.is_recent(policy, period) for policy, period in names]
        return written.filter(pl.Series(is_old, dtype=pl.Boolean))

    def within(self, policy: str, rows: pl.DataFrame, new: pl.Series) -> pl.DataFrame:
        """Return what is looked at of a policy's dues; of `new` grants, whose past nobody has looked at, everything."""
        if policy not in self.since:
            return rows
        recent = [name for name in rows["period"].unique() if self.is_recent(policy, name)]
        return rows.filter(
            pl.col("period").is_in(recent)
            | pl.col("subject_id").is_in(self.whole.implode())
            | pl.col("grant_id").is_in(new.implode())
        )

    def condition(self, written: pl.DataFrame, former: Mapping[str, str]) -> pl.Expr | None:
        """Return which rows of the ledger are looked at, None: all of them.

        Shape: `written` is which policy has which periods: `policy`, `period`; `former` says which id stands for which.
        """
        if not self.is_limited:
            return None
        old = self.not_recent(written)
        if old.is_empty():
            return None
        known = set(self.whole)
        ids = pl.concat(
            [self.whole, pl.Series([each for each, stands in former.items() if stands in known], dtype=pl.String)]
        )
        return is_among(old).not_() | pl.col("subject_id").is_in(ids.implode())


def is_among(written: pl.DataFrame) -> pl.Expr:
    """Return which rows are for some policies' periods."""
    by_policy = written.group_by("policy", maintain_order=True).agg("period").iter_rows()
    return pl.any_horizontal(
        pl.lit(value=False),
        *((pl.col("policy") == policy) & pl.col("period").is_in(periods) for policy, periods in by_policy),
    )


def subjects_frame(whole: Collection[str]) -> pl.Series:
    """Return subjects as a lookback names them."""
    return pl.Series("subject_id", sorted(whole), dtype=pl.String)


EVERYTHING = Lookback()
