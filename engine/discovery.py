"""Since when a first grant could be known: each day of learning since the last night is looked at by itself.

After a night of one day's deliveries there is nothing to look at beyond the night itself. After a week
without nights, facts that came on Tuesday and those that came on Thursday reach back from their own day.
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
            known = pl.concat([present.grants_of(policy.policy)["subject_id"], found[policy.policy]["subject_id"]])
            newly = _newly(night, policy, profiles[policy.kind], known, step)
            found[policy.policy] = pl.concat([found[policy.policy], _present(newly, present)])
    return found


def _earlier_steps(night: Night) -> Iterator[Step]:
    steps = night.steps_of_learning
    for (learned_on, known_at), (next_on, _) in pairwise(steps):
        yield Step(learned_on, known_at, max(learned_on, add_days(next_on, -1)))


def _newly(night: Night, policy: NightPolicy, profiles: pl.DataFrame, known: pl.Series, step: Step) -> pl.DataFrame:
    nobody = pl.Series([], dtype=pl.String)
    periods = period_outcomes(night, policy, profiles, nobody, known_at=step.known_at)
    return newly_met(periods, known, learned_on=step.learned_on, through=step.through, first=first_period(policy))


def _present(found: pl.DataFrame, present: Present) -> pl.DataFrame:
    """Put the id that stands now in the place of one merged since."""
    return found.with_columns(pl.col("subject_id").replace(dict(present.ids))).unique("subject_id", maintain_order=True)
