"""One policy on one side of a plan: as it stands there, and the profiles of everyone whom it is for."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from core.days import DayRange
from engine.answers import stretches_on
from engine.match import STRETCHES
from engine.named_days import named_days, on_day, on_named_days
from engine.night import NightPolicy
from engine.people import Present
from engine.planning.sides import stands_on
from rules.bound import RuleVersion


@dataclass(frozen=True, eq=False)
class View:
    """One policy as it stands on one side, and everyone's profiles; `policy` None: it is not there.

    A policy that nothing changes has the same view on both sides.
    """

    present: Present
    policy: NightPolicy | None
    profiles: pl.DataFrame

    @cached_property
    def stretches(self) -> pl.DataFrame:
        """Return the stretches on which somebody is met or unknown, over all days of the profiles."""
        if self.policy is None or self.profiles.is_empty():
            return STRETCHES.to_frame()
        first, last = self.profiles.select(pl.col("day").min(), pl.col("through").max()).row(0)
        night = self.present.night
        return stretches_on(night, self.policy, self.profiles, DayRange(first, last), known_at=night.known_at)

    @property
    def _anchor(self) -> str | None:
        return None if self.policy is None else self.policy.current.version_by

    def stretches_on(self, day: dt.date) -> pl.LazyFrame:
        """Return the stretches of a day; of units that are decided on a day of their own, theirs."""
        stretches = self.stretches.lazy()
        return stretches if self._anchor else on_day(stretches, day)

    def profiles_on(self, day: dt.date) -> pl.LazyFrame:
        """Return everyone's profile on a day; of units that are decided on a day of their own, on theirs."""
        date, frame = self.present.night.business_date, self.profiles.lazy()
        if self._anchor is None:
            return on_day(frame, day)
        assert self.policy is not None
        return on_named_days(frame, named_days(frame, self._anchor, date), date, self.policy.terms.facts)

    def version_on(self, day: dt.date) -> RuleVersion | None:
        """Return the version that stands on a day, or None."""
        number = stands_on(self.policy, DayRange(day, day), self.present.night.known_at)[0].version
        if self.policy is None or number is None:
            return None
        return self.policy.versions[number]
