"""Since when a first grant could be known: each day of learning since the last night is looked at by itself.

After a night of one day's deliveries there is nothing to look at beyond the night itself. After a week
without nights, facts that came on Tuesday and those that came on Thursday reach back from their own day, and who
turned 65 on Monday is found on Monday, by what the last night knew.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from core.days import add_days
from engine.decide import FOUND, first_period, period_outcomes, profiles_by_kind
from engine.grants import newly_met
from engine.night import Night, NightPolicy
from engine.people import Present
from engine.units import Unit


@dataclass(frozen=True, slots=True)
class Step:
    """One day of learning: what was known by its end, and the last day before more was learned."""

    learned_on: dt.date
    known_at: dt.datetime
    through: dt.date


def discover(night: Night, present: Present, progress: Callable[[str], None]) -> Mapping[str, pl.DataFrame]:
    """Return, by policy, who was first met by what was known on an earlier day since the last night: `FOUND`.

    Policies whose arrears have no bound find nobody: for them the day of discovery says nothing.
    """
    found = {policy.policy: FOUND.to_frame() for policy in night.policies}
    bounded = [policy for policy in night.policies if policy.terms.arrears is not None]
    for step in _earlier_steps(night) if bounded else ():
        progress(f"what was known on {step.learned_on}")
        profiles = profiles_by_kind(night, known_at=step.known_at, through=step.through)
        for policy in bounded:
            known = pl.concat([present.grants_of(policy.policy).select(FOUND.names()), found[policy.policy]])
            newly = _present(_met(night, policy, profiles[policy.kind], step), present)
            newly = newly.join(known, on=["subject_id", "event"], how="anti")
            found[policy.policy] = pl.concat([found[policy.policy], newly])
    return found


def _earlier_steps(night: Night) -> Iterator[Step]:
    """Give the days of learning before the newest; a day that the last night has looked at is left out."""
    for (learned_on, known_at), (next_on, _) in pairwise(night.steps_of_learning):
        through = max(learned_on, add_days(next_on, -1))
        if known_at != night.known_before or through > learned_on:
            yield Step(learned_on, known_at, through)


def _met(night: Night, policy: NightPolicy, profiles: pl.DataFrame, step: Step) -> pl.DataFrame:
    """Return all who are met by what was known on a day of learning, under the ids of that day: `FOUND`."""
    unit = Unit.of(night.catalogue, policy.kind)
    nobody = pl.DataFrame(schema=dict.fromkeys(unit.keys, pl.String))
    periods = period_outcomes(night, policy, profiles, nobody["subject_id"], known_at=step.known_at)
    met = newly_met(periods, nobody, learned_on=step.learned_on, through=step.through, first=first_period(policy))
    return unit.on_ledger(met, FOUND.names())


def _present(met: pl.DataFrame, present: Present) -> pl.DataFrame:
    """Put the id that stands now in the place of those merged since; the earliest of their days counts."""
    standing = pl.col("subject_id", "event").replace(dict(present.ids))
    return met.group_by(standing).agg(pl.col("discovered_on").min()).sort("subject_id", "event")
