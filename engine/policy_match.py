"""What one policy asks of everybody: all of a night that its outcomes go by, as data, and nothing else of the night.

Each unit is answered from its own rows alone. So parts of the profiles, each with all rows of its units, can be asked one by
one, here or on other machines, and what they come to stands in the order of the parts.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from engine.match import STARTS, decide, stretches_of
from engine.named_days import WhichFacts, named_day_stretches, named_days, on_day, outcomes_on_named_days
from engine.periods import Asking, period_number
from engine.units import only_where_known, with_owner_known
from rules.compiled import CompiledVersion
from rules.standing import Stand


@dataclass(frozen=True, slots=True)
class StretchesAsked:
    """Which stretches of days are decided, and how; see `engine.answers.stretches_on`."""

    on: dt.date
    stands: tuple[Stand, ...]
    versions: Mapping[int, CompiledVersion]
    carried: tuple[str, ...]
    starts: str | None
    anchor: str | None
    facts: WhichFacts

    def of(self, profiles: pl.LazyFrame) -> pl.LazyFrame:
        """Return the stretches of some units."""
        frame = with_starts(profiles, self.starts)
        if self.anchor is None:
            stretches = stretches_of(frame, self.stands, self.versions, self.carried)
        else:
            named = named_days(frame, self.anchor, self.on)
            stretches = named_day_stretches(
                frame,
                named,
                self.on,
                facts=self.facts,
                stands=self.stands,
                versions=self.versions,
                carried=self.carried,
            )
        for name in self.carried:
            stretches = stretches.with_columns(met=only_where_known(pl.col("met"), name))
        return stretches


@dataclass(frozen=True, slots=True)
class OutcomesAsked:
    """Which outcomes of the business date are asked, and how; see `engine.decide.outcomes_on_date`.

    `stands`, where the rule goes by a named day; else `version`. `asking`, where amounts are for a year and each period has
    its part.
    """

    on: dt.date
    versions: Mapping[int, CompiledVersion]
    version: int | None
    anchor: str | None
    facts: WhichFacts
    stands: tuple[Stand, ...]
    owned_over: str | None
    starts: str | None
    asking: Asking | None

    def of(self, profiles: pl.LazyFrame) -> pl.LazyFrame:
        """Return the outcomes of some units."""
        on_date = on_day(profiles, self.on)
        decided = self._decided(profiles, on_date)
        owned = decided if self.owned_over is None else with_owner_known(decided, on_date, self.owned_over)
        return owned if self.asking is None else self._with_parts(owned, on_date, self.asking)

    def _decided(self, profiles: pl.LazyFrame, on_date: pl.LazyFrame) -> pl.LazyFrame:
        if self.anchor is None:
            assert self.version is not None
            return decide(on_date, self.versions[self.version])
        named = named_days(profiles, self.anchor, self.on)
        return outcomes_on_named_days(
            profiles, named, self.on, anchor=self.anchor, facts=self.facts, stands=self.stands, versions=self.versions
        )

    def _with_parts(self, outcomes: pl.LazyFrame, on_date: pl.LazyFrame, asking: Asking) -> pl.LazyFrame:
        """Return outcomes with the part of a yearly amount that the period of the business date has."""
        order = outcomes.collect_schema().names()
        if self.starts is not None:
            starts = with_starts(on_date, self.starts).select("subject_id", STARTS)
            outcomes = outcomes.join(starts, on="subject_id", how="left", validate="1:1", maintain_order="left")
        part = asking.part_of(pl.col("amount_fen"), period_number(pl.lit(self.on), asking.table))
        return outcomes.with_columns(amount_fen=part.cast(pl.Int64)).select(order)


@dataclass(frozen=True, slots=True)
class PolicyMatch:
    """What one policy asks of the units of a kind; `outcomes` is None where no version stands on the date."""

    kind: str
    stretches: StretchesAsked
    outcomes: OutcomesAsked | None


class Matched(Protocol):
    """What everybody comes to under one policy; worked out, or fetched, when it is asked for."""

    def stretches(self) -> pl.DataFrame:
        """Return the stretches that are met or unknown."""

    def outcomes(self) -> pl.DataFrame | None:
        """Return the outcomes of the business date; None where no version stands on it."""


Matching = Callable[[Mapping[str, PolicyMatch], Mapping[str, pl.DataFrame]], Mapping[str, Matched]]
"""From what policies ask, by policy, and the profiles of each kind, to what everybody comes to, by policy."""


@dataclass(frozen=True, slots=True)
class MatchedHere:
    """What units come to, worked out on this machine."""

    asked: PolicyMatch
    profiles: pl.DataFrame

    def stretches(self) -> pl.DataFrame:
        """Return the stretches that are met or unknown."""
        return self.asked.stretches.of(self.profiles.lazy()).collect()

    def outcomes(self) -> pl.DataFrame | None:
        """Return the outcomes of the business date."""
        asked = self.asked.outcomes
        return None if asked is None else asked.of(self.profiles.lazy()).collect()


@dataclass(frozen=True, slots=True)
class MatchedSince:
    """What units come to, of some only on stretches that reach a day."""

    matched: Matched
    since: dt.date
    some: pl.Series

    def stretches(self) -> pl.DataFrame:
        """Return the stretches that are met or unknown."""
        is_one = pl.col("subject_id").is_in(self.some.implode())
        return self.matched.stretches().filter((pl.col("through") >= self.since) | is_one.not_())

    def outcomes(self) -> pl.DataFrame | None:
        """Return the outcomes of the business date."""
        return self.matched.outcomes()


def match_here(asked: Mapping[str, PolicyMatch], profiles: Mapping[str, pl.DataFrame]) -> Mapping[str, Matched]:
    """Match on this machine."""
    return {policy: MatchedHere(each, profiles[each.kind]) for policy, each in asked.items()}


def with_starts(profiles: pl.LazyFrame, starts: str | None) -> pl.LazyFrame:
    """Return profiles with the day from which a subject's own periods are counted, where a fact names it."""
    return profiles if starts is None else profiles.with_columns(pl.col(starts).alias(STARTS))
